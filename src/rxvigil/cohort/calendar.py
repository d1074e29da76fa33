"""Lengths of time after or before a column of days, as `facts.Duration` counts them for one day."""

from datetime import date
from typing import TYPE_CHECKING

from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir


def literal_day(day: date) -> "ir.DateScalar":
    """A day as a value of a query."""
    import ibis

    return ibis.literal(day, type="date")


def after(length: Duration, day: "ir.DateValue") -> "ir.DateValue":
    """The day this long after; a month ends on its last day where the day does not exist."""
    return day_of(day + _interval(length))


def before(length: Duration, day: "ir.DateValue") -> "ir.DateValue":
    """The day this long before."""
    return day_of(day - _interval(length))


def added(day: "ir.DateValue", months: "ir.IntegerValue", days: "ir.IntegerValue") -> "ir.DateValue":
    """The day so many months, and then so many days, later; null where the length is."""
    return day_of(day + months.as_interval("M") + days.as_interval("D"))


def earlier(day: "ir.DateValue", days: "ir.IntegerValue") -> "ir.DateValue":
    """The day so many days before."""
    return day_of(day - days.as_interval("D"))


def day_of(moment: "ir.Value") -> "ir.DateValue":
    """A day with an interval added is a day to ibis, which leaves a cast to one out; to DuckDB and PostgreSQL it is a
    moment, and would stand as one in what is told. A cast by way of the moment is kept."""
    day: ir.DateValue = moment.cast("timestamp").cast("date")
    return day


def _interval(length: Duration) -> "ir.IntervalScalar":
    import ibis

    match length.unit:
        case "day":
            return ibis.interval(days=length.count)
        case "week":
            return ibis.interval(days=7 * length.count)
        case "month":
            return ibis.interval(months=length.count)
    return ibis.interval(months=12 * length.count)
