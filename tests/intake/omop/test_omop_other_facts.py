"""Persons, deaths, diagnoses, procedures, allergies, and where a person is looked after."""

from pathlib import Path
from typing import Any

import pytest

from rxvigil.intake.omop import omop

from .cdm import ALT, names, one, read, vocabulary, write

DAY = "2026-03-05"
CONCEPTS = [
    {"concept_id": 11, "concept_name": "Crohn's disease", "vocabulary_id": "SNOMED", "concept_code": "34000006"},
    {"concept_id": 12, "concept_name": "Fracture of ankle", "vocabulary_id": "SNOMED", "concept_code": "16114001"},
    {"concept_id": 13, "concept_name": "Pregnancy", "vocabulary_id": "SNOMED", "concept_code": "77386006"},
    {"concept_id": 14, "concept_name": "EHR problem list", "vocabulary_id": "Type Concept", "concept_code": "x"},
    {"concept_id": 15, "concept_name": "Allergy to drug", "vocabulary_id": "SNOMED", "concept_code": "416098002"},
    {"concept_id": 16, "concept_name": "allopurinol", "vocabulary_id": "RxNorm", "concept_code": "519"},
    {"concept_id": 17, "concept_name": "peanut", "vocabulary_id": "SNOMED", "concept_code": "762952008"},
    {"concept_id": 18, "concept_name": "No known allergy", "vocabulary_id": "SNOMED", "concept_code": "716186003"},
    {"concept_id": 19, "concept_name": "Local Crohn code", "vocabulary_id": "Hospital", "concept_code": "CR"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "born", "precision"),
    [
        ({"year_of_birth": 1980, "month_of_birth": 5, "day_of_birth": 9}, "1980-05-09", "day"),
        ({"year_of_birth": 1980, "month_of_birth": 5}, "1980-05", "month"),
        ({"year_of_birth": 1980}, "1980", "year"),
    ],
)
def test_a_date_of_birth_is_as_precise_as_it_is_given(
    tmp_path: Path, row: dict[str, Any], born: str, precision: str
) -> None:
    record = one(tmp_path, person=[{"person_id": 1, **row}])
    assert record.patient.born is not None
    assert (record.patient.born.iso, record.patient.born.precision) == (born, precision)


@pytest.mark.parametrize("year", ["", "0", "1492", "nineteen", "1980.5"])
def test_a_year_that_is_none_is_listed(tmp_path: Path, year: str) -> None:
    record = one(tmp_path, person=[{"person_id": 1, "year_of_birth": year}])
    assert record.patient.born is None
    assert [entry.what for entry in record.not_understood] == ["date of birth"]


@pytest.mark.parametrize(("concept", "sex"), [(8507, "male"), (8532, "female"), (0, "unknown"), (8521, "unknown")])
def test_sex(tmp_path: Path, concept: int, sex: str) -> None:
    assert one(tmp_path, person=[{"year_of_birth": 1980, "gender_concept_id": concept}]).patient.sex == sex


def test_death(tmp_path: Path) -> None:
    record = one(tmp_path, death=[{"death_date": DAY}])
    assert str(record.patient.died) == "5 Mar 2026"


def test_two_rows_about_one_person_that_contradict_each_other(tmp_path: Path) -> None:
    record = one(tmp_path, person=[{"year_of_birth": 1980}, {"year_of_birth": 1981}])
    assert record.patient.born is None
    assert all("contradict" in entry.why for entry in record.not_understood)


def test_the_practice_is_the_care_site_or_else_that_of_the_provider(tmp_path: Path) -> None:
    source = write(
        tmp_path,
        person=[
            {"person_id": 1, "year_of_birth": 1980, "care_site_id": 7, "provider_id": 1},
            {"person_id": 2, "year_of_birth": 1980, "provider_id": 1},
            {"person_id": 3, "year_of_birth": 1980, "provider_id": 2},
            {"person_id": 4, "year_of_birth": 1980},
        ],
        care_site=[{"care_site_id": 7, "care_site_name": "Mill Road"}, {"care_site_id": 8, "care_site_name": "Quay"}],
        provider=[{"provider_id": 1, "care_site_id": 8}, {"provider_id": 2, "provider_name": "Dr Finlay"}],
    )
    with omop(source, vocabulary()) as found:
        assert [practice for _, practice in found.records()] == ["Mill Road", "Quay", "Dr Finlay", None]


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"condition_end_date": "2026-04-01"}, "past"),
        ({"condition_type_concept_id": 14}, "active"),
        ({}, "uncertain"),
    ],
)
def test_a_diagnosis_is_as_certain_as_the_model_lets_it_be(tmp_path: Path, row: dict[str, Any], status: str) -> None:
    given = {"condition_concept_id": 11, "condition_start_date": DAY} | row
    record = one(tmp_path, condition_occurrence=[given], concept=CONCEPTS)
    assert [(found.concept, found.status) for found in record.conditions] == [("crohns-disease", status)]


def test_a_source_concept_is_followed_to_the_standard_one(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        condition_occurrence=[
            {"condition_concept_id": 0, "condition_source_concept_id": 19, "condition_start_date": DAY}
        ],
        concept=CONCEPTS,
        concept_relationship=[{"concept_id_1": 19, "concept_id_2": 11, "relationship_id": "Maps to"}],
    )
    assert [found.concept for found in record.conditions] == ["crohns-disease"]


def test_a_diagnosis_that_nobody_can_tell_may_be_any(tmp_path: Path) -> None:
    rows = [
        {"condition_concept_id": 999, "condition_source_value": "Z9", "condition_start_date": DAY},
        {"condition_concept_id": 12, "condition_start_date": DAY},
    ]
    record = one(tmp_path, condition_occurrence=rows, concept=CONCEPTS)
    assert [entry.affects for entry in record.not_understood] == [("any-condition",)]
    assert [other.display for other in record.outside] == ["Fracture of ankle"]


@pytest.mark.parametrize("table", ["condition_occurrence", "observation", "procedure_occurrence"])
def test_pregnancy_wherever_it_stands(tmp_path: Path, table: str) -> None:
    stem = table.partition("_")[0]
    date = f"{stem}_start_date" if stem == "condition" else f"{stem}_date"
    record = one(tmp_path, **{table: [{f"{stem}_concept_id": 13, date: DAY}]}, concept=CONCEPTS)
    assert [(found.kind, found.status) for found in record.events] == [("pregnancy", "happened")]


@pytest.mark.parametrize(
    ("row", "concept"),
    [
        ({"observation_concept_id": 15, "value_as_concept_id": 16}, "allopurinol"),
        ({"observation_concept_id": 15, "value_as_string": "azathioprine"}, "azathioprine"),
        ({"observation_concept_id": 0, "observation_source_value": "Allergy to azathioprine"}, "azathioprine"),
        ({"observation_concept_id": 18}, "none-known"),
        ({"observation_concept_id": 0, "observation_source_value": "NKDA"}, None),
        ({"observation_concept_id": 0, "observation_source_value": "no known drug allergies"}, "none-known"),
    ],
)
def test_allergies(tmp_path: Path, row: dict[str, Any], concept: str | None) -> None:
    record = one(tmp_path, observation=[{"observation_date": DAY} | row], concept=CONCEPTS)
    assert [found.concept for found in record.allergies] == ([concept] if concept else [])


def test_an_allergy_to_something_else_is_outside(tmp_path: Path) -> None:
    row = {"observation_concept_id": 15, "value_as_concept_id": 17, "observation_date": DAY}
    record = one(tmp_path, observation=[row], concept=CONCEPTS)
    assert [(other.kind, other.display) for other in record.outside] == [("allergy", "peanut")]


@pytest.mark.parametrize(
    ("row", "affects"),
    [
        ({"observation_concept_id": 15}, ("any-allergy",)),
        ({"observation_concept_id": 15, "value_as_concept_id": 555}, ("any-allergy",)),
        ({"observation_concept_id": 0, "observation_source_value": "Family history of allergy to azathioprine"},
         ("azathioprine",)),
    ],
)  # fmt: skip
def test_an_allergy_that_is_not_plain_leaves_open_what_it_may_mean(
    tmp_path: Path, row: dict[str, Any], affects: tuple[str, ...]
) -> None:
    record = one(tmp_path, observation=[{"observation_date": DAY} | row], concept=CONCEPTS)
    assert record.allergies == ()
    assert [entry.affects for entry in record.not_understood] == [affects]


def test_persons_come_in_order_and_rows_of_an_unknown_person_are_kept_apart(tmp_path: Path) -> None:
    row = {"measurement_concept_id": ALT, "measurement_date": DAY, "value_as_number": 38, "unit_source_value": "U/L"}
    source = write(
        tmp_path,
        person=[{"person_id": number, "year_of_birth": 1980} for number in (10, 9, 2)],
        measurement=[
            {**row, "person_id": 10},
            {**row, "person_id": 5},
            {**row, "person_id": "x"},
            {**row, "person_id": ""},
        ],
    )
    records, totals = read(source)
    assert names(records) == ["no usable person_id", "2", "5", "9", "10"]
    assert [entry.why for entry in records[0].not_understood] == [
        "it is no whole number: the row could be anybody's"
    ] * 2
    assert records[2].not_understood[0].why == "no row of PERSON has this person_id"
    assert (totals.kept, totals.quarantined) == (5, 2)
