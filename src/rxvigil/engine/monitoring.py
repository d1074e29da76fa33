"""Which blood test is due when, by which protocol; tests overdue, due and done too often."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Literal

from rxvigil.engine.assessment import DueTest, Missing, Outcome
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.courses import Exposure
from rxvigil.engine.done import Requirement, all_done, label, last_done, requirements
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.engine.schedule import Due, Stretch, after_interval, densest, lay_out, next_wanted, steady
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside
from rxvigil.facts import DurationRange, parse_range, show_day
from rxvigil.knowledge.expression import parse, terms
from rxvigil.knowledge.rules import Modifier, Protocol, Schedule

FAR: Final = date.max
Status = Literal["in date", "due", "overdue", "cannot say", "not required"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One requirement of one schedule, and where it stands."""

    drug: str
    protocol: Protocol
    schedule: Schedule
    requirement: Requirement
    status: Status
    due: Due | None
    last: date | None
    missing: tuple[Missing, ...] = ()
    often: tuple[date, ...] = field(default=())
    """The last test days, where tests were done more than twice as often as asked."""
    note: str = ""
    """Why the schedule is another protocol's, where it is borrowed."""

    @property
    def rule(self) -> str:
        return f"{self.protocol.id}#{self.schedule.id}"

    @property
    def outcome(self) -> Outcome:
        if self.status in ("due", "overdue"):
            return "fires"
        return "cannot say" if self.status == "cannot say" else "silent"


def clocks(drug: str, protocol: Protocol, state: State, ready: CompiledBook) -> list[Clock]:
    """Every clock of a protocol for a drug that is being taken."""
    return [
        _clock(drug, protocol, schedule, requirement, state, ready)
        for schedule in protocol.schedule
        if schedule.source.mark != "memory"
        for requirement in requirements(schedule.panel)
    ]


def _clock(
    drug: str, protocol: Protocol, schedule: Schedule, requirement: Requirement, state: State, ready: CompiledBook
) -> Clock:
    exposure = _from_the_later(protocol, drug, state)
    last = last_done(state, requirement)
    concerns = ready.conditions[schedule.only_if](state, drug) if schedule.only_if else None
    if concerns is not None and concerns.truth == NO:
        return Clock(drug, protocol, schedule, requirement, "not required", None, last)
    if concerns is not None and concerns.truth == UNKNOWN:
        return Clock(drug, protocol, schedule, requirement, "cannot say", None, last, concerns.missing)
    if exposure.start is None:
        return _without_start(drug, protocol, schedule, requirement, last, state)
    holding, doubtful, missing = _modifiers(schedule, state, drug, ready)
    since = max(last, exposure.start) if last else exposure.start
    laid = lay_out(schedule, exposure)
    stretches = tightened(laid, holding)
    due = next_wanted(stretches, since, state.on)
    status = _status(due, state.on)
    if status in ("in date", "not required") and doubtful:
        stricter = next_wanted(tightened(laid, [*holding, *doubtful]), since, state.on)
        status = "cannot say" if _status(stricter, state.on) in ("due", "overdue") else status
    if status in ("due", "overdue") and any(step.dose is None for step in exposure.steps):
        status, missing = _with_unknown_doses(schedule, state, drug, since, status, missing)
    often = _too_often(requirement, state, stretches, exposure.start) if status == "in date" else ()
    return Clock(drug, protocol, schedule, requirement, status, due, last, missing, often)


def open_clocks(drug: str, protocol: Protocol, state: State, missing: tuple[Missing, ...]) -> list[Clock]:
    """Every clock of a protocol for a drug of which nobody knows whether it is taken."""
    return [
        Clock(drug, protocol, schedule, requirement, "cannot say", None, last_done(state, requirement), missing)
        for schedule in protocol.schedule
        if schedule.source.mark != "memory"
        for requirement in requirements(schedule.panel)
    ]


def _from_the_later(protocol: Protocol, drug: str, state: State) -> Exposure:
    """The exposure whose start the clock counts from: for a combination the day the last of its drugs was added."""
    exposure = state.exposure(drug)
    partners = [one for name in protocol.applies.together for _, one in state.exposures(name) if one.active == YES]
    starts = [one.start for one in partners]
    if not starts:
        return exposure
    known = [start for start in starts if start is not None]
    return replace(exposure, start=max(known) if len(known) == len(starts) else None)


def _status(due: Due | None, on: date) -> Status:
    if due is None:
        return "not required"
    if on > due.overdue_after:
        return "overdue"
    return "due" if on >= due.due else "in date"


def _without_start(
    drug: str, protocol: Protocol, schedule: Schedule, requirement: Requirement, last: date | None, state: State
) -> Clock:
    """Start not known: certain only when the sparsest phase is overdue, or the densest still in date."""
    longest, shortest = steady(schedule), densest(schedule)
    name = inside(state.words.show(drug))
    gap = Missing(f"start of {name}", "the record does not say when it began", "find the start date")
    late = after_interval(longest, last, longest.rhythm) if longest and last else None
    if late and state.on > late.overdue_after:
        return Clock(drug, protocol, schedule, requirement, "overdue", late, last, (gap,))
    early = after_interval(shortest, last, shortest.rhythm) if shortest and last else None
    if early and state.on < early.due:
        return Clock(drug, protocol, schedule, requirement, "in date", early, last, (gap,))
    return Clock(drug, protocol, schedule, requirement, "cannot say", None, last, (gap,))


def _with_unknown_doses(
    schedule: Schedule, state: State, drug: str, since: date, status: Status, missing: tuple[Missing, ...]
) -> tuple[Status, tuple[Missing, ...]]:
    """A dose that is not recorded keeps the opening phase going. Only if the test would be late anyway is it late."""
    longest = steady(schedule)
    name = inside(state.words.show(drug))
    gap = Missing(
        f"dose history of {name}", "a dose is not recorded, so the opening phase cannot be ended", "find the doses"
    )
    if longest and _status(after_interval(longest, since, ""), state.on) in ("due", "overdue"):
        return status, (*missing, gap)
    return "cannot say", (*missing, gap)


def _modifiers(
    schedule: Schedule, state: State, drug: str, ready: CompiledBook
) -> tuple[list[Modifier], list[Modifier], tuple[Missing, ...]]:
    """Modifiers that hold, tightening ones that perhaps do, and what is missing to tell. Loosening needs proof.

    One that waits for a result alone leaves the schedule as it is: the limit of that result says what is missing."""
    holding: list[Modifier] = []
    doubtful: list[Modifier] = []
    missing: list[Missing] = []
    for modifier in (one for one in schedule.modifiers if one.source.mark != "memory"):
        answer = ready.conditions[modifier.when](state, drug)
        if answer.truth == YES:
            holding.append(modifier)
        elif answer.truth == UNKNOWN and not modifier.loosens:
            missing.extend(answer.missing)
            if any(state.words.kind_of(term.subject) != "analyte" for term in terms(parse(modifier.when))):
                doubtful.append(modifier)
    return holding, doubtful, tuple(dict.fromkeys(missing))


def tightened(stretches: tuple[Stretch, ...], modifiers: list[Modifier]) -> tuple[Stretch, ...]:
    """The stretches as these modifiers leave them, one after another."""
    found = list(stretches)
    for modifier in modifiers:
        interval = parse_range(modifier.every)
        found = [_modified(stretch, interval, modifier) for stretch in found]
    return tuple(found)


def _modified(stretch: Stretch, interval: DurationRange, modifier: Modifier) -> Stretch:
    if stretch.every is None or (stretch.end != FAR and not modifier.from_start):
        return stretch
    shorter = interval.low.nominal_days < stretch.every.low.nominal_days
    if shorter == modifier.loosens:
        return stretch
    return Stretch(stretch.begin, stretch.end, interval, (), f"{interval.rhythm}: {modifier.says}")


def _too_often(requirement: Requirement, state: State, stretches: tuple[Stretch, ...], start: date) -> tuple[date, ...]:
    """Four tests with each gap under half the interval, all within the steady phase and at one dose."""
    lasting = [stretch for stretch in stretches if stretch.end == FAR and stretch.every]
    if not lasting or lasting[-1].every is None:
        return ()
    settled = max(start, *(stretch.begin for stretch in lasting))
    days = [day for day in all_done(state, requirement) if day >= settled][-4:]
    half = timedelta(days=lasting[-1].every.low.nominal_days / 2)
    gaps = [later - earlier for earlier, later in zip(days, days[1:], strict=False)]
    return tuple(days) if len(days) == 4 and all(gap < half for gap in gaps) else ()


def due_tests(found: list[Clock], state: State) -> tuple[DueTest, ...]:
    """One line per test: the earliest due of all schedules that ask for it, and why."""
    groups: dict[str, list[Clock]] = {}
    for clock in found:
        groups.setdefault("|".join(clock.requirement), []).append(clock)
    lines = [_line(key, group, state) for key, group in groups.items()]
    return tuple(sorted(lines, key=lambda line: (_STANDING.index(line.status), line.due or FAR, line.test)))


_STANDING: Final = ("overdue", "due", "cannot say", "in date", "not required")


def _line(key: str, group: list[Clock], state: State) -> DueTest:
    first = min(group, key=lambda clock: (_STANDING.index(clock.status), clock.due.due if clock.due else FAR))
    name = label(first.requirement, state)
    because = first.due.because if first.due else "; ".join(gap.why for gap in first.missing)
    if first.status == "not required":
        because = "the protocol asks for no further tests"
    return DueTest(
        test=key,
        name=name,
        status=first.status,
        due=first.due.due if first.due else None,
        overdue_after=first.due.overdue_after if first.due else None,
        last=first.last,
        because=because,
        protocols=tuple(sorted({clock.protocol.id for clock in group})),
        strength="consider"
        if all(clock.schedule.strength == "consider" for clock in group)
        else first.schedule.strength,
    )


def last_shown(day: date | None) -> str:
    """When a test was last done, in words."""
    return f"last {show_day(day)}" if day else "none in the record"
