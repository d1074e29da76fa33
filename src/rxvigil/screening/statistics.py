"""Intervals for proportions and medians."""

from collections.abc import Sequence
from math import exp, isqrt, lgamma, log, sqrt
from typing import Final

Z95: Final = 1.959963984540054
"""Quantile of the standard normal distribution at 0.975."""
SAYS: Final = (
    "95 % intervals of proportions: score method (Wilson EB, J Am Stat Assoc 1927;22:209-212), without correction for "
    "continuity. Of medians: between order statistics, from the binomial distribution with p = 1/2, at least 95 % "
    "(Campbell MJ, Gardner MJ, BMJ 1988;296:1454-1456)."
)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion: the values p that lie within z standard errors, reckoned at p itself, of
    what was seen. Solved for p (Wilson 1927):

        (k/n + z²/2n ± z √(k/n (1 - k/n)/n + z²/4n²)) / (1 + z²/n)

    Raises `ValueError` unless 0 <= successes <= trials and trials > 0.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError("successes must lie between nought and trials, and there must be trials")
    share, square = successes / trials, Z95 * Z95
    middle = share + square / (2 * trials)
    reach = Z95 * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    whole = 1 + square / trials
    low = 0.0 if successes == 0 else (middle - reach) / whole
    return low, 1.0 if successes == trials else (middle + reach) / whole


def median_ranks(size: int) -> tuple[int, int] | None:
    """The ranks (from 1) of the two ordered values between which the median lies with at least 95 %; none for fewer
    than six values, between which it does not lie so surely."""
    nobody_below = max(0, size // 2 - _BEYOND_DOUBT * isqrt(size))
    below, found = 0.0, nobody_below
    for rank in range(nobody_below + 1, size // 2 + 1):
        below += _chance_of_heads(rank - 1, size)
        if 2 * below > 0.05:
            break
        found = rank
    return (found, size + 1 - found) if found else None


_BEYOND_DOUBT: Final = 8
"""Roots of the number of values, which are 16 standard deviations: what lies further from the middle is as good as
impossible."""


def _chance_of_heads(heads: int, tosses: int) -> float:
    """The binomial probability with p = 1/2, through logarithms: of thousands of tosses no number holds the parts."""
    ways = lgamma(tosses + 1) - lgamma(heads + 1) - lgamma(tosses - heads + 1)
    return exp(ways - tosses * log(2))


def median(ordered: Sequence[float]) -> float:
    """The middle value of ordered ones, or the lower of the two in the middle: a value that was seen.

    Raises `IndexError` for none."""
    return ordered[(len(ordered) - 1) // 2]
