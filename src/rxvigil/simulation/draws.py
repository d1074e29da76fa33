"""Random numbers that depend on the seed, the patient and the purpose, and on nothing else.

Each patient has a stream of their own for each purpose, so that patient 17 is the same among 20 or 20 million, and
has the same body and the same treatment whether or not the laboratory makes mistakes.
"""

from collections.abc import Sequence
from hashlib import blake2b
from math import exp, log
from random import Random
from statistics import NormalDist
from typing import TypeVar

from rxvigil.knowledge.simulation import Waiting

Item = TypeVar("Item")
_NORMAL = NormalDist()
_SMALLEST = 2.0**-54
"""Half the step of `random()`: stands for its 0, which has no normal quantile."""


class Draws:
    """A stream of random numbers, by inverse transforms of `Random.random` alone, which Python keeps the same for a
    seed from version to version."""

    def __init__(self, seed: int, patient: int, purpose: str) -> None:
        name = blake2b(f"{seed}/{patient}/{purpose}".encode(), digest_size=16).digest()
        self.uniform = Random(int.from_bytes(name, "big")).random

    def between(self, low: float, high: float) -> float:
        """Uniform between the two."""
        return low + (high - low) * self.uniform()

    def day(self, first: int, last: int) -> int:
        """A day from `first` to `last`, both included; `first` where there is none."""
        return first + int((last - first + 1) * self.uniform()) if last > first else first

    def chance(self, share: float) -> bool:
        """Whether something that happens with this probability happens."""
        return self.uniform() < share

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """Normal."""
        return mean + deviation * _NORMAL.inv_cdf(self.uniform() or _SMALLEST)

    def around(self, median: float, spread: float) -> float:
        """Log-normal; `spread` is the standard deviation of the natural logarithm."""
        return median * exp(self.normal(0.0, spread))

    def days(self, waiting: Waiting) -> int:
        """A waiting time in whole days."""
        drawn = self.around(waiting.median_days, waiting.spread)
        return int(drawn if waiting.longest_days is None else min(drawn, waiting.longest_days))

    def until(self, per_day: float) -> float:
        """Days until something that happens at this rate; never where the rate is 0."""
        return -log(self.uniform() or _SMALLEST) / per_day if per_day > 0 else float("inf")

    def pick(self, items: Sequence[Item], shares: Sequence[float]) -> Item:
        """One of the items, each with its share; the last takes what rounding leaves."""
        left = self.uniform() * sum(shares)
        for item, share in zip(items, shares, strict=True):
            left -= share
            if left < 0:
                return item
        return items[-1]
