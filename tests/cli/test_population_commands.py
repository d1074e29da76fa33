"""The commands over a store as their user meets them."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [RXVIGIL, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clinic")
    run("simulate", folder / "clinic", "--patients", "40", "--seed", "7", "--on", "2026-03-01")
    run("import", folder / "clinic", folder / "a.store", "--workers", "1")
    return folder / "a.store"


@pytest.fixture(scope="module")
def screened(store: Path) -> Path:
    done = run("screen", store, "--on", "2026-03-01", "--backend", "engine", "--workers", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "40 patients as of 1 Mar 2026" in done.stdout
    return store


def test_what_is_no_store_is_told_how_to_become_one(tmp_path: Path) -> None:
    for command in ("screen", "worklist", "measure"):
        done = run(command, tmp_path / "nothing")
        assert done.returncode == 10
        assert "it is no store" in done.stderr
        assert "rxvigil import" in done.stderr


def test_a_worklist_needs_a_screen_and_says_so(store: Path, tmp_path: Path) -> None:
    done = run("worklist", store, "--on", "2020-01-01")
    assert done.returncode == 10
    assert "rxvigil screen" in done.stderr


def test_a_screen_ahead_of_today_is_taken_only_where_there_is_no_other_and_that_is_said(
    store: Path, tmp_path: Path
) -> None:
    shutil.copytree(store, tmp_path / "b.store")
    run("screen", tmp_path / "b.store", "--on", "2150-03-01", "--backend", "engine", "--workers", "1")
    for command in ("worklist", "measure"):
        done = run(command, tmp_path / "b.store")
        assert "as of 1 Mar 2150" in done.stdout
        assert "No screen is of today or of a day before" in done.stdout
        assert "No screen is of today" not in run(command, tmp_path / "b.store", "--on", "2150-03-01").stdout
    run("screen", tmp_path / "b.store", "--on", "2020-03-01", "--backend", "engine", "--workers", "1")
    for command in ("worklist", "measure"):
        assert "as of 1 Mar 2020" in run(command, tmp_path / "b.store").stdout


OVERLAY = """
kind: overlay
site: St Elsewhere Hospital
by: J. Smith
on: 2026-10-01
changes:
  - rule: monitoring/azathioprine/bsr-2017#neutrophils-low
    set: {when: neutrophils.latest < 6.0 10*9/L}
    because: a test
"""
FORMS = {
    "worklist": ("text", "csv", "html", "json"),
    "measure": ("text", "html", "json", "fhir"),
    "rehearse": ("text", "csv", "html", "json"),
}


@pytest.mark.parametrize(("command", "form"), [(name, form) for name, forms in FORMS.items() for form in forms])
def test_whatever_is_made_of_simulated_patients_says_so(
    screened: Path, command: str, form: str, tmp_path: Path
) -> None:
    stop = tmp_path / "ours.overlay.yaml"
    stop.write_text(OVERLAY)
    more = (stop, "--on", "2026-03-01", "--workers", "1") if command == "rehearse" else ()
    done = run(command, screened, *more, "--format", form)
    assert done.returncode == 0, done.stderr
    if form == "csv":
        header, *rows = csv.reader(io.StringIO(done.stdout.removeprefix("\ufeff")))
        assert rows
        assert {row[header.index("Simulated")] for row in rows} == {"simulated"}
    elif form == "fhir":
        made = json.loads(done.stdout)
        labels = [one["meta"]["security"][0]["code"] for one in (made, *(one["resource"] for one in made["entry"]))]
        assert set(labels) == {"HTEST"}
        report = next(one["resource"] for one in made["entry"] if one["resource"]["resourceType"] == "MeasureReport")
        assert "SIMULATED: none of the 40 patients exists" in report["text"]["div"]
    else:
        assert "SIMULATED: none of the 40 patients exists. Not for the care of anybody" in " ".join(done.stdout.split())


def test_a_workbook_of_simulated_patients_says_so(screened: Path, tmp_path: Path) -> None:
    run("worklist", screened, "--format", "xlsx", "--output", tmp_path / "list.xlsx")
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    assert book["About"]["A1"].value.startswith("SIMULATED: none of the 40 patients exists.")
    assert {row[2].value for row in book["Worklist"].iter_rows(min_row=2)} == {"simulated"}


def test_import_screen_and_each_patient_say_so(screened: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clinic"
    run("simulate", folder, "--patients", "2", "--seed", "7", "--on", "2026-03-01")
    for source, target in ((folder, tmp_path / "store"), (tmp_path / "store",) * 2):
        done = run("import", source, *([target] if source != target else []))
        assert done.stdout.startswith("SIMULATED: none of the 2 patients exists.")
    done = run("screen", screened, "--on", "2026-03-01", "--backend", "engine", "--workers", "1")
    assert done.stdout.startswith("SIMULATED: none of the 40 patients exists.")
    for form in ("text", "html"):
        done = run("assess", screened, "--patient", "sim-7-00000001", "--on", "2026-03-01", "--format", form)
        assert "SIMULATED: this patient does not exist." in done.stdout
    made = json.loads(run("assess", folder, "--patient", "sim-7-00000001", "--format", "json").stdout)
    assert made["patient"]["simulated"] is True


@pytest.mark.parametrize("form", ["text", "csv", "html", "json", "xlsx"])
def test_every_form_of_a_worklist_is_written_whole(screened: Path, form: str, tmp_path: Path) -> None:
    target = tmp_path / "list"
    done = run("worklist", screened, "--format", form, "--output", target)
    assert (done.returncode, done.stdout) == (0, "")
    assert target.stat().st_size > 100


@pytest.mark.parametrize("form", ["text", "html", "json", "fhir"])
def test_every_form_of_measures_is_written_whole(screened: Path, form: str, tmp_path: Path) -> None:
    done = run("measure", screened, "--format", form, "--output", tmp_path / "measures")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_same_screen_is_shown_and_not_made_again(screened: Path) -> None:
    done = run("screen", screened, "--on", "2026-03-01", "--backend", "engine", "--workers", "1")
    assert "was there already" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("screen", "--explain", "-1"), "cannot be opened"),
        (("screen", "--at-once", "0"), "cannot be screened together"),
        (("screen", "--url", "postgresql://x"), "an address is for PostgreSQL"),
        (("screen", "--backend", "postgres"), "is not said"),
        (("screen", "-j", "XX"), "not a jurisdiction"),
        (("worklist", "--tier", "RED"), "not a tier"),
        (("worklist", "--drug", "aspirin"), "on file"),
        (("worklist", "--format", "xlsx"), "no text for a terminal"),
        (("measure", "--months", "0"), "not possible"),
    ],
)
def test_a_wrong_option_is_a_message(screened: Path, arguments: tuple[str, ...], says: str) -> None:
    command, *rest = arguments
    done = run(command, screened, *rest)
    assert done.returncode in (2, 10)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
