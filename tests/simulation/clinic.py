"""Small simulated clinics for the tests."""

from datetime import date
from pathlib import Path
from typing import Any, Final

from rxvigil.engine import Assessment, Evaluator
from rxvigil.facts import Record
from rxvigil.intake import read_patients
from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import Ready, Simulated, ready, simulate
from rxvigil.simulation.writers.fhir import FhirFiles
from rxvigil.simulation.writers.folder import NewFolder

FIRST: Final = date(2022, 1, 1)
ON: Final = date(2026, 3, 1)


def clinic(book: RuleBook, seed: int = 7, first: date = FIRST, **more: Any) -> Ready:
    """The shipped scenario from 2022 to March 2026."""
    return ready(book, seed, first, ON, **more)


def taking(one: Simulated) -> bool:
    """Whether azathioprine is truly taken on the last day."""
    return bool(one.truth.doses) and one.truth.doses[-1].mg_per_day > 0


def records_of(chosen: list[Simulated], plan: Ready, book: RuleBook, folder: Path) -> dict[str, Record]:
    """These patients written as FHIR and read back by intake."""
    with NewFolder(folder) as new:
        files = FhirFiles(plan, new)
        for one in chosen:
            files.write(one)
    return {record.patient.id: record for record in read_patients(folder, book.vocabulary)}


def assessed(chosen: list[Simulated], plan: Ready, evaluator: Evaluator, folder: Path) -> dict[str, Assessment]:
    """These patients written, read back and assessed on the last day."""
    records = records_of(chosen, plan, evaluator.book, folder)
    return {name: evaluator.assess(record, ON) for name, record in records.items()}


def people(plan: Ready, number: int) -> list[Simulated]:
    """The first patients of a clinic."""
    return [simulate(plan, index) for index in range(1, number + 1)]
