"""Tests done more than twice as often as the protocol asks (`engine.monitoring`), for a whole population.

Few patients are tested again so soon: they are found first, and only their days are looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.done import by_day, on_that_day, parts_of, parts_of_first_group, test_days
from rxvigil.cohort.part import Context
from rxvigil.cohort.timetable import Timetable, by_slot
from rxvigil.cohort.truth import holds
from rxvigil.engine.done import Requirement
from rxvigil.facts import DurationRange, parse_range
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps

DAYS: Final = 4
"""So many test days, each less than half an interval after the one before."""


def too_often(
    context: Context,
    tables: Sequence[Timetable],
    tests: "ir.Table",
    rhythms: "ir.Table",
    people: "ir.Table",
    steps: "Steps",
) -> "ir.Table":
    """(person, number, slot, often): tests of which the last four came too often, all in the lasting phase of the
    schedule. It counts where the next test is not due yet. `people`: those `tested_again`."""
    import ibis

    words = context.words
    lasting = rhythms.filter(rhythms.endless)
    parts = tuple(sorted({part for group in _asked(tables) for key in group for part in parts_of(key, words)}))
    days = steps.add("often_days", by_day(_recent(context, tables, parts).semi_join(people, "person"), parts))
    rows = _settled(lasting.semi_join(people, "person")).inner_join(tests, "number").inner_join(days, "person")
    tested = [
        ((rows.number == one.number) & (rows.slot == slot), _done(requirement, rows, words))
        for one in tables
        for slot, requirement in enumerate(one.requirements)
    ]
    return _four_in_a_row(rows.filter(ibis.cases(*tested, else_=False) & (rows.day >= rows.settled)))


def _asked(tables: Iterable[Timetable]) -> tuple[Requirement, ...]:
    return tuple(dict.fromkeys(requirement for one in tables for requirement in one.requirements))


def _recent(context: Context, tables: Iterable[Timetable], parts: tuple[str, ...]) -> "ir.Table":
    """The days of single tests that may matter: a test in date is at most one interval old, and the first of the four
    lies at most one and a half intervals before it."""
    since = context.on - timedelta(days=int(2.5 * _longest(tables)) + 14)
    days = test_days(context, parts)
    return days.filter(days.day >= literal_day(since))


def _longest(tables: Iterable[Timetable]) -> float:
    return max((interval.low.nominal_days for one in tables for interval in _intervals(one)), default=0.0)


def tested_again(context: Context, tables: Sequence[Timetable], in_use: "ir.Table") -> "ir.Table":
    """Those who had something of what is asked for tested less than half of the longest interval before its last day:
    nobody else can have been tested too often."""
    words, half = context.words, int(_longest(tables) / 2) + 1
    needed = sorted({part for requirement in _asked(tables) for part in _indispensable(requirement, words)})
    lasts = [name for name in in_use.columns if name.startswith("last_")]
    rows = _recent(context, tables, tuple(needed)).inner_join(in_use.select("person", "number", *lasts), "person")
    again: list[ir.BooleanValue] = []
    for slot, requirement, numbers in by_slot(tables):
        mine = rows.key.isin(sorted(_indispensable(requirement, words)))
        mine &= rows.number.isin(numbers) if len(numbers) < len(tables) else mine
        gap = rows[f"last_{slot}"].delta(rows.day, unit="day")
        again.append(mine & (gap > 0) & (gap < half))
    return rows.filter(holds(reduce(lambda one, other: one | other, again))).select("person").distinct()


def _indispensable(requirement: Requirement, words: Vocabulary) -> Iterator[str]:
    """Single tests of which one at least is done whenever the requirement is met."""
    for key in requirement:
        yield from parts_of_first_group(key, words)


def _intervals(one: Timetable) -> Iterator[DurationRange]:
    yield from (parse_range(phase.every) for _, phases in one.parts for phase in phases if phase.every)
    yield from (parse_range(modifier.every) for modifier in one.modifiers)


def _settled(rows: "ir.Table") -> "ir.Table":
    """(person, number, settled, half): since when only phases without an end are in force, and half of the interval of
    the one laid out last."""
    import ibis

    whose = [rows.person, rows.number]
    order = [rows.part.desc(), rows.origin.desc(), rows.nth.desc()]
    rows = rows.mutate(
        back=ibis.row_number().over(group_by=whose, order_by=order), settled=rows.begin.max().over(group_by=whose)
    )
    return rows.filter(rows.back == 0).select("person", "number", "settled", "half")


def _done(requirement: Requirement, row: "ir.Table", words: Vocabulary) -> "ir.BooleanValue":
    return reduce(lambda one, other: one | other, (on_that_day(key, row, words) for key in requirement))


def _four_in_a_row(rows: "ir.Table") -> "ir.Table":
    import ibis

    clock = ["person", "number", "slot"]
    order = {"group_by": clock, "order_by": [rows.day.desc()]}
    rows = rows.mutate(back=ibis.row_number().over(**order), before=rows.day.lead().over(**order))
    near = ibis.coalesce(rows.day.delta(rows.before, unit="day") < rows.half, ibis.literal(False))
    rows = rows.mutate(near=(near & (rows.back < DAYS - 1)))
    grouped = rows.group_by(clock).aggregate(near=rows.count(where=rows.near))
    return grouped.filter(grouped.near == DAYS - 1).select(*clock, often=ibis.literal(True))
