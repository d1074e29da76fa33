"""Child-Pugh. The limits were compared with the tables of the Cleveland Clinic Journal of Medicine, the MSD Manual, the
Scottish palliative care guidelines (µmol/L) and, for cholestatic disease, pacs.de. The patients are vignettes of
MedCalc-Bench (NCBI, rows 201 to 206); their points are counted here by hand, because that data set's own totals leave
out ascites written in small letters and a bilirubin of exactly 3 mg/dL."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.formulae import Ascites, ChildPugh, OutsideValidity, child_pugh

MG_DL = 17.1


def scored(**changed: Any) -> ChildPugh:
    """Somebody with every item at its best, except what is changed."""
    best: dict[str, Any] = {
        "bilirubin_umol_per_l": 10, "cholestatic": False, "albumin_g_per_l": 42, "inr": 1.0, "ascites": "none",
        "encephalopathy_grade": 0,
    }  # fmt: skip
    return child_pugh(**{**best, **changed})


def test_at_best_five_points() -> None:
    assert (scored().points, scored().grade) == (5, "A")


@pytest.mark.parametrize(
    ("bilirubin", "albumin", "inr", "ascites", "grade", "points", "letter"),
    [
        (40.2, 31, 2.1, "none", 2, 2 + 2 + 2 + 1 + 2, "B"),
        (13.3 * MG_DL, 33.3, 2.2, "moderate", 2, 3 + 2 + 2 + 3 + 2, "C"),
        (2.45 * MG_DL, 31, 2.1, "slight", 3, 2 + 2 + 2 + 2 + 3, "C"),
        (2.4 * MG_DL, 31, 1.8, "slight", 1, 2 + 2 + 2 + 2 + 2, "C"),
        (1.8 * MG_DL, 29, 1.5, "moderate", 0, 1 + 2 + 1 + 3 + 1, "B"),
    ],
)
def test_vignettes_counted_by_hand(
    bilirubin: float, albumin: float, inr: float, ascites: Ascites, grade: int, points: int, letter: str
) -> None:
    found = child_pugh(
        bilirubin_umol_per_l=bilirubin, cholestatic=False, albumin_g_per_l=albumin, inr=inr, ascites=ascites,
        encephalopathy_grade=grade,
    )  # fmt: skip
    assert (found.points, found.grade) == (points, letter)


@pytest.mark.parametrize(
    ("item", "value", "points"),
    [
        ("bilirubin_umol_per_l", 33.9, 1), ("bilirubin_umol_per_l", 34, 2), ("bilirubin_umol_per_l", 50, 2),
        ("bilirubin_umol_per_l", 50.1, 3),
        ("albumin_g_per_l", 35.1, 1), ("albumin_g_per_l", 35, 2), ("albumin_g_per_l", 28, 2),
        ("albumin_g_per_l", 27.9, 3),
        ("inr", 1.69, 1), ("inr", 1.7, 2), ("inr", 2.3, 2), ("inr", 2.31, 3),
        ("ascites", "none", 1), ("ascites", "slight", 2), ("ascites", "moderate", 3),
        ("encephalopathy_grade", 0, 1), ("encephalopathy_grade", 1, 2), ("encephalopathy_grade", 2, 2),
        ("encephalopathy_grade", 3, 3), ("encephalopathy_grade", 4, 3),
    ],
)  # fmt: skip
def test_each_item_at_its_limits(item: str, value: Any, points: int) -> None:
    assert scored(**{item: value}).points == 4 + points


@pytest.mark.parametrize(("bilirubin", "points"), [(67.9, 1), (68, 2), (170, 2), (170.1, 3)])
def test_cholestatic_disease_has_limits_of_its_own(bilirubin: float, points: int) -> None:
    assert scored(bilirubin_umol_per_l=bilirubin, cholestatic=True).points == 4 + points


@pytest.mark.parametrize(("seconds", "points"), [(0, 1), (3.9, 1), (4, 2), (6, 2), (6.1, 3)])
def test_the_prothrombin_time_may_stand_for_the_inr(seconds: float, points: int) -> None:
    assert scored(inr=None, prothrombin_prolonged_s=seconds).points == 4 + points


@pytest.mark.parametrize(("points", "letter"), [(5, "A"), (6, "A"), (7, "B"), (9, "B"), (10, "C"), (15, "C")])
def test_classes_at_their_limits(points: int, letter: str) -> None:
    worse: list[dict[str, Any]] = [
        {"bilirubin_umol_per_l": 200}, {"albumin_g_per_l": 20}, {"inr": 3.0}, {"ascites": "moderate"},
        {"encephalopathy_grade": 4},
    ]  # fmt: skip
    changed: dict[str, Any] = {}
    for step in worse[: (points - 5) // 2]:
        changed |= step
    if (points - 5) % 2:
        changed["encephalopathy_grade"] = 1
    assert (scored(**changed).points, scored(**changed).grade) == (points, letter)


def test_where_published_tables_differ_it_is_said_and_the_higher_counts() -> None:
    found = scored(bilirubin_umol_per_l=50.5)
    assert found.points == 4 + 3
    assert "tables differ" in found.notes[0]
    assert scored(bilirubin_umol_per_l=52).notes == ()


def test_the_sum_is_written_out() -> None:
    found = scored(ascites="slight")
    assert found.formula == (
        "1 (bilirubin) + 1 (albumin) + 1 (INR) + 2 (ascites) + 1 (encephalopathy) = 6 points, class A"
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"bilirubin_umol_per_l": -1}, {"bilirubin_umol_per_l": float("nan")}, {"albumin_g_per_l": 4.2},
        {"albumin_g_per_l": -35}, {"inr": 0}, {"inr": None}, {"prothrombin_prolonged_s": 3}, {"ascites": "severe"},
        {"encephalopathy_grade": 5}, {"encephalopathy_grade": -1}, {"encephalopathy_grade": 1.5},
    ],
)  # fmt: skip
def test_what_is_missing_or_impossible_is_refused(changed: dict[str, Any]) -> None:
    """An albumin of 4.2 is in g/dL; without clotting, or with both measures of it, there is no score."""
    with pytest.raises(OutsideValidity) as refused:
        scored(**changed)
    assert refused.value.do


@given(st.floats(0, 1000), st.floats(0, 1000), st.booleans())
def test_a_higher_bilirubin_never_scores_less(one: float, other: float, cholestatic: bool) -> None:
    low, high = sorted((one, other))
    better = scored(bilirubin_umol_per_l=low, cholestatic=cholestatic).points
    assert better <= scored(bilirubin_umol_per_l=high, cholestatic=cholestatic).points


@given(st.floats(10, 70), st.floats(10, 70))
def test_a_lower_albumin_never_scores_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert scored(albumin_g_per_l=high).points <= scored(albumin_g_per_l=low).points
