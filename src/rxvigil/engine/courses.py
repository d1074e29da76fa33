"""From prescriptions to what is taken: courses, doses, steps of dose.

Records renew prescriptions, overlap them and forget to end them. The reading here is cautious: what cannot be
told apart is kept as a range or as unknown. A gap of 90 days or more without supply ends a course, as in the
CPRD studies of stopping treatment (`GAP`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rxvigil.engine.kleene import NO, UNKNOWN, YES, Truth
from rxvigil.facts import Dose, Prescription

GAP: Final = timedelta(days=90)
"""Nakafero et al., BMJ 2023;381:e074678: a prescription gap of 90 days or more counts as discontinuation."""

DOSE_DIGITS: Final = 10
"""Digits after the point of a dose in mg/day: the last ones of a sum depend on the order in which it was added up, and
would show a change of dose that is none. One more than doses in mg a week are compared with: seven times what is cut
off must not show."""


@dataclass(frozen=True, slots=True)
class Step:
    """The dose from a day on; none where it is not known."""

    since: date
    dose: Dose | None


@dataclass(frozen=True, slots=True)
class Exposure:
    """Everything the record says of one drug, read as of a date."""

    active: Truth
    current: tuple[Prescription, ...] = ()
    """The prescriptions that make it active, or leave it open."""
    doubt: str = ""
    start: date | None = None
    """First day of the current course; none where not known."""
    start_known: bool = False
    steps: tuple[Step, ...] = ()
    dose: Dose | None = None
    stopped: date | None = None
    """Last day of the last course, where none is running."""
    past: tuple[Prescription, ...] = ()
    planned: tuple[Prescription, ...] = ()


NEVER: Final = Exposure(active=NO)


def exposure(prescriptions: list[Prescription], on: date) -> Exposure:
    """Read the prescriptions of one drug as of a date."""
    begun = [one for one in prescriptions if one.status != "planned" and _begun(one, on)]
    planned = tuple(one for one in prescriptions if one.status == "planned" or not _begun(one, on))
    judged = [(one, *_still_taken(one, on)) for one in begun]
    active = max((truth for _, truth, _ in judged), default=NO)
    current = tuple(one for one, truth, _ in judged if truth == active and truth != NO)
    past = tuple(one for one in begun if one not in current)
    doubt = "; ".join(sorted({why for _, truth, why in judged if truth == UNKNOWN})) if active == UNKNOWN else ""
    course, start = _course(begun, current, on) if current else ([], None)
    return Exposure(
        active=active,
        current=current,
        doubt=doubt,
        start=start,
        start_known=start is not None,
        steps=_steps(course, on) if start else (),
        dose=_dose(_covering(course, on)) if current else None,
        stopped=_last_day(past) if active == NO else None,
        past=past,
        planned=planned,
    )


def _begun(one: Prescription, on: date) -> bool:
    return one.start is None or one.start.first <= on


def _still_taken(one: Prescription, on: date) -> tuple[Truth, str]:
    if one.end and one.end.last < on:
        return NO, ""
    if one.status == "ended" and one.end is None:
        return NO, ""
    if one.status == "unknown":
        return UNKNOWN, "the prescription does not say whether it is still active"
    if one.supply_until and one.supply_until.last + GAP < on and not one.end:
        return UNKNOWN, "the last recorded supply ran out more than 90 days ago and no end is recorded"
    return YES, ""


def _ends(one: Prescription, on: date) -> date:
    """Last day a prescription covers, for joining courses; open ones reach to the date."""
    if one.end:
        return min(one.end.last, on)
    if one.status == "ended":
        return one.supply_until.last if one.supply_until else (one.start.last if one.start else on)
    return on


def _course(
    begun: list[Prescription], current: tuple[Prescription, ...], on: date
) -> tuple[list[Prescription], date | None]:
    """The current prescriptions and the earlier ones that join on to them without a gap, and the day the first began.

    One without a start reaches back nobody knows how far: where it may join, the course may have begun at any time."""
    course, reach = list(current), _first_day(current)
    rest = sorted((one for one in begun if one not in current), key=lambda one: _ends(one, on), reverse=True)
    for one in rest:
        if reach is not None and _ends(one, on) + GAP < reach:
            continue
        course.append(one)
        reach = min(reach, one.start.first) if reach is not None and one.start else None
    return course, reach


def _first_day(group: Sequence[Prescription]) -> date | None:
    """The day the first of them began; none where one of them does not say."""
    starts = [one.start.first for one in group if one.start]
    return min(starts) if starts and len(starts) == len(group) else None


def _covering(course: list[Prescription], day: date) -> list[Prescription]:
    covering = [one for one in course if _begun(one, day) and (one.end is None or one.end.last >= day)]
    return [one for one in covering if one.status != "ended" or one.end is not None] or _newest(covering)


def _newest(group: list[Prescription]) -> list[Prescription]:
    """Those that began last. Where none has a start, any of them may be."""
    days = [one.start.first for one in group if one.start]
    return [one for one in group if (one.start.first if one.start else None) == max(days, default=None)]


def _dose(group: list[Prescription]) -> Dose | None:
    """What is taken of the prescriptions that cover a day, as a range where they leave one.

    Prescriptions that began together add up; a later one may replace or add to an earlier one, so where their
    products differ the dose is a range. The same product again is a renewal. One without a start may be the newest,
    so alone what is taken, or have come together with the newest, or be one of the earlier ones."""
    dated, undated = [one for one in group if one.start], [one for one in group if one.start is None]
    newest = _newest(dated)
    older = _of_other_products(dated, {one.product for one in newest})
    if undated and any(one.dose is None for one in (*undated, *newest, *older)):
        return None
    together = _distinct([*newest, *undated])
    if not together or any(one.dose is None for one in (*together, *older)):
        return None
    alone = [_distinct(newest)] if newest else []
    low = min(_low(one) for one in (*alone, *([each] for each in undated)))
    high = sum(one.dose.high for one in _distinct([*together, *older]) if one.dose)
    return Dose(round(low, DOSE_DIGITS), round(high, DOSE_DIGITS))


def _low(group: list[Prescription]) -> float:
    return sum(one.dose.low for one in group if one.dose)


def _of_other_products(dated: list[Prescription], products: set[str]) -> list[Prescription]:
    """The newest of every other named product: the newest of all may have come on top of it."""
    others = sorted({one.product for one in dated if one.product} - products)
    each = ([one for one in dated if one.product == product] for product in others)
    return [one for group in each for one in _distinct(_newest(group))]


def _distinct(group: list[Prescription]) -> list[Prescription]:
    """One of each product, dose and instruction: the same order sent, supplied and reported is one."""
    seen: dict[tuple[str, Dose | None], Prescription] = {}
    for one in sorted(group, key=lambda one: one.id):
        seen.setdefault((one.product, one.dose), one)
    known = [one for one in seen.values() if one.dose is not None]
    return known or list(seen.values())


def _steps(course: list[Prescription], on: date) -> tuple[Step, ...]:
    days = {one.start.first for one in course if one.start}
    days |= {one.end.last + timedelta(days=1) for one in course if one.end and one.end.last < on}
    steps: list[Step] = []
    for day in sorted(days):
        covering = _covering(course, day)
        if not covering:
            continue
        dose = _dose(covering)
        if not steps or dose is None or steps[-1].dose != dose:
            steps.append(Step(day, dose))
    return tuple(steps)


def _last_day(past: tuple[Prescription, ...]) -> date | None:
    """The last day of the last one; none where one that ended nobody knows when may have ended later."""
    ends = [one.end or one.supply_until for one in past]
    last = max((end.last for end in ends if end), default=None)
    vague = [one for one, end in zip(past, ends, strict=True) if end is None]
    if last is None or any(one.start is None or one.start.last > last for one in vague):
        return None
    return last
