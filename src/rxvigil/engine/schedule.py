"""When a test is due: phases, stable doses, restarts, the shortest interval, ranges.

A schedule is laid out as stretches of time, each with an interval (or with fixed days), starting at the first
dose. After a test the next one is due one interval on; where a denser stretch begins before that, it is due one
of *its* intervals after it begins. The denser stretch always wins and nothing loosens by itself.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from rxvigil.engine.courses import Exposure, Step
from rxvigil.facts import Duration, DurationRange, parse_duration, parse_range, show_day
from rxvigil.knowledge.rules import OnEvent, Phase, Schedule

FAR: Final = date.max
GRACE_PARTS: Final = 7
"""House grace: a test is overdue one seventh of its interval after its latest day (one day per week)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begin` up to (not including) `end` the test is due every `every`, or on the days `at`, or not at all."""

    begin: date
    end: date
    every: DurationRange | None
    at: tuple[date, ...] = ()
    says: str = ""

    @property
    def asks(self) -> bool:
        """Whether any test is asked for: after a stop there is none."""
        return self.every is not None or bool(self.at)


@dataclass(frozen=True, slots=True)
class Due:
    """The next test: when it is due, when overdue, and why then."""

    due: date
    overdue_after: date
    because: str


def lay_out(schedule: Schedule, exposure: Exposure) -> tuple[Stretch, ...]:
    """The stretches of a schedule for this course; needs a known start."""
    if exposure.start is None:
        raise ValueError("a schedule cannot be laid out without a start of treatment")
    found: list[Stretch] = []
    begins = [exposure.start, *_restarts(schedule, exposure.start, exposure.steps)]
    for begin, again in zip(begins, [*begins[1:], FAR], strict=True):
        found.extend(_until_again(_phases(schedule.phases, begin, exposure.steps, ""), again))
    for event in schedule.on:
        for day in _event_days(event, exposure.steps):
            found.extend(_phases(event.phases, day, exposure.steps, f"after the dose change of {show_day(day)}"))
    return tuple(found)


def _restarts(schedule: Schedule, start: date, steps: tuple[Step, ...]) -> list[date]:
    days = {day for event in schedule.on if event.then == "restart" for day in _event_days(event, steps)}
    return sorted(day for day in days if day > start)


def _until_again(laid: list[Stretch], again: date) -> list[Stretch]:
    """What is left of a beginning once the schedule begins again: a change of dose does not undo that a test is late,
    but fixed days after it give way to those of the new beginning. Where none is left there is no stretch, for only a
    stop ends a schedule."""
    left = [one for one in laid if one.begin < again and min(one.at, default=one.begin) <= again]
    return [replace(one, at=tuple(day for day in one.at if day <= again)) for one in left]


def steady(schedule: Schedule) -> DurationRange | None:
    """The interval a schedule ends in; none where it ends in no tests at all."""
    return parse_range(schedule.phases[-1].every) if schedule.phases[-1].every else None


def densest(schedule: Schedule) -> DurationRange | None:
    """The shortest interval anywhere in the schedule: what holds when the history is not known."""
    intervals = [parse_range(phase.every) for phase in schedule.phases if phase.every]
    intervals += [DurationRange(gap, gap) for phase in schedule.phases for gap in _gaps(phase)]
    return min(intervals, key=lambda interval: interval.low.nominal_days, default=None)


def next_wanted(stretches: tuple[Stretch, ...], last: date, on: date) -> Due | None:
    """The next test after `last` that is still wanted on a date: none where the schedule has come to its end, and none
    from before an end, for a test missed then is no longer wanted."""
    in_force = [one for one in stretches if one.begin <= on < one.end]
    if in_force and not any(one.asks for one in in_force):
        return None
    ends = [one.begin for one in stretches if not one.asks and one.begin <= on]
    return next_due(tuple(one for one in stretches if not ends or one.end > max(ends)), last)


def next_due(stretches: tuple[Stretch, ...], last: date) -> Due | None:
    """The earliest day any stretch asks for after `last`; none where no stretch asks any more."""
    found = [due for stretch in stretches if (due := _due_in(stretch, last)) is not None]
    if not found:
        return None
    first = min(found, key=lambda one: (one.due, one.overdue_after))
    return Due(first.due, min(one.overdue_after for one in found), first.because)


def after_interval(interval: DurationRange, last: date, because: str) -> Due:
    """Due one interval after `last`: at its lower end, overdue past its upper end and the grace."""
    late = interval.high.after(last) + grace(timedelta(days=interval.high.nominal_days))
    return Due(interval.low.after(last), late, because)


def grace(length: timedelta) -> timedelta:
    """How long after its latest day a test becomes overdue, by the length of its interval."""
    return timedelta(days=max(1, length.days // GRACE_PARTS))


def _due_in(stretch: Stretch, last: date) -> Due | None:
    if stretch.end <= last:
        return None
    if stretch.at:
        return _due_at(stretch, last)
    if stretch.every is None:
        return None
    if stretch.begin <= last:
        return after_interval(stretch.every, last, stretch.says)
    return after_interval(stretch.every, stretch.begin, stretch.says)


def _due_at(stretch: Stretch, last: date) -> Due | None:
    """The first fixed day that no test has answered: a test answers a day from half-way after the one before."""
    previous = stretch.begin
    for day in stretch.at:
        if last < day - (day - previous) / 2:
            return Due(day, day + grace(day - previous), stretch.says)
        previous = day
    return None


def _phases(phases: tuple[Phase, ...], begin: date, steps: tuple[Step, ...], why: str) -> list[Stretch]:
    found: list[Stretch] = []
    day = begin
    for phase in phases:
        end = _end(phase, day, steps)
        every = parse_range(phase.every) if phase.every else None
        at = tuple(parse_duration(one).after(begin) for one in phase.at)
        if every or at or phase.stop:
            found.append(Stretch(day, end, every, at, _says(phase, why)))
        day = end
        if day == FAR:
            break
    return found


def _says(phase: Phase, why: str) -> str:
    if phase.stop:
        return "no further tests"
    rhythm = parse_range(phase.every).rhythm if phase.every else "at " + ", ".join(phase.at)
    until = f" for {phase.for_}" if phase.for_ and phase.every else ""
    if phase.until:
        until = f" until the dose has been stable for {phase.until.dose_stable_for}"
    return f"{rhythm}{until}" + (f", {why}" if why else "")


def _end(phase: Phase, begin: date, steps: tuple[Step, ...]) -> date:
    if phase.for_:
        return parse_duration(phase.for_).after(begin)
    if phase.until:
        return stable_from(parse_duration(phase.until.dose_stable_for), begin, steps)
    if phase.at:
        return parse_duration(phase.at[-1]).after(begin)
    return FAR


def stable_from(length: Duration, begin: date, steps: tuple[Step, ...]) -> date:
    """The first day on which the dose has been the same for `length`; never, where a dose is not known."""
    known = [step for step in steps if step.since > begin]
    at_begin = [step for step in steps if step.since <= begin]
    candidates = [*at_begin[-1:], *known]
    for step, following in zip(candidates, [*candidates[1:], None], strict=True):
        since = max(step.since, begin)
        stable = length.after(since)
        if step.dose is not None and (following is None or following.since >= stable):
            return stable
    return FAR


def _gaps(phase: Phase) -> list[Duration]:
    days = [parse_duration(one) for one in phase.at]
    pairs = zip(days, days[1:], strict=False)
    return [days[0], *(Duration(b.count - a.count, b.unit) for a, b in pairs if a.unit == b.unit)] if days else []


def _event_days(event: OnEvent, steps: tuple[Step, ...]) -> list[date]:
    found: list[date] = []
    for before, after in zip(steps, steps[1:], strict=False):
        if before.dose is None or after.dose is None or _matches(event.event, before.dose.high, after.dose.high):
            found.append(after.since)
    return found


def _matches(event: str, before: float, after: float) -> bool:
    if event == "dose-increase":
        return after > before
    if event == "dose-decrease":
        return after < before
    return True
