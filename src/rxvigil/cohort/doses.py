"""What dose is taken on a day, and the days on which it changed: `engine.courses._dose` and `_steps` as relations."""

from typing import TYPE_CHECKING

from rxvigil.cohort.calendar import after, literal_day
from rxvigil.cohort.newest import where
from rxvigil.cohort.part import Context
from rxvigil.cohort.truth import as_number, holds
from rxvigil.engine.courses import DOSE_DIGITS
from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

KEY = ("person", "drug", "day")


def doses(covering: "ir.Table") -> "ir.Table":
    """(person, drug, day, dose_low, dose_high): the dose of the prescriptions that cover a day; null where it is not
    known."""
    import ibis

    firm = (covering.status != "ended") | covering.end.notnull()
    rows = covering.mutate(firm=ibis.ifelse(firm, 1, 0))
    group = [rows[name] for name in KEY]
    rows = rows.mutate(firmest=rows.firm.max().over(group_by=group))
    rows = rows.filter(rows.firm == rows.firmest)
    rows = rows.mutate(latest=rows.start.max().over(group_by=[rows[name] for name in KEY]))
    newest = holds(rows.start == rows.latest)
    rows = rows.mutate(newest=as_number(newest), undated=as_number(rows.start.isnull()))
    rows = rows.filter((rows.firm == 1) | (rows.newest == 1) | rows.latest.isnull())
    return _summed(_units(rows))


def _units(rows: "ir.Table") -> "ir.Table":
    """The prescriptions that count, by unit: those that began last are one, and the newest of every other product. One
    without a start counts whatever its product."""
    import ibis

    by_product = [*(rows[name] for name in KEY), rows["product"]]
    rows = rows.mutate(
        of_newest=rows.newest.max().over(group_by=by_product), of_product=rows.start.max().over(group_by=by_product)
    )
    older = (rows["product"] != "") & (rows.of_newest == 0) & holds(rows.start == rows.of_product)
    rows = rows.filter((rows.newest == 1) | older | (rows.undated == 1))
    return rows.mutate(unit=ibis.cases((rows.of_newest == 1, ibis.literal("")), else_=rows["product"]))


def _summed(rows: "ir.Table") -> "ir.Table":
    """The same order sent, supplied and reported is one. A unit of which no dose is known leaves the whole unknown;
    beside one without a start every unknown dose does, and the least may be what it gives alone."""
    import ibis

    orders = rows.group_by(*KEY, "unit", "product", "dose_low", "dose_high").aggregate(
        newest=rows.newest.max(), undated=rows.undated.max()
    )
    units = orders.group_by(*KEY, "unit").aggregate(
        low=where(orders.newest == 1, orders.dose_low).sum(),
        alone=where(orders.undated == 1, orders.dose_low).min(),
        high=orders.dose_high.sum(),
        gaps=as_number(orders.dose_high.isnull()).max(),
        undated=orders.undated.max(),
    )
    found = units.group_by(*KEY).aggregate(
        low=units.low.sum(),
        alone=units.alone.min(),
        high=units.high.sum(),
        gaps=units.gaps.max(),
        unknown=as_number(units.high.isnull()).max(),
        undated=units.undated.max(),
    )
    known = ibis.ifelse(found.undated == 1, found.gaps == 0, found.unknown == 0)
    least = ibis.least(ibis.coalesce(found.low, found.alone), ibis.coalesce(found.alone, found.low))
    none = ibis.null("float64")
    return rounded(
        found.select(
            *KEY, dose_low=ibis.cases((known, least), else_=none), dose_high=ibis.cases((known, found.high), else_=none)
        )
    )


def rounded(rows: "ir.Table") -> "ir.Table":
    """Doses as they are compared (`engine.courses`)."""
    return rows.mutate(dose_low=rows.dose_low.round(DOSE_DIGITS), dose_high=rows.dose_high.round(DOSE_DIGITS))


def at_present(context: Context, course: "ir.Table") -> "ir.Table":
    """The prescriptions of courses that cover the date."""
    rows = course.mutate(day=literal_day(context.on))
    return rows.filter(_covers(rows))


def _covers(rows: "ir.Table") -> "ir.BooleanValue":
    begun = rows.start.isnull() | holds(rows.start <= rows.day)
    return begun & (rows.end.isnull() | holds(rows.end >= rows.day))


def changes(context: Context, course: "ir.Table", starts: "ir.Table") -> "ir.Table":
    """The prescriptions that cover each day on which one began, or the day after one ended, in courses of which the
    start is known."""
    import ibis

    known = course.semi_join(starts, ["person", "drug"])
    ended = known.filter(known.end.notnull() & (known.end < literal_day(context.on)))
    days = ibis.union(
        known.filter(known.start.notnull()).select("person", "drug", day="start"),
        ended.select("person", "drug", day=after(Duration(1, "day"), ended.end)),
        distinct=True,
    )
    rows = known.inner_join(days, ["person", "drug"])
    return rows.filter(_covers(rows))


def steps(found: "ir.Table") -> "ir.Table":
    """(person, drug, since, next_since, dose_low, dose_high, begins, high_before): equal doses one after the other are
    one step, an unknown one is always a step of its own. `begins`: it is the first; `high_before`: the most of the one
    before."""
    import ibis

    course = {"group_by": [found.person, found.drug], "order_by": [found.day]}
    rows = found.mutate(
        low_before=found.dose_low.lag().over(**course),
        high_before=found.dose_high.lag().over(**course),
        nth=ibis.row_number().over(**course),
    )
    same = holds(rows.dose_low == rows.low_before) & holds(rows.dose_high == rows.high_before)
    rows = rows.filter((rows.nth == 0) | ~same)
    following = rows.day.lead().over(group_by=[rows.person, rows.drug], order_by=[rows.day])
    return rows.select(
        "person", "drug", "dose_low", "dose_high", "high_before",
        begins=rows.nth == 0, since="day", next_since=following,
    )  # fmt: skip
