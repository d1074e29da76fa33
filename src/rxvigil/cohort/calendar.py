"""Lengths of time after or before a column of days, as `facts.Duration` counts them for one day."""

from datetime import date
from typing import TYPE_CHECKING, cast

from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir


def literal_day(day: date) -> "ir.DateScalar":
    """A day as a value of a query."""
    import ibis

    return ibis.literal(day, type="date")


def after(length: Duration, day: "ir.DateValue") -> "ir.DateValue":
    """The day this long after; a month ends on its last day where the day does not exist."""
    return cast("ir.DateValue", (day + _interval(length)).cast("date"))


def before(length: Duration, day: "ir.DateValue") -> "ir.DateValue":
    """The day this long before."""
    return cast("ir.DateValue", (day - _interval(length)).cast("date"))


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
