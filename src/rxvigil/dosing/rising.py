"""What stands against raising a dose: worrying, overdue or unknown tests, a reduction that holds, the calendar."""

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

from rxvigil.dosing.adjusting import Ready, adjust
from rxvigil.dosing.amounts import Scale, in_mg
from rxvigil.dosing.case import Case
from rxvigil.dosing.choosing import Chosen
from rxvigil.dosing.genes import advise_on
from rxvigil.dosing.limits import usable
from rxvigil.dosing.plan import Refusal
from rxvigil.dosing.taken import Taken
from rxvigil.engine.assessment import Assessment, Finding
from rxvigil.engine.wording import inside
from rxvigil.facts import parse_range, show_day
from rxvigil.knowledge.dosing import DoseRange, DoseStep, DosingProtocol, parse_dose
from rxvigil.knowledge.lookup import tidy

UNANSWERED: Final = frozenset({"danger", "interaction", "genotype", "dose", "duplicate"})
"""Kinds of rule that must have been answered before a dose goes up. The limits of a protocol are not among them: its
tests must be in date instead, and a test it does not ask for holds nothing up. Nor are contraindications: what is not
known of them was so before the rise too."""


def against_a_rise(
    chosen: Chosen, now: Taken, assessment: Assessment, case: Case, ready: tuple[Ready, ...]
) -> list[Refusal]:
    """Every reason not to raise the dose, by the same engine that assesses the patient."""
    kinds = {identity: rule.kind for identity, rule in case.book.rules()}
    found = [_worrying(one) for one in assessment.findings if one.tier in ("STOP", "ACT")]
    found += [
        _open(one) for one in assessment.findings
        if one.tier == "CANNOT SAY" and _matters(one, [kinds.get(rule, "") for rule in one.unanswered])
    ]  # fmt: skip
    found += _tests(assessment)
    protocol = chosen.protocol
    return [*found, *(_reduced(chosen, protocol, now, case, ready) if protocol else ())]


def _worrying(one: Finding) -> Refusal:
    tier: Literal["STOP", "ACT"] = "STOP" if one.tier == "STOP" else "ACT"
    return Refusal(reason=one.says, do=one.action.says, tier=tier, sources=one.sources)


def _open(one: Finding) -> Refusal:
    return Refusal(reason=one.says, do=one.action.says)


def _matters(one: Finding, kinds: list[str]) -> bool:
    return one.would_be in ("STOP", "ACT") and (not kinds or any(kind in UNANSWERED for kind in kinds))


def _tests(assessment: Assessment) -> Iterator[Refusal]:
    """Monitoring tests that are late, or of which nobody can say when they were done."""
    for test in assessment.next_tests:
        if test.status in ("overdue", "cannot say") and test.strength != "consider":
            last = f"last done {show_day(test.last)}" if test.last else "never done in this record"
            yield Refusal(reason=f"{inside(test.name)} {test.status}: {last}", do=f"do it: {inside(test.name)}")


def _reduced(
    chosen: Chosen, protocol: DosingProtocol, now: Taken, case: Case, ready: tuple[Ready, ...]
) -> Iterator[Refusal]:
    """What lowers a start dose also stands against going up by the usual steps."""
    dose = DoseRange(now.mg, now.mg, "mg/d")
    found = (*adjust(ready, case, protocol, chosen.indication), *advise_on(case, dose).reductions)
    for one in found:
        if one.certain and one.kind != "cap":
            reason = f"{inside(one.cause)}: the dose is raised by counts and effect with the specialist, not by steps"
            yield Refusal(reason=reason, do=one.finding.action.says, sources=one.finding.sources)


def too_early(step: DoseStep, now: Taken, case: Case) -> tuple[date | None, Refusal] | None:
    """The day on which the body's waiting time since the start or the last change is over, if that lies ahead."""
    wait, since = (step.every, now.dose_since) if now.raised else (step.first_after or step.every, now.began)
    if wait is None:
        return None
    if since is None:
        return None, Refusal(reason="it is not known since when the present dose has been taken", do="find the date")
    earliest = parse_range(wait).low.after(since)
    if earliest <= case.state.on:
        return None
    reason = f"the body raises the dose not before {show_day(earliest)} ({wait} after {show_day(since)})"
    return earliest, Refusal(reason=reason, do=f"wait until {show_day(earliest)}")


def ceiling(protocol: DosingProtocol, maximum: float | None, scale: Scale) -> float | None:
    """What the dose may be raised to: the body's target, and never above its maximum. None where it names neither."""
    target = usable(protocol.target)
    amount = in_mg(parse_dose(target.dose), scale) if target else None
    tops = [one for one in (maximum, amount.high if amount else None) if one is not None]
    return tidy(min(tops)) if tops else None
