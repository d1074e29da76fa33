"""Comparisons of results in columns: several newest ones at once, categories, and one value with the one before."""

from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.newest import at
from rxvigil.cohort.truth import always, decide, holds
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.knowledge.expression import Operator

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

OWN: Final = {"xULN": "upper", "xLLN": "lower"}
"""Unit of a multiple -> the column of the laboratory's own limit."""
DIGITS: Final = 9
"""Digits after the point to which a multiple of a laboratory's limit, or a change, is rounded before it is compared:
the engine keeps ten significant ones, and no laboratory writes so many."""


def category(atom: Atom, row: "ir.Table") -> "Truth":
    """Whether the newest category is one of those wanted; those that differ are left to the engine."""
    import ibis

    category = at(row, atom, "category_min")
    wanted = category.isin(sorted(atom.wanted))
    return ibis.cases((category.isnull(), always(UNKNOWN)), (wanted, always(YES)), else_=always(NO))


def of_several(
    ends: "list[ir.Value]", operator: Operator, bound: "ir.Value | float", whole: "ir.BooleanValue", *, proof: bool
) -> "Truth":
    """A comparison of several newest results, given the least and greatest of their lower and of their upper ends: any
    of them may alarm, as a proof all must hold. `whole`: each of them can be compared."""
    low_min, low_max, high_min, high_max = ends
    match operator:
        case "<":
            any_holds, all_hold, any_fails, all_fail = (
                high_min < bound,
                high_max < bound,
                low_max >= bound,
                low_min >= bound,
            )
        case "<=":
            any_holds, all_hold, any_fails, all_fail = (
                high_min <= bound,
                high_max <= bound,
                low_max > bound,
                low_min > bound,
            )
        case ">":
            any_holds, all_hold, any_fails, all_fail = (
                low_max > bound,
                low_min > bound,
                high_min <= bound,
                high_max <= bound,
            )
        case ">=":
            any_holds, all_hold, any_fails, all_fail = (
                low_max >= bound,
                low_min >= bound,
                high_min < bound,
                high_max < bound,
            )
        case "=":
            any_holds = all_hold = (low_min == bound) & (high_max == bound)
            any_fails = all_fail = (low_min > bound) | (high_max < bound)
    return decide(all_hold & whole, any_fails) if proof else decide(any_holds, all_fail & whole)


def moved(earlier_: "ir.Value", later: "ir.Value", atom: Atom, each: float) -> "ir.BooleanValue":
    """Whether a step falls or rises by more than `each` percent (`ask_results._moved`)."""
    import ibis

    share = (later / ibis.ifelse(earlier_ > 0, earlier_, ibis.null("float64")) * 100).round(8)
    return holds(share < 100 - each if atom.measure == "falls" else share > 100 + each)
