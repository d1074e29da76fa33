"""Comparing what was measured with a limit, when either may be known only as a range.

"<0.1" is a range; so is "1 to 2 tablets". The answer is yes or no only if it is the same over the whole range.
"""

from typing import NamedTuple

from rxvigil.engine.kleene import NO, UNKNOWN, YES, Truth
from rxvigil.facts import Result
from rxvigil.knowledge.expression import Operator

INFINITE = float("inf")


class Range(NamedTuple):
    """Where a true value lies; an open end is not itself possible."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def times(self, factor: float) -> "Range":
        """The range in other units."""
        return Range(self.low * factor, self.high * factor, self.low_open, self.high_open)


def of_result(result: Result) -> Range | None:
    """The range a numeric result stands for; none for a category."""
    if result.value is None:
        return None
    match result.comparator:
        case "<":
            return Range(-INFINITE, result.value, True, True)
        case "<=":
            return Range(-INFINITE, result.value, True)
        case ">":
            return Range(result.value, INFINITE, True, True)
        case ">=":
            return Range(result.value, INFINITE, False, True)
        case _:
            return Range(result.value, result.value)


def compare(measured: Range, operator: Operator, limit: float) -> Truth:
    """Whether every value in the range satisfies the comparison (yes), none does (no), or some do (unknown)."""
    match operator:
        case "<":
            return _split(
                measured.high < limit or (measured.high_open and measured.high <= limit), measured.low >= limit
            )
        case "<=":
            return _split(measured.high <= limit, measured.low > limit or (measured.low_open and measured.low >= limit))
        case ">":
            return _split(measured.low > limit or (measured.low_open and measured.low >= limit), measured.high <= limit)
        case ">=":
            return _split(
                measured.low >= limit, measured.high < limit or (measured.high_open and measured.high <= limit)
            )
        case "=":
            below = limit < measured.low or (measured.low_open and limit == measured.low)
            above = limit > measured.high or (measured.high_open and limit == measured.high)
            return _split(measured.low == measured.high == limit, below or above)


def _split(certainly: bool, certainly_not: bool) -> Truth:
    if certainly:
        return YES
    return NO if certainly_not else UNKNOWN
