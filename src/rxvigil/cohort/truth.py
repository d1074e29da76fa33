"""Yes, no, cannot say as columns of small whole numbers: no 0 < unknown 1 < yes 2, as in `engine.kleene`, so that `and`
is the least, `or` the greatest and `not` the mirror image. A truth column is never null."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.knowledge.expression import Operator

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Truth: TypeAlias = ir.IntegerValue
    """A column of 0, 1 and 2."""


def always(truth: int) -> "Truth":
    """The same truth for everybody."""
    import ibis

    return ibis.literal(truth, type="int8")


def both(parts: "Iterable[Truth]") -> "Truth":
    """Kleene `and`."""
    import ibis

    found = list(parts)
    return ibis.least(*found) if len(found) > 1 else found[0]


def either(parts: "Iterable[Truth]") -> "Truth":
    """Kleene `or`."""
    import ibis

    found = list(parts)
    return ibis.greatest(*found) if len(found) > 1 else found[0]


def opposite(truth: "Truth") -> "Truth":
    """Kleene `not`."""
    return (always(YES) - truth).cast("int8")


def decide(certainly: "ir.BooleanValue", certainly_not: "ir.BooleanValue") -> "Truth":
    """Yes where the first holds, else no where the second does, else unknown. A null holds not."""
    import ibis

    return ibis.cases((certainly, always(YES)), (certainly_not, always(NO)), else_=always(UNKNOWN))


def holds(flag: "ir.BooleanValue") -> "ir.BooleanValue":
    """A flag of which null means that it does not hold."""
    import ibis

    return ibis.coalesce(flag, ibis.literal(False))


def yes_or_no(holds: "ir.BooleanValue") -> "Truth":
    """Yes where it holds; no where it does not, or is null."""
    import ibis

    return ibis.cases((holds, always(YES)), else_=always(NO))


def yes_or_open(holds: "ir.BooleanValue", left_open: "ir.BooleanValue") -> "Truth":
    """Yes where it holds; unknown where it is left open; otherwise no."""
    import ibis

    return ibis.cases((holds, always(YES)), (left_open, always(UNKNOWN)), else_=always(NO))


def compare(
    low: "ir.FloatingValue", high: "ir.FloatingValue", operator: Operator, limit: "ir.Value | float"
) -> "Truth":
    """Whether every value from low to high (closed) satisfies the comparison, none does, or some do
    (`engine.numbers.compare`)."""
    return decide(*certainties(low, high, operator, limit))


def certainties(
    low: "ir.FloatingValue", high: "ir.FloatingValue", operator: Operator, limit: "ir.Value | float"
) -> "tuple[ir.BooleanValue, ir.BooleanValue]":
    """Whether every value from low to high (closed) satisfies the comparison, and whether none does."""
    match operator:
        case "<":
            return high < limit, low >= limit
        case "<=":
            return high <= limit, low > limit
        case ">":
            return low > limit, high <= limit
        case ">=":
            return low >= limit, high < limit
        case "=":
            return (low == limit) & (high == limit), (low > limit) | (high < limit)


def as_number(flag: "ir.BooleanValue") -> "ir.IntegerValue":
    """A flag as 1 or 0, null as 0. PostgreSQL does not cast a boolean to so small a whole number."""
    import ibis

    one, nought = ibis.literal(1, type="int8"), ibis.literal(0, type="int8")
    return ibis.cases((flag, one), else_=nought)
