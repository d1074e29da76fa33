"""Plain CSV: one file for each kind of fact, and the mapping file with which `rxvigil assess` reads them."""

import csv
from typing import IO, Any, Final

from rxvigil.simulation.facts import Simulated
from rxvigil.simulation.plan import Ready
from rxvigil.simulation.writers.days import iso
from rxvigil.simulation.writers.folder import NewFolder
from rxvigil.simulation.writers.words import Words

MAPPING: Final = "clinic.mapping.yaml"
HEADERS: Final = {
    "results.csv": ("patient", "date", "system", "code", "test", "value", "unit", "low", "high", "status", "sample"),
    "medicines.csv": ("patient", "rxnorm", "drug", "start", "end", "mg_per_day", "status", "instruction"),
    "problems.csv": ("patient", "snomed", "problem", "onset", "ended", "status"),
    "allergies.csv": ("patient", "allergy", "reaction"),
    "vaccines.csv": ("patient", "cvx", "vaccine", "date"),
    "genotypes.csv": ("patient", "gene", "date", "report"),
    "people.csv": ("patient", "born", "sex"),
}
_MAPPING_TEXT: Final = """\
# SIMULATED: these patients do not exist.
kind: mapping
title: simulated azathioprine clinic
simulated: true
patient: patient
sorted: true
tables:
  - file: results.csv
    holds: results
    date: date
    analyte: {code: code, system: {column: system, words: {loinc: loinc, local: local}}, name: test}
    value: value
    unit: unit
    reference: {low: low, high: high}
    status: {column: status, words: {final: final, amended: final, entered-in-error: withdrawn}}
    panel: sample
  - file: medicines.csv
    holds: prescriptions
    drug: {code: rxnorm, system: rxnorm, name: drug}
    status: {column: status, words: {active: active, stopped: ended}}
    start: start
    end: end
    instruction: instruction
    dose: {amount: mg_per_day, unit: {constant: mg}, per: {constant: day}}
  - file: problems.csv
    holds: conditions
    condition: {code: snomed, system: snomed, name: problem}
    status: {column: status, words: {active: active, past: past}}
    onset: onset
    ended: ended
  - file: allergies.csv
    holds: allergies
    substance: {name: allergy, means: {NKDA: none-known}}
    status: {constant: active}
    reaction: reaction
  - file: vaccines.csv
    holds: immunisations
    vaccine: {code: cvx, system: cvx, name: vaccine}
    date: date
    status: {constant: given}
  - file: genotypes.csv
    holds: genotypes
    gene: {name: gene}
    result: report
    date: date
  - file: people.csv
    holds: patients
    born: born
    sex: {column: sex, words: {female: female, male: male}}
"""


class CsvFiles:
    """Writes patients, one after another, into a folder."""

    def __init__(self, ready: Ready, folder: NewFolder) -> None:
        self._words = Words(ready.words)
        self._rows = {name: rows(folder.file(name), header) for name, header in HEADERS.items()}
        folder.file(MAPPING, plain=True).write(_MAPPING_TEXT)

    def write(self, one: Simulated) -> None:
        """All rows of one patient."""
        self._rows["people.csv"].writerow((one.id, iso(one.born), one.sex))
        self._rows["results.csv"].writerows(
            (
                one.id, iso(each.day), each.system, each.code, each.name, each.value, each.unit, each.low, each.high,
                each.status, f"{one.id}-s{each.sample}" if each.sample else "",
            )
            for each in one.results
        )  # fmt: skip
        self._others(one)

    def _others(self, one: Simulated) -> None:
        words = self._words
        for drug in one.medicines:
            code, name, _ = words.drug(drug.drug)
            mg, state = drug.mg_per_day, "active" if drug.end is None else "stopped"
            self._rows["medicines.csv"].writerow(
                (one.id, code, name, iso(drug.start), _maybe(drug.end), mg, state, words.instruction(drug))
            )
        for found in one.diagnoses:
            code, name, _ = words.concept(found.kind, found.concept)
            state = "active" if found.ended is None else "past"
            self._rows["problems.csv"].writerow((one.id, code, name, iso(found.onset), _maybe(found.ended), state))
        for allergy in one.allergies:
            name = words.vocabulary.drugs[allergy.drug].name if allergy.drug else "NKDA"
            reaction = "hypersensitivity reaction" if allergy.drug else ""
            self._rows["allergies.csv"].writerow((one.id, name, reaction))
        for given in one.vaccinations:
            name = words.concept("vaccine", given.vaccine)[1]
            self._rows["vaccines.csv"].writerow((one.id, given.code, name, iso(given.day)))
        self._rows["genotypes.csv"].writerows((one.id, gene.gene, iso(gene.day), gene.text) for gene in one.genes)


def rows(file: IO[str], header: tuple[str, ...]) -> Any:
    """A CSV writer whose header is written."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    return writer


def _maybe(day: int | None) -> str:
    return iso(day) if day is not None else ""
