"""The one sentence that stands on top of an assessment."""

from collections import Counter

from rxvigil.engine.assessment import CourseShown, Finding
from rxvigil.facts import Record


def summarise(record: Record, findings: list[Finding], courses: tuple[CourseShown, ...]) -> str:
    """What needs doing, in a sentence. Nothing is called well that was not shown to be."""
    counts = Counter(finding.tier for finding in findings)
    open_ = [one for one in findings if one.tier == "CANNOT SAY" and one.would_be in ("STOP", "ACT")]
    if not courses and not findings:
        known = "prescriptions" in record.lists
        return "No monitored drug is recorded." + ("" if known else " The record holds no medicines at all.")
    parts = []
    if counts["STOP"]:
        parts.append(f"{_things(counts['STOP'])} to stop and act on now")
    if counts["ACT"]:
        parts.append(f"{_things(counts['ACT'])} to act on")
    if open_:
        parts.append(f"{_things(len(open_))} that cannot be said and could matter")
    if not parts:
        return "Nothing needs doing by the rules that could be answered."
    return _sentence(parts)


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"


def _sentence(parts: list[str]) -> str:
    joined = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    return joined[0].upper() + joined[1:] + "."
