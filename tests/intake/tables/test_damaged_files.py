"""Files that are not what they claim to be: refused with the line, or read without loss; never a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rxvigil.errors import RxvigilError, UnreadableInput

from .desk import LABS, labs, read

ROW = "A17,2026-03-05,ALT,38,U/L"
SECRET = "Mrs Secret"


def refusal(folder: Path, content: bytes, mapping: str = LABS) -> UnreadableInput:
    with pytest.raises(UnreadableInput) as found:
        read(folder, mapping, {"labs.csv": content})
    return found.value


def test_an_empty_file(tmp_path: Path) -> None:
    assert "is empty" in refusal(tmp_path, b"").what


def test_a_header_and_nothing_else_is_no_patient(tmp_path: Path) -> None:
    assert labs(tmp_path) == []


def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfpid,date,test,value,unit\r\n" + ROW.encode() + b"\r\n"
    (record,) = read(tmp_path, LABS, {"labs.csv": content})
    assert record.results[0].value == 38


def test_windows_characters_need_the_encoding_stated(tmp_path: Path) -> None:
    content = "pid,date,test,value,unit\nMüller,2026-03-05,ALT,38,U/L\n".encode("cp1252")
    problem = refusal(tmp_path, content)
    assert (problem.where, "cp1252" in problem.do) == ("labs.csv:2", True)
    (record,) = read(tmp_path, LABS + "encoding: cp1252\n", {"labs.csv": content})
    assert record.patient.id == "Müller"


def test_utf16_and_nul_bytes_are_named(tmp_path: Path) -> None:
    assert "UTF-16" in refusal(tmp_path, f"pid,date,test,value,unit\n{ROW}\n".encode("utf-16")).what
    assert refusal(tmp_path, f"pid,date,test,value,unit\n{ROW}\n\0".encode()).where == "labs.csv:3"


def test_a_newline_inside_quotes_belongs_to_the_cell_and_lines_are_counted_on(tmp_path: Path) -> None:
    first, second = labs(tmp_path, '"A\n17",2026-03-05,ALT,38,U/L', "B18,2026-03-05,ALT,39,U/L")
    assert [record.results[0].origin.line for record in (first, second)] == [2, 4]


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    problem = refusal(tmp_path, f'pid,date,test,value,unit\n{ROW}\nA17,2026-03-06,"ALT,40,U/L\n'.encode())
    assert (problem.where, "quotation mark" in problem.do) == ("labs.csv:3", True)


def test_a_line_of_100_megabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    problem = refusal(tmp_path, b"pid,date,test,value,unit\n" + b"9" * 100_000_000)
    assert (problem.where, "longer than" in problem.what) == ("labs.csv:2", True)


def test_shifted_cells_are_listed_against_every_result(tmp_path: Path) -> None:
    """A row with a cell too few or too many: any value could stand under any header."""
    (record,) = labs(tmp_path, ROW, "A17,2026-03-06,38,U/L", "A17,2026-03-07,ALT,4,000,U/L")
    assert len(record.results) == 1
    assert [(entry.origin.line, entry.affects) for entry in record.not_understood] == [
        (3, ("any-result",)),
        (4, ("any-result",)),
    ]


def test_blank_cells_at_the_end_and_blank_rows_are_harmless(tmp_path: Path) -> None:
    (record,) = labs(tmp_path, ROW + ",,,", "", ",,,,")
    assert (len(record.results), record.not_understood) == (1, ())


def test_columns_without_a_name(tmp_path: Path) -> None:
    """At the end of the header they are nothing; between others, what stands under them is counted."""
    (record,) = labs(tmp_path, ROW, header="pid,date,test,value,unit,,")
    assert (len(record.results), record.unread) == (1, {})
    (record,) = labs(tmp_path, "A17,well,2026-03-05,ALT,38,U/L", header="pid,,date,test,value,unit")
    assert (len(record.results), record.unread) == (1, {"labs.csv, column column 2": 1})


def test_a_header_that_stands_twice_is_refused_only_where_it_is_used(tmp_path: Path) -> None:
    problem = refusal(tmp_path, f"pid,date,test,value,unit,value\n{ROW},99\n".encode())
    assert "two columns are named 'value'" in problem.what
    (record,) = labs(tmp_path, ROW + ",x,y", header="pid,date,test,value,unit,note,note")
    assert record.results[0].value == 38


def test_a_missing_column_is_named_with_the_line_of_the_mapping(tmp_path: Path) -> None:
    problem = refusal(tmp_path, b"pid,date,test,values,unit\n")
    assert "no column 'value'" in problem.what
    assert "mapping.yaml:10" in problem.what
    assert "'values'" in problem.do


def test_a_wrong_delimiter_is_suspected(tmp_path: Path) -> None:
    assert "delimiter" in refusal(tmp_path, b"pid;date;test;value;unit\n").do


def test_a_first_row_of_data_is_not_quoted_as_if_it_were_a_header(tmp_path: Path) -> None:
    assert SECRET not in str(refusal(tmp_path, f"{SECRET},2026-03-05,ALT,38,U/L\n".encode()))


@pytest.mark.parametrize(
    "content",
    [
        f"pid,date,test,value,unit\n{SECRET},05/03/2026,{SECRET},{SECRET},{SECRET}\n",
        f'pid,date,test,value,unit\n"{SECRET}" x,2026-03-05,ALT,38,U/L\n',
        f"pid,date,test,value,unit\n{SECRET},2026-03-05,ALT,38,\0\n",
        f"pid,date,test,value,unit\n{SECRET}ü,2026-03-05,ALT,38,U/L\n".encode("cp1252").decode("latin-1"),
    ],
)
def test_no_refusal_quotes_what_may_be_about_a_patient(tmp_path: Path, content: str) -> None:
    assert SECRET not in str(refusal(tmp_path, content.encode("latin-1")))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.text(',"\n\r\tx1é=<', max_size=120).map(str.encode)))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    remedies = []
    try:
        read(tmp_path, LABS, {"labs.csv": b"pid,date,test,value,unit\n" + content})
    except RxvigilError as problem:
        remedies.append(problem.do)
    assert "" not in remedies
