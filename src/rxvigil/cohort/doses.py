"""What dose is taken on a day, and the days on which it changed: `engine.courses._dose` and `_steps` as relations."""

from typing import TYPE_CHECKING

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context
from rxvigil.cohort.truth import holds

if TYPE_CHECKING:
    import ibis.expr.types as ir

KEY = ("person", "drug", "day")


def doses(covering: "ir.Table") -> "ir.Table":
    """(person, drug, day, dose_low, dose_high, undated_beside): the dose of the prescriptions that cover a day; null
    where it is not known. `undated_beside`: an undated one is among several, which is left to the engine."""
    import ibis

    group = [covering[name] for name in KEY]
    firm = (covering.status != "ended") | covering.end.notnull()
    rows = covering.mutate(firm=ibis.ifelse(firm, 1, 0))
    rows = rows.mutate(firmest=rows.firm.max().over(group_by=[rows[name] for name in KEY]))
    rows = rows.filter(rows.firm == rows.firmest)
    rows = rows.mutate(latest=rows.start.max().over(group_by=[rows[name] for name in KEY]))
    newest = holds(rows.start == rows.latest) | rows.latest.isnull()
    rows = rows.filter((rows.firm == 1) | newest)
    rows = rows.mutate(newest=ibis.ifelse(newest, 1, 0))
    return _summed(_units(rows), group)


def _units(rows: "ir.Table") -> "ir.Table":
    """The prescriptions that count, by unit: those that began last are one, and the newest of every other product."""
    import ibis

    by_product = [*(rows[name] for name in KEY), rows["product"]]
    rows = rows.mutate(
        of_newest=rows.newest.max().over(group_by=by_product), of_product=rows.start.max().over(group_by=by_product)
    )
    older = (rows["product"] != "") & (rows.of_newest == 0) & holds(rows.start == rows.of_product)
    undated = rows.start.isnull()
    rows = rows.filter((rows.newest == 1) | older | undated)
    unit = ibis.cases((rows.newest == 1, ibis.literal("")), else_=rows["product"])
    return rows.mutate(unit=unit, undated=ibis.ifelse(undated, 1, 0))


def _summed(rows: "ir.Table", group: "list[ir.Value]") -> "ir.Table":
    """The same order sent, supplied and reported is one; a unit of which no dose is known leaves the whole unknown."""
    import ibis

    orders = rows.group_by(*KEY, "unit", "newest", "product", "dose_low", "dose_high").aggregate(
        undated=rows.undated.max(), rows=rows.count()
    )
    units = orders.group_by(*KEY, "unit", "newest").aggregate(
        low=orders.dose_low.sum(), high=orders.dose_high.sum(), undated=orders.undated.max(), rows=orders.rows.sum()
    )
    found = units.group_by(*KEY).aggregate(
        low=units.low.sum(where=units.newest == 1),
        high=units.high.sum(),
        unknown=ibis.ifelse(units.high.isnull(), 1, 0).sum(),
        undated=units.undated.max(),
        rows=units.rows.sum(),
    )
    none = ibis.null("float64")
    return found.select(
        *KEY,
        dose_low=ibis.cases((found.unknown == 0, found.low), else_=none),
        dose_high=ibis.cases((found.unknown == 0, found.high), else_=none),
        undated_beside=(found.undated == 1) & (found.rows > 1),
    )


def now(context: Context, course: "ir.Table") -> "ir.Table":
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
        ended.select("person", "drug", day=(ended.end + ibis.interval(days=1)).cast("date")),
        distinct=True,
    )
    rows = known.inner_join(days, ["person", "drug"])
    return rows.filter(_covers(rows))


def steps(found: "ir.Table") -> "ir.Table":
    """(person, drug, since, next_since, dose_low, dose_high): equal doses one after the other are one step, an unknown
    one is always a step of its own."""
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
    return rows.select("person", "drug", "dose_low", "dose_high", since="day", next_since=following)
