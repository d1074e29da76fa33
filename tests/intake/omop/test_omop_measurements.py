"""MEASUREMENT: which test, which value, in which unit, of which day; and what is never guessed."""

from pathlib import Path
from typing import Any

import pytest

from rxvigil.facts import NotUnderstood, Result

from .cdm import ALT, PLATELETS, WBC, one

DAY = "2026-03-05"
CONCEPTS = [
    {"concept_id": 3000001, "concept_name": "Leukocytes [#/volume] in Blood", "vocabulary_id": "LOINC",
     "concept_code": "26464-8"},
    {"concept_id": 3000002, "concept_name": "Leukocytes [#/volume] in Urine", "vocabulary_id": "LOINC",
     "concept_code": "30405-5"},
    {"concept_id": 8848, "concept_name": "thousand per microliter", "vocabulary_id": "UCUM", "concept_code": "10*3/uL"},
    {"concept_id": 4181412, "concept_name": "Positive", "vocabulary_id": "SNOMED", "concept_code": "10828004"},
    {"concept_id": 2000000007, "concept_name": "WBC", "vocabulary_id": "Our lab", "concept_code": "L17"},
    {"concept_id": 2000000008, "concept_name": "Serum rhubarb", "vocabulary_id": "Our lab", "concept_code": "L18"},
]  # fmt: skip


def measured(folder: Path, **row: Any) -> Result | NotUnderstood:
    """What comes of one row: a result, or why not."""
    given = {"measurement_concept_id": WBC, "measurement_date": DAY, "value_as_number": 4.2,
             "unit_source_value": "10*9/L"} | row  # fmt: skip
    record = one(folder, measurement=[given], concept=CONCEPTS)
    assert record.lists == ("results",)
    (found,) = (*record.results, *record.not_understood)
    return found


def test_a_result(tmp_path: Path) -> None:
    found = measured(tmp_path)
    assert isinstance(found, Result)
    assert (found.analyte, found.value, found.when.iso, found.written) == ("white-cells", 4.2, DAY, "4.2 10*9/L")
    assert str(found.origin) == "measurement/1 (MEASUREMENT.csv)"


def test_a_concept_that_only_the_concept_table_knows_is_read_by_its_loinc_code(tmp_path: Path) -> None:
    found = measured(tmp_path, measurement_concept_id=3000001)
    assert isinstance(found, Result)
    assert found.analyte == "white-cells"


def test_the_unit_may_be_a_concept(tmp_path: Path) -> None:
    found = measured(tmp_path, unit_concept_id=8848, unit_source_value="")
    assert isinstance(found, Result)
    assert found.value == 4.2, "10*3/uL is 10*9/L"


def test_a_laboratorys_own_concept_is_read_by_its_name(tmp_path: Path) -> None:
    found = measured(tmp_path, measurement_concept_id=0, measurement_source_concept_id=2000000007)
    assert isinstance(found, Result)
    assert found.analyte == "white-cells"


def test_a_source_value_in_words_is_read_where_there_is_no_concept(tmp_path: Path) -> None:
    found = measured(tmp_path, measurement_concept_id=0, measurement_source_value="White cell count")
    assert isinstance(found, Result)
    assert found.analyte == "white-cells"


def test_a_name_of_ours_under_a_concept_we_do_not_know_is_not_believed(tmp_path: Path) -> None:
    """The same name may stand for another specimen."""
    found = measured(tmp_path, measurement_concept_id=3999999, measurement_source_value="WBC")
    assert isinstance(found, NotUnderstood)
    assert (found.why, found.affects) == ("its code is none we know, but its name is one of ours", ("white-cells",))


@pytest.mark.parametrize(
    "row",
    [
        {"measurement_concept_id": 3000002},
        {"measurement_concept_id": 0, "measurement_source_concept_id": 2000000008},
        {"measurement_concept_id": 0, "measurement_source_value": "6690-2"},
    ],
)
def test_what_is_none_of_ours_is_counted_by_code(tmp_path: Path, row: dict[str, Any]) -> None:
    """A bare code without its system is not guessed at, even where it looks like LOINC."""
    given = {"measurement_date": DAY, "value_as_number": 4.2, "unit_source_value": "10*9/L"} | row
    record = one(tmp_path, measurement=[given], concept=CONCEPTS)
    assert (record.results, record.not_understood) == ((), ())
    assert sum(other.count for other in record.outside) == 1


@pytest.mark.parametrize(
    ("row", "comparator"),
    [
        ({"operator_concept_id": 4171756}, "<"),
        ({"operator_concept_id": 4171754}, "<="),
        ({"operator_concept_id": 4172704}, ">"),
        ({"operator_concept_id": 4171755}, ">="),
        ({"operator_concept_id": 4172703}, ""),
        ({"operator_concept_id": 0}, ""),
        ({"operator_concept_id": 0, "value_source_value": "<4.2"}, "<"),
        ({"operator_concept_id": 4171756, "value_source_value": "<4.2"}, "<"),
    ],
)
def test_operators(tmp_path: Path, row: dict[str, Any], comparator: str) -> None:
    found = measured(tmp_path, **row)
    assert isinstance(found, Result)
    assert (found.comparator, found.value) == (comparator, 4.2)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"operator_concept_id": 4171756, "value_source_value": ">4.2"}, "different things"),
        ({"operator_concept_id": 99}, "operator is none we know"),
        ({"unit_source_value": ""}, "it has no unit"),
        ({"unit_source_value": "furlongs"}, "is not one we know"),
        ({"unit_concept_id": 8848, "unit_source_value": "/uL"}, "in words and"),
        ({"value_as_number": ""}, "it has no value"),
        ({"value_as_number": "", "value_as_concept_id": 999}, "the CONCEPT table does not name"),
        ({"value_as_number": "", "value_source_value": "haemolysed"}, "neither a number nor words"),
        ({"value_as_number": "NaN"}, "not a finite number"),
        ({"value_as_number": "inf"}, "not a finite number"),
        ({"value_as_number": "four"}, "not a number"),
        ({"value_as_number": 4200}, "not believable"),
        ({"measurement_date": ""}, "it has no date"),
        ({"measurement_date": "2026-02-30"}, "not a day"),
        ({"measurement_date": "05/03/2026"}, "not a day"),
        ({"measurement_date": "0001-01-01"}, "not a day"),
    ],
)
def test_what_cannot_be_used_leaves_the_test_open(tmp_path: Path, row: dict[str, Any], why: str) -> None:
    found = measured(tmp_path, **row)
    assert isinstance(found, NotUnderstood)
    assert why in found.why
    assert found.affects == ("white-cells",)


@pytest.mark.parametrize(
    ("moment", "precision", "iso"),
    [
        ("2026-03-05 00:00:00", "day", DAY),
        ("2026-03-05 08:30:00", "instant", DAY),
        ("2026-03-05T08:30:00+01:00", "instant", DAY),
        ("2026-03-06 00:30:00", "day", DAY),
        ("yesterday", "day", DAY),
    ],
)
def test_midnight_is_no_time_and_the_date_decides_the_day(
    tmp_path: Path, moment: str, precision: str, iso: str
) -> None:
    found = measured(tmp_path, measurement_datetime=moment)
    assert isinstance(found, Result)
    assert (found.when.precision, found.when.iso) == (precision, iso)


def test_the_laboratorys_range(tmp_path: Path) -> None:
    found = measured(tmp_path, measurement_concept_id=ALT, value_as_number=38, unit_source_value="U/L", range_high=40)
    assert isinstance(found, Result)
    assert found.reference is not None
    assert (found.reference.low, found.reference.high) == (None, 40)


def test_a_range_that_runs_backwards_is_left_out_and_the_result_kept(tmp_path: Path) -> None:
    row = {"measurement_concept_id": PLATELETS, "measurement_date": DAY, "value_as_number": 200,
           "unit_source_value": "10*9/L", "range_low": 400, "range_high": 150}  # fmt: skip
    record = one(tmp_path, measurement=[row])
    assert record.results[0].reference is None
    assert "runs backwards" in record.not_understood[0].why


@pytest.mark.parametrize("answer", [{"value_as_concept_id": 4181412}, {"value_source_value": "POSITIVE"}])
def test_an_answer_in_words(tmp_path: Path, answer: dict[str, Any]) -> None:
    row = {"measurement_concept_id": 0, "measurement_source_value": "Hepatitis B surface antigen",
           "measurement_date": DAY} | answer  # fmt: skip
    record = one(tmp_path, measurement=[row], concept=CONCEPTS)
    assert [result.category for result in record.results] == ["positive"]


def test_an_answer_that_contradicts_its_source_is_not_chosen_between(tmp_path: Path) -> None:
    row = {"measurement_concept_id": 0, "measurement_source_value": "Hepatitis B surface antigen",
           "measurement_date": DAY, "value_as_concept_id": 4181412, "value_source_value": "negative"}  # fmt: skip
    record = one(tmp_path, measurement=[row], concept=CONCEPTS)
    assert record.results == ()
    assert "different answers" in record.not_understood[0].why


def test_a_genotype_among_the_measurements(tmp_path: Path) -> None:
    row = {"measurement_concept_id": 0, "measurement_source_value": "TPMT genotype", "measurement_date": DAY,
           "value_source_value": "*1/*3A"}  # fmt: skip
    record = one(tmp_path, measurement=[row])
    assert [(found.gene, found.diplotypes) for found in record.genotypes] == [("tpmt", ("*1/*3A",))]


def test_the_same_result_twice_is_one_and_the_copy_is_counted(tmp_path: Path) -> None:
    row = {"measurement_concept_id": WBC, "measurement_date": DAY, "value_as_number": 4.2,
           "unit_source_value": "10*9/L"}  # fmt: skip
    record = one(tmp_path, measurement=[row, row, {**row, "measurement_id": 1, "value_as_number": 4.3}])
    assert [result.value for result in record.results] == [4.2, 4.3]
    assert record.unread == {"Result (a further copy)": 1}
