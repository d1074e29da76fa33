"""A mapping that cannot be meant is refused with its file and line, before any data are read."""

from pathlib import Path

import pytest

from rxvigil.errors import UnreadableInput
from rxvigil.intake.tables import read_tables

from .desk import LABS, lay, vocabulary

WIDE = """\
kind: mapping
title: panels
patient: pid
tables:
  - file: panels.csv
    holds: panels
    date: date
    analytes:
      wcc: {analyte: white-cells, unit: "10*9/L"}
"""


def refusal(folder: Path, mapping: str) -> UnreadableInput:
    tables = lay(folder, mapping, {"labs.csv": "pid,date,test,value,unit\n"})
    with pytest.raises(UnreadableInput) as found:
        read_tables(tables, folder / "mapping.yaml", vocabulary())
    return found.value


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("holds: results", "holds: resutls", 6, "resutls"),
        ("    value: value\n", "", 6, "value: Field required"),
        ("unit: unit", "units: unit", 11, "Extra inputs"),
        ("unit: unit", "unit: {column: unit, constant: U/L}", 11, "one of the two"),
        ("date: date", "date: {column: date, format: DD/MM}", 8, "is not a date form"),
        ("date: date", "date: {column: date, format: [DD/MM/YYYY, MM/DD/YYYY]}", 8, "two different days"),
        ("date: date", "date: {}", 8, "one of the two"),
        ("{name: test}", "{code: test}", 9, "needs its system"),
        ("{name: test}", "{name: test, means: {X: neutrophil}}", 9, "'neutrophil' is no analyte"),
        ("{name: test}", "{}", 9, "or write {constant: ...}"),
        ("unit: unit", "stated_units: {platelets: mg/L}", 11, "'mg/L' is no unit of platelets"),
        ("value: value", "value: '?'", 10, "still a question mark"),
        ("patient: pid", "patient: pid\npatient: mrn", 5, "stands twice"),
        ("patient: pid", "patient: pid\nnumbers: {decimal: ',', thousands: ','}", 5, "same sign"),
        ("patient: pid", "patient: pid\ndates: }", 5, "not valid YAML"),
    ],
)
def test_every_slip_has_its_line(tmp_path: Path, before: str, after: str, line: int, says: str) -> None:
    problem = refusal(tmp_path, LABS.replace(before, after, 1))
    assert says in problem.what
    assert problem.where.endswith(f"mapping.yaml:{line}")
    assert problem.do


def test_a_key_that_is_nearly_ours_is_proposed(tmp_path: Path) -> None:
    problem = refusal(tmp_path, LABS.replace("{name: test}", "{name: test, means: {X: neutrophil}}"))
    assert "neutrophils" in problem.do


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("{analyte: white-cells, unit: furlong}", "is no unit of white cells"),
        ("{analyte: white-cells}", "has no unit"),
        ("{analyte: leucocytes, unit: '10*9/L'}", "is no analyte of our vocabulary"),
    ],
)
def test_a_wide_column_needs_a_unit_that_is_its_analytes(tmp_path: Path, spec: str, says: str) -> None:
    problem = refusal(tmp_path, WIDE.replace('{analyte: white-cells, unit: "10*9/L"}', spec))
    assert says in problem.what
    assert problem.where.endswith("mapping.yaml:9")


def test_a_test_in_words_needs_no_unit(tmp_path: Path) -> None:
    tables = lay(
        tmp_path,
        WIDE.replace('wcc: {analyte: white-cells, unit: "10*9/L"}', "hbsag: {analyte: hbsag}"),
        {"panels.csv": "pid,date,hbsag\nA17,2026-03-05,positive\n"},
    )
    (record,) = read_tables(tables, tmp_path / "mapping.yaml", vocabulary())
    assert record.results[0].category == "positive"


def test_rows_as_people_are_the_rows_of_one_file(tmp_path: Path) -> None:
    two = LABS.replace("patient: pid", "patient: none") + "  - {file: people.csv, holds: patients, born: born}\n"
    assert "rows of one file" in refusal(tmp_path, two).what


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_tables(tmp_path, tmp_path / "none.yaml", vocabulary())


def test_the_file_given_must_be_the_file_mapped(tmp_path: Path) -> None:
    tables = lay(tmp_path, LABS, {"labs-march.csv": "pid,date,test,value,unit\nA17,2026-03-05,ALT,38,U/L\n"})
    with pytest.raises(UnreadableInput, match=r"no file 'labs\.csv'"):
        read_tables(tables / "labs-march.csv", tmp_path / "mapping.yaml", vocabulary())
    (tmp_path / "mapping.yaml").write_text(LABS.replace("labs.csv", "labs-*.csv"), encoding="utf-8")
    assert len(list(read_tables(tables / "labs-march.csv", tmp_path / "mapping.yaml", vocabulary()))) == 1
    (tmp_path / "mapping.yaml").write_text(LABS.replace("  - file: labs.csv\n    holds", "  - holds"), encoding="utf-8")
    assert len(list(read_tables(tables / "labs-march.csv", tmp_path / "mapping.yaml", vocabulary()))) == 1
