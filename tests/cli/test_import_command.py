"""`rxvigil import` as its user meets it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
SECRET = "Zyxwvut-Mustermann-7731"


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([RXVIGIL, "import", *words], capture_output=True, text=True, check=False)


def observation(number: int, **stated: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": f"o{number}", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "751-8"}]},
        "subject": {"reference": f"Patient/p{number % 2}"}, "effectiveDateTime": f"2026-01-{number + 1:02d}",
        "valueQuantity": {"value": 3.1, "unit": "10*9/L"}, "note": [{"text": SECRET}],
    } | stated  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    people = [{"resourceType": "Patient", "id": f"p{number}", "name": [{"family": SECRET}]} for number in range(2)]
    results = [observation(0), observation(1), observation(2, valueQuantity={"value": 3})]
    (folder / "A.ndjson").write_text("".join(json.dumps(one) + "\n" for one in (*people, *results)))
    return folder


def test_the_account_adds_up_on_the_page(source: Path, tmp_path: Path) -> None:
    done = run(str(source), str(tmp_path / "store"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 patients from 1 import; 5 resources were read" in done.stdout
    figures = [int(line.split()[0]) for line in done.stdout.splitlines()[1:7]]
    assert sum(figures[:-1]) == figures[-1] == 5


def test_the_quarantine_by_reason(source: Path, tmp_path: Path) -> None:
    run(str(source), str(tmp_path / "store"))
    shown = run(str(tmp_path / "store"), "--show-quarantine")
    assert "1  Neutrophils: it has no unit" in shown.stdout
    assert "Observation/o2 (A.ndjson, line 5)" in shown.stdout
    assert SECRET not in shown.stdout


def test_a_patient_of_a_store_opens_as_the_full_explanation(source: Path, tmp_path: Path) -> None:
    """The same bytes as from the export itself."""
    run(str(source), str(tmp_path / "store"))
    asked = ("--patient", "p1", "--on", "2026-03-01", "--format", "json")
    from_store, from_files = (
        subprocess.run([RXVIGIL, "assess", str(place), *asked], capture_output=True, check=True).stdout
        for place in (tmp_path / "store", source)
    )
    assert from_store == from_files
    assert json.loads(from_store)["patient"]["id"] == "p1"


def test_of_many_one_must_be_named(source: Path, tmp_path: Path) -> None:
    run(str(source), str(tmp_path / "store"))
    done = subprocess.run([RXVIGIL, "assess", str(tmp_path / "store")], capture_output=True, text=True, check=False)
    assert done.returncode == 12
    assert "2 patients where one was asked for" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere", "store"), 10, "cannot be read"),
        (("nowhere",), 10, "no store"),
        (("export", "store", "--workers", "0"), 2, "--workers"),
        (("export", "store", "--buckets", "9999"), 2, "--buckets"),
        (("export", "store", "--key", "x"), 2, "--server"),
        (("store", "--server", "https://here", "--client-id", "me"), 2, "--token-url"),
        (("export", "store", "--show-quarantine"), 10, "no store"),
        (("table.csv", "store"), 10, "no FHIR JSON"),
        (("empty", "store"), 10, "no FHIR file"),
        (("page.xml", "store"), 14, "XML"),
        (("export", "export"), 10, "not empty"),
        (("torn", "store"), 10, "nothing of the source could be understood, and nothing was kept: 1 \u00d7 a file"),
        (("places", "store"), 12, "no patient"),
    ],
)
def test_mistakes_are_messages(
    words: tuple[str, ...], code: int, said: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("name,value\n1,2\n")
    (tmp_path / "page.xml").write_text("<Bundle/>")
    (tmp_path / "empty").mkdir()
    for folder, content in (("torn", "{torn"), ("places", '{"resourceType": "Location", "id": "l"}')):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "A.ndjson").write_text(content)
    done = run(*words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "store" / "store.json").exists()


def test_on_a_terminal_there_is_progress_and_elsewhere_there_is_none(source: Path, tmp_path: Path) -> None:
    """Bars go to stderr, where somebody is looking."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [RXVIGIL, "import", str(source), str(tmp_path / "store")],
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    drawn = os.read(ours, 100_000).decode(errors="replace")
    os.close(ours)
    assert "reading" in drawn
    assert b"reading" not in done.stdout
