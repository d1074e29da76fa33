"""Flags gathered as bits of whole numbers: all three databases have the aggregates, ibis has them not for Spark."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir


def any_bit(number: "ir.IntegerValue") -> "ir.IntegerValue":
    """The bits that are set in any row of a group. A null sets none; null where every row is."""
    found: ir.IntegerValue = _aggregate("bit_or")(number.cast("int64"))
    return found


def every_bit(number: "ir.IntegerValue") -> "ir.IntegerValue":
    """The bits that are set in every row of a group that is not null; null where every row is."""
    found: ir.IntegerValue = _aggregate("bit_and")(number.cast("int64"))
    return found


@cache
def _aggregate(name: str) -> Any:
    """An aggregate that every database has under this name."""
    import ibis

    def of_bits(number: Any) -> Any:
        """Worked out by the database."""

    return ibis.udf.agg.builtin(of_bits, name=name, signature=(("int64",), "int64"))
