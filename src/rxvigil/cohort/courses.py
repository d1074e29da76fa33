"""From prescriptions to courses, for a whole population: `engine.courses` as relations.

A course is one person's use of one drug as of the date: whether it is taken, since when, and when it stopped. Earlier
prescriptions join on to the current ones without a gap of 90 days, the latest to end first; so the first that does not
join ends it, and a running least start tells which that is.
"""

from typing import TYPE_CHECKING, Final

import rxvigil.engine.courses as of_one
from rxvigil.cohort.calendar import after, literal_day
from rxvigil.cohort.part import Context
from rxvigil.cohort.truth import always, holds
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

GAP: Final = Duration(of_one.GAP.days, "day")


def judged(context: Context, drugs: frozenset[str]) -> "ir.Table":
    """Prescriptions of these drugs, each with whether it has begun, whether it is still taken, and its last day."""
    import ibis

    rows, on = context.facts.prescriptions, literal_day(context.on)
    rows = rows.filter(rows.drug.isin(sorted(drugs))).select(
        "person", "drug", "seq", "id", "status", "product", "dose_low", "dose_high",
        start=rows.start_first, start_last=rows.start_last, end=rows.end_last, supply=rows.supply_until_last,
    )  # fmt: skip
    begun = (rows.status != "planned") & (rows.start.isnull() | holds(rows.start <= on))
    rows = rows.mutate(begun=begun, taken=ibis.cases((begun, _still_taken(rows, on)), else_=always(NO)))
    return rows.mutate(ends=_ends(rows, on))


def _still_taken(rows: "ir.Table", on: "ir.DateValue") -> "Truth":
    """`engine.courses._still_taken`."""
    import ibis

    no_end = rows.end.isnull()
    ran_out = holds(after(GAP, rows.supply) < on) & no_end
    return ibis.cases(
        (holds(rows.end < on) | ((rows.status == "ended") & no_end), always(NO)),
        ((rows.status == "unknown") | ran_out, always(UNKNOWN)),
        else_=always(YES),
    )


def _ends(rows: "ir.Table", on: "ir.DateValue") -> "ir.DateValue":
    """Last day that a prescription covers, for joining courses (`engine.courses._ends`)."""
    import ibis

    return ibis.cases(
        (rows.end.notnull(), ibis.least(rows.end, on)),
        (rows.status == "ended", ibis.coalesce(rows.supply, rows.start_last, on)),
        else_=on,
    )


def joined_on(rows: "ir.Table") -> "ir.Table":
    """The prescriptions of each course: `current` ones, and `included` earlier ones that join on to them."""
    import ibis

    course = [rows.person, rows.drug]
    rows = rows.filter(rows.begun)
    rows = rows.mutate(active=rows.taken.max().over(group_by=course))
    rows = rows.mutate(current=(rows.taken == rows.active) & (rows.active != NO))
    order = [ibis.ifelse(rows.current, 0, 1), rows.ends.desc(), rows.seq]
    before = ibis.window(group_by=[rows.person, rows.drug], order_by=order, preceding=(None, 1))
    up_to = ibis.window(group_by=[rows.person, rows.drug], order_by=order, preceding=(None, 0))
    undated = ibis.ifelse(rows.start.isnull(), 1, 0)
    rows = rows.mutate(reach=rows.start.min().over(before), undated_before=ibis.coalesce(undated.sum().over(before), 0))
    apart = (rows.undated_before == 0) & holds(after(GAP, rows.ends) < rows.reach) & ~rows.current
    rows = rows.mutate(apart=ibis.ifelse(apart, 1, 0))
    rows = rows.mutate(breaks=rows.apart.sum().over(up_to))
    return rows.mutate(included=(rows.active != NO) & (rows.breaks == 0)).drop("apart", "breaks")


def summed_up(rows: "ir.Table", joined: "ir.Table") -> "ir.Table":
    """(person, drug, active, start, stopped, has_past, has_current, planned, products): one row for each course, and
    for a drug that is only planned. `start` is null where one of the prescriptions does not say when it began."""
    import ibis

    every = rows.group_by("person", "drug").aggregate(planned=(~rows.begun).any())
    included = joined.included
    ended = ibis.coalesce(joined.end, joined.supply)
    begun = joined.group_by("person", "drug").aggregate(
        active=joined.taken.max(),
        first=joined.start.min(where=included),
        undated=ibis.ifelse(included & joined.start.isnull(), 1, 0).sum(),
        currents=ibis.ifelse(joined.current, 1, 0).sum(),
        all=joined.count(),
        products=joined["product"].nunique(where=joined.current),
        last=ended.max(),
        vague_last=joined.start_last.max(where=ended.isnull()),
        vague_undated=ibis.ifelse(ended.isnull() & joined.start.isnull(), 1, 0).sum(),
    )
    found = every.left_join(begun, ["person", "drug"], rname="{name}__begun")
    known = holds(found.undated == 0) & holds(found.active != NO)
    clear = holds(found.vague_undated == 0) & ~holds(found.vague_last > found["last"])
    none = ibis.null("date")
    return found.select(
        "person",
        "drug",
        active=ibis.coalesce(found.active, NO).cast("int8"),
        start=ibis.cases((known, found["first"]), else_=none),
        stopped=ibis.cases((holds(found.active == NO) & clear, found["last"]), else_=none),
        has_past=holds(found["all"] > found.currents),
        has_current=holds(found.currents > 0),
        planned="planned",
        products=ibis.coalesce(found.products, 0).cast("int64"),
    )
