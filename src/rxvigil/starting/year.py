"""The monitoring calendar of the first year: when each test falls due, if every one before it was done on its day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from rxvigil.dosing.plan import DosePlan
from rxvigil.engine.choose import Choice
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.courses import Exposure, Step
from rxvigil.engine.done import label, requirements
from rxvigil.engine.kleene import NO, YES
from rxvigil.engine.schedule import Due, Stretch, lay_out, next_due
from rxvigil.engine.state import State
from rxvigil.facts import Dose, Duration
from rxvigil.knowledge.rules import Protocol
from rxvigil.starting.assessment import Strength, VisitShown

YEAR: Final = Duration(12, "month")
ALONG: Final = Duration(8, "day")
"""House: a test that falls due within 8 days of a visit is taken at it. Earlier than asked is never too late, and 3
calendar months after a start and 12 weeks and a day are one visit."""
_UNCHANGED: Final = Dose(0, 0)
"""Stands for a dose that is not known and does not change."""
_FIRMNESS: Final[tuple[Strength, ...]] = ("must", "should", "consider")


@dataclass
class _Clock:
    """One test of one schedule, as it runs through the year."""

    stretches: tuple[Stretch, ...]
    test: str
    note: str
    protocol: str
    strength: Strength
    last: date

    def due(self) -> Due | None:
        """The next one after the last."""
        found = next_due(self.stretches, self.last)
        return found if found and found.due > self.last else None


def course(start: date, dose: DosePlan | None) -> Exposure:
    """The intended course: the first dose, and each rise at its earliest day."""
    first = dose.suggested.mg_per_day if dose and dose.suggested and not dose.refused else None
    steps = [Step(start, _UNCHANGED if first is None else Dose(first, first))]
    for rise in dose.titration if dose and first is not None else ():
        amount = rise.option.mg_per_day if rise.option else rise.target_mg
        steps.append(Step(rise.earliest, Dose(amount, amount)))
    return Exposure(active=YES, start=start, start_known=True, steps=tuple(steps), dose=steps[0].dose)


def calendar(
    choices: Iterable[Choice], exposure: Exposure, state: State, drug: str, ready: CompiledBook
) -> tuple[VisitShown, ...]:
    """Every visit of the first year, with what is tested and why. What falls due soon after comes along (`ALONG`)."""
    start = exposure.start
    clocks = [one for choice in choices for one in _clocks(choice.protocol, exposure, state, drug, ready)]
    visits: list[VisitShown] = []
    while start is not None:
        waiting = [(one, due) for one in clocks if (due := one.due()) is not None]
        day = min((due.due for _, due in waiting), default=None)
        if day is None or day > YEAR.after(start):
            break
        taken = [(one, due) for one, due in waiting if due.due <= ALONG.after(day)]
        visits.append(_visit(day, taken))
        for one, _ in taken:
            one.last = day
    return tuple(visits)


def _clocks(protocol: Protocol, exposure: Exposure, state: State, drug: str, ready: CompiledBook) -> Iterator[_Clock]:
    for mine, note in _with_lender(protocol, ready):
        for schedule in mine.schedule:
            concerns = schedule.only_if is None or ready.conditions[schedule.only_if](state, drug).truth != NO
            if schedule.source.mark == "memory" or not concerns or exposure.start is None:
                continue
            stretches = lay_out(schedule, exposure)
            for requirement in requirements(schedule.panel):
                name = label(requirement, state)
                yield _Clock(stretches, name, note, mine.id, schedule.strength, exposure.start)


def _with_lender(protocol: Protocol, ready: CompiledBook) -> Iterator[tuple[Protocol, str]]:
    yield protocol, ""
    borrowed = protocol.schedule_from
    if borrowed and borrowed.protocol in ready.book.protocols:
        yield ready.book.protocols[borrowed.protocol], " (schedule borrowed)"


def _visit(day: date, taken: list[tuple[_Clock, Due]]) -> VisitShown:
    whys = (f"{due.because}{one.note}" for one, due in taken if due.because)
    return VisitShown(
        on=day,
        tests=tuple(dict.fromkeys(one.test for one, _ in taken)),
        strength=min((one.strength for one, _ in taken), key=_FIRMNESS.index),
        why=tuple(dict.fromkeys(whys)),
        protocols=tuple(sorted({one.protocol for one, _ in taken})),
    )
