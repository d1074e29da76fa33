"""Examples of a strategy from a seed, outside of a property."""

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Made = TypeVar("Made")


def collected(strategy: st.SearchStrategy[Made], count: int, number: int) -> list[Made]:
    """Examples of a strategy from a seed: the same ones for the same seed.

    Hypothesis soon varies what it has made, which finds more of one fault and less of others. So each example is the
    first that is drawn at random from a seed of its own, after the simplest, with which Hypothesis always begins.
    """
    return [_drawn(strategy, number * 1_000_003 + one) for one in range(count)]


def _drawn(strategy: st.SearchStrategy[Made], number: int) -> Made:
    found: list[Made] = []

    @seed(number)
    @settings(
        max_examples=2, phases=[Phase.generate], database=None, deadline=None, derandomize=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def gather(made: Made) -> None:
        found.append(made)

    gather()
    return found[-1]
