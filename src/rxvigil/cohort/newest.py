"""The newest result of each analyte of each person, and what it shows: `engine.state` as relations.

Several results may be the newest: those of one moment, and bare days beside others of that day. Each is compared by
itself; kept of them is whether any or every one of them satisfies a comparison.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.bits import any_bit, every_bit
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context
from rxvigil.cohort.truth import as_number, holds

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.comparing import Comparisons
    from rxvigil.cohort.steps import Steps

_UNDETECTABLE: Final = "undetectable"
KEY: Final = ("person", "analyte")


def counted(context: Context, analytes: frozenset[str]) -> "ir.Table":
    """Results of these analytes that count on the date: one that may lie after it does not (`engine.series`)."""
    import ibis

    rows, on = context.facts.results, literal_day(context.on)
    vague = rows.when_precision.isin(("year", "month"))
    rows = rows.filter(rows.analyte.isin(sorted(analytes)), (rows.when_last <= on) | ((rows.when_first <= on) & vague))
    nothing = (rows.category == _UNDETECTABLE) & rows.value.isnull()
    zero = ibis.literal(0.0)
    return rows.select(
        "person",
        "analyte",
        "id",
        "value",
        "category",
        day=rows.when_first,
        day_last=rows.when_last,
        moment=rows.when_instant,
        low=ibis.cases((nothing, zero), else_=rows.low),
        high=ibis.cases((nothing, zero), else_=rows.high),
        plain=ibis.cases((rows.value.notnull() & (rows.comparator == ""), 1), else_=0).cast("int8"),
        lower=rows.reference_low,
        upper=rows.reference_high,
        preliminary=as_number(rows.preliminary),
    )


def newest(rows: "ir.Table", comparisons: "Comparisons", steps: "Steps") -> "ir.Table":
    """(person, analyte, day, day_last, moment, results, plain, value_min, value_max, preliminary, and of each column of
    the comparisons what holds of any result and of all): one row for each analyte of each person. `moment`: instant
    before which a result of that day is certainly older; `results`, `plain`: how many may be the newest, and how many
    of them are exact."""
    import ibis

    days = rows.group_by(KEY).aggregate(day=rows.day.max())
    last = rows.inner_join(days, [*KEY, "day"])
    kept = (*KEY, "day", "day_last", "moment", "value", "plain", "preliminary")
    last = steps.add("results_of_last_day", last.select(*kept, **comparisons.columns(last)))
    whole = steps.add("newest_by_day", _gathered(last, comparisons))
    one_moment = ~holds(whole.first_moment < whole.moment)
    several = whole.filter(~one_moment).select(*KEY, last_moment="moment")
    later = last.inner_join(several, KEY)
    later = later.filter(later.moment.isnull() | (later.moment == later.last_moment))
    found = ibis.union(whole.filter(one_moment), _gathered(later, comparisons))
    return steps.add("newest", found.drop("first_moment"))


def _gathered(rows: "ir.Table", comparisons: "Comparisons") -> "ir.Table":
    """The newest results of each person and analyte as one row. A result with a time tells whether the newest is
    preliminary; where none has one, any does."""
    import ibis

    timed = where(rows.moment.notnull(), rows.preliminary)
    return rows.group_by(KEY).aggregate(
        day=rows.day.max(),
        day_last=rows.day_last.max(),
        moment=rows.moment.max(),
        first_moment=rows.moment.min(),
        results=rows.count(),
        plain=rows.plain.sum(),
        value_min=rows.value.min(),
        value_max=rows.value.max(),
        preliminary=ibis.coalesce(timed.min(), rows.preliminary.min()),
        **{f"{name}_any": any_bit(rows[name]) for name in comparisons.names},
        **{f"{name}_all": every_bit(rows[name]) for name in comparisons.names},
    )


def max_by(value: "ir.Value", order: "ir.Value", count: int) -> "ir.ArrayValue":
    """The values of the rows that are greatest in `order`, greatest first: an aggregate that only DuckDB has."""
    import ibis
    from ibis.expr import datatypes as dt

    def greatest_by(value: "ir.Value", order: "ir.Value", count: int) -> "ir.ArrayValue": ...

    signature = ((value.type(), order.type(), dt.int64), dt.Array(value.type()))
    return ibis.udf.agg.builtin(greatest_by, name="max_by", signature=signature)(value, order, count)


def unread(context: Context, analytes: frozenset[str]) -> "ir.Table":
    """(person, analyte, undated, until, reaches): what could not be read and may be a result of the analyte. `until`:
    last day of what lies up to the date; `reaches`: the same of what may lie up to it."""
    doubts, on = context.facts.doubts, literal_day(context.on)
    rows = doubts.filter(doubts.key.isin(sorted(analytes)))
    return rows.group_by("person", analyte=rows.key).aggregate(
        undated=as_number(rows.when_first.isnull()).max(),
        until=where(rows.when_last <= on, rows.when_last).max(),
        reaches=where(rows.when_first <= on, rows.when_last).max(),
    )


def where(holds: "ir.BooleanValue", value: "ir.Value") -> "ir.Value":
    """The value where something holds, else null: quicker inside an aggregate than a filter of it."""
    import ibis

    return ibis.ifelse(holds, value, ibis.null(value.type()))


def side_by_side(people: "ir.Table", relations: "Iterable[ir.Table | None]") -> "ir.Table":
    """Everybody, with the columns of relations that have at most one row for each person; null where there is none."""
    there = [one for one in relations if one is not None]
    joined = people
    for number, one in enumerate(there):
        joined = joined.left_join(one, joined.person == one.person, rname=f"{{name}}__{number}")
    own = [name for one in there for name in one.columns if name != "person"]
    return joined.select(*people.columns, *own)
