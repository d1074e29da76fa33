"""Comparing ranges, checked against trying out every point."""

import operator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.engine.numbers import Range, compare, of_result
from rxvigil.facts import Origin, Result, on_day

POINTS = [number / 2 for number in range(-60, 61)]
"""Halves from -30 to 30. Ends and limits are whole and lie within ±10, so between any two of them lies a point, and
beyond every end: no answer can hide."""
HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}
INFINITE = float("inf")

_ends = st.integers(-10, 10).map(float)
_limits = st.integers(-12, 12).map(float)


@st.composite
def _ranges(draw: st.DrawFn) -> Range:
    low, high = sorted((draw(_ends), draw(_ends)))
    opened = draw(st.tuples(st.booleans(), st.booleans())) if low < high else (False, False)
    unbounded = draw(st.sampled_from(("", "below", "above", "both")))
    if unbounded in ("below", "both"):
        low, opened = -INFINITE, (True, opened[1])
    if unbounded in ("above", "both"):
        high, opened = INFINITE, (opened[0], True)
    return Range(low, high, *opened)


def inside(point: float, range_: Range) -> bool:
    above = point > range_.low or (point == range_.low and not range_.low_open)
    return above and (point < range_.high or (point == range_.high and not range_.high_open))


@settings(deadline=None)
@given(_ranges(), st.sampled_from(sorted(HOLDS)), _limits)
def test_yes_if_every_point_satisfies_it_no_if_none_does(range_: Range, sign: str, limit: float) -> None:
    answers = {HOLDS[sign](point, limit) for point in POINTS if inside(point, range_)}
    expected = {frozenset({True}): YES, frozenset({False}): NO}.get(frozenset(answers), UNKNOWN)
    assert compare(range_, sign, limit) == expected


@pytest.mark.parametrize("comparator", ["", "<", "<=", ">", ">="])
@settings(deadline=None)
@given(value=_ends)
def test_a_result_with_a_sign_stands_for_every_value_it_allows(comparator: str, value: float) -> None:
    result = Result(
        id="1", analyte="crp", when=on_day(date(2026, 3, 1)), origin=Origin("x", "y"), value=value,
        comparator=comparator,
    )  # fmt: skip
    range_ = of_result(result)
    assert range_ is not None
    for point in POINTS:
        assert inside(point, range_) == HOLDS[comparator or "="](point, value)


def test_a_word_is_no_number() -> None:
    result = Result(
        id="1", analyte="hbsag", when=on_day(date(2026, 3, 1)), origin=Origin("x", "y"), category="positive"
    )
    assert of_result(result) is None
