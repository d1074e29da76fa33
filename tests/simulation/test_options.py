"""The command as its user meets it, kind and hostile."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rxvigil.cli.app import app
from rxvigil.errors import RuleBookError, RxvigilError, UnwritableOutput
from rxvigil.knowledge.loader import shipped_knowledge
from rxvigil.simulation.writers.folder import NewFolder

RXVIGIL = Path(sys.executable).parent / "rxvigil"


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["simulate", *words])


def test_it_says_that_it_is_simulated_and_where_to_read(tmp_path: Path) -> None:
    done = run(str(tmp_path / "c"), "--patients", "3", "--on", "2026-03-01")
    assert done.exit_code == 0
    assert "SIMULATED" in done.output
    assert "README.txt" in done.output


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--patients", "0"), "0 patients"),
        (("--patients", "100000000"), "cannot be made"),
        (("--seed", "-1"), "seed"),
        (("--seed", str(2**63)), "seed"),
        (("--population", "EUR"), "population"),
        (("--population", "XYZ=1"), "population"),
        (("--population", "EUR=0.5,EUR=0.5"), "population"),
        (("--population", "EUR=-1"), "population"),
        (("--population", "EUR=nan"), "population"),
        (("--population", "EUR=inf"), "population"),
        (("--population", "EUR=0"), "sum to nothing"),
        (("--population", ""), "population"),
        (("--gzip", "--format", "csv"), "compressed CSV"),
        (("--from", "2027-01-01"), "first start"),
        (("--from", "1066-10-14"), "first start"),
        (("--from", "soon"), "not a date"),
        (("--on", "2026-02-30"), "not a date"),
        (("--on", "0003-01-01"), "before 1850"),
        (("--on", "9999-12-31"), "after 2199"),
        (("--on", "1900-01-01"), "last day"),
        (("--rules", "/nowhere"), "no knowledge file"),
    ],
)
def test_a_bad_option_is_refused_with_what_to_do(tmp_path: Path, words: tuple[str, ...], what: str) -> None:
    done = run(str(tmp_path / "c"), "--on", "2026-03-01", *words)
    problem = done.exception
    assert isinstance(problem, RxvigilError)
    assert problem.exit_code == (11 if "--rules" in words else 2)
    assert what in problem.what
    assert problem.do
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = run(str(tmp_path), "--patients", "2")
    assert isinstance(done.exception, UnwritableOutput)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("mine")
    assert isinstance(run(str(tmp_path / "c"), "--patients", "2").exception, UnwritableOutput)
    assert (tmp_path / "c").read_text() == "mine"


def test_an_empty_folder_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    assert run(str(tmp_path / "c"), "--patients", "2").exit_code == 0
    assert (tmp_path / "c" / "README.txt").exists()


def test_shares_need_not_sum_to_one(tmp_path: Path) -> None:
    for name, mix in (("a", "EUR=1,EAS=1"), ("b", "EUR=0.5,EAS=0.5")):
        assert run(str(tmp_path / name), "--patients", "5", "--population", mix).exit_code == 0
    same = [(tmp_path / name / "Patient.ndjson").read_bytes() for name in ("a", "b")]
    assert same[0] == same[1]


def test_the_command_in_the_readme_makes_the_same_bytes(tmp_path: Path) -> None:
    """Also where shares do not end: thirds."""
    one, two = tmp_path / "one", tmp_path / "two"
    made = run(
        str(one), "--patients", "9", "--on", "2026-03-01", "--population", "EUR=1,EAS=1,SAS=1", "--clean", "-f", "csv"
    )
    assert made.exit_code == 0
    command = next(line for line in (one / "README.txt").read_text().splitlines() if "rxvigil simulate FOLDER" in line)
    words = [str(two) if word == "FOLDER" else word for word in command.split()[2:]]
    assert run(*words).exit_code == 0
    for path in one.iterdir():
        if path.is_file():
            assert path.read_bytes() == (two / path.name).read_bytes()


def test_somebody_may_start_on_the_last_day(tmp_path: Path) -> None:
    done = run(str(tmp_path / "c"), "--patients", "20", "--from", "2026-03-01", "--on", "2026-03-01")
    assert done.exit_code == 0


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a clinic far too large to finish."""
    command = [str(RXVIGIL), "simulate", str(tmp_path / "c"), "--patients", "9000000"]
    going = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".c.partial-*/Observation.ndjson")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert going.poll() is None
    os.kill(going.pid, signal.SIGINT)
    _, said = going.communicate(timeout=60)
    assert going.returncode != 0
    assert b"Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    def break_off() -> None:
        with NewFolder(tmp_path / "c") as new:
            new.file("half.txt").write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnwritableOutput), NewFolder(tmp_path / "file" / "c"):
        pass


def test_a_full_disk_is_said_and_nothing_stays(tmp_path: Path) -> None:
    """`/dev/full` refuses every byte."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")

    def fill() -> None:
        with NewFolder(tmp_path / "c") as new:
            (new.path / "results.csv").symlink_to("/dev/full")
            new.file("results.csv").write("x" * 5_000_000)

    with pytest.raises(UnwritableOutput, match="cannot be written"):
        fill()
    assert list(tmp_path.iterdir()) == []


SHIPPED = shipped_knowledge() / "simulation" / "azathioprine-clinic.yaml"


def test_a_scenario_of_ones_own_changes_what_it_says(tmp_path: Path) -> None:
    """Every tenth result without its unit; the people stay who they were."""
    mine = tmp_path / "mine.yaml"
    mine.write_text(SHIPPED.read_text().replace("kind: missing-unit, share: 0.004", "kind: missing-unit, share: 0.1"))
    for name, more in (("a", ()), ("b", ("--scenario", str(mine)))):
        assert run(str(tmp_path / name), "--patients", "5", "--on", "2026-03-01", *more).exit_code == 0
    patients = [(tmp_path / name / "Patient.ndjson").read_bytes() for name in ("a", "b")]
    results = [(tmp_path / name / "Observation.ndjson").read_text() for name in ("a", "b")]
    assert patients[0] == patients[1]
    bare = [text.count('"valueQuantity":{"value":') - text.count(',"unit":') for text in results]
    assert bare[1] > 5 * max(bare[0], 1)
    assert "--scenario FILE" in (tmp_path / "b" / "README.txt").read_text()


@pytest.mark.parametrize(
    ("was", "now", "what"),
    [
        ("kind: simulation", "kind: rules", "Extra inputs|Field required"),
        ("share: 0.80, source: &mix", "share: 0.70, source: &mix", "must sum to 1"),
        ("condition: crohns-disease", "condition: crones-disease", "not a condition"),
        ("drug: ramipril", "drug: rampril", "not a drug"),
        ("vaccine: yellow-fever", "vaccine: yellow-fewer", "not a vaccine"),
        ("name: White cell count, unit: \"10*9/L\"", "name: White cell count, unit: mmol/L", "no unit"),
        ('allele: "*24"', 'allele: "*99"', "no allele of the release"),
        ("release: pharmacogenes/cpic-2026-05", "release: pharmacogenes/dpwg-2025", "does not define"),
        ("ref: tpmt-survey-2007, where: \"abstract", "ref: no-such-survey, where: \"abstract", "in no sources file"),
        ("between: 0.26", "between: -1", "greater than or equal"),
        ("median_days: 51", "median_days: 0", "greater than 0"),
    ],
)  # fmt: skip
def test_a_wrong_scenario_is_refused_before_anything_is_written(tmp_path: Path, was: str, now: str, what: str) -> None:
    text = SHIPPED.read_text()
    assert was in text
    (tmp_path / "mine.yaml").write_text("\n".join(text.replace(was, now, 1).replace("\n  - \n", "\n").splitlines()))
    problem = run(str(tmp_path / "c"), "--scenario", str(tmp_path / "mine.yaml")).exception
    assert isinstance(problem, RuleBookError)
    assert re.search(what, problem.what), problem.what
    assert "mine.yaml" in problem.where
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_rule_book_without_a_clinic_is_said(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "sources.yaml").write_text("kind: sources\npublications: []\n")
    problem = run(str(tmp_path / "c"), "--rules", str(tmp_path / "rules")).exception
    assert isinstance(problem, RuleBookError)
    assert "no clinic to simulate" in problem.what


def test_any_other_file_is_no_scenario(tmp_path: Path) -> None:
    other = shipped_knowledge() / "vocabulary" / "genes.yaml"
    problem = run(str(tmp_path / "c"), "--scenario", str(other)).exception
    assert isinstance(problem, RuleBookError)
    assert "no scenario" in problem.what
