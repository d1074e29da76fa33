"""The same seed makes the same bytes, and a patient is the same whatever the size of the clinic."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import Form, simulate, write_clinic
from simulation.clinic import clinic

FORMS = list(Form)


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("compressed", [False, True])
def test_the_same_seed_is_the_same_bytes(book: RuleBook, tmp_path: Path, form: Form, compressed: bool) -> None:
    for name in ("one", "two"):
        write_clinic(clinic(book), book, tmp_path / name, 12, form, compressed=compressed)
    first = fingerprints(tmp_path / "one")
    assert first == fingerprints(tmp_path / "two")
    assert len(first) >= 8


def test_another_seed_is_another_clinic(book: RuleBook, tmp_path: Path) -> None:
    for seed in (1, 2):
        write_clinic(clinic(book, seed), book, tmp_path / str(seed), 12)
    one, two = fingerprints(tmp_path / "1"), fingerprints(tmp_path / "2")
    assert not set(one.values()) & set(two.values())


@pytest.mark.parametrize("form", FORMS)
def test_a_patient_is_the_same_in_a_small_and_in_a_large_clinic(book: RuleBook, tmp_path: Path, form: Form) -> None:
    for number in (5, 14):
        write_clinic(clinic(book), book, tmp_path / str(number), number, form)
    for path in (tmp_path / "5").rglob("*"):
        if path.is_file() and path.name != "README.txt":
            small, large = path.read_text(), (tmp_path / "14" / path.relative_to(tmp_path / "5")).read_text()
            assert large.startswith(small), path.name


def test_a_patient_does_not_depend_on_who_was_made_before(book: RuleBook) -> None:
    forwards = [simulate(clinic(book), index) for index in (1, 2, 3)]
    plan = clinic(book)
    backwards = [simulate(plan, index) for index in (3, 2, 1)]
    assert forwards == backwards[::-1]


def test_clean_patients_are_the_same_people(book: RuleBook) -> None:
    """Mistakes are made with results; they do not change bodies, doses or what happens."""
    for index in range(1, 40):
        spoilt, clean = simulate(clinic(book), index), simulate(clinic(book, clean=True), index)
        assert clean.truth.slips == ()
        assert msgspec.structs.replace(spoilt.truth, slips=()) == clean.truth
        assert spoilt.medicines == clean.medicines


def test_the_truth_stands_beside_the_record(book: RuleBook, tmp_path: Path) -> None:
    write_clinic(clinic(book), book, tmp_path / "c", 6)
    told = [json.loads(line) for line in (tmp_path / "c" / "truth" / "truth.ndjson").read_text().splitlines()]
    seen = [json.loads(line)["id"] for line in (tmp_path / "c" / "Patient.ndjson").read_text().splitlines()]
    assert [one["patient"] for one in told] == seen == [f"sim-7-{index:08d}" for index in range(1, 7)]
