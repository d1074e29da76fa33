"""The prescriptions of each course in the order in which they begin.

Most lists are simple: every prescription says when it began, and ends no earlier. Then the course is what remains after
the last gap (`courses`), which one pass in that order shows. And where prescriptions follow one another, each gives the
dose of the day it begins, and nothing else changes the dose: no day by day reading of what covers what is needed
(`doses`).
"""

from datetime import date
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import after, literal_day
from rxvigil.cohort.part import Context
from rxvigil.cohort.truth import as_number, holds

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.facts import Duration

_FAR: Final = date(9999, 1, 1)


def in_order(context: Context, rows: "ir.Table", gap: "Duration") -> "ir.Table":
    """Prescriptions (`courses.judged`) with flags, 0 or 1, of how they stand to those of the course that began before.

    `apart`: the longest of them ended so long before that a course begins anew. `astray`: it does not say when it
    began, or ended before that: order tells nothing. `beside`: on its first day another is still taken. `odd`: more
    than it may change the dose, or it changes another one: it began on the day of another; it ended nobody knows when
    and stands beside another; or when it ends another goes on."""
    rows = _with_earlier(rows)
    weak = _weak(rows)
    beside = holds(rows.firm_until >= rows.start)
    goes_on = holds(rows.end < literal_day(context.on)) & holds(rows.until > rows.end)
    found = rows.mutate(
        apart=as_number(rows.begun & holds(after(gap, rows.reach) < rows.start)),
        astray=as_number(rows.begun & (rows.start.isnull() | (rows.ends < rows.start))),
        beside=as_number(rows.begun & beside),
        odd=as_number(rows.begun & (holds(rows.start == rows.previous) | (beside & weak) | goes_on)),
    )
    return found.drop("previous", "reach", "until", "firm_until")


def _weak(rows: "ir.Table") -> "ir.BooleanValue":
    """It ended, but nobody knows when: whatever else is taken goes before it."""
    return (rows.status == "ended") & rows.end.isnull()


def _with_earlier(rows: "ir.Table") -> "ir.Table":
    """With the last day that those which began before reach (`reach`), and up to which they may be taken: at all
    (`until`), and other than for want of their last day (`firm_until`)."""
    import ibis

    covers = ibis.coalesce(rows.end, literal_day(_FAR))
    rows = rows.mutate(covers=covers, firm_covers=ibis.ifelse(_weak(rows), ibis.null("date"), covers))
    before = ibis.window(
        group_by=[rows.person, rows.drug, rows.begun], order_by=[rows.start, rows.seq], preceding=(None, 1)
    )
    return rows.mutate(
        previous=rows.start.max().over(before),
        reach=rows.ends.max().over(before),
        until=rows.covers.max().over(before),
        firm_until=rows.firm_covers.max().over(before),
    ).drop("covers", "firm_covers")
