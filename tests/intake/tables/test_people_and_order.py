"""Whose row it is, and in which order people come out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.errors import UnreadableInput
from rxvigil.intake.tables import read as reading_order
from rxvigil.intake.tables import read_tables, spill
from rxvigil.intake.tables.identity import unusable

from .desk import LABS, labs, lay, read, vocabulary


@pytest.mark.parametrize(
    "patient", ["", "=CMD()", "@x", "+44", "1.23E+11", "4,5E10", "---", "#", "?", "A\x00B", "x" * 201]
)
def test_ids_that_could_be_anybodys(patient: str) -> None:
    assert unusable(patient)


@pytest.mark.parametrize("patient", ["A17", "000123", "999 123 4567", "E11", "12E", "3E7A", "-12", "Müller"])
def test_ids_that_are_ids(patient: str) -> None:
    assert not unusable(patient)


def test_a_row_without_a_usable_id_is_kept_apart_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    """A spreadsheet turned two long ids into 1.23E+11: joined, two people would become one."""
    records = labs(
        tmp_path,
        "A17,2026-03-05,ALT,38,U/L",
        "1.23E+11,2026-03-05,ALT,400,U/L",
        "1.23E+11,2026-03-06,ALT,20,U/L",
        ",2026-03-07,ALT,30,U/L",
    )
    assert [len(record.results) for record in records] == [1, 1, 1, 1]
    assert [record.patient.id for record in records[1:]] == [
        f"no usable id: labs.csv line {line}" for line in (3, 4, 5)
    ]
    assert all("could be anybody's" in record.not_understood[0].why for record in records[1:])


def test_rows_of_one_person_are_joined_wherever_they_stand(tmp_path: Path) -> None:
    first, second = labs(
        tmp_path, "A17,2026-03-05,ALT,38,U/L", "B18,2026-03-05,ALT,30,U/L", "A17,2026-03-06,ALT,40,U/L"
    )
    assert [(record.patient.id, len(record.results)) for record in (first, second)] == [("A17", 2), ("B18", 1)]


TWO_TABLES = LABS + "  - {file: people.csv, holds: patients, born: born}\n"
ROWS = ["A1,2026-03-05,ALT,38,U/L", "A1,2026-03-06,ALT,39,U/L", "B2,2026-03-05,ALT,40,U/L", "C3,2026-03-05,ALT,41,U/L"]
FILES: dict[str, str | bytes] = {
    "labs.csv": "\n".join(["pid,date,test,value,unit", *ROWS]) + "\n",
    "people.csv": "pid,born\nA1,1980-01-01\nC3,1990-01-01\nD4,1970-01-01\n",
}


def test_sorted_files_are_read_as_a_stream_with_the_same_records(tmp_path: Path) -> None:
    stream = read(tmp_path, TWO_TABLES + "sorted: true\n", FILES)
    assert [record.patient.id for record in stream] == ["A1", "B2", "C3", "D4"]
    assert stream == sorted(read(tmp_path, TWO_TABLES, FILES), key=lambda record: record.patient.id)


def test_a_stream_hands_out_the_first_person_before_the_last_is_read(tmp_path: Path) -> None:
    broken = str(FILES["labs.csv"]) + 'Z9,2026-03-05,"ALT\n'
    tables = lay(tmp_path, LABS + "sorted: true\n", {"labs.csv": broken})
    records = read_tables(tables, tmp_path / "mapping.yaml", vocabulary())
    assert next(records).patient.id == "A1"


def test_a_file_said_to_be_sorted_that_is_not(tmp_path: Path) -> None:
    files = {"labs.csv": "\n".join(["pid,date,test,value,unit", *ROWS, ROWS[0]])}
    with pytest.raises(UnreadableInput, match="not sorted") as refusal:
        read(tmp_path, LABS + "sorted: true\n", {**files})
    assert refusal.value.where == "labs.csv:6"


def test_more_rows_than_the_memory_is_meant_for_are_sorted_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is a million rows; here it is three, with pieces of two. The records are the same, in order of id."""
    rows = [f"p{number % 3},2026-01-{10 + number:02d},ALT,{20 + number},U/L" for number in range(9)] + ["p1,,ALT,"]
    in_memory = labs(tmp_path, *rows)
    monkeypatch.setattr(reading_order, "MOST_ROWS", 3)
    monkeypatch.setattr(spill, "ROWS_IN_A_PIECE", 2)
    assert labs(tmp_path, *rows) == sorted(in_memory, key=lambda record: record.patient.id)


@given(order=st.permutations(range(len(ROWS))))
def test_the_order_of_rows_changes_no_record(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    shuffled = labs(tmp_path_factory.mktemp("rows"), *(ROWS[index] for index in order))
    values = {record.patient.id: [result.value for result in record.results] for record in shuffled}
    assert values == {"A1": [38, 39], "B2": [40], "C3": [41]}


def test_two_rows_that_describe_one_person_differently_are_both_disbelieved(tmp_path: Path) -> None:
    mapping = LABS.split("tables:")[0] + (
        "tables:\n  - {file: people.csv, holds: patients, born: born, "
        "sex: {column: sex, words: {F: female, M: male, U: unknown}}}\n"
    )
    people = "pid,born,sex\nA1,1980-01-01,F\nA1,1981-01-01,U\n"
    (record,) = read(tmp_path, mapping, {"people.csv": people})
    assert (record.patient.born, record.patient.sex) == (None, "female")
    assert [entry.what for entry in record.not_understood] == ["date of birth", "date of birth"]


def test_an_age_that_is_none_is_listed(tmp_path: Path) -> None:
    mapping = (
        "kind: mapping\ntitle: ages\npatient: none\n"
        "tables:\n  - {file: people.csv, holds: patients, age: {days: age, on: 2026-01-01}}\n"
    )
    ten, old, odd = read(tmp_path, mapping, {"people.csv": "age,x\n3653,a\n60000,b\nten,c\n"})
    assert ten.patient.born is not None
    assert str(ten.patient.born) == "1 Jan 2016"
    assert [record.patient.born for record in (old, odd)] == [None, None]
    assert [len(record.not_understood) for record in (ten, old, odd)] == [0, 1, 1]
