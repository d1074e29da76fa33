"""Workbooks (.xlsx): what a person sees on the screen is what is read, and what a spreadsheet does to data is said."""

import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from rxvigil.errors import RxvigilError, UnreadableInput
from rxvigil.facts import Record
from rxvigil.intake import read_patients
from rxvigil.intake.tables import read_tables, suggest_mapping, workbook

from .desk import vocabulary

HEADER = ("pid", "date", "test", "value", "unit")
MAPPING = """
kind: mapping
title: a workbook
patient: pid
dates: DD/MM/YYYY
tables:
  - sheet: Results
    holds: results
    date: date
    analyte: {name: test}
    value: value
    unit: unit
"""


def save(folder: Path, *rows: tuple[Any, ...], change: Callable[[Worksheet], None] | None = None) -> Path:
    """A workbook with one sheet of results, as a spreadsheet program would save it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Results"
    for row in (HEADER, *rows):
        sheet.append(row)
    if change is not None:
        change(sheet)
    path = folder / "clinic.xlsx"
    book.save(path)
    return path


def read(folder: Path, path: Path, mapping: str = MAPPING) -> list[Record]:
    """The records of a workbook under a mapping."""
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    return list(read_tables(path, folder / "mapping.yaml", vocabulary()))


def one(folder: Path, *rows: tuple[Any, ...], change: Callable[[Worksheet], None] | None = None) -> Record:
    """The record of the only person."""
    (record,) = read(folder, save(folder, *rows, change=change))
    return record


def whys(record: Record) -> list[str]:
    return [entry.why for entry in record.not_understood]


def test_a_date_the_spreadsheet_knows_needs_no_form_and_a_text_needs_the_stated_one(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        ("A1", date(2026, 3, 5), "ALT", 38, "U/L"),
        ("A1", "06/03/2026", "ALT", 39, "U/L"),
        ("A1", datetime(2026, 3, 7, 8, 30), "ALT", 40, "U/L"),
    )
    assert [result.when.iso for result in record.results] == ["2026-03-05", "2026-03-06", "2026-03-07"]
    assert [result.when.precision for result in record.results] == ["day", "day", "instant"]
    assert [result.written for result in record.results] == ["38 U/L", "39 U/L", "40 U/L"]
    assert record.not_understood == ()


def test_a_number_where_a_date_is_expected_is_listed_not_converted(tmp_path: Path) -> None:
    record = one(tmp_path, ("A1", 46086, "ALT", 38, "U/L"), ("A1", time(8, 30), "ALT", 38, "U/L"))
    assert record.results == ()
    assert "as spreadsheets count days" in whys(record)[0]
    assert whys(record)[1] == "the date is not a day written as DD/MM/YYYY"


def test_a_result_that_the_spreadsheet_made_a_date_of_is_no_value(tmp_path: Path) -> None:
    record = one(tmp_path, ("A1", date(2026, 3, 5), "ALT", date(2026, 7, 5), "U/L"))
    assert record.results == ()
    assert "it is a date, not a value" in whys(record)[0]
    assert record.not_understood[0].affects == ("alt",)


def test_errors_of_the_spreadsheet_are_never_values_names_or_ids(tmp_path: Path) -> None:
    records = read(
        tmp_path,
        save(
            tmp_path,
            ("A1", date(2026, 3, 5), "ALT", "#DIV/0!", "U/L"),
            ("A1", date(2026, 3, 5), "#N/A", 5, "U/L"),
            ("A1", "#REF!", "ALT", 5, "U/L"),
            ("#N/A", date(2026, 3, 5), "ALT", 5, "U/L"),
        ),
    )
    assert [entry.why for entry in records[0].not_understood] == [
        "the cell holds an error of the spreadsheet, not a value"
    ] * 3
    assert [entry.affects for entry in records[0].not_understood] == [("alt",), ("any-result",), ("alt",)]
    assert records[0].results == ()
    assert "error of the spreadsheet" in records[1].not_understood[0].why


def test_a_formula_gives_the_value_it_had_and_one_without_a_value_is_listed(tmp_path: Path) -> None:
    path = save(
        tmp_path, ("A1", date(2026, 3, 5), "ALT", "=19*2", "U/L"), ("A1", date(2026, 3, 6), "AST", "=20*2", "U/L")
    )
    before, after = b"<f>19*2</f><v />", b"<f>19*2</f><v>38</v>"
    _rewrite(
        path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b"<f>19*2</f><v></v>", after).replace(before, after)
    )
    (record,) = read(tmp_path, path)
    assert [result.value for result in record.results] == [38]
    assert whys(record) == ["it is a spreadsheet formula, not a value"]
    assert record.not_understood[0].affects == ("ast",)


def test_a_cell_merged_downwards_speaks_for_the_rows_it_covers(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        ("A1", date(2026, 3, 5), "ALT", 38, "U/L"),
        (None, None, "AST", 30, "U/L"),
        (None, None, "CRP", 5, "mg/L"),
        change=lambda sheet: [sheet.merge_cells(block) for block in ("A2:A4", "B2:B4")],
    )
    assert {result.analyte for result in record.results} == {"alt", "ast", "crp"}
    assert {result.when.iso for result in record.results} == {"2026-03-05"}
    assert record.not_understood == ()


def test_a_cell_merged_across_columns_is_said(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        ("A1", date(2026, 3, 5), "ALT", 38, None),
        change=lambda sheet: sheet.merge_cells("D2:E2"),
    )
    assert any("merged across columns" in why for why in whys(record))
    assert record.results == (), "its unit is not known"


def test_a_hidden_row_is_read_and_said(tmp_path: Path) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True

    record = one(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"), change=hide)
    assert [result.value for result in record.results] == [38]
    assert whys(record) == ["it is hidden in the spreadsheet, and was read all the same"]


def test_a_sheet_that_the_mapping_does_not_read_is_counted_hidden_or_not(tmp_path: Path) -> None:
    def more(sheet: Worksheet) -> None:
        sheet.parent.create_sheet("Notes").append(["x"])
        sheet.parent.create_sheet("Old").sheet_state = "hidden"

    record = one(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"), change=more)
    assert record.unread == {
        "file clinic.xlsx, sheet Notes, not in the mapping": 1,
        "file clinic.xlsx, hidden sheet Old, not in the mapping": 1,
    }


def test_ids_keep_their_zeros_and_long_ones_are_nobodys(tmp_path: Path) -> None:
    def shape(sheet: Worksheet) -> None:
        sheet["A2"].number_format = "000000"

    records = read(
        tmp_path,
        save(
            tmp_path,
            (17, date(2026, 3, 5), "ALT", 38, "U/L"),
            (12345678901234567, date(2026, 3, 5), "ALT", 39, "U/L"),
            (4711, date(2026, 3, 5), "ALT", 40, "U/L"),
            change=shape,
        ),
    )
    assert [record.patient.id for record in records] == [
        "000017",
        "no usable id: clinic.xlsx, sheet Results line 3",
        "4711",
    ]


def test_a_percentage_is_read_as_it_is_seen(tmp_path: Path) -> None:
    """62 % on the screen is kept as 0.62; without a unit of its own it could only be the count, and is not read."""

    def shape(sheet: Worksheet) -> None:
        sheet["D2"].number_format = sheet["D3"].number_format = "0%"

    rows = [("A1", date(2026, 3, 5), "Neutrophils", 0.62, "%"), ("A1", date(2026, 3, 6), "Neutrophils", 0.62, None)]
    record = one(tmp_path, *rows, change=shape)
    assert [(result.analyte, result.value) for result in record.results] == [("neutrophils-percent", 62)]
    assert record.not_understood[0].affects == ("neutrophils",)


def test_the_comma_of_the_mapping_does_not_matter_to_a_number_of_the_spreadsheet(tmp_path: Path) -> None:
    mapping = MAPPING.replace("tables:", 'numbers: {decimal: ","}\ntables:')
    (record,) = read(tmp_path, save(tmp_path, ("A1", date(2026, 3, 5), "WBC", 4.2, "10*9/L")), mapping)
    assert [result.value for result in record.results] == [4.2]


def test_text_beside_the_table_is_said_and_the_row_read(tmp_path: Path) -> None:
    record = one(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L", None, "haemolysed?"))
    assert [result.value for result in record.results] == [38]
    assert whys(record) == ["it has cells beside the table, under no heading"]


def test_several_sheets_and_none_named(tmp_path: Path) -> None:
    path = save(tmp_path, change=lambda sheet: sheet.parent.create_sheet("Notes"))
    with pytest.raises(UnreadableInput, match="several sheets") as refusal:
        read(tmp_path, path, MAPPING.replace("sheet: Results", "file: clinic.xlsx"))
    assert "'Results', 'Notes'" in refusal.value.do
    with pytest.raises(UnreadableInput, match="no sheet 'Result'"):
        read(tmp_path, path, MAPPING.replace("sheet: Results", "sheet: Result"))


def test_a_workbook_is_read_as_csv_is_by_the_library(tmp_path: Path) -> None:
    path = save(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"))
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (record,) = read_patients(path, vocabulary(), tmp_path / "mapping.yaml")
    assert record.patient.id == "A1"
    with pytest.raises(UnreadableInput, match="no mapping"):
        list(read_patients(path, vocabulary()))


def test_a_draft_names_the_sheet_and_the_row_of_the_header(tmp_path: Path) -> None:
    path = save(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"), change=lambda sheet: sheet.insert_rows(1, 2))
    draft = suggest_mapping(path, vocabulary())
    assert 'sheet: "Results"' in draft
    assert "header_row: 3  # guess" in draft
    assert "holds: results  # guess" in draft
    assert 'date: "date"  # guess; its dates are YYYY-MM-DD' in draft


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 and nothing more", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_workbook_is_a_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clinic.xlsx"
    path.write_bytes(content)
    with pytest.raises(RxvigilError):
        read(tmp_path, path)


def test_a_workbook_that_was_damaged_is_a_message(tmp_path: Path) -> None:
    path = save(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"))
    whole = path.read_bytes()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end] + b"\xff" + whole[end + 1 :])
        with suppress(RxvigilError):
            read(tmp_path, path)


def test_a_sheet_said_to_be_enormous_is_read_by_what_it_holds(tmp_path: Path) -> None:
    path = save(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"))
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b'ref="A1:E2"', b'ref="A1:XFD1048576"'))
    (record,) = read(tmp_path, path)
    assert len(record.results) == 1


def test_a_cell_far_to_the_right_is_refused(tmp_path: Path) -> None:
    def far(sheet: Worksheet) -> None:
        sheet["XFD2"] = "x"

    with pytest.raises(UnreadableInput, match="columns wide"):
        read(tmp_path, save(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"), change=far))


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_SMALL", 1000)
    path = save(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"))
    _rewrite(
        path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b"</sheetData>", b" " * 1_000_000 + b"</sheetData>")
    )
    with pytest.raises(UnreadableInput, match="unpacks to far more"):
        read(tmp_path, path)


def test_entities_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, ("A1", date(2026, 3, 5), "ALT", 38, "U/L"))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda text: bomb + text)
    with pytest.raises(UnreadableInput):
        read(tmp_path, path)


def _rewrite(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for one, content in parts.items():
            packed.writestr(one, content)


AKI = """
kind: mapping
title: a study of kidney injury, kept by hand
patient: study_id
tables:
  - sheet: Sheet1
    header_row: 5
    holds: patients
    born: {column: dob, format: [MM/DD/YYYY]}
    sex: {column: Sex, words: {Male: male, Female: female, F: female, M: male}}
"""


def test_a_spreadsheet_kept_by_hand(tmp_path: Path, data: Path) -> None:
    """Dates in five ways, an id used twice, sexes misspelt: each ends as a fact or in the list."""
    (tmp_path / "mapping.yaml").write_text(AKI, encoding="utf-8")
    path = data / "messy-spreadsheet" / "messy_aki.xlsx"
    records = {record.patient.id: record for record in read_tables(path, tmp_path / "mapping.yaml", vocabulary())}
    book = openpyxl.load_workbook(path)
    rows = [row for row in book["Sheet1"].iter_rows(min_row=6, values_only=True) if any(row)]
    assert set(records) >= {str(row[0]) for row in rows if isinstance(row[0], int)}
    assert str(records["1"].patient.born) == "11 Nov 1967"
    assert {entry.why for entry in records["3"].not_understood} >= {"the date is not a day written as MM/DD/YYYY"}
    assert any("contradict" in entry.why for entry in records["3"].not_understood), "two rows have the id 3"
    unread = sum(bool(record.not_understood) for record in records.values())
    known = sum(record.patient.born is not None for record in records.values())
    assert known + unread >= len(records)
