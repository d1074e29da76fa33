"""DRUG_EXPOSURE: what was taken, from when, for how long; an end that an ETL worked out is no end."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rxvigil.engine.courses import exposure
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import Prescription

from .cdm import AZATHIOPRINE_50, one

START = "2026-01-01"
CONCEPTS = [
    dict(zip(("concept_id", "concept_name", "vocabulary_id", "concept_code"), row, strict=True))
    for row in (
        (1, "allopurinol 100 MG Oral Tablet", "RxNorm", "197319"),
        (2, "amoxicillin 250 MG Oral Capsule", "RxNorm", "308182"),
        (3, "zoster vaccine, live", "CVX", "121"),
        (4, "Imuran 50mg tabs, pack", "NDC", "00000-1"),
        (5, "EHR administration record", "Type Concept", "x"),
    )
]


def taken(folder: Path, **row: Any) -> Prescription:
    """The prescription that one row makes."""
    given = {"drug_concept_id": AZATHIOPRINE_50, "drug_exposure_start_date": START} | row
    (found,) = one(folder, drug_exposure=[given], concept=CONCEPTS).prescriptions
    return found


def test_a_prescription_that_its_source_ended(tmp_path: Path) -> None:
    found = taken(tmp_path, drug_exposure_end_date="2026-01-30", verbatim_end_date="2026-01-30")
    assert (found.drug, found.status, str(found.end)) == ("azathioprine", "ended", "30 Jan 2026")
    assert exposure([found], date(2026, 2, 1)).active == NO


def test_an_end_that_was_worked_out_is_how_far_the_supply_reaches(tmp_path: Path) -> None:
    """Themis: where the source has no end, start + days of supply - 1. A month later it may well be taken still."""
    found = taken(tmp_path, drug_exposure_end_date="2026-01-30", days_supply=30)
    assert (found.status, found.end, str(found.supply_until)) == ("active", None, "30 Jan 2026")
    assert exposure([found], date(2026, 2, 28)).active == YES
    assert exposure([found], date(2026, 12, 1)).active == UNKNOWN


def test_refills_make_the_supply_last_longer(tmp_path: Path) -> None:
    found = taken(tmp_path, days_supply=30, refills=2)
    assert found.supply_until is not None
    assert found.supply_until.first == date(2026, 1, 1) + timedelta(days=89)


def test_an_end_that_only_repeats_the_start_says_nothing(tmp_path: Path) -> None:
    """ETL-Synthea writes the start where a medicine goes on."""
    found = taken(tmp_path, drug_exposure_end_date=START, days_supply=0)
    assert (found.status, found.end, found.supply_until) == ("unknown", None, None)
    assert exposure([found], date(2026, 2, 1)).active == UNKNOWN


def test_a_reason_for_stopping_makes_the_end_real(tmp_path: Path) -> None:
    found = taken(tmp_path, drug_exposure_end_date="2026-01-10", stop_reason="pancreatitis")
    assert (found.status, str(found.end)) == ("ended", "10 Jan 2026")


def test_an_administration_is_over_on_its_day(tmp_path: Path) -> None:
    found = taken(tmp_path, drug_type_concept_id=5, drug_exposure_end_date=START)
    assert (found.kind, found.status, str(found.end)) == ("given", "ended", "1 Jan 2026")


@pytest.mark.parametrize(
    ("type_", "kind"), [(32838, "ordered"), (32869, "supplied"), (32818, "given"), (32865, "reported"), (0, "ordered")]
)
def test_how_it_is_known(tmp_path: Path, type_: int, kind: str) -> None:
    assert taken(tmp_path, drug_type_concept_id=type_, days_supply=30).kind == kind


@pytest.mark.parametrize("end", ["2099-12-31", "9999-12-31", "soon"])
def test_an_end_beyond_belief_is_none(tmp_path: Path, end: str) -> None:
    found = taken(tmp_path, drug_exposure_end_date=end)
    assert (found.end, found.supply_until, found.status) == (None, None, "unknown")


@pytest.mark.parametrize(
    ("sig", "dose"),
    [
        ("2 tablets once a day", 100),
        ("150 mg once a day", 150),
        ("take as directed", None),
        ("", None),
        ("2.5 mg/kg daily", None),
    ],
)
def test_the_dose_stands_in_the_instruction(tmp_path: Path, sig: str, dose: float | None) -> None:
    found = taken(tmp_path, sig=sig, quantity=90, days_supply=30)
    assert (found.dose.high if found.dose else None) == dose, "90 tablets for 30 days are no dose"


def test_concepts_and_names(tmp_path: Path) -> None:
    rows = [
        {"drug_concept_id": 1, "drug_exposure_start_date": START, "days_supply": 30},
        {"drug_concept_id": 0, "drug_source_concept_id": 4, "drug_exposure_start_date": START, "days_supply": 30},
        {"drug_concept_id": 0, "drug_source_value": "Methotrexate 2.5mg tablets", "drug_exposure_start_date": START},
        {"drug_concept_id": 2, "drug_exposure_start_date": START},
    ]
    record = one(tmp_path, drug_exposure=rows, concept=CONCEPTS)
    assert {found.drug for found in record.prescriptions} == {"allopurinol", "azathioprine", "methotrexate"}
    assert [(other.kind, other.code) for other in record.outside] == [("drug", "308182")]


@pytest.mark.parametrize(
    "row",
    [
        {"drug_concept_id": 777},
        {"drug_concept_id": 777, "drug_source_value": "A123"},
        {"drug_concept_id": 0, "drug_source_value": "00093-7146-01"},
        {"drug_concept_id": 0, "drug_source_value": ""},
    ],
)
def test_a_medicine_that_nobody_can_tell_may_be_any(tmp_path: Path, row: dict[str, Any]) -> None:
    """Without this, allopurinol under an unnamed concept would look like no allopurinol."""
    record = one(tmp_path, drug_exposure=[{"drug_exposure_start_date": START} | row], concept=CONCEPTS)
    assert record.prescriptions == ()
    assert [entry.affects for entry in record.not_understood] == [("any-drug",)]
    assert record.lists == ("prescriptions",)


def test_a_date_that_cannot_be_read_is_listed_and_the_medicine_kept(tmp_path: Path) -> None:
    row = {"drug_concept_id": AZATHIOPRINE_50, "drug_exposure_start_date": "spring", "verbatim_end_date": "summer"}
    record = one(tmp_path, drug_exposure=[row])
    assert [(found.start, found.end, found.status) for found in record.prescriptions] == [(None, None, "unknown")]
    assert [entry.affects for entry in record.not_understood] == [("azathioprine",), ("azathioprine",)]


def test_vaccines_stand_among_the_drugs(tmp_path: Path) -> None:
    record = one(tmp_path, drug_exposure=[{"drug_concept_id": 3, "drug_exposure_start_date": START}], concept=CONCEPTS)
    assert [(found.status, str(found.when)) for found in record.immunisations] == [("given", "1 Jan 2026")]
