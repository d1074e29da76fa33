"""Schedules laid out in time for every course of a population: `engine.schedule` as relations.

A course gives its schedule one beginning at the start, another at each change of dose that restarts it, and the
phases that follow changes of dose. Beginnings are laid out phase by phase: where one ends the next begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.done import latest
from rxvigil.cohort.part import Context
from rxvigil.cohort.timetable import (
    MAIN,
    WHOLE,
    Row,
    Timetable,
    phases_of,
    table_of_fixed_days,
    table_of_phases,
    table_of_rhythms,
    written_out,
)
from rxvigil.engine.schedule import FAR, GRACE_PARTS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps

_LAID: Final = ("person", "number", "part", "origin", "again", "nth", "phase", "begin", "until", "asks")
"""A stretch: of which course and part, counted from which beginning (`origin`) up to when the schedule begins `again`;
from `begin` up to (not including) `until`; whether it asks for tests."""


def added(day: "ir.DateValue", months: "ir.IntegerValue", days: "ir.IntegerValue") -> "ir.DateValue":
    """The day so many months, and then so many days, later; null where the length is."""
    return _day_of(day + months.as_interval("M") + days.as_interval("D"))


def _day_of(moment: "ir.Value") -> "ir.DateValue":
    """ibis takes a day with an interval added for a day and leaves the cast out; databases take it for a moment."""
    day: ir.DateValue = moment.cast("timestamp").cast("date")
    return day


@dataclass(frozen=True)
class Stretches:
    """Every stretch of every course: those with an interval, and the fixed days of those that have some."""

    laid: "ir.Table"
    rhythms: "ir.Table"
    """Stretches that ask every so often: laid, with the interval as the modifiers leave it."""
    fixed: "ir.Table | None"
    """Fixed days, each with the test days that leave it unanswered (from `after`, before `answered`)."""
    ends: "ir.Table | None"
    """(person, number, ended, over): the last day from which nothing was asked, and whether that is so now."""


def lay_out(
    context: Context,
    tables: Sequence[Timetable],
    people: "ir.Table",
    dose_steps: "ir.Table",
    steps: "Steps",
) -> Stretches:
    """The stretches of the courses in `people` (person, drug, number, start, stance, earliest): laid out from their
    start and their steps of dose. A stretch that has ended by `earliest`, the first day after which anything is asked
    for, is left out."""
    rows = phases_of(tables)
    phases = steps.add("clock_phases", table_of_phases(rows))
    origins = steps.add("clock_origins", _origins(tables, people, dose_steps, steps))
    laid = _laid(rows, origins, phases, _lasting(rows, dose_steps, steps), steps)
    ends = steps.add("clock_ends", _ends(context, tables, laid)) if any(one.may_end for one in tables) else None
    wanted = laid.inner_join(people.select("person", "number", "stance", "earliest"), ["person", "number"])
    wanted = wanted.filter(wanted.until > wanted.earliest)
    rhythms = steps.add("clock_rhythms", table_of_rhythms(tables, context.words))
    endless = wanted.until == literal_day(FAR)
    keyed = wanted.mutate(endless=endless)
    every = steps.add("clock_stretches", keyed.inner_join(rhythms, ["phase", "endless", "stance"]))
    fixed = steps.add("clock_days", _fixed(tables, wanted, steps)) if any(row["at"] for row in rows) else None
    return Stretches(laid, every, fixed, ends)


# --------------------------------------------------------------------------------------------------------- beginnings


def _origins(tables: Sequence[Timetable], people: "ir.Table", dose_steps: "ir.Table", steps: "Steps") -> "ir.Table":
    """(person, drug, number, part, origin, again): every day from which phases count."""
    import ibis

    whose = people.select("person", "drug", "number", "start")
    begins = whose.select("person", "drug", "number", part=ibis.literal(MAIN, type=WHOLE), origin=whose.start)
    if not any(one.schedule.on for one in tables):
        return begins.mutate(again=literal_day(FAR))
    events = steps.add("clock_events", _events(tables, _changes(dose_steps), whose))
    following = events.filter(events.has_phases).select(*_BEGINNING).mutate(again=literal_day(FAR))
    again = tuple(one.number for one in tables if one.restarts)
    if not again:
        return ibis.union(begins.mutate(again=literal_day(FAR)), following)
    once = begins.filter(~begins.number.isin(again)).mutate(again=literal_day(FAR))
    return ibis.union(once, _begun_again(begins.filter(begins.number.isin(again)), events), following)


_BEGINNING: Final = ("person", "drug", "number", "part", "origin")


def _begun_again(begins: "ir.Table", events: "ir.Table") -> "ir.Table":
    """The beginnings of schedules that changes of dose restart, each with the day of the next."""
    import ibis

    later = events.filter(events.restarts & (events.origin > events.start))
    later = later.mutate(part=ibis.literal(MAIN, type=WHOLE)).select(*_BEGINNING).distinct()
    rows = ibis.union(begins, later)
    following = rows.origin.lead().over(group_by=[rows.person, rows.number], order_by=[rows.origin])
    return rows.mutate(again=ibis.coalesce(following, literal_day(FAR)))


def _events(tables: Sequence[Timetable], changes: "ir.Table", whose: "ir.Table") -> "ir.Table":
    """Every change of dose that a schedule takes notice of, with the part of the schedule that tells what it does."""
    import ibis

    noticed = [
        {
            "number": one.number, "part": part, "event": event.event, "restarts": event.then == "restart",
            "has_phases": bool(event.phases),
        }
        for one in tables
        for part, event in enumerate(one.schedule.on, MAIN + 1)
    ]  # fmt: skip
    table = written_out(noticed, number=WHOLE, part=WHOLE, event="string", restarts="boolean", has_phases="boolean")
    rows = changes.inner_join(whose, ["person", "drug"]).inner_join(table, "number")
    matching = ibis.cases(
        (rows.event == "dose-increase", rows.raised), (rows.event == "dose-decrease", rows.lowered), else_=True
    )
    return rows.filter(matching).select(*_BEGINNING, "start", "restarts", "has_phases")


def _changes(dose_steps: "ir.Table") -> "ir.Table":
    """(person, drug, origin, raised, lowered): each change of dose; where a dose is not known it may be either."""
    import ibis

    order = {"group_by": [dose_steps.person, dose_steps.drug], "order_by": [dose_steps.since]}
    rows = dose_steps.mutate(
        first__=ibis.row_number().over(**order) == 0, before__=dose_steps.dose_high.lag().over(**order)
    )
    rows = rows.filter(~rows.first__)
    known = rows.before__.notnull() & rows.dose_high.notnull()
    raised = ibis.cases((known, rows.dose_high > rows.before__), else_=True)
    lowered = ibis.cases((known, rows.dose_high < rows.before__), else_=True)
    return rows.select("person", "drug", origin=rows.since, raised=raised, lowered=lowered)


# ------------------------------------------------------------------------------------------------------------- phases


def _laid(
    rows: Sequence[Row], origins: "ir.Table", phases: "ir.Table", lasting: "ir.Table | None", steps: "Steps"
) -> "ir.Table":
    """Every stretch, phase after phase."""
    import ibis

    found: list[ir.Table] = []
    begun = origins.mutate(begin=origins.origin)
    for nth in range(max(row["nth"] for row in rows) + 1):
        mine = begun.inner_join(phases.filter(phases.nth == nth), ["number", "part"])
        until = any(row["until_days"] is not None for row in rows if row["nth"] == nth)
        ended = _ended(mine, lasting if until else None)
        laid = steps.add(f"clock_laid_{nth}", ended.select(*_LAID, "drug"))
        found.append(laid.select(*_LAID))
        begun = laid.filter((laid.until != literal_day(FAR)) & (laid.until < laid.again))
        begun = begun.select("person", "drug", "number", "part", "origin", "again", begin="until")
    return ibis.union(*found) if len(found) > 1 else found[0]


def _ended(mine: "ir.Table", lasting: "ir.Table | None") -> "ir.Table":
    """Stretches with the day on which they end (`engine.schedule`)."""
    import ibis

    far = literal_day(FAR)
    first = added(mine.origin, mine.first_months, mine.first_days)
    asks = mine.every | (mine.at & ibis.coalesce(first <= mine.again, ibis.literal(False)))
    mine = mine.mutate(asks=asks)
    lasts = mine.mutate(until=ibis.coalesce(added(mine.begin, mine.for_months, mine.for_days), far))
    if lasting is None:
        return lasts
    by_length = lasts.filter(lasts.until_days.isnull())
    return ibis.union(by_length.select(*_LAID, "drug"), _until_stable(mine, lasting).select(*_LAID, "drug"))


def _until_stable(mine: "ir.Table", lasting: "ir.Table") -> "ir.Table":
    """The first day on which the dose has been the same for as long as the phase says; never, where a dose is not known
    (`engine.schedule.stable_from`)."""
    import ibis

    waiting = mine.filter(mine.until_days.notnull())
    rows = waiting.left_join(lasting, ["person", "drug"], rname="{name}__step")
    since = ibis.cases((rows.since > rows.begin, rows.since), else_=rows.begin)
    stable = added(since, rows.until_months, rows.until_days)
    enough = rows.since.notnull() & (rows.next_since.isnull() | (rows.next_since >= stable))
    rows = rows.mutate(stable=ibis.cases((enough, stable), else_=ibis.null("date")))
    carried = {name: rows[name].max() for name in ("again", "nth", "phase", "begin")}
    return rows.group_by("person", "drug", "number", "part", "origin").aggregate(
        **carried, asks=rows.asks.any(), until=ibis.coalesce(rows.stable.min(), literal_day(FAR))
    )


def _lasting(rows: Sequence[Row], dose_steps: "ir.Table", steps: "Steps") -> "ir.Table | None":
    """Steps of a known dose that last at least as long as the shortest time for which any phase waits."""
    import ibis

    waits = [28 * row["until_months"] + row["until_days"] for row in rows if row["until_days"] is not None]
    if not waits:
        return None
    next_ = dose_steps.next_since
    long = next_.isnull() | ibis.coalesce(next_.delta(dose_steps.since, unit="day") >= min(waits), ibis.literal(False))
    known = dose_steps.filter(dose_steps.dose_high.notnull() & long)
    return steps.add("lasting_doses", known.select("person", "drug", "since", "next_since"))


# --------------------------------------------------------------------------------------------------------- fixed days


def _fixed(tables: Sequence[Timetable], wanted: "ir.Table", steps: "Steps") -> "ir.Table":
    """Fixed days: a test answers a day from half-way after the one before (`engine.schedule`)."""
    import ibis

    days = steps.add("clock_fixed_days", table_of_fixed_days(tables))
    rows = wanted.inner_join(days, "phase")
    day = added(rows.origin, rows.day_months, rows.day_days)
    before = ibis.coalesce(added(rows.origin, rows.before_months, rows.before_days), rows.begin)
    before_that = ibis.coalesce(added(rows.origin, rows.before_that_months, rows.before_that_days), rows.begin)
    rows = rows.mutate(due=day, before=before, before_that=before_that)
    rows = rows.filter(rows.due <= rows.again)
    beginning = _half_way(rows.begin, added(rows.origin, rows.first_months, rows.first_days))
    gap = rows.due.delta(rows.before, unit="day")
    grace = ibis.cases((gap >= 2 * GRACE_PARTS, (gap // GRACE_PARTS).cast(WHOLE)), else_=ibis.literal(1, type=WHOLE))
    return rows.select(
        "person",
        "number",
        "until",
        "due",
        late=added(rows.due, ibis.literal(0, type=WHOLE), grace),
        answered=_half_way(rows.before, rows.due),
        after=ibis.cases(
            (rows.place == 0, ibis.null("date")), else_=latest([_half_way(rows.before_that, rows.before), beginning])
        ),
    )


def _half_way(before: "ir.DateValue", day: "ir.DateValue") -> "ir.DateValue":
    back = (day.delta(before, unit="day") // 2).cast(WHOLE)
    return _day_of(day - back.as_interval("D"))


def _ends(context: Context, tables: Sequence[Timetable], laid: "ir.Table") -> "ir.Table":
    """Schedules that came to an end: what they asked for before is no longer wanted (`engine.schedule.after_the_end`,
    `no_longer`)."""

    on = literal_day(context.on)
    rows = laid.filter(laid.number.isin([one.number for one in tables if one.may_end]) & (laid.begin <= on))
    now = rows.until > on
    grouped = rows.group_by("person", "number").aggregate(
        ended=rows.begin.max(where=~rows.asks), now=now.any(), asks_now=(now & rows.asks).any()
    )
    return grouped.select("person", "number", "ended", over=grouped.now & ~grouped.asks_now)
