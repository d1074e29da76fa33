"""Every result can be checked by hand from the line it prints, and cites a publication that exists."""

import re
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.formulae import (
    Calculated,
    adjusted_body_weight,
    body_mass_index,
    body_surface_area_du_bois,
    body_surface_area_mosteller,
    child_pugh,
    creatinine_clearance_cockcroft_gault,
    deindexed_egfr,
    egfr_ckd_epi_2021,
    ideal_body_weight,
)
from rxvigil.knowledge.book import RuleBook

UNITS = re.compile(r" (?:kg|cm|m2|mL/min/1\.73 m2|mL/min|m)(?=[ )]|$)|\((?:actual|ideal|adjusted) weight\)")


def redone(found: Calculated) -> float:
    """The printed arithmetic, done again by something that knows only arithmetic."""
    last = found.formula.split("; ")[-1].rsplit(" = ", 1)[0]
    sum_ = UNITS.sub("", last).replace("×", "*").replace("^", "**")
    return float(eval(sum_, {"__builtins__": {}}, {"sqrt": sqrt, "min": min, "max": max}))


@given(st.floats(18, 100), st.sampled_from(["female", "male"]), st.floats(20, 1500), st.floats(30, 250))
def test_the_line_of_kidney_function_gives_the_value(age: float, sex: str, creatinine: float, weight: float) -> None:
    sex_ = "female" if sex == "female" else "male"
    egfr = egfr_ckd_epi_2021(age_years=age, sex=sex_, creatinine_umol_per_l=creatinine)
    assert redone(egfr) == pytest.approx(egfr.value, rel=0.002)
    clearance = creatinine_clearance_cockcroft_gault(
        age_years=age, sex=sex_, weight_kg=weight, weight_used="actual", creatinine_umol_per_l=creatinine
    )
    assert redone(clearance) == pytest.approx(clearance.value, rel=0.002)
    absolute = deindexed_egfr(egfr_ml_min_1_73m2=egfr.value, body_surface_area_m2=1.9)
    assert redone(absolute) == pytest.approx(absolute.value, rel=0.002)


@given(st.floats(153, 220), st.floats(60, 250))
def test_the_line_of_body_size_gives_the_value(height: float, weight: float) -> None:
    ideal = ideal_body_weight(age_years=40, sex="female", height_cm=height)
    heavier = max(weight, ideal.value)
    for found in (
        body_surface_area_mosteller(height_cm=height, weight_kg=weight),
        body_surface_area_du_bois(height_cm=height, weight_kg=weight),
        body_mass_index(height_cm=height, weight_kg=weight),
        ideal,
        adjusted_body_weight(actual_kg=heavier, ideal_kg=ideal.value),
    ):
        assert redone(found) == pytest.approx(found.value, rel=0.002)


def test_every_formula_cites_a_publication_of_the_rule_book(book: RuleBook) -> None:
    egfr = egfr_ckd_epi_2021(age_years=50, sex="male", creatinine_umol_per_l=90)
    clearance = creatinine_clearance_cockcroft_gault(
        age_years=50, sex="male", weight_kg=70, weight_used="actual", creatinine_umol_per_l=90
    )
    severity = child_pugh(
        bilirubin_umol_per_l=10, cholestatic=False, albumin_g_per_l=40, inr=1, ascites="none", encephalopathy_grade=0
    )
    cited = {
        one.source.ref
        for one in (
            egfr, clearance, severity, deindexed_egfr(egfr_ml_min_1_73m2=60, body_surface_area_m2=2),
            body_surface_area_mosteller(height_cm=170, weight_kg=70),
            body_surface_area_du_bois(height_cm=170, weight_kg=70), body_mass_index(height_cm=170, weight_kg=70),
            ideal_body_weight(age_years=40, sex="male", height_cm=170),
            adjusted_body_weight(actual_kg=80, ideal_kg=66),
        )
    }  # fmt: skip
    assert len(cited) == 9
    assert cited <= book.publications.keys()
