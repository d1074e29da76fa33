"""Intervals against published values, and small numbers against somebody who tries to work them out."""

from itertools import accumulate, product
from math import sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.reports.measures import Breakdown, Figure
from rxvigil.screening.disclosure import Counted, breakdown, figure, rounded
from rxvigil.screening.statistics import median, median_ranks, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (6, 52, 0.05396969, 0.22971664),
        (15, 50, 0.1910355, 0.4375035),
        (0, 50, 0.0, 0.0713476),
        (50, 50, 0.9286524, 1.0),
        (6, 32, 0.08889545, 0.35309155),
    ],
)
def test_wilson_gives_what_other_programs_print(successes: int, trials: int, low: float, high: float) -> None:
    """The first: R's `prop.test(6, 52, correct = FALSE)`, as printed in its bug report 2794 of 2003. The next three:
    `ci_p_wilson` in the reference of the R package stests. The last: cars of `mtcars` with 25 miles a gallon or more,
    in R, on RPubs (document 1367507). All read on 25 Nov 2026."""
    assert wilson(successes, trials) == (pytest.approx(low, abs=5e-8), pytest.approx(high, abs=5e-8))


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_each_limit_is_just_not_refuted_by_the_score_test(pair: tuple[int, int]) -> None:
    """What the interval is defined by, whatever the formula: at a limit p, what was seen lies 1.96 standard errors
    away, reckoned at p itself. The 1.96 is from the standard library's normal distribution."""
    successes, trials = pair
    z = NormalDist().inv_cdf(0.975)
    low, high = wilson(successes, trials)
    for limit in ({low} if successes else set()) | ({high} if successes < trials else set()):
        error = sqrt(limit * (1 - limit) / trials)
        assert abs(successes / trials - limit) == pytest.approx(z * error, rel=1e-9)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_and_lies_between_nought_and_one(pair: tuple[int, int]) -> None:
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1


@given(st.integers(1, 300) | st.integers(1_000, 6_000))
def test_the_median_lies_between_its_ranks_with_at_least_95_percent(size: int) -> None:
    """By whole numbers, of which none is rounded: of all 2^n ways to lie above or below the median, those in which
    fewer than so many lie below it."""
    ranks = median_ranks(size)
    ways = list(accumulate(range(1, size + 1), lambda ways, one: ways * (size - one + 1) // one, initial=1))

    def sure(rank: int) -> bool:
        return 20 * 2 * sum(ways[:rank]) <= 2**size

    if ranks is None:
        assert not sure(1)
    else:
        assert ranks[1] == size + 1 - ranks[0]
        assert sure(ranks[0])
        assert not sure(ranks[0] + 1)


def test_the_ranks_of_a_nation() -> None:
    """Of very many values they lie 1.96 standard deviations from the middle."""
    low, high = median_ranks(10_000_000) or (0, 0)
    assert low + high == 10_000_001
    assert (high - low) / 2 == pytest.approx(1.959964 * sqrt(10_000_000) / 2, abs=1)


def test_ranks_of_a_published_table() -> None:
    """n = 16: the 4th and 13th value (97.9 %); n = 20: the 6th and 15th (95.9 %)."""
    assert (median_ranks(16), median_ranks(20), median_ranks(5)) == ((4, 13), (6, 15), None)


def test_the_median_is_a_value_that_was_seen() -> None:
    assert (median([1, 2, 9]), median([1, 2, 3, 9])) == (2, 2)


def tables(size: int) -> st.SearchStrategy[list[Counted]]:
    row = st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.lists(row, min_size=size, max_size=size).map(
        lambda rows: [Counted(f"row {place}", *one) for place, one in enumerate(rows)]
    )


def possible(shown: int | None) -> range:
    """The counts that a shown number may stand for; a hidden one may be anything small, or the second of two."""
    return range(max(0, shown - 2), shown + 3) if shown is not None else range(31)


@given(tables(3))
def test_no_small_number_can_be_worked_out_from_the_whole(rows: list[Counted]) -> None:
    """Every table that would look like this one is tried: what was hidden may have been several numbers."""
    for column in ("denominator", "numerator"):
        told = breakdown("age", rows, exact=False)
        whole = Counted("all", sum(one.numerator for one in rows), sum(one.denominator for one in rows))
        sum_shown = getattr(figure(whole, exact=False), column)
        shown = [getattr(one, column) for one in told.rows]
        if sum_shown is None:
            continue
        fits = [one for one in product(*map(possible, shown)) if sum(one) in possible(sum_shown)]
        for place, number in enumerate(shown):
            if number is None:
                assert len({one[place] for one in fits}) > 1


@given(tables(4))
def test_no_count_of_one_to_seven_is_shown(rows: list[Counted]) -> None:
    told = breakdown("age", rows, exact=False)
    for counted, shown in zip(rows, told.rows, strict=True):
        if 1 <= counted.numerator <= 7 or 1 <= counted.denominator - counted.numerator <= 7:
            assert shown.numerator is None
            assert shown.proportion is None
        if 1 <= counted.denominator <= 7:
            assert shown.denominator is None


def test_one_hidden_row_hides_a_second() -> None:
    rows = [Counted("a", 20, 40), Counted("b", 3, 5), Counted("c", 10, 20)]
    told: Breakdown = breakdown("practice", rows, exact=False)

    assert [one.denominator for one in told.rows] == [40, None, None]


def test_exact_numbers_stay_as_they_are() -> None:
    assert breakdown("practice", [Counted("a", 1, 3)], exact=True).rows[0].numerator == 1
    assert figure(Counted("", 0, 0), exact=False) == Figure(label="", numerator=0, denominator=0)
    assert [rounded(number) for number in (8, 12, 13, 0)] == [10, 10, 15, 0]
