"""What somebody of an age can weigh. The percentiles are worked out again from the parameters L, M and S of the same
charts (Cole's method): percentile = M × (1 + L × S × z)^(1/L), with z = -1.881 for the 3rd and 1.881 for the 97th."""

import pytest

from rxvigil.formulae import OutsideValidity, likely_weight

Z = 1.880794
BOYS, GIRLS = "boys", "girls"
CHART = {
    (GIRLS, 24): (-0.73533951, 12.05503983, 0.107399495),
    (BOYS, 24.5): (-0.216501213, 12.74154396, 0.108166006),
    (GIRLS, 71.5): (-1.327256387, 20.13669623, 0.148852482),
    (GIRLS, 72.5): (-1.326763834, 20.33635961, 0.149589838),
    (GIRLS, 84.5): (-1.265548787, 22.86804258, 0.159693163),
    (BOYS, 131.5): (-1.035367321, 35.71694723, 0.189235738),
    (GIRLS, 191.5): (-1.630227728, 53.82138422, 0.168844497),
    (BOYS, 204.5): (-0.973244762, 64.69961427, 0.16564009),
    (GIRLS, 240): (-1.51336185, 58.21897289, 0.166644749),
    (BOYS, 240): (-0.91648762, 70.59761453, 0.161476792),
}
"""L, M and S by sex and age in months."""


def percentile(sex: str, months: float, z: float) -> float:
    power, median, spread = CHART[sex, months]
    return median * (1 + power * spread * z) ** (1 / power)


@pytest.mark.parametrize(
    ("years", "lightest"), [(2, (GIRLS, 24)), (6, (GIRLS, 71.5)), (11, (BOYS, 131.5)), (16, (GIRLS, 191.5))]
)
def test_the_least_is_half_the_3rd_percentile(years: int, lightest: tuple[str, float]) -> None:
    assert likely_weight(youngest=years, oldest=years).least == pytest.approx(percentile(*lightest, -Z) / 2, abs=0.01)


@pytest.mark.parametrize(
    ("years", "heaviest"), [(1, (BOYS, 24.5)), (5, (GIRLS, 72.5)), (6, (GIRLS, 84.5)), (16, (BOYS, 204.5))]
)
def test_the_most_is_twice_the_97th_percentile_at_the_next_birthday(years: int, heaviest: tuple[str, float]) -> None:
    assert likely_weight(youngest=years, oldest=years).most == pytest.approx(percentile(*heaviest, Z) * 2, abs=0.02)


def test_the_charts_end_at_20_and_begin_at_2() -> None:
    """A grown person weighs at least half of what the lightest 20-year-olds weigh; no most is given from 20 on."""
    grown = likely_weight(youngest=45, oldest=45)
    assert (grown.least, grown.most) == (pytest.approx(percentile(GIRLS, 240, -Z) / 2, abs=0.01), None)
    assert likely_weight(youngest=19, oldest=19).most == pytest.approx(percentile(BOYS, 240, Z) * 2, abs=0.02)
    assert likely_weight(youngest=0, oldest=0).least == 0


def test_an_age_that_is_not_known_to_the_year_leaves_more_room() -> None:
    either = likely_weight(youngest=9, oldest=10)
    assert either.least == likely_weight(youngest=9, oldest=9).least
    assert either.most == likely_weight(youngest=10, oldest=10).most


def test_limits_grow_with_age() -> None:
    limits = [likely_weight(youngest=years, oldest=years) for years in range(1, 20)]
    assert [one.least for one in limits] == sorted(one.least for one in limits)
    assert [one.most for one in limits] == sorted(one.most for one in limits if one.most)


def test_however_old_a_person_is_grown() -> None:
    """A birth that cannot be right must not stand in the way of the rest of the report."""
    assert likely_weight(youngest=146, oldest=146) == likely_weight(youngest=45, oldest=45)


@pytest.mark.parametrize(("youngest", "oldest"), [(-1, 3), (4, 3)])
def test_ages_that_cannot_be_are_refused(youngest: int, oldest: int) -> None:
    with pytest.raises(OutsideValidity):
        likely_weight(youngest=youngest, oldest=oldest)
