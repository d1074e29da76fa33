"""A whole clinic into a folder, patient by patient."""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.simulation import ClinicScenario
from rxvigil.simulation.facts import Simulated
from rxvigil.simulation.patient import simulate
from rxvigil.simulation.plan import Ready
from rxvigil.simulation.writers.fhir import FhirFiles
from rxvigil.simulation.writers.folder import NewFolder
from rxvigil.simulation.writers.omop import OmopFiles
from rxvigil.simulation.writers.readme import readme
from rxvigil.simulation.writers.tables import CsvFiles
from rxvigil.simulation.writers.truth import truth_line


class Form(StrEnum):
    """How to write patients."""

    fhir = "fhir"
    omop = "omop"
    csv = "csv"


class Files(Protocol):
    """What writes one patient after another."""

    def write(self, one: Simulated) -> None:
        """All of one patient."""


_WRITERS: Final[dict[Form, Callable[[Ready, NewFolder], Files]]] = {
    Form.fhir: FhirFiles,
    Form.omop: OmopFiles,
    Form.csv: CsvFiles,
}


def write_clinic(
    ready: Ready,
    book: RuleBook,
    folder: Path,
    patients: int,
    form: Form = Form.fhir,
    *,
    compressed: bool = False,
    done: Callable[[int], None] | None = None,
) -> int:
    """Writes the patients 1 to `patients` into a new folder and returns the number of results. `done` is told how many
    are written. Memory does not grow with the clinic. Raises `UnwritableOutput`; nothing half-written stays."""
    results = 0
    with NewFolder(folder, compressed=compressed) as new:
        files = _WRITERS[form](ready, new)
        truth = new.file("truth/truth.ndjson")
        for index in range(1, patients + 1):
            one = simulate(ready, index)
            files.write(one)
            truth.write(truth_line(one.truth))
            results += len(one.results)
            if done is not None:
                done(index)
        text = readme(ready, book, version("rxvigil"), patients, form.value, digest_of(ready.scenario))
        new.file("README.txt", plain=True).write(text)
    return results


def digest_of(scenario: ClinicScenario) -> str:
    """SHA-256 of what the scenario says."""
    return hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()
