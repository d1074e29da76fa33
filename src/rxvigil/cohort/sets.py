"""Numbers gathered for each person or group. Many people have the same few sets of them: what a set means is worked out
once for each that there is."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def gathered(numbers: "ir.IntegerColumn") -> "ir.ArrayScalar":
    """The distinct numbers of a group, the smallest first; null of nothing."""
    return numbers.collect(distinct=True).sort()


def members(rows: "ir.Table", column: str) -> "ir.Table":
    """(column, member): of every different set in a column its members, one a row."""
    different = rows.select(column).distinct()
    different = different.filter(different[column].notnull())
    return different.select(column, member=different[column].unnest())
