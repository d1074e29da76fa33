"""The newest result of each analyte of each person, and whether it may reassure: `engine.state` as relations.

Several results may be the newest: those of one moment, and bare days beside others of that day. Their extremes are kept
side by side, so that a comparison can ask whether any or all of them satisfy it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.truth import as_number

if TYPE_CHECKING:
    import ibis.expr.types as ir

NUMBERS: Final = (
    "results", "numbers", "measured", "plain", "low_min", "low_max", "high_min", "high_max", "value_min", "value_max",
    "upper", "upper_other", "uppers", "lower", "lower_other", "lowers", "categories", "category_min", "category_max",
    "preliminary",
)  # fmt: skip
"""What is kept of the group of newest results: how many there are, with a number, with an interval ('undetectable'
counts as nought), exact; extremes of intervals and values; the laboratory's own limits; categories; 1 where the newest
is preliminary."""
ALL: Final = ("day", "day_last", *NUMBERS)
_UNDETECTABLE: Final = "undetectable"


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


def newest(rows: "ir.Table", fast: bool) -> "ir.Table":
    """(person, analyte, day, day_last, moment, NUMBERS...): one row for each analyte of each person. `moment`: instant
    before which a result of that day is certainly older."""
    return _fast(rows) if fast else _portable(rows)


def _portable(rows: "ir.Table") -> "ir.Table":
    group = [rows.person, rows.analyte]
    rows = rows.mutate(last_day=rows.day.max().over(group_by=group))
    rows = rows.filter(rows.day == rows.last_day)
    rows = rows.mutate(last_moment=rows.moment.max().over(group_by=[rows.person, rows.analyte]))
    rows = rows.filter(rows.moment.isnull() | rows.last_moment.isnull() | (rows.moment == rows.last_moment))
    stands = rows.last_moment.isnull() | rows.moment.notnull()
    return rows.group_by("person", "analyte").aggregate(
        day=rows.day.max(),
        day_last=rows.day_last.max(),
        moment=rows.moment.max(),
        results=rows.count(),
        numbers=rows.value.count(),
        measured=rows.low.count(),
        plain=rows.plain.sum(),
        low_min=rows.low.min(),
        low_max=rows.low.max(),
        high_min=rows.high.min(),
        high_max=rows.high.max(),
        value_min=rows.value.min(),
        value_max=rows.value.max(),
        upper=rows.upper.min(),
        upper_other=rows.upper.max(),
        uppers=rows.upper.count(),
        lower=rows.lower.min(),
        lower_other=rows.lower.max(),
        lowers=rows.lower.count(),
        categories=rows.category.count(),
        category_min=rows.category.min(),
        category_max=rows.category.max(),
        preliminary=rows.preliminary.min(where=stands),
    )


def _fast(rows: "ir.Table") -> "ir.Table":
    """One pass finds the last two results of every analyte. Where they are of different days, the last is alone the
    newest; only the others need windows."""
    import ibis

    kept = ("day", "day_last", "moment", "value", "category", "low", "high", "plain", "lower", "upper", "preliminary")
    last = max_by(ibis.struct({name: rows[name] for name in kept}), rows.day, 2)
    found = rows.group_by("person", "analyte").aggregate(last=last)
    first, second = found["last"][0], found["last"][1]
    alone = (found["last"].length() < 2) | (first["day"] != second["day"])
    several = found.filter(~alone).select("person", "analyte")
    return ibis.union(_alone(found.filter(alone)), _portable(rows.semi_join(several, ["person", "analyte"])))


def _alone(found: "ir.Table") -> "ir.Table":
    import ibis

    one = found["last"][0]

    def number(field: str) -> "ir.IntegerValue":
        return ibis.ifelse(one[field].notnull(), 1, 0).cast("int64")

    return found.select(
        "person",
        "analyte",
        day=one["day"],
        day_last=one["day_last"],
        moment=one["moment"],
        results=ibis.literal(1, type="int64"),
        numbers=number("value"),
        measured=number("low"),
        plain=one["plain"].cast("int64"),
        low_min=one["low"],
        low_max=one["low"],
        high_min=one["high"],
        high_max=one["high"],
        value_min=one["value"],
        value_max=one["value"],
        upper=one["upper"],
        upper_other=one["upper"],
        uppers=number("upper"),
        lower=one["lower"],
        lower_other=one["lower"],
        lowers=number("lower"),
        categories=number("category"),
        category_min=one["category"],
        category_max=one["category"],
        preliminary=one["preliminary"],
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
        until=rows.when_last.max(where=rows.when_last <= on),
        reaches=rows.when_last.max(where=rows.when_first <= on),
    )


def pivoted(tall: "ir.Table", columns: Mapping[str, Collection[str]], fast: bool) -> "ir.Table | None":
    """One row for each person: of every analyte the columns named for it, as `part.column` names them."""
    import ibis

    if not columns:
        return None
    tall = tall.filter(tall.analyte.isin(sorted(columns)))
    wanted = [(one, name) for one in sorted(columns) for name in columns[one]]
    if not fast:
        return tall.group_by("person").aggregate(
            **{column(one, name): where(tall.analyte == one, tall[name]).max() for one, name in wanted}
        )
    wholes = {
        column(one, "all"): ibis.struct({name: tall[name] for name in columns[one]}).arbitrary(
            where=tall.analyte == one
        )
        for one in sorted(columns)
    }
    wide = tall.group_by("person").aggregate(**wholes)
    return wide.select("person", **{column(one, name): wide[column(one, "all")][name] for one, name in wanted})


def at(row: "ir.Table", atom: Atom, name: str) -> "ir.Value":
    """A column of the analyte that an atom asks about."""
    return row[column(atom.subject, name)]


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
