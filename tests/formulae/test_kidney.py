"""Kidney function. The coefficients were compared with kidney.org/ckd-epi-creatinine-equation-2021 (National Kidney
Foundation) and, for Cockcroft-Gault, with Taber's Medical Dictionary; the values come from the places named beside
them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.formulae import (
    UMOL_PER_MG_DL,
    OutsideValidity,
    Sex,
    creatinine_clearance_cockcroft_gault,
    deindexed_egfr,
    egfr_ckd_epi_2021,
)

SEXES: tuple[Sex, ...] = ("female", "male")
ages = st.floats(18, 100)
creatinines = st.floats(20, 1500)
weights = st.floats(30, 250)


@pytest.mark.parametrize(
    ("age", "sex", "mg_per_dl", "published"),
    [
        # MedCalc-Bench (NCBI, dataset/test_data.csv), rows 26 to 29: published with the arithmetic.
        (71, "female", 0.76, 83.722),
        (27, "female", 1.78, 39.642),
        (29, "female", 1.70, 41.373),
        (53, "male", 11.3, 4.904),
    ],
)
def test_the_worked_cases_of_medcalc_bench(age: int, sex: Sex, mg_per_dl: float, published: float) -> None:
    found = egfr_ckd_epi_2021(age_years=age, sex=sex, creatinine_mg_per_dl=mg_per_dl)
    assert found.value == pytest.approx(published, abs=0.001)
    assert found.unit == "mL/min/1.73 m2"


def test_the_worked_case_of_the_kidney_foundations_calculator() -> None:
    """kidney.org's calculator gives 71 for a man of 55 years with 1.2 mg/dL."""
    assert round(egfr_ckd_epi_2021(age_years=55, sex="male", creatinine_mg_per_dl=1.2).value) == 71


def test_a_worked_case_of_creatinineclearancecalculator_net() -> None:
    """A woman of 55 years with 0.9 mg/dL: "about 76", from 142 × 0.745 × 0.711 × 1.012 with rounded terms."""
    found = egfr_ckd_epi_2021(age_years=55, sex="female", creatinine_mg_per_dl=0.9)
    assert found.value == pytest.approx(142 * 0.745 * 0.711 * 1.012, rel=0.01)


def test_below_the_hinge_by_hand() -> None:
    """A man of 80 years with 0.87 mg/dL: 0.87/0.9 = 0.96667, ^-0.302 = exp(0.302 × 0.033902) = 1.010291;
    0.9938^80 = exp(-80 × 0.00621930) = 0.608030; 142 × 1.010291 × 0.608030 = 87.229. (MedCalc-Bench, row 25, prints
    80.852: it divides by 0.7, the constant for women.)"""
    found = egfr_ckd_epi_2021(age_years=80, sex="male", creatinine_mg_per_dl=0.87)
    assert found.value == pytest.approx(87.229, abs=0.01)


def test_at_the_hinge_only_age_and_sex_remain() -> None:
    """Creatinine equal to κ: 142 × 0.9938^50 = 142 × 0.732747 = 104.05; for women × 1.012 = 105.30."""
    assert egfr_ckd_epi_2021(age_years=50, sex="male", creatinine_mg_per_dl=0.9).value == pytest.approx(
        104.05, abs=0.01
    )
    assert egfr_ckd_epi_2021(age_years=50, sex="female", creatinine_mg_per_dl=0.7).value == pytest.approx(
        105.30, abs=0.01
    )


@pytest.mark.parametrize(
    ("age", "sex", "weight", "mg_per_dl", "published"),
    [
        # MedCalc-Bench, rows 1, 2, 15, 16 and 17; superglobalcalculator.com, four examples.
        (87, "male", 48.0, 1.4, 25.238),
        (83, "male", 67.2, 1.4, 38.0),
        (20, "male", 46.1, 2.04, 37.663),
        (78, "male", 56.882, 0.93, 52.669),
        (55, "male", 92.942, 1.5, 73.149),
        (65, "male", 70, 1.4, 52.083),
        (45, "female", 60, 0.9, 74.769),
        (60, "male", 80, 1.2, 74.074),
        (45, "female", 65, 0.9, 81.0),
    ],
)
def test_published_creatinine_clearances(age: int, sex: Sex, weight: float, mg_per_dl: float, published: float) -> None:
    found = creatinine_clearance_cockcroft_gault(
        age_years=age, sex=sex, weight_kg=weight, weight_used="ideal", creatinine_mg_per_dl=mg_per_dl
    )
    assert found.value == pytest.approx(published, abs=0.001)
    assert found.unit == "mL/min"


def test_the_british_constants_say_the_same_within_their_rounding() -> None:
    """A man of 70 years, 75 kg, 110 µmol/L: (140 - 70) × 75 × 1.23 / 110 = 58.7 (preregexamprep.com)."""
    found = creatinine_clearance_cockcroft_gault(
        age_years=70, sex="male", weight_kg=75, weight_used="actual", creatinine_umol_per_l=110
    )
    assert found.value == pytest.approx(58.7, rel=0.003)


def test_the_weight_that_was_used_is_printed() -> None:
    found = creatinine_clearance_cockcroft_gault(
        age_years=70, sex="male", weight_kg=75, weight_used="adjusted", creatinine_umol_per_l=110
    )
    assert "75 kg (adjusted weight)" in found.formula


def test_deindexing_by_hand() -> None:
    """60 mL/min/1.73 m2 in somebody of 2.12 m2: 60 × 2.12 / 1.73 = 73.53 mL/min."""
    found = deindexed_egfr(egfr_ml_min_1_73m2=60, body_surface_area_m2=2.12)
    assert found.value == pytest.approx(73.526, abs=0.001)
    assert found.unit == "mL/min"


@given(ages, st.sampled_from(SEXES), creatinines, creatinines)
def test_a_higher_creatinine_never_gives_a_higher_egfr(age: float, sex: Sex, one: float, other: float) -> None:
    low, high = sorted((one, other))
    better = egfr_ckd_epi_2021(age_years=age, sex=sex, creatinine_umol_per_l=low).value
    assert egfr_ckd_epi_2021(age_years=age, sex=sex, creatinine_umol_per_l=high).value <= better * (1 + 1e-12)


@given(ages, ages, st.sampled_from(SEXES), creatinines, weights)
def test_an_older_person_never_has_the_higher_value(
    one: float, other: float, sex: Sex, creatinine: float, weight: float
) -> None:
    young, old = sorted((one, other))
    egfr = [egfr_ckd_epi_2021(age_years=age, sex=sex, creatinine_umol_per_l=creatinine).value for age in (young, old)]
    assert egfr[1] <= egfr[0]
    clearance = [
        creatinine_clearance_cockcroft_gault(
            age_years=age, sex=sex, weight_kg=weight, weight_used="actual", creatinine_umol_per_l=creatinine
        ).value
        for age in (young, old)
    ]
    assert clearance[1] <= clearance[0]


@given(ages, st.sampled_from(SEXES), st.floats(0.2, 15), weights)
def test_both_units_of_creatinine_give_the_same(age: float, sex: Sex, mg: float, weight: float) -> None:
    umol = mg * UMOL_PER_MG_DL
    assert egfr_ckd_epi_2021(age_years=age, sex=sex, creatinine_mg_per_dl=mg).value == pytest.approx(
        egfr_ckd_epi_2021(age_years=age, sex=sex, creatinine_umol_per_l=umol).value
    )
    twins = [
        creatinine_clearance_cockcroft_gault(
            age_years=age, sex=sex, weight_kg=weight, weight_used="actual",
            creatinine_mg_per_dl=mg_given, creatinine_umol_per_l=umol_given,
        ).value
        for mg_given, umol_given in ((mg, None), (None, umol))
    ]  # fmt: skip
    assert twins[0] == pytest.approx(twins[1])


def test_the_factor_of_creatinine_is_that_of_its_molar_mass() -> None:
    """Creatinine C4H7N3O: 113.12 g/mol. 10 mg/L ÷ 113.12 g/mol = 88.40 µmol/L."""
    assert pytest.approx(10 / 113.12 * 1000, abs=0.01) == UMOL_PER_MG_DL


@pytest.mark.parametrize("age", [17.99, 0, -1, 126, float("nan"), float("inf")])
def test_children_and_impossible_ages_are_refused(age: float) -> None:
    with pytest.raises(OutsideValidity) as refused:
        egfr_ckd_epi_2021(age_years=age, sex="male", creatinine_umol_per_l=90)
    assert refused.value.exit_code == 2
    assert refused.value.do


@pytest.mark.parametrize("creatinine", [0, -80, 1.1, 6000, float("nan"), float("inf"), True])
def test_a_creatinine_in_another_unit_or_impossible_is_refused(creatinine: float) -> None:
    """1.1 "µmol/L" is 1.1 mg/dL written in the wrong unit."""
    with pytest.raises(OutsideValidity, match="creatinine"):
        egfr_ckd_epi_2021(age_years=50, sex="male", creatinine_umol_per_l=creatinine)


def test_a_creatinine_in_umol_is_not_taken_for_mg() -> None:
    with pytest.raises(OutsideValidity, match="mg/dL"):
        egfr_ckd_epi_2021(age_years=50, sex="male", creatinine_mg_per_dl=90)


def test_creatinine_is_given_once() -> None:
    with pytest.raises(OutsideValidity, match="once"):
        egfr_ckd_epi_2021(age_years=50, sex="male", creatinine_umol_per_l=90, creatinine_mg_per_dl=1.02)
    with pytest.raises(OutsideValidity, match="once"):
        egfr_ckd_epi_2021(age_years=50, sex="male")


@pytest.mark.parametrize("sex", ["other", "unknown", "", "F"])
def test_the_caller_decides_where_the_sex_is_neither(sex: Sex) -> None:
    with pytest.raises(OutsideValidity, match="sex must be one of"):
        egfr_ckd_epi_2021(age_years=50, sex=sex, creatinine_umol_per_l=90)
    with pytest.raises(OutsideValidity, match="sex must be one of"):
        creatinine_clearance_cockcroft_gault(
            age_years=50, sex=sex, weight_kg=70, weight_used="actual", creatinine_umol_per_l=90
        )


def test_a_message_never_repeats_the_value() -> None:
    with pytest.raises(OutsideValidity) as refused:
        egfr_ckd_epi_2021(age_years=12.25, sex="male", creatinine_umol_per_l=90)
    assert "12.25" not in str(refused.value)
