"""The form of what is written follows the name of the file, where nothing else is asked for."""

import json
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest

from rxvigil.cli.common import BadOption
from rxvigil.cli.forms import form_of
from rxvigil.cli.worklist import check_rows
from rxvigil.samples import samples

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))


class Some(StrEnum):
    """The forms of some command."""

    text = "text"
    json = "json"
    html = "html"


@pytest.mark.parametrize(
    ("file", "form"),
    [
        (None, "text"),
        ("list.html", "html"),
        ("list.HTM", "html"),
        ("list.json", "json"),
        ("list.txt", "text"),
        ("list", "text"),
        ("list.2026", "text"),
    ],
)
def test_the_ending_decides(file: str | None, form: str) -> None:
    assert form_of(None, Path(file) if file else None, Some) == form


def test_what_is_asked_for_counts_before_the_ending() -> None:
    assert form_of(Some.text, Path("list.html"), Some) == "text"


@pytest.mark.parametrize("file", ["list.pdf", "list.xlsx", "list.csv"])
def test_no_text_under_a_name_that_promises_something_else(file: str) -> None:
    with pytest.raises(BadOption, match=f"no {Path(file).suffix} file is written here") as refused:
        form_of(None, Path(file), Some)
    assert "text, json, html" in str(refused.value)


def test_a_page_is_made_for_a_file_called_one(tmp_path: Path) -> None:
    record = str(samples()[0].path)
    for name in ("a.html", "a.json", "a.pdf"):
        subprocess.run([RXVIGIL, "assess", record, "--on", "2026-03-02", "-o", tmp_path / name], check=False)

    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "a.json").read_text())["schema"]
    assert not (tmp_path / "a.pdf").exists()


def test_a_workbook_of_a_nation_is_refused_before_it_is_made() -> None:
    check_rows(100_000)
    with pytest.raises(BadOption, match="100,001 rows are too many"):
        check_rows(100_001)
