"""The how-to page shows mappings that load, and an example that gives what it promises."""

import re
import textwrap
from datetime import date
from pathlib import Path

import pytest

from rxvigil.intake.tables import suggest_mapping
from rxvigil.intake.tables.mapping_file import load_mapping

from .desk import read, vocabulary

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "how-to" / "map-a-spreadsheet.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return [
        textwrap.dedent(found)
        for found in re.findall(rf"^ *```{language}\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE)
    ]


@pytest.mark.parametrize("mapping", blocks("yaml"), ids=lambda text: re.findall("title: (.*)", text)[0])
def test_every_mapping_on_the_page_loads(tmp_path: Path, mapping: str) -> None:
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    assert load_mapping(tmp_path / "mapping.yaml", vocabulary()).mapping.tables


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "mappings").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_mapping_among_the_examples_loads(path: Path) -> None:
    assert load_mapping(path, vocabulary()).mapping.tables


def test_the_first_example_reads_as_the_page_says(tmp_path: Path) -> None:
    (record,) = read(tmp_path, blocks("yaml")[0], {"labs.csv": blocks("csv")[0]})
    assert {result.analyte: result.value for result in record.results} == {
        "white-cells": 4.2,
        "neutrophils": 1.4,
        "alt": 38,
    }
    assert {result.when.first for result in record.results} == {date(2026, 2, 5)}


def test_the_draft_of_the_first_example_leaves_the_date_open(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text(blocks("csv")[0], encoding="utf-8")
    assert 'format: "?"' in suggest_mapping(tmp_path / "labs.csv", vocabulary())
