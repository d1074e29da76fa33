"""Courses that need not be laid out in time: every phase but the last ran out before anything is asked for.

Most courses are of this kind: the dose has long been the same and tests are done in the lasting rhythm.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.done import latest
from rxvigil.cohort.timetable import MAIN, Row, Timetable, longest, whole
from rxvigil.cohort.truth import holds
from rxvigil.engine.schedule import FAR

if TYPE_CHECKING:
    import ibis.expr.types as ir


def horizon(one: Timetable) -> int | None:
    """So many days after the last change of dose (or the start) only the last phase is left, at the latest; none where
    that cannot be said, or the schedule may end."""
    *opening, last = one.schedule.phases
    lasts = bool(last.every) and longest((last,)) is None
    lengths = [longest(opening), *(longest(event.phases) for event in one.schedule.on)]
    known = [length for length in lengths if length is not None]
    return max(known) if lasts and not one.may_end and len(known) == len(lengths) else None


def with_settled(
    tables: Sequence[Timetable], people: "ir.Table", dose_steps: "ir.Table", tested_again: "ir.Table"
) -> "ir.Table":
    """The courses, and whether each is `settled`. Of those tested again soon the whole course is wanted, to tell
    whether that was too often."""
    import ibis

    horizons = {one.number: days for one in tables if (days := horizon(one)) is not None}
    people = people.drop("reading", "dose_unknown")
    if not horizons:
        return people.mutate(settled=ibis.literal(False))
    last = dose_steps.filter(dose_steps.next_since.isnull() & dose_steps.dose_high.notnull())
    last = last.select("person", "drug", changed=last.since)
    rows = people.left_join(last, ["person", "drug"], rname="{name}__last")
    rows = rows.left_join(tested_again.mutate(again=ibis.literal(True)), "person", rname="{name}__again")
    since = rows.earliest.delta(latest([rows.changed, rows.start]), unit="day")
    long_ago = [(rows.number.isin(numbers), since >= days) for days, numbers in _grouped(horizons)]
    settled = rows.changed.notnull() & rows.again.isnull() & ibis.cases(*long_ago, else_=False)
    return rows.select(*people.columns, settled=holds(settled))


def _grouped(horizons: dict[int, int]) -> list[tuple[int, list[int]]]:
    return [(days, [key for key in horizons if horizons[key] == days]) for days in sorted(set(horizons.values()))]


def last_phase(rows: Sequence[Row], tables: Sequence[Timetable], settled: "ir.Table") -> "ir.Table":
    """The one stretch of each settled course that still asks for tests."""
    import ibis

    last = {one.number: len(one.schedule.phases) - 1 for one in tables if horizon(one) is not None}
    phases = [
        (settled.number == row["number"], whole(row["phase"]))
        for row in rows
        if row["part"] == MAIN and last.get(row["number"]) == row["nth"]
    ]
    far = literal_day(FAR)
    phase = ibis.cases(*phases, else_=whole(0)) if phases else whole(0)
    counted = {"part": whole(MAIN), "origin": settled.start, "nth": whole(0), "phase": phase, "begin": settled.start}
    return settled.mutate(**counted, again=far, until=far, asks=ibis.literal(True), stops=ibis.literal(False))
