"""Body size. The formulae were compared with globalrph.com/bsa2.htm and clincalc.com/Kinetics/IdealBW.aspx."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.formulae import (
    OutsideValidity,
    Sex,
    adjusted_body_weight,
    body_mass_index,
    body_surface_area_du_bois,
    body_surface_area_mosteller,
    ideal_body_weight,
)

heights = st.floats(50, 220)
weights = st.floats(3, 300)


def test_mosteller_as_published() -> None:
    """170 cm, 70 kg: 1.818 m2 (medicalequations.com)."""
    found = body_surface_area_mosteller(height_cm=170, weight_kg=70)
    assert found.value == pytest.approx(1.818, abs=0.0005)
    assert found.formula == "sqrt(170 cm × 70 kg / 3600) = 1.82 m2"


def test_mosteller_by_hand() -> None:
    """160 cm, 90 kg: 160 × 90 / 3600 = 4; its root is 2."""
    assert body_surface_area_mosteller(height_cm=160, weight_kg=90).value == pytest.approx(2)


def test_du_bois_by_hand() -> None:
    """170 cm, 70 kg: ln 170 = 5.135798, × 0.725 = 3.723454; ln 70 = 4.248495, × 0.425 = 1.805610; the exponential of
    their sum is 251.91; × 0.007184 = 1.8097."""
    assert body_surface_area_du_bois(height_cm=170, weight_kg=70).value == pytest.approx(1.8097, abs=0.0001)


@given(heights, weights)
def test_du_bois_agrees_with_its_form_in_metres(height: float, weight: float) -> None:
    """The other published form, 0.20247 × m^0.725 × kg^0.425 (harderworld.com), rounds its factor."""
    other = 0.20247 * (height / 100) ** 0.725 * weight**0.425
    assert body_surface_area_du_bois(height_cm=height, weight_kg=weight).value == pytest.approx(other, rel=2e-4)


@pytest.mark.parametrize(
    ("sex", "inches", "published"),
    [
        ("male", 70, 73.0),  # worldlycalc.com
        ("female", 66, 59.3),  # worldlycalc.com
        ("male", 64, 59.2),  # slideserve.com, lesson on dosing weights
        ("female", 64, 54.7),  # the same
        ("male", 188 / 2.54, 82.237),  # MedCalc-Bench, row 17
        ("male", 160 / 2.54, 56.882),  # MedCalc-Bench, row 16
        ("female", 60, 45.5),  # the base itself
    ],
)
def test_published_ideal_weights(sex: Sex, inches: float, published: float) -> None:
    found = ideal_body_weight(age_years=40, sex=sex, height_cm=inches * 2.54)
    assert found.value == pytest.approx(published, abs=0.002)


@pytest.mark.parametrize(
    ("actual", "ideal", "published"),
    [
        (110, 73, 87.8),  # theprimecalculator.com
        (80, 54.7, 64.82),  # slideserve.com, 64.8
        (109, 82.237, 92.942),  # MedCalc-Bench, row 17
    ],
)
def test_published_adjusted_weights(actual: float, ideal: float, published: float) -> None:
    assert adjusted_body_weight(actual_kg=actual, ideal_kg=ideal).value == pytest.approx(published, abs=0.001)


@pytest.mark.parametrize(
    ("height", "weight", "published"), [(163, 48, 18.066), (173, 67.2, 22.453), (160, 62.8, 24.531), (188, 109, 30.84)]
)
def test_published_body_mass_indices(height: float, weight: float, published: float) -> None:
    """MedCalc-Bench, rows 1, 2, 16 and 17."""
    assert body_mass_index(height_cm=height, weight_kg=weight).value == pytest.approx(published, abs=0.001)


def test_below_five_feet_there_is_no_ideal_weight() -> None:
    with pytest.raises(OutsideValidity, match="5 feet"):
        ideal_body_weight(age_years=40, sex="female", height_cm=152.3)
    assert ideal_body_weight(age_years=40, sex="female", height_cm=152.4).value == pytest.approx(45.5)


def test_a_child_has_no_ideal_weight_of_devine() -> None:
    with pytest.raises(OutsideValidity, match="adults"):
        ideal_body_weight(age_years=15, sex="female", height_cm=165)


def test_below_the_ideal_weight_nothing_is_adjusted() -> None:
    with pytest.raises(OutsideValidity, match="nothing to adjust"):
        adjusted_body_weight(actual_kg=50, ideal_kg=60)


@pytest.mark.parametrize("height", [1.7, 67e3, -170, 0, float("nan")])
def test_a_height_in_another_unit_is_refused(height: float) -> None:
    for formula in (body_surface_area_mosteller, body_surface_area_du_bois, body_mass_index):
        with pytest.raises(OutsideValidity, match="height"):
            formula(height_cm=height, weight_kg=70)


@pytest.mark.parametrize("weight", [70_000, -70, 0, float("nan"), float("inf")])
def test_a_weight_in_another_unit_is_refused(weight: float) -> None:
    for formula in (body_surface_area_mosteller, body_surface_area_du_bois, body_mass_index):
        with pytest.raises(OutsideValidity, match="weight"):
            formula(height_cm=170, weight_kg=weight)


@given(heights, weights, weights)
def test_the_heavier_of_two_people_of_one_height_has_more_surface(height: float, one: float, other: float) -> None:
    light, heavy = sorted((one, other))
    for formula in (body_surface_area_mosteller, body_surface_area_du_bois):
        assert formula(height_cm=height, weight_kg=light).value <= formula(height_cm=height, weight_kg=heavy).value


@given(st.floats(40, 100), st.floats(0, 150))
def test_the_adjusted_weight_lies_between_the_two(ideal: float, excess: float) -> None:
    found = adjusted_body_weight(actual_kg=ideal + excess, ideal_kg=ideal).value
    assert ideal - 1e-9 <= found <= ideal + excess + 1e-9
