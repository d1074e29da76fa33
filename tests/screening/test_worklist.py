"""The worklist: its order, its filters, and that no form of it can do harm."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from rxvigil.population.store import Store
from rxvigil.reports import worklist_to_csv, worklist_to_html, worklist_to_text, worklist_to_xlsx
from rxvigil.reports.spreadsheets import safe
from rxvigil.reports.worklist import Worklist
from rxvigil.screening import Screen
from rxvigil.screening.listing import Filters, worklist

from .conftest import HOSTILE


def listed(screened: Screen, **filters: Any) -> Worklist:
    return worklist(Store.open(screened.folder.parents[1]), screened.folder, screened.account, Filters(**filters))


def text_of(made: Worklist) -> str:
    from rich.console import Console

    page = io.StringIO()
    worklist_to_text(made, Console(file=page, width=100, no_color=True))
    return page.getvalue()


def test_the_gravest_comes_first_and_each_patient_once(screened: Screen) -> None:
    made = listed(screened)
    tiers = [entry.items[0].tier for entry in made.entries]

    assert tiers == sorted(tiers, key=["STOP", "ACT"].index)
    assert len({entry.patient for entry in made.entries}) == len(made.entries)
    assert tiers.count("STOP") >= len(HOSTILE)


def test_every_item_says_what_why_since_when_what_to_do_and_by_which_source(screened: Screen) -> None:
    for entry in listed(screened).entries:
        for item in entry.items:
            assert item.says
            assert item.action
            assert item.since
            assert item.ref in listed(screened).publications


def test_the_longest_overdue_comes_first_among_equals(screened: Screen) -> None:
    made = listed(screened, overdue_days=1)
    late = [entry.items[0].late_days for entry in made.entries if entry.items[0].urgency == "this week"]

    assert late
    assert late == sorted(late, reverse=True)
    assert all(item.cause.endswith("overdue") for entry in made.entries for item in entry.items)


def test_filters(screened: Screen) -> None:
    everybody = listed(screened)
    north = listed(screened, practice="North")
    xanthine = listed(screened, cause="XANTHINE")

    assert {entry.practice for entry in north.entries} == {"North"}
    assert 0 < len(north.entries) < len(everybody.entries)
    assert all("xanthine" in item.cause for entry in xanthine.entries for item in entry.items)
    assert all(entry.takes for entry in listed(screened, drug="azathioprine").entries)
    assert listed(screened, most=1).shortened == len(everybody.entries) - 1
    assert listed(screened, cause="nothing is called so").entries == ()


def test_what_an_earlier_screen_said_is_not_new(screened: Screen) -> None:
    assert listed(screened, since=(screened.folder, screened.account)).entries == ()


def test_an_empty_list_says_how_many_were_screened_and_of_how_many_nothing_could_be_said(screened: Screen) -> None:
    made = listed(screened, cause="nothing is called so")

    for shown in (text_of(made), worklist_to_html(made)):
        assert "no patient is on this list" in shown
        assert f"{screened.account.patients} were screened" in shown
        assert "not shown to be safe" in " ".join(shown.split())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r@x", "\uff1d1"])
def test_no_cell_of_csv_begins_as_a_formula(text: str) -> None:
    assert safe(text).startswith("'")


def test_csv_holds_every_item_and_no_formula(screened: Screen) -> None:
    made = listed(screened)
    content = worklist_to_csv(made).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(content)))

    assert len(table) == sum(len(entry.items) for entry in made.entries)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in table for cell in row.values())
    assert "'=HYPERLINK(1)" in {row["Patient"] for row in table}


def test_a_workbook_holds_text_as_text(screened: Screen) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(worklist_to_xlsx(listed(screened))))["Worklist"]
    patients = {row[1].value: row[1].data_type for row in sheet.iter_rows(min_row=2)}

    assert patients["=HYPERLINK(1)"] == "s"
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert sheet.freeze_panes == "B2"


def test_a_workbook_is_the_same_bytes_each_time(screened: Screen) -> None:
    assert worklist_to_xlsx(listed(screened)) == worklist_to_xlsx(listed(screened))


def test_a_page_shows_an_id_and_runs_nothing(screened: Screen) -> None:
    page = worklist_to_html(listed(screened))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_a_line_break_in_an_id_makes_no_line(screened: Screen) -> None:
    assert "two lines" in text_of(listed(screened))


def test_the_unanswered_are_a_list_of_their_own(screened: Screen, clinic: Store) -> None:
    made = listed(screened, tiers=("CANNOT SAY",))

    assert made.entries
    assert all(item.tier == "CANNOT SAY" for entry in made.entries for item in entry.items)
