"""`rxvigil import` of OMOP and of tables with a mapping: the account adds up, and the store holds the records."""

import subprocess
import sys
from pathlib import Path

import pytest

from rxvigil.intake.omop import omop
from rxvigil.intake.tables import read_tables
from rxvigil.population.store import Store

from .cdm import ALT, vocabulary, write

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
ROW = {"measurement_concept_id": ALT, "measurement_date": "2026-03-05", "value_as_number": 38}
LABS = """
kind: mapping
title: labs
patient: pid
tables:
  - {file: labs.csv, holds: results, date: date, analyte: {name: test}, value: value, unit: unit}
"""


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([RXVIGIL, "import", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def cdm(tmp_path: Path) -> Path:
    return write(tmp_path / "cdm", measurement=[{**ROW, "unit_source_value": "U/L"}, ROW])


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    folder = tmp_path / "labs"
    folder.mkdir()
    rows = ["A1,2026-03-05,ALT,38,U/L", "A1,2026-03-05,ALT,38,U/L", "A1,2026-03-06,ALT,,U/L", "B2,2026-03-05,ESR2,1,x"]
    (folder / "labs.csv").write_text("\n".join(["pid,date,test,value,unit", *rows]) + "\n")
    (tmp_path / "mapping.yaml").write_text(LABS)
    return folder


def account(text: str) -> list[int]:
    """Facts, quarantine, outside, copies, other kinds, together."""
    return [int(line.split()[0].replace(",", "")) for line in text.splitlines()[1:7]]


def test_omop_into_a_store(cdm: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    done = run(str(cdm), str(store))
    assert (done.returncode, done.stderr) == (0, "")
    assert account(done.stdout) == [2, 1, 0, 0, 0, 3]
    with omop(cdm, vocabulary()) as found:
        assert list(Store.open(store).records()) == [record for record, _ in found.records()]
    before = (store / "store.json").read_bytes()
    assert run(str(cdm), str(store)).returncode == 0
    assert (store / "store.json").read_bytes() == before, "the same files change nothing"


def test_tables_into_a_store(labs: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    done = run(str(labs), str(store), "--mapping", str(tmp_path / "mapping.yaml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert account(done.stdout) == [3, 1, 1, 1, 0, 6], "two patients and a result; a blank value; ESR2; a copy"
    records = read_tables(labs, tmp_path / "mapping.yaml", vocabulary())
    assert sorted(Store.open(store).records(), key=lambda one: one.patient.id) == list(records)


def test_a_second_source_needs_a_decision(cdm: Path, labs: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    run(str(cdm), store)
    more = (str(labs), store, "--mapping", str(tmp_path / "mapping.yaml"))
    assert "--adds" in run(*more).stderr
    assert run(*more, "--adds", "--replaces").returncode == 2
    assert "3 patients from 2 imports" in run(*more, "--adds").stdout


def test_options_for_tables_are_refused_for_fhir(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(
        '{"resourceType": "Patient", "id": "p"}\n{"resourceType": "Patient", "id": "q"}\n'
    )
    refused = run(str(tmp_path / "a.ndjson"), str(tmp_path / "store"), "--adds")
    assert refused.returncode == 2
    assert "for tables and OMOP" in refused.stderr
