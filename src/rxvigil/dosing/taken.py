"""What is taken now: how much, since when, and why that may not be known."""

from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import InputShown, Refusal
from rxvigil.dosing.supposing import suppose
from rxvigil.engine.ask_drugs import dose_since, is_active
from rxvigil.engine.kleene import NO, YES
from rxvigil.engine.wording import inside, number
from rxvigil.facts import Prescription, Record, on_day


@dataclass(frozen=True)
class Taken:
    """The present dose in mg a day, with its dates."""

    mg: float
    began: date | None
    """Of the course; none where not known."""
    dose_since: date | None
    raised: bool
    """Whether the dose has been raised in this course."""
    inputs: tuple[InputShown, ...]


def taken(case: Case) -> Taken | Refusal:
    """The dose in use, or why it cannot be told."""
    exposure, name = case.state.exposure(case.drug), inside(case.name)
    running = is_active(case.state, case.drug)
    if running.truth == NO:
        return Refusal(reason=f"{name} is not being taken", do="ask for a start dose")
    if running.truth != YES:
        return Refusal(reason=f"whether {name} is taken is not known", do="ask the patient or the pharmacy")
    dose = exposure.dose
    if dose is None:
        return Refusal(reason=f"the dose of {name} is not known in mg a day", do="find the dose")
    if dose.low != dose.high:
        return Refusal(reason=f"the prescriptions leave a range of doses of {name}", do="find which dose is taken")
    highs = [step.dose.high for step in exposure.steps if step.dose]
    raised = any(after > before for before, after in zip(highs, highs[1:], strict=False))
    since = dose_since(exposure)
    shown = InputShown(
        name=f"Present dose of {name}",
        value=f"{number(dose.low)} mg/d",
        when=since.isoformat() if since else None,
        days_old=(case.state.on - since).days if since else None,
        origin="; ".join(str(one.origin) for one in exposure.current),
    )
    return Taken(dose.low, exposure.start, since, raised, (shown,))


def changed(record: Record, on: date, drug: str, mg: float, name: str) -> Record:
    """The record with the dose changed on the date: what is taken ends the day before."""
    return suppose(ended(record, on, frozenset({drug})), on, drug, mg, name)


def ended(record: Record, on: date, drugs: frozenset[str]) -> Record:
    """The record with these drugs stopped the day before the date."""
    last = on_day(on - timedelta(days=1))
    kept = (_ended(one, last.last) if one.drug in drugs else one for one in record.prescriptions)
    return msgspec.structs.replace(record, prescriptions=tuple(kept))


def _ended(one: Prescription, last: date) -> Prescription:
    begun = one.start is None or one.start.first <= last
    if not begun or one.status == "planned" or (one.end and one.end.last <= last):
        return one
    return msgspec.structs.replace(one, status="ended", end=on_day(last))
