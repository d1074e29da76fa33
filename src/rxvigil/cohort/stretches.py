"""Schedules laid out in time for every course of a population: `engine.schedule` as relations.

A course gives its schedule one beginning at the start, another at each change of dose that restarts it, and the
phases that follow changes of dose. Beginnings are laid out phase by phase: where one ends the next begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import added, earlier, literal_day
from rxvigil.cohort.done import latest
from rxvigil.cohort.part import Context
from rxvigil.cohort.settled import last_phase, with_settled
from rxvigil.cohort.steps import stacked
from rxvigil.cohort.timetable import (
    MAIN,
    WHOLE,
    Row,
    Timetable,
    longest,
    phases_of,
    table_of_fixed_days,
    table_of_phases,
    table_of_rhythms,
    whole,
    written_out,
)
from rxvigil.cohort.truth import holds
from rxvigil.engine.schedule import FAR, GRACE_PARTS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps

_LAID: Final = ("person", "number", "part", "origin", "again", "nth", "phase", "begin", "until", "asks", "stops")
"""A stretch: of which course and part, counted from which beginning (`origin`) up to when the schedule begins `again`;
from `begin` up to (not including) `until`; whether it asks for tests, and whether it says that none is wanted. Neither
is so where the schedule begins again before its first fixed day."""


@dataclass(frozen=True)
class Stretches:
    """Every stretch of every course: those with an interval, and the fixed days of those that have some."""

    rhythms: "ir.Table"
    """Stretches that ask every so often, with the interval as the modifiers leave it."""
    fixed: "ir.Table | None"
    """Fixed days, each with the test days that leave it unanswered (from `after`, before `answered`)."""
    ends: "ir.Table | None"
    """(person, number, ended, over): the last day from which nothing was asked, and whether that is so now."""


def lay_out(
    context: Context,
    tables: Sequence[Timetable],
    people: "ir.Table",
    dose_steps: "ir.Table",
    tested_again: "ir.Table",
    steps: "Steps",
) -> Stretches:
    """The stretches of the courses in `people` (person, drug, number, start, stance, earliest, last_0 ...): laid out
    from their start and their steps of dose. A stretch that has ended by `earliest`, the first day after which anything
    is asked for, is left out; settled courses (`settled`) have only their last."""
    import ibis

    rows = phases_of(tables)
    phases = steps.add("clock_phases", table_of_phases(rows))
    courses = steps.add("clock_courses", with_settled(tables, people, dose_steps, tested_again))
    moving, settled = courses.filter(~courses.settled), courses.filter(courses.settled)
    doses = dose_steps.semi_join(moving, ["person", "drug"])
    origins = steps.add("clock_origins", _origins(tables, moving, doses, steps))
    laid = _laid(rows, origins, phases, doses, steps)
    ends = steps.add("clock_ends", _ends(context, tables, laid)) if any(one.may_end for one in tables) else None
    wanted = laid.inner_join(moving, ["person", "number"])
    wanted = wanted.filter(wanted.until > wanted.earliest)
    lasting = last_phase(rows, tables, settled).select(*wanted.columns)
    rhythms = steps.add("clock_rhythms", table_of_rhythms(tables, context.words))
    asked = ibis.union(wanted, lasting)
    asked = asked.mutate(endless=asked.until == literal_day(FAR))
    every = steps.add("clock_stretches", asked.inner_join(rhythms, ["phase", "endless", "stance"]))
    fixed = steps.add("clock_days", _fixed(tables, wanted, steps)) if any(row["at"] for row in rows) else None
    return Stretches(every, fixed, ends)


# --------------------------------------------------------------------------------------------------------- beginnings


def _origins(tables: Sequence[Timetable], people: "ir.Table", dose_steps: "ir.Table", steps: "Steps") -> "ir.Table":
    """(person, drug, number, part, origin, again): every day from which phases count."""
    import ibis

    begins = people.select("person", "drug", "number", part=whole(MAIN), origin=people.start)
    if not any(one.schedule.on for one in tables):
        return begins.mutate(again=literal_day(FAR))
    events = steps.add("clock_events", _events(tables, _changes(tables, people, dose_steps)))
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
    later = later.mutate(part=whole(MAIN)).select(*_BEGINNING).distinct()
    rows = ibis.union(begins, later)
    following = rows.origin.lead().over(group_by=[rows.person, rows.number], order_by=[rows.origin])
    return rows.mutate(again=ibis.coalesce(following, literal_day(FAR)))


def _events(tables: Sequence[Timetable], changes: "ir.Table") -> "ir.Table":
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
    rows = changes.inner_join(table, "number")
    matching = ibis.cases(
        (rows.event == "dose-increase", rows.raised), (rows.event == "dose-decrease", rows.lowered), else_=True
    )
    return rows.filter(matching).select(*_BEGINNING, "start", "restarts", "has_phases")


def _changes(tables: Sequence[Timetable], people: "ir.Table", dose_steps: "ir.Table") -> "ir.Table":
    """(person, drug, number, start, origin, raised, lowered): the changes of dose after which something may still be
    asked for; where a dose is not known, it may have gone up or down."""
    import ibis

    noticing = [one.number for one in tables if one.schedule.on]
    whose = people.filter(people.number.isin(noticing)).select("person", "drug", "number", "start", "earliest")
    rows = dose_steps.inner_join(whose, ["person", "drug"])
    rows = rows.filter(~_bygone(tables, rows))
    earlier = dose_steps.filter(dose_steps.next_since.notnull())
    earlier = earlier.select("person", "drug", since=earlier.next_since, before=earlier.dose_high)
    rows = rows.inner_join(earlier, ["person", "drug", "since"])
    known = rows.before.notnull() & rows.dose_high.notnull()
    raised = ibis.cases((known, rows.dose_high > rows.before), else_=True)
    lowered = ibis.cases((known, rows.dose_high < rows.before), else_=True)
    return rows.select("person", "drug", "number", "start", origin=rows.since, raised=raised, lowered=lowered)


def _bygone(tables: Sequence[Timetable], rows: "ir.Table") -> "ir.BooleanValue":
    """Whether a dose was kept for so long that the phases it began ran out before anything is asked for. Most are: they
    need not be laid out."""
    import ibis

    lasting = [length for one in tables for event in one.schedule.on if (length := longest(event.phases)) is not None]
    kept = [one.number for one in tables if one.restarts or one.may_end or _some_endless(one)]
    days = max(lasting, default=0)
    stable = rows.next_since.isnull() | holds(rows.next_since.delta(rows.since, unit="day") >= days)
    over = rows.dose_high.notnull() & stable & (rows.earliest.delta(rows.since, unit="day") >= days)
    return over & ~rows.number.isin(kept) if kept else over & ibis.literal(True)


def _some_endless(one: Timetable) -> bool:
    return any(event.phases and longest(event.phases) is None for event in one.schedule.on)


# ------------------------------------------------------------------------------------------------------------- phases


def _laid(
    rows: Sequence[Row], origins: "ir.Table", phases: "ir.Table", dose_steps: "ir.Table", steps: "Steps"
) -> "ir.Table":
    """Every stretch, phase after phase."""

    waits = sorted({(row["until_months"], row["until_days"]) for row in rows if row["until_days"] is not None})
    doses = _Doses.of(waits, dose_steps, steps) if waits else None
    found: list[ir.Table] = []
    begun = origins.mutate(begin=origins.origin)
    for nth in range(max(row["nth"] for row in rows) + 1):
        mine = begun.inner_join(phases.filter(phases.nth == nth), ["number", "part"])
        waiting = any(row["until_days"] is not None for row in rows if row["nth"] == nth)
        laid = steps.add(f"clock_laid_{nth}", _ended(mine, doses if waiting else None, nth, steps))
        found.append(laid.drop("drug"))
        begun = laid.filter(laid.until < laid.again)
        begun = begun.select("person", "drug", "number", "part", "origin", "again", begin="until")
    return stacked(found)


def _ended(mine: "ir.Table", doses: "_Doses | None", nth: int, steps: "Steps") -> "ir.Table":
    """Stretches with the day on which they end (`engine.schedule`)."""
    import ibis

    first = added(mine.origin, mine.first_months, mine.first_days)
    mine = mine.mutate(
        asks=mine.every | (mine.at & holds(first <= mine.again)),
        stops=~(mine.every | mine.at),
        until=ibis.coalesce(added(mine.begin, mine.for_months, mine.for_days), literal_day(FAR)),
    )
    if doses is not None:
        mine = doses.until_stable(mine, nth, steps)
    return mine.select(*_LAID, "drug")


@dataclass(frozen=True)
class _Doses:
    """Steps of dose, to tell from when a dose has been the same for some time (`engine.schedule.stable_from`)."""

    waits: Sequence[tuple[int, int]]
    """For how long, in months and days."""
    lasting: "ir.Table"
    """Steps of a known dose that last at least as long as the shortest of these times."""
    first: "ir.Table"
    """(person, drug, first_since, lasting_0 ...): when the first step began, and the first that lasts for each time."""

    @classmethod
    def of(cls, waits: Sequence[tuple[int, int]], dose_steps: "ir.Table", steps: "Steps") -> "_Doses":
        next_ = dose_steps.next_since
        shortest = min(28 * months + days for months, days in waits)
        long = next_.isnull() | holds(next_.delta(dose_steps.since, unit="day") >= shortest)
        lasting = dose_steps.filter(dose_steps.dose_high.notnull() & long)
        firsts = {
            f"lasting_{nth}": dose_steps.since.min(where=_lasts(dose_steps, *wait)) for nth, wait in enumerate(waits)
        }
        first = dose_steps.group_by("person", "drug").aggregate(first_since=dose_steps.since.min(), **firsts)
        return cls(
            waits,
            steps.add("lasting_doses", lasting.select("person", "drug", "since", "next_since")),
            steps.add("first_doses", first),
        )

    def until_stable(self, mine: "ir.Table", nth: int, steps: "Steps") -> "ir.Table":
        """Stretches that wait for a stable dose get their end; never, where a dose is not known. A course laid out from
        before its first step waits for the first that lasts: the others are looked at step by step."""
        import ibis

        waiting, far = mine.until_days.notnull(), literal_day(FAR)
        mine = mine.left_join(self.first, ["person", "drug"], rname="{name}__first")
        from_first = holds(mine.begin <= mine.first_since)
        awaited = steps.add(f"doses_awaited_{nth}", self._awaited(mine.filter(waiting & ~from_first)))
        mine = mine.left_join(awaited, ["person", "number", "part", "origin"], rname="{name}__awaited")
        at_first = ibis.coalesce(added(self._first_lasting(mine), mine.until_months, mine.until_days), far)
        ends = ibis.cases(
            (mine.until_days.isnull(), mine.until),
            (holds(mine.begin <= mine.first_since), at_first),
            else_=ibis.coalesce(mine.stable, far),
        )
        return mine.mutate(until=ends)

    def _first_lasting(self, mine: "ir.Table") -> "ir.DateValue":
        import ibis

        lengths = enumerate(self.waits)
        cases = [
            ((mine.until_months == months) & (mine.until_days == days), mine[f"lasting_{nth}"])
            for nth, (months, days) in lengths
        ]
        return ibis.cases(*cases, else_=ibis.null("date"))

    def _awaited(self, waiting: "ir.Table") -> "ir.Table":
        """(person, number, part, origin, stable): the first day on which the dose has been the same for long enough."""
        import ibis

        whose = waiting.select("person", "drug", "number", "part", "origin", "begin", "until_months", "until_days")
        rows = whose.inner_join(self.lasting, ["person", "drug"])
        since = ibis.cases((rows.since > rows.begin, rows.since), else_=rows.begin)
        stable = added(since, rows.until_months, rows.until_days)
        rows = rows.mutate(stable=stable).filter(rows.next_since.isnull() | (rows.next_since >= stable))
        return rows.group_by("person", "number", "part", "origin").aggregate(stable=rows.stable.min())


def _lasts(steps: "ir.Table", months: int, days: int) -> "ir.BooleanValue":

    ends = added(steps.since, whole(months), whole(days))
    return steps.dose_high.notnull() & (steps.next_since.isnull() | holds(steps.next_since >= ends))


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
    grace = ibis.cases((gap >= 2 * GRACE_PARTS, (gap // GRACE_PARTS).cast(WHOLE)), else_=whole(1))
    return rows.select(
        "person",
        "number",
        "start",
        "begin",
        "until",
        "due",
        *(name for name in rows.columns if name.startswith("last_")),
        late=added(rows.due, whole(0), grace),
        answered=_half_way(rows.before, rows.due),
        after=ibis.cases(
            (rows.place == 0, ibis.null("date")), else_=latest([_half_way(rows.before_that, rows.before), beginning])
        ),
    )


def _half_way(before: "ir.DateValue", day: "ir.DateValue") -> "ir.DateValue":
    return earlier(day, (day.delta(before, unit="day") // 2).cast(WHOLE))


def _ends(context: Context, tables: Sequence[Timetable], laid: "ir.Table") -> "ir.Table":
    """Schedules that came to an end: what they asked for before is no longer wanted (`engine.schedule.next_wanted`)."""

    on = literal_day(context.on)
    rows = laid.filter(laid.number.isin([one.number for one in tables if one.may_end]) & (laid.begin <= on))
    now = rows.until > on
    grouped = rows.group_by("person", "number").aggregate(
        ended=rows.begin.max(where=rows.stops),
        stops_now=(now & rows.stops).any(),
        asks_now=(now & rows.asks).any(),
    )
    return grouped.select("person", "number", "ended", over=grouped.stops_now & ~grouped.asks_now)
