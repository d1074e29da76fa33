"""What a person of an age can weigh: to find a weight in the wrong unit, or of somebody else."""

from typing import Final, NamedTuple

from rxvigil.formulae.calculated import OutsideValidity, PublishedIn

LIGHTEST: Final[tuple[float, ...]] = (
    9.99, 11.28, 12.65, 14.21, 15.87, 17.58, 19.39, 21.41, 23.78, 26.38, 29.21, 32.65, 36.44, 39.37, 41.67, 43.24,
    44.19, 44.76, 45.05,
)  # fmt: skip
"""3rd percentile of weight in kg at each birthday from 2 to 20, of the lighter sex, in the half month before it."""
HEAVIEST: Final[tuple[float, ...]] = (
    15.69, 18.05, 21.29, 24.94, 28.92, 33.37, 38.54, 44.58, 51.43, 58.72, 65.9, 72.38, 77.69, 83.24, 88.95, 93.78,
    97.25, 99.19, 100.78,
)  # fmt: skip
"""97th percentile likewise, of the heavier sex, in the half month after it."""
FIRST: Final = 2
LAST: Final = 20
"""The ages of the charts in full years."""


class LikelyWeight(NamedTuple):
    """The least and the most in kg that somebody may weigh; no most where there is no chart for it."""

    least: float
    most: float | None
    source: PublishedIn = PublishedIn("cdc-growth-charts-2000", "weight for age, 2 to 20 years, P3 and P97")


def likely_weight(*, youngest: int, oldest: int) -> LikelyWeight:
    """What somebody may weigh who is so many full years old, at least and at most.

    House limits: half the 3rd and twice the 97th percentile of the growth charts, far outside what thin and heavy
    children weigh. A grown person, however old, weighs at least half the 3rd percentile at 20 years. The charts begin
    at 2 years, so below them there is no least. Source: growth charts for the United States, CDC 2000. Raises
    `OutsideValidity` for ages that run backwards or lie below nought.
    """
    if not 0 <= youngest <= oldest:
        raise OutsideValidity("the ages are not full years in order", "give the least first, and none below 0")
    least = LIGHTEST[min(youngest, LAST) - FIRST] / 2 if youngest >= FIRST else 0.0
    next_birthday = max(oldest + 1, FIRST)
    return LikelyWeight(least, HEAVIEST[next_birthday - FIRST] * 2 if next_birthday <= LAST else None)
