"""The draft of a mapping: guesses from headers, marked as such, and question marks where a person must answer."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.errors import UnreadableInput
from rxvigil.intake.tables import read_tables, suggest_mapping
from rxvigil.intake.tables.sniff import forms_that_fit
from rxvigil.knowledge.yamlfile import parse_document

from .desk import vocabulary


def draft(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return suggest_mapping(folder, vocabulary())


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        ("MRN,Collection Date,Test Name,Result,Units", "results"),
        ("mrn,loinc,value,units,date", "results"),
        ("patient_id,date,wbc,platelets,hgb", "panels"),
        ("patient,medication,start date,end date,sig", "prescriptions"),
        ("patient,rxcui,name,start", "prescriptions"),
        ("patient,diagnosis,onset", "conditions"),
        ("patient,icd10,description", "conditions"),
        ("patient,allergen,reaction", "allergies"),
        ("patient,cvx,date", "immunisations"),
        ("patient id,dob,gender", "patients"),
    ],
)
def test_what_a_table_holds_is_guessed_from_its_header(tmp_path: Path, header: str, holds: str) -> None:
    text = draft(tmp_path, table=header + "\n")
    assert f"holds: {holds}  # guess" in text


def test_a_table_that_says_nothing_is_named_with_its_columns(tmp_path: Path) -> None:
    text = draft(tmp_path, table="a,b\n1,2\n", labs="pid,date,test,value,unit\n")
    assert "# table.csv: not recognised; its columns are a, b" in text


def test_semicolons_and_tabs_are_seen(tmp_path: Path) -> None:
    assert "delimiter: semicolon" in draft(tmp_path, labs="pid;date;test;value;unit\n")
    assert "delimiter: tab" in draft(tmp_path, labs="pid\tdate\ttest\tvalue\tunit\n")


def test_windows_encoding_is_proposed_where_utf8_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_bytes("pid,date,test,value,unit\nMüller,,,,\n".encode("cp1252"))
    assert "encoding: cp1252  # guess" in suggest_mapping(tmp_path, vocabulary())


def test_the_form_of_dates_is_proposed_only_where_one_form_fits() -> None:
    assert forms_that_fit(["2026-03-05", ""]) is None, "ISO needs no form"
    assert forms_that_fit(["13/03/2026", "05/03/2026"]) == ["DD/MM/YYYY", "D/M/YYYY"]
    assert {"DD/MM/YYYY", "MM/DD/YYYY"} <= set(forms_that_fit(["05/03/2026"]) or [])
    assert forms_that_fit(["soon"]) == []


def test_a_date_with_two_readings_stays_a_question(tmp_path: Path) -> None:
    text = draft(tmp_path, labs="pid,date,test,value,unit\nA17,05/03/2026,ALT,38,U/L\n")
    assert 'date: {column: "date", format: "?"}' in text


def test_words_of_a_status_are_listed_with_a_question_mark(tmp_path: Path) -> None:
    text = draft(
        tmp_path, labs="pid,date,test,value,unit,status\nA17,2026-03-05,ALT,38,U/L,F\nA17,2026-03-05,ALT,3,U/L,P\n"
    )
    assert 'status: {column: "status", words: {"F": "?", "P": "?"}}' in text


def test_no_value_of_a_patient_is_copied(tmp_path: Path) -> None:
    text = draft(
        tmp_path,
        labs="pid,date,test,value,unit\nMrs Secret,2026-03-05,ALT,38.125,U/L\n",
        people="pid,name,dob,sex\nMrs Secret,Secret,1931-07-09,F\n",
    )
    for value in ("Secret", "38.125", "2026-03-05", "1931"):
        assert value not in text


def test_an_unreadable_file_among_others_is_named(tmp_path: Path) -> None:
    assert "# empty.csv: the file is empty" in draft(tmp_path, empty="", labs="pid,date,test,value,unit\n")


def test_nothing_to_suggest_from(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no table"):
        suggest_mapping(tmp_path, vocabulary())
    with pytest.raises(UnreadableInput, match="is empty"):
        draft(tmp_path, empty="")


HEADERS = st.lists(
    st.one_of(
        st.sampled_from(
            ["pid", "date", "value", "test", "unit", "WBC", "ALT", "dob", "sex", "drug", "status", "LOINC"]
        ),
        st.text("ab:{}[]#'\"\\&*!|>%@`?-, \u2028\x85é", max_size=6),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(header=HEADERS)
def test_whatever_the_headers_the_draft_is_yaml_and_is_refused_until_answered(
    tmp_path_factory: pytest.TempPathFactory, header: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("draft")
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in header)
    text = draft(folder, table=quoted + "\n")
    parse_document(text, "draft.yaml")
    (folder / "draft.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"question mark|tables"):
        read_tables(folder, folder / "draft.yaml", vocabulary())
