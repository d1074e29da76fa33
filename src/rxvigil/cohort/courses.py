"""From prescriptions to courses, for a whole population: `engine.courses` as relations.

A course is one person's use of one drug as of the date: whether it is taken, since when, and when it stopped. Earlier
prescriptions join on to the current ones without a gap of 90 days.

Where every prescription says when it began, and ends no earlier, the course is what remains after the last gap: those
before it all end too early to reach one after it, and each that begins after it is reached (`chains`). Others are
joined as the evaluator of one patient does it, the latest to end first (`joined_on`): the first that does not join
ends it, and a running least start tells which that is.
"""

from datetime import date
from typing import TYPE_CHECKING, Final

import rxvigil.engine.courses as of_one
from rxvigil.cohort.calendar import after, literal_day
from rxvigil.cohort.newest import where
from rxvigil.cohort.part import Context
from rxvigil.cohort.truth import always, as_number, holds
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

GAP: Final = Duration(of_one.GAP.days, "day")
TELLING: Final = ("person", "drug", "status", "product", "dose_low", "dose_high", "start", "end")
"""What tells the dose on a day."""


def judged(context: Context, drugs: frozenset[str]) -> "ir.Table":
    """Prescriptions of these drugs, each with whether it has begun, whether it is still taken, and its last day."""
    import ibis

    rows, on = context.facts.prescriptions, literal_day(context.on)
    rows = rows.filter(rows.drug.isin(sorted(drugs))).select(
        "person", "drug", "seq", "status", "product", "dose_low", "dose_high",
        start=rows.start_first, start_last=rows.start_last, end=rows.end_last, supply=rows.supply_until_last,
    )  # fmt: skip
    begun = (rows.status != "planned") & (rows.start.isnull() | holds(rows.start <= on))
    rows = rows.mutate(begun=begun, taken=ibis.cases((begun, _still_taken(rows, context.on)), else_=always(NO)))
    return rows.mutate(ends=_ends(rows, on))


def _still_taken(rows: "ir.Table", on: date) -> "Truth":
    """`engine.courses._still_taken`."""
    import ibis

    no_end = rows.end.isnull()
    ran_out = holds(rows.supply < literal_day(on - of_one.GAP)) & no_end
    return ibis.cases(
        (holds(rows.end < literal_day(on)) | ((rows.status == "ended") & no_end), always(NO)),
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


def summed_up(rows: "ir.Table") -> "ir.Table":
    """One row for each drug with a prescription, from those in order (`chains.in_order`): (person, drug, active, first,
    opens, astray, chained, stopped, has_past, has_current, planned, products). `opens`: the day after the last gap on
    which a prescription began, null where there is no gap. `chained`: each prescription gives the dose of the day it
    begins. `products`: how many different ones are certainly taken."""
    import ibis

    begun = rows.begun
    ended = ibis.coalesce(rows.end, rows.supply)
    vague = begun & ended.isnull()
    found = rows.group_by("person", "drug").aggregate(
        planned=as_number(~begun).max(),
        active=rows.taken.max(),
        least=where(begun, rows.taken).min(),
        first=where(begun, rows.start).min(),
        opens=where(rows.apart == 1, rows.start).max(),
        astray=rows.astray.max(),
        odd=rows.odd.max(),
        beside=rows.beside.max(),
        no_dose=as_number(begun & rows.dose_high.isnull()).max(),
        product=where(begun, rows["product"]).min(),
        product_most=where(begun, rows["product"]).max(),
        products=where(rows.taken == YES, rows["product"]).nunique(),
        last=where(begun, ended).max(),
        vague_last=where(vague, rows.start_last).max(),
        vague_undated=as_number(vague & rows.start.isnull()).max(),
    )
    alike = (found.no_dose == 0) & holds(found["product"] == found.product_most)
    clear = (found.vague_undated == 0) & ~holds(found.vague_last > found["last"])
    stopped = (found.active == NO) & clear
    return found.select(
        "person", "drug", "active", "first", "opens",
        astray=found.astray == 1,
        chained=(found.astray == 0) & (found.odd == 0) & ((found.beside == 0) | alike),
        stopped=where(stopped, found["last"]),
        has_past=found.least.notnull() & ((found.active == NO) | holds(found.least < found.active)),
        has_current=found.active != NO,
        planned=found.planned == 1,
        products=found.products.cast("int64"),
    )  # fmt: skip


def included(rows: "ir.Table", sums: "ir.Table") -> "ir.Table":
    """The prescriptions of these courses, of which order tells the extent: those since the last gap."""
    courses = sums.filter(sums.active != NO).select("person", "drug", "opens")
    joined = rows.filter(rows.begun).inner_join(courses, ["person", "drug"])
    return joined.filter(joined.opens.isnull() | (joined.start >= joined.opens)).select(*TELLING)


def with_start(sums: "ir.Table", joined: "ir.Table") -> "ir.Table":
    """The courses with `start`, null where one of the prescriptions does not say when it began. `joined`: the
    prescriptions of those of which order tells nothing (`joined_on`)."""
    import ibis

    kept = joined.filter(joined.included)
    began, undated = kept.start.min(), as_number(kept.start.isnull()).max()
    apart = kept.group_by("person", "drug").aggregate(began=began, undated=undated)
    found = sums.left_join(apart, ["person", "drug"], rname="{name}__apart")
    in_order = where(found.active != NO, ibis.coalesce(found.opens, found["first"]))
    return found.select(
        *(name for name in sums.columns if name not in ("first", "opens", "astray")),
        start=ibis.ifelse(found.astray, where(holds(found.undated == 0), found.began), in_order),
    )


def joined_on(rows: "ir.Table") -> "ir.Table":
    """The prescriptions of each course, with which of them are `included`: the current ones, and earlier ones that join
    on to them."""
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
    return rows.select(*TELLING, included=(rows.active != NO) & (rows.breaks == 0))
