"""The words every report uses for tiers, marks, urgency and status, so that page, terminal and letter agree.

Colour is never the only carrier of meaning: each tier has its word and its shape.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Final

from rxvigil.engine.assessment import ActionShown, Assessment, CourseShown, DueTest, Finding, SourceShown, Tier
from rxvigil.engine.wording import dose_range
from rxvigil.facts import Patient, parse_when, show_day

TIERS: Final[tuple[Tier, ...]] = ("STOP", "ACT", "KNOW", "CANNOT SAY")
"""What needs somebody first comes first."""

TIER_MEANS: Final[dict[Tier, str]] = {
    "STOP": "severe harm may come soon; deal with it before anything else",
    "ACT": "adjust, repeat or call",
    "KNOW": "for information; nothing to do now unless it says so",
    "CANNOT SAY": "a fact is missing, too old or unreadable; this is not a reassurance",
}

MARK_MEANS: Final[dict[str, str]] = {
    "verified": "read in the issuing body's own text",
    "secondary": "read in a page that restates it, not in the original",
    "derived": "calculated from cited figures; the formula is given",
    "house": "rxvigil's own choice where the sources leave a gap; the reason is given",
    "memory": "read by nobody yet; shown, never the reason for a finding",
}

URGENCY_SAYS: Final[dict[str, str]] = {
    "now": "Now",
    "today": "Today",
    "this week": "This week",
    "soon": "Soon",
    "routine": "At the next routine contact",
}

STRENGTH_MEANS: Final = "“Must”, “should” and “consider” are how firmly the source says it."

_CONSIDERED: Final[dict[str, str]] = {
    "emergency": "emergency care",
    "stop": "stopping",
    "withhold": "withholding",
    "avoid": "avoiding",
    "reduce": "a lower dose",
    "switch": "switching",
    "refer": "referral",
    "discuss": "discussion",
    "repeat": "repeating",
    "test": "testing",
    "monitor": "monitoring",
    "ask": "asking",
    "vaccinate": "vaccination",
    "continue": "continuing",
}

INTENDED_USE: Final = (
    "For health professionals, who can check every statement against the sources named here. It supports clinical "
    "judgement and does not replace it. rxvigil is not a certified medical device: local sign-off is needed before use."
)


def clean(text: str) -> str:
    """Text that cannot move the cursor, begin a line of its own, hide or reorder what is read: line breaks become
    blanks; control, format and lone surrogate characters become a visible mark. Records hold such characters by
    accident and by attack."""
    return "".join(_visible(letter) for letter in text)


def _visible(letter: str) -> str:
    if letter in "\t\r\n":
        return " "
    hidden = unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or _is_noncharacter(ord(letter))
    return "\N{REPLACEMENT CHARACTER}" if hidden else letter


def _is_noncharacter(code: int) -> bool:
    """Code points that Unicode keeps out of any text, and XML out of any document."""
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def is_address(text: str | None) -> bool:
    """Whether a source's address may be a link: http or https, and nothing that could be code."""
    return text is not None and re.fullmatch(r"https?://[^\s<>\"']+", text) is not None


def in_tier(assessment: Assessment, tier: Tier) -> tuple[Finding, ...]:
    """The findings of one tier, in the order the assessment gives them."""
    return tuple(finding for finding in assessment.findings if finding.tier == tier)


def counts(assessment: Assessment) -> dict[Tier, int]:
    """How many findings each tier has."""
    return {tier: len(in_tier(assessment, tier)) for tier in TIERS}


def when_to_act(action: ActionShown) -> str:
    """How soon, and how firmly the source says it: "Now (must)"."""
    return f"{URGENCY_SAYS.get(action.urgency, action.urgency.capitalize())} ({action.strength})"


def verb_says(verb: str, strength: str) -> str:
    """An action in a word or two, as firmly as its source: "withhold", but "consider stopping"."""
    return f"consider {_CONSIDERED.get(verb, verb)}" if strength == "consider" else verb


def who(patient: Patient) -> str:
    """The patient in one line: id, sex and birth as far as the record tells."""
    parts = [f"Patient {patient.id}"]
    parts.append(patient.sex if patient.sex != "unknown" else "sex not recorded")
    parts.append(f"born {patient.born}" if patient.born else "date of birth not recorded")
    if patient.died:
        parts.append(f"died {patient.died}")
    return ", ".join(parts)


def course_dose(course: CourseShown) -> str:
    """The dose of a course per its own period, and per kg where the weight is known."""
    if course.dose_mg_per_day is None:
        return "dose not known"
    times = 7 if course.per == "week" else 1
    low, high = course.dose_mg_per_day
    dose = dose_range(low * times, high * times, f"mg/{course.per}")
    if course.dose_mg_per_kg_per_day is None:
        return f"{dose} (mg/kg not known)"
    low, high = course.dose_mg_per_kg_per_day
    return f"{dose} ({dose_range(low * times, high * times, f'mg/kg/{course.per}')})"


def course_line(course: CourseShown) -> str:
    """A monitored drug in one line."""
    since = f"since {parse_when(course.start)}" if course.start else "start not known"
    return f"{course.name} {course_dose(course)}, {since}" + (", on hold" if course.held else "")


def headline(text: str, most: int = 160) -> str:
    """The beginning of a sentence that is too long for a heading or a list; the whole stands elsewhere."""
    return text if len(text) <= most else f"{text[: most - 2].rsplit(' ', 1)[0].rstrip(',;:')} …"


def notes_once(finding: Finding, assessment: Assessment) -> tuple[str, ...]:
    """The notes of a finding; a protocol's status, which stands in full with the protocol, by its first sentence."""
    statuses = {protocol.status for protocol in assessment.protocols if protocol.status}
    own = [note for note in finding.notes if note not in statuses]
    first = [note.partition(". ")[0].rstrip(".") for note in finding.notes if note in statuses]
    return (*(f"{sentence}. More under “Protocols followed”." for sentence in first), *own)


def further_gaps(finding: Finding) -> list[str]:
    """What is missing and how to get it, as far as the finding's own sentence does not say it already; things
    missing for the same reason together."""
    said = finding.says.lower()
    unsaid = [gap for gap in finding.missing if gap.what.lower() not in said or gap.why.lower() not in said]
    groups: dict[tuple[str, str], list[str]] = {}
    for gap in unsaid:
        groups.setdefault((gap.why, gap.settles), []).append(gap.what)
    told = (f"{', '.join(names)}: {why}. To settle it: {settles}." for (why, settles), names in groups.items())
    return [f"{text[:1].upper()}{text[1:]}" for text in told]


def sources_once(sources: Iterable[SourceShown]) -> list[SourceShown]:
    """Sources without those that would read the same beside a finding; the list of sources keeps their notes."""
    return list({(one.ref, one.where, one.mark, one.review_overdue): one for one in sources}.values())


def tests_in_order(assessment: Assessment) -> list[DueTest]:
    """Overdue tests first, then those due, then those nobody can tell, then the rest; each by its day."""
    order = ("overdue", "due", "cannot say", "in date", "not required")
    return sorted(assessment.next_tests, key=lambda test: (order.index(test.status), test.due or date.max, test.name))


def due_line(test: DueTest) -> str:
    """When a test is due, in words a status alone cannot say."""
    match test.status:
        case "overdue":
            latest = test.overdue_after or test.due
            return f"overdue since {show_day(latest)}" if latest else "overdue"
        case "due":
            return f"due {show_day(test.due)}" if test.due else "due now"
        case "in date":
            return f"in date, next {show_day(test.due)}" if test.due else "in date"
        case "cannot say":
            return "cannot say"
        case _:
            return "not required"
