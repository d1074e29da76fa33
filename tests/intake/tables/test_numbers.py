"""Numbers are read as the mapping says they are written; a sign with two meanings is not guessed."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.intake.reading import Doubt
from rxvigil.intake.tables.cells import Cells
from rxvigil.intake.tables.mapping import Mapping
from rxvigil.intake.tables.parts import Numbers

from .desk import LABS, labs

PLAIN, GERMAN, SWISS, FRENCH = (
    Numbers(),
    Numbers(decimal=",", thousands="."),
    Numbers(thousands="'"),
    Numbers(decimal=",", thousands=" "),
)


def number(text: str, numbers: Numbers) -> str | Doubt:
    people = {"file": "people.csv", "holds": "patients"}
    mapping = {"kind": "mapping", "title": "t", "patient": "pid", "numbers": numbers.model_dump(), "tables": (people,)}
    return Cells(Mapping.model_validate(mapping)).number(text)


@pytest.mark.parametrize(
    ("text", "numbers", "read"),
    [
        ("4.2", PLAIN, "4.2"),
        ("<0.1", PLAIN, "<0.1"),
        ("<= 5", PLAIN, "<= 5"),
        ("4.2 H", PLAIN, "4.2 H"),
        ("-3", PLAIN, "-3"),
        ("4,2", GERMAN, "4.2"),
        ("1.234,5", GERMAN, "1234.5"),
        ("1.234", GERMAN, "1234"),
        ("<0,1", GERMAN, "<0.1"),
        ("1'234.5", SWISS, "1234.5"),
        ("1 234,5", FRENCH, "1234.5"),
        ("1\u00a0234", FRENCH, "1234"),
        ("positive", GERMAN, "positive"),
        ("4.2 10*9/L", PLAIN, "4.2 10*9/L"),
    ],
)
def test_a_number_in_its_stated_form(text: str, numbers: Numbers, read: str) -> None:
    assert number(text, numbers) == read


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("4,2", PLAIN), ("1,234", PLAIN), ("1 234", PLAIN), ("1'234", PLAIN), ("4.2", GERMAN), ("12.34,5", GERMAN),
     ("1,234.5", GERMAN), ("4.2", FRENCH), ("1.2.3", PLAIN), ("425, 430, 450", PLAIN)],
)  # fmt: skip
def test_a_number_in_another_form_is_a_doubt(text: str, numbers: Numbers) -> None:
    assert isinstance(number(text, numbers), Doubt)


@pytest.mark.parametrize("text", ["=4.2", "=A1+A2", "@SUM(A1)", '=HYPERLINK("x")'])
def test_a_formula_is_no_value(text: str) -> None:
    found = number(text, PLAIN)
    assert isinstance(found, Doubt)
    assert "formula" in found.why


def test_decimal_commas_reach_the_record(tmp_path: Path) -> None:
    mapping = LABS + "numbers: {decimal: ',', thousands: '.'}\n"
    (record,) = labs(tmp_path, 'A17,2026-03-05,Platelets,"1.234,0",10*9/L', mapping=mapping)
    assert record.results[0].value == 1234


@given(st.decimals(0, 10**7, places=3, allow_nan=False))
def test_every_number_written_with_points_and_commas_is_read_back(value: Decimal) -> None:
    german = f"{value:,.3f}".replace(",", "_").replace(".", ",").replace("_", ".")
    read = number(german, GERMAN)
    assert isinstance(read, str)
    assert Decimal(read) == value
