"""Tests done more than twice as often as the protocol asks (`engine.monitoring`), for a whole population.

Few patients have four test days in so short a time: they are found first, by counting, and only theirs are looked at.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.done import by_day, numbered, on_that_day, parts_of, test_days
from rxvigil.cohort.part import Context
from rxvigil.cohort.timetable import Timetable
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
    tables: Iterable[Timetable],
    asked: tuple[Requirement, ...],
    standing: "ir.Table",
    rhythms: "ir.Table",
    steps: "Steps",
) -> "ir.Table":
    """(person, number, requirement, often): clocks in date of which the last four tests came too often, all in the
    lasting phase of the schedule."""
    import ibis

    parts = tuple(sorted({part for group in asked for key in group for part in parts_of(key, context.words)}))
    waiting = standing.filter(standing.status == "in date").select("person", "number", "requirement", "last")
    days = _recent(context, tuple(tables), parts)
    people = steps.add("often_people", _with_four_days(days, waiting))
    by_day_ = steps.add("often_days", by_day(days.semi_join(people, "person"), parts))
    rows = waiting.inner_join(_lasting(rhythms.semi_join(people, "person")), ["person", "number"])
    rows = rows.inner_join(by_day_, "person")
    keys = numbered(asked)
    tested = [(rows.requirement == number, _done(one, rows, context.words)) for one, number in keys.items()]
    near = rows.filter(ibis.cases(*tested, else_=False) & (rows.day >= rows.settled))
    return _four_in_a_row(near)


def _recent(context: Context, tables: tuple[Timetable, ...], parts: tuple[str, ...]) -> "ir.Table":
    """The days of single tests that may matter: a test in date is at most one interval old, and the first of the four
    lies at most one and a half intervals before it."""
    longest = max(interval.low.nominal_days for one in tables for interval in _intervals(one))
    since = context.on - timedelta(days=int(2.5 * longest) + 14)
    days = test_days(context, parts)
    return days.filter(days.day >= literal_day(since))


def _intervals(one: Timetable) -> Iterator[DurationRange]:
    yield from (parse_range(phase.every) for _, phases in one.parts for phase in phases if phase.every)
    yield from (parse_range(modifier.every) for modifier in one.modifiers)


def _with_four_days(days: "ir.Table", waiting: "ir.Table") -> "ir.Table":
    """Those of whom four days may be enough: whatever was tested on them."""
    mine = days.semi_join(waiting.select("person").distinct(), "person").select("person", "day").distinct()
    counted = mine.group_by("person").aggregate(days=mine.count())
    return counted.filter(counted.days >= DAYS).select("person")


def _lasting(rhythms: "ir.Table") -> "ir.Table":
    """(person, number, settled, half): since when only phases without an end are in force, and half of the interval of
    the one laid out last."""
    import ibis

    rows = rhythms.filter(rhythms.endless)
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

    clock = ["person", "number", "requirement"]
    order = {"group_by": clock, "order_by": [rows.day.desc()]}
    rows = rows.mutate(back=ibis.row_number().over(**order), before=rows.day.lead().over(**order))
    near = ibis.coalesce(rows.day.delta(rows.before, unit="day") < rows.half, ibis.literal(False))
    rows = rows.mutate(near=(near & (rows.back < DAYS - 1)))
    grouped = rows.group_by(clock).aggregate(near=rows.count(where=rows.near))
    return grouped.filter(grouped.near == DAYS - 1).select(*clock, often=ibis.literal(True))
