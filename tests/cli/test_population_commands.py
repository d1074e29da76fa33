"""The commands over a store as their user meets them."""

import shutil
import subprocess
import sys
from pathlib import Path

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
