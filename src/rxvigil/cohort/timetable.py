"""Schedules written out as small tables of whole numbers, so that one query lays out every schedule at once.

A length of time is months and days to be added in that order: years are twelve months and weeks seven days. Whatever
needs the rule book alone is worked out here, by the functions of the evaluator of one patient.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Final

from rxvigil.cohort.choice import Choosable, lenders
from rxvigil.engine.done import Requirement, requirements
from rxvigil.engine.monitoring import tightened
from rxvigil.engine.schedule import FAR, Stretch, densest, grace, steady
from rxvigil.facts import Duration, DurationRange, parse_duration, parse_range
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import parse, terms
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Modifier, Phase, Protocol, Schedule

if TYPE_CHECKING:
    import ibis.expr.types as ir

MAIN: Final = 0
"""The part of a schedule that counts from the start. The others follow changes of dose, in the order of `on`."""
OFF, PERHAPS, ON = 0, 1, 2
"""Whether a modifier holds; perhaps: it is not known, and it might make the schedule denser."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Timetable:
    """One schedule as it is used for those for whom a protocol was chosen."""

    number: int
    chosen: Choosable
    protocol: Protocol
    """Whose schedule it is: the chosen protocol's own, or the one it borrows from."""
    schedule: Schedule

    @property
    def borrowed(self) -> bool:
        return self.protocol.id != self.chosen.protocol.id

    @property
    def rule(self) -> str:
        return f"{self.protocol.id}#{self.schedule.id}"

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What it asks for; a test's place here is its slot."""
        return requirements(self.schedule.panel)

    @property
    def modifiers(self) -> tuple[Modifier, ...]:
        """Those that somebody has read at a source."""
        return tuple(one for one in self.schedule.modifiers if one.source.mark != "memory")

    @property
    def parts(self) -> tuple[tuple[int, tuple[Phase, ...]], ...]:
        """The phases from the start, and those after each kind of change of dose."""
        events = enumerate(self.schedule.on, MAIN + 1)
        return ((MAIN, self.schedule.phases), *((part, event.phases) for part, event in events if event.phases))

    @property
    def restarts(self) -> tuple[str, ...]:
        """Changes of dose at which the schedule begins again."""
        return tuple(event.event for event in self.schedule.on if event.then == "restart")

    @property
    def may_end(self) -> bool:
        """Whether there may be a time without tests: after a stop."""
        return any(phase.stop for _, phases in self.parts for phase in phases)


def timetables(chosen: Iterable[Choosable], book: RuleBook) -> tuple[Timetable, ...]:
    """Every schedule that may be in use, numbered; those nobody has read ask for nothing."""
    found = [
        (one, protocol, schedule)
        for one in chosen
        for protocol in lenders(one, book)
        for schedule in protocol.schedule
        if schedule.source.mark != "memory" and requirements(schedule.panel)
    ]
    return tuple(Timetable(number, *parts) for number, parts in enumerate(found))


def faithful(schedule: Schedule) -> bool:
    """Whether columns can tell what a schedule asks: each fixed day of a phase must be later than the one before,
    from whatever day they count."""
    lists = [schedule.phases, *(event.phases for event in schedule.on)]
    return all(_rising([parse_duration(one) for one in phase.at]) for phases in lists for phase in phases)


def _rising(days: list[Duration]) -> bool:
    return all(_later(before, after) for before, after in pairwise(_added(day) for day in days))


def _later(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether one length is longer than another from whatever day they count: months have 28 to 31 days."""
    unit_by_unit = after != before and after[0] >= before[0] and after[1] >= before[1]
    return unit_by_unit or 28 * after[0] + after[1] > 31 * before[0] + before[1]


# ------------------------------------------------------------------------------------------------------------- tables


def written_out(rows: Sequence[Mapping[str, Any]], **types: str) -> "ir.Table":
    """A small table with these rows, whose columns have these types, as a relation of any backend."""
    import ibis

    numbered = ibis.array(list(range(max(len(rows), 1)))).unnest().name("row__").as_table()
    columns = {name: _written(numbered.row__, [row[name] for row in rows], shape) for name, shape in types.items()}
    return numbered.filter(numbered.row__ < len(rows)).select(**columns)


def _written(row: "ir.IntegerValue", values: list[Any], shape: str) -> "ir.Value":
    import ibis

    places: dict[Any, list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(value, []).append(place)
    commonest = max(places, key=lambda value: len(places[value]), default=None)
    others = [(row.isin(where), _typed(value, shape)) for value, where in places.items() if value != commonest]
    return ibis.cases(*others, else_=_typed(commonest, shape)) if others else _typed(commonest, shape)


def _typed(value: Any, shape: str) -> "ir.Value":
    import ibis

    return ibis.null(shape) if value is None else ibis.literal(value, type=shape)


WHOLE: Final = "int32"


def table_of_schedules(tables: Iterable[Timetable]) -> "ir.Table":
    """One row for each schedule: whose it is and, for a course whose start nobody knows, its sparsest and its densest
    interval."""
    rows = [_schedule(one) for one in tables]
    lengths = {f"{name}_{part}": WHOLE for name in ("steady", "late", "densest", "late_at_densest") for part in _PARTS}
    texts = dict.fromkeys(("drug", "chosen", "protocol", "rule", "strength"), "string")
    return written_out(rows, number=WHOLE, together="boolean", borrowed="boolean", **texts, **lengths)


_PARTS: Final = ("months", "days")


def _schedule(one: Timetable) -> Row:
    known: Row = {
        "number": one.number,
        "drug": one.chosen.drug,
        "chosen": one.chosen.protocol.id,
        "together": one.chosen.together,
        "protocol": one.protocol.id,
        "rule": one.rule,
        "strength": one.schedule.strength,
        "borrowed": one.borrowed,
    }
    longest, shortest = _rhythm(steady(one.schedule)), _rhythm(densest(one.schedule))
    lengths = {"steady": longest[0], "late": longest[1], "densest": shortest[0], "late_at_densest": shortest[1]}
    return known | {f"{name}_{part}": value[i] for name, value in lengths.items() for i, part in enumerate(_PARTS)}


def whole(number: int) -> "ir.IntegerScalar":
    """A number of the type in which lengths and numbers of schedules stand."""
    import ibis

    return ibis.literal(number, type=WHOLE)


Length = tuple[int, int] | tuple[None, None]
"""Months and days."""


def _rhythm(interval: DurationRange | None) -> tuple[Length, Length]:
    """How long after a test the next is due, and from when it is overdue."""
    if interval is None:
        return (None, None), (None, None)
    months, days = _added(interval.high)
    return _added(interval.low), (months, days + grace(timedelta(days=interval.high.nominal_days)).days)


def _added(length: Duration) -> tuple[int, int]:
    match length.unit:
        case "day":
            return 0, length.count
        case "week":
            return 0, 7 * length.count
        case "month":
            return length.count, 0
    return 12 * length.count, 0


def slots(tables: Iterable[Timetable]) -> int:
    """The most tests that any schedule asks for."""
    return max(len(one.requirements) for one in tables)


def by_slot(tables: Iterable[Timetable]) -> Iterator[tuple[int, Requirement, tuple[int, ...]]]:
    """Every requirement that stands in some slot, with the numbers of the schedules that have it there."""
    found: dict[tuple[int, Requirement], list[int]] = {}
    for one in tables:
        for slot, requirement in enumerate(one.requirements):
            found.setdefault((slot, requirement), []).append(one.number)
    for (slot, requirement), numbers in found.items():
        yield slot, requirement, tuple(numbers)


def table_of_tests(tables: Iterable[Timetable]) -> "ir.Table":
    """(number, slot, test): what each schedule asks for."""
    rows = [
        {"number": one.number, "slot": slot, "test": "|".join(requirement)}
        for one in tables
        for slot, requirement in enumerate(one.requirements)
    ]
    return written_out(rows, number=WHOLE, slot=WHOLE, test="string")


def phases_of(tables: Iterable[Timetable]) -> tuple[Row, ...]:
    """One row for each phase of each part: `for_` and `until` say how it ends (neither: never), `every` and `at` what
    it asks for, `first` the first of its fixed days."""
    rows = [
        _phase(one.number, part, nth, phase)
        for one in tables
        for part, phases in one.parts
        for nth, phase in enumerate(phases)
    ]
    return tuple({**row, "phase": phase} for phase, row in enumerate(rows))


def _phase(number: int, part: int, nth: int, phase: Phase) -> Row:
    lasts = parse_duration(phase.for_ or phase.at[-1]) if phase.for_ or (phase.at and not phase.until) else None
    until = parse_duration(phase.until.dose_stable_for) if phase.until and not phase.for_ else None
    first = parse_duration(phase.at[0]) if phase.at else None
    lengths = {"for": lasts, "until": until, "first": first}
    known: Row = {"number": number, "part": part, "nth": nth, "every": phase.every is not None, "at": bool(phase.at)}
    for name, length in lengths.items():
        months, days = _added(length) if length else (None, None)
        known |= {f"{name}_months": months, f"{name}_days": days}
    return known


def longest(phases: Iterable[Phase]) -> int | None:
    """The most days that phases take in a row, where no dose changes meanwhile; none where one of them never ends."""
    total = 0
    for phase in phases:
        length = phase.for_ or (phase.until.dose_stable_for if phase.until else phase.at[-1] if phase.at else None)
        if length is None:
            return None
        months, days = _added(parse_duration(length))
        total += 31 * months + days
    return total


def table_of_phases(rows: Sequence[Row]) -> "ir.Table":
    """The rows of `phases_of` as a relation."""
    lengths = {f"{name}_{part}": WHOLE for name in ("for", "until", "first") for part in _PARTS}
    keys = dict.fromkeys(("phase", "number", "part", "nth"), WHOLE)
    return written_out(rows, **keys, every="boolean", at="boolean", **lengths)


def table_of_fixed_days(tables: Iterable[Timetable]) -> "ir.Table":
    """(phase, place ...): every fixed day of every phase, with the two before it and the first."""
    phases = (phase for one in tables for _, phases in one.parts for phase in phases)
    rows = [row for number, phase in enumerate(phases) for row in _fixed_days(number, phase)]
    lengths = {f"{name}_{part}": WHOLE for name in ("day", "before", "before_that", "first") for part in _PARTS}
    return written_out(rows, phase=WHOLE, place=WHOLE, **lengths)


def _fixed_days(number: int, phase: Phase) -> Iterator[Row]:
    nothing: Length = (None, None)
    days: list[Length] = [nothing, nothing, *(_added(parse_duration(one)) for one in phase.at)]
    for place in range(len(phase.at)):
        named = dict(zip(("before_that", "before", "day"), days[place : place + 3], strict=True), first=days[2])
        lengths = {f"{name}_{part}": value[i] for name, value in named.items() for i, part in enumerate(_PARTS)}
        yield {"phase": number, "place": place, **lengths}


# ---------------------------------------------------------------------------------------------------------- modifiers


def may_be_denser(modifier: Modifier, words: Vocabulary) -> bool:
    """Whether not knowing if it holds leaves the schedule in doubt (`engine.monitoring`): not where it loosens, nor
    where it waits for a result alone."""
    kinds = {words.kind_of(term.subject) for term in terms(parse(modifier.when))}
    return not modifier.loosens and kinds != {"analyte"}


def stances(one: Timetable, words: Vocabulary) -> Iterator[tuple[int, list[Modifier], list[Modifier]]]:
    """Every way in which the modifiers of a schedule may stand: its number, those that hold, those that perhaps do."""
    ways = [(OFF, PERHAPS, ON) if may_be_denser(modifier, words) else (OFF, ON) for modifier in one.modifiers]
    for way in product(*ways):
        number = sum(stand * 3**place for place, stand in enumerate(way))
        pairs = list(zip(way, one.modifiers, strict=True))
        yield (
            number,
            [each for stand, each in pairs if stand == ON],
            [each for stand, each in pairs if stand == PERHAPS],
        )


def table_of_rhythms(tables: Iterable[Timetable], words: Vocabulary) -> "ir.Table":
    """(phase, endless, stance ...): the interval of each phase as modifiers leave it, by whether the phase is the last;
    `strict`: with those that perhaps hold too, null where there are none of them."""
    phases = [(one, phase) for one in tables for _, phases in one.parts for phase in phases]
    rows = [
        row
        for number, (one, phase) in enumerate(phases)
        if phase.every
        for row in _rhythms(number, one, parse_range(phase.every), words)
    ]
    lengths = {f"{name}_{part}": WHOLE for name in ("due", "late", "strict") for part in _PARTS}
    return written_out(rows, phase=WHOLE, endless="boolean", stance=WHOLE, half="float64", **lengths)


def _rhythms(number: int, one: Timetable, every: DurationRange, words: Vocabulary) -> Iterator[Row]:
    for stance, holding, perhaps in stances(one, words):
        for end in (FAR, date.min):
            interval = _as_left(every, end, holding)
            stricter = _as_left(every, end, [*holding, *perhaps]) if perhaps else None
            due, late = _rhythm(interval)
            strict, _ = _rhythm(stricter)
            lengths = {"due": due, "late": late, "strict": strict}
            yield {
                "phase": number,
                "endless": end == FAR,
                "stance": stance,
                "half": interval.low.nominal_days / 2,
                **{f"{name}_{part}": value[i] for name, value in lengths.items() for i, part in enumerate(_PARTS)},
            }


def _as_left(every: DurationRange, end: date, modifiers: list[Modifier]) -> DurationRange:
    left = tightened((Stretch(date.min, end, every),), modifiers)[0].every
    return left if left is not None else every
