"""The words that every report on a start uses: verdicts, answers, ages, who asks. Each has a shape beside its word."""

from collections.abc import Iterator
from typing import Final

from rxvigil.engine.assessment import SourceShown, Tier
from rxvigil.engine.wording import dose_range, opening
from rxvigil.facts import show_day
from rxvigil.starting.assessment import (
    AskedByShown,
    EvidenceShown,
    ItemShown,
    SettleShown,
    StartAssessment,
    TestShown,
    VaccineShown,
    Verdict,
)

VERDICT_TIER: Final[dict[Verdict, Tier]] = {
    "may not start": "STOP",
    "not yet": "ACT",
    "nothing found against it": "KNOW",
}
"""Which shape and colour a verdict borrows."""
VERDICT_MEANS: Final[dict[Verdict, str]] = {
    "may not start": "a concern is there that a body whose rules hold here counts as a reason not to start",
    "not yet": "something is to be settled or dealt with before the first dose",
    "nothing found against it": "nothing was found; that is not a promise that nothing is there",
}
ANSWER_MEANS: Final = {
    "yes": "the concern is there",
    "no": "cleared by the record or by a person",
    "cannot say": "not known; this is not a reassurance",
}
SETTLE_KINDS: Final = {"ask": "Ask", "test": "Test", "wait": "Wait", "discuss": "Decide", "dose": "Dose"}
WHEN_TOLD: Final = {
    "emergency": "An emergency",
    "same day": "Report the same day",
    "always": "All the time",
}
PROMISE: Final = (
    "The calendar is the plan on the day it was made: a change of dose, an abnormal result or another protocol changes "
    "it, and each review says anew what is due."
)


def age(days: int | None) -> str:
    """How old a fact is, as people say it; empty where its day is not known."""
    if days is None:
        return ""
    if days <= 1:
        return "today" if days == 0 else "1 day old"
    for limit, length, unit in ((15, 1, "days"), (90, 7, "weeks"), (730, 30.44, "months")):
        if days < limit:
            return f"{int(days / length)} {unit} old"
    return f"{int(days / 365.25)} years old"


def evidence_line(one: EvidenceShown) -> str:
    """A fact with its age and where it stood."""
    old = age(one.days_old)
    return f"{one.says}{f', {old}' if old else ''} [{one.origin}]"


def where(one: AskedByShown) -> str:
    """The places a position holds in."""
    return ", ".join(one.where) if one.where else "everywhere"


def asked_here(item: ItemShown) -> list[AskedByShown]:
    """The positions that hold in the jurisdiction, blocking ones first."""
    return sorted((one for one in item.asked_by if one.here), key=lambda one: one.weight != "blocking")


def asked_elsewhere(item: ItemShown) -> list[AskedByShown]:
    """The positions of other places: shown beside, never merged."""
    return [one for one in item.asked_by if not one.here]


def weight_says(item: ItemShown) -> str:
    """What the answer means for the start, here."""
    if item.weight == "blocking":
        return "blocks the start"
    return "to be dealt with first" if item.deal_with_first else "to be weighed"


def forbidding(assessment: StartAssessment) -> list[ItemShown]:
    """Concerns that are there and block."""
    return [one for one in assessment.items if one.says == "yes" and one.weight == "blocking"]


def weighing(assessment: StartAssessment) -> list[ItemShown]:
    """Concerns that are there and do not block."""
    return [one for one in assessment.items if one.says == "yes" and one.weight == "advisory"]


def open_items(assessment: StartAssessment) -> list[ItemShown]:
    """Questions a person must answer, in the order of the plan."""
    by_id = {one.id: one for one in assessment.items}
    return [by_id[one] for one in assessment.plan.questions]


def subjects(assessment: StartAssessment) -> dict[str, list[ItemShown]]:
    """The checklist by subject, in its order."""
    found: dict[str, list[ItemShown]] = {}
    for item in assessment.items:
        found.setdefault(item.subject, []).append(item)
    return found


def settle_line(one: SettleShown) -> str:
    """One thing to settle: what and why."""
    return f"{opening(one.what)} ({one.why})" if one.why else opening(one.what)


def test_why(test: TestShown) -> str:
    """Why a test is wanted, and by whom."""
    return f"{test.why}; {', '.join(test.asked_by)}"


def if_given_today(one: VaccineShown) -> str:
    """The earliest start that a vaccine implies; empty where no interval is asked for."""
    day = one.earliest_start
    return f" If given today, start no earlier than {show_day(day)}." if day else ""


def about(assessment: StartAssessment) -> str:
    """Drug, disease and intended day, in a line."""
    disease = f" for {assessment.indication}" if assessment.indication else ""
    return f"{assessment.name}{disease}, intended start {show_day(assessment.start)}"


def counts_until(assessment: StartAssessment) -> str:
    """How long the assessment counts, and why not longer."""
    late = " That is before the intended start: renew it then." if assessment.valid_until < assessment.start else ""
    return f"{show_day(assessment.valid_until)} ({assessment.valid_because}).{late}"


def dose_lines(assessment: StartAssessment) -> Iterator[str]:
    """The start dose and how it is raised, as far as it can be worked out."""
    dose = assessment.plan.dose
    if dose is None:
        return
    yield dose.summary
    if dose.refused:
        for one in dose.refused if len(dose.refused) > 1 else ():  # a single one stands in the summary
            yield f"{one.tier}: {opening(one.reason).rstrip('.')}. {opening(one.do).rstrip('.')}."
        return
    if dose.check_by_hand:
        yield f"To check by hand: {dose.check_by_hand}"
    for rise in dose.titration:
        says = rise.option.says if rise.option else dose_range(rise.target_mg, rise.target_mg, "mg/day")
        yield f"Not before {show_day(rise.earliest)}: {says}{f' ({rise.says})' if rise.says else ''}"
    if dose.titration_says:
        yield dose.titration_says


def all_sources(assessment: StartAssessment) -> Iterator[SourceShown]:
    """Every source the assessment rests on, in the order in which it is needed."""
    for item in assessment.items:
        yield from (one.source for one in asked_here(item) if item.says != "no")
    for finding in assessment.findings:
        yield from finding.sources
    yield from (one.source for one in assessment.plan.vaccines)
    yield from _dose_sources(assessment)
    for point in assessment.plan.tell:
        yield from point.sources
    for item in assessment.items:
        yield from (one.source for one in item.asked_by)
    yield from (one.source for one in assessment.protocols if one.source)


def _dose_sources(assessment: StartAssessment) -> Iterator[SourceShown]:
    dose = assessment.plan.dose
    if dose is None:
        return
    yield from dose.followed.sources if dose.followed else ()
    yield from (step.source for step in dose.steps if step.source)
    for one in dose.refused:
        yield from one.sources
