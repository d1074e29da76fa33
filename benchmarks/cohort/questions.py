"""The three questions of benchmarks/assess, asked of the made-up population by `rxvigil screen` and of some of the same
people, as FHIR Bundles, by cql-execution."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.assess import bundles
from benchmarks.assess.ours import RULES
from rxvigil.facts import Record
from rxvigil.knowledge.loader import shipped_knowledge
from rxvigil.population.store import Store
from rxvigil.screening.places import find_screen

QUESTIONS: Final = ("neutrophils-low", "neutrophils-falling", "full-blood-count")
_CREATININE: Final = bundles.Test(
    "14682-9", "Creatinine [Moles/volume] in Serum or Plasma", "umol/L", usual=74, low=45, high=90
)
_ALBUMIN: Final = bundles.Test("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/L", usual=42, low=35, high=50)
_TESTS: Final = {
    "neutrophils": bundles.NEUTROPHILS, "white-cells": bundles.WHITE_CELLS, "platelets": bundles.PLATELETS,
    "haemoglobin": bundles.HAEMOGLOBIN, "alt": bundles.ALT, "creatinine": _CREATININE, "albumin": _ALBUMIN,
}  # fmt: skip

Answers = dict[str, list[bool]]


def write_rules(folder: Path) -> Path:
    """The small rule book: the three questions, with the vocabulary that ships with rxvigil, as stores are read."""
    for part in ("vocabulary", "pharmacogenes"):
        shutil.copytree(shipped_knowledge() / part, folder / part)
    shutil.copytree(RULES, folder / "rules")
    return folder


def write_bundles(store: Store, people: int, target: Path) -> Path:
    """The first people of the made-up population as Bundles, one a line."""
    names = [f"made-up-{number}" for number in range(people)]
    lines = (json.dumps(bundle(record), separators=(",", ":")) for record in store.records(names))
    target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return target


def bundle(record: Record) -> dict[str, Any]:
    """A made-up person as a Bundle. The CQL library reads one order of azathioprine, so a course becomes one."""
    who = record.patient.id
    orders = [one for one in record.prescriptions if one.drug == "azathioprine" and one.start]
    began = min(one.start.first for one in orders if one.start)
    status = "active" if any(one.status == "active" for one in orders) else "stopped"
    patient = {"resourceType": "Patient", "id": who, "gender": record.patient.sex}
    resources = [patient, bundles.prescription(who, began, status)]
    resources += [bundles.diagnosis(who)] if record.conditions else []
    return bundles.bundled([*resources, *(_result(record, nth) for nth in range(len(record.results)))])


def _result(record: Record, nth: int) -> dict[str, Any]:
    one = record.results[nth]
    status = "preliminary" if one.preliminary else "final"
    value = one.value if one.value is not None else 0.0
    made = bundles.result(
        f"{record.patient.id}-{nth}", record.patient.id, _TESTS[one.analyte], value, one.when.first, status
    )
    if one.comparator:
        made["valueQuantity"]["comparator"] = one.comparator
    return made


def found_by(store: Store, people: int) -> Answers:
    """Of those of the first people of whom the newest screen of a store says yes to a question: to which."""
    import duckdb

    folder = find_screen(store, None)
    answered: Answers = {}
    with duckdb.connect() as con:
        for nth, question in enumerate(QUESTIONS):
            asked = con.execute(f"{_YES[question].format(folder=folder)} AND {_AMONG.format(people=people)}")
            for (patient,) in asked.fetchall():
                answered.setdefault(patient, [False] * len(QUESTIONS))[nth] = True
    return answered


_AMONG: Final = "replace(patient, 'made-up-', '')::BIGINT < {people}"
_OF_RULE: Final = (
    "SELECT DISTINCT patient FROM read_parquet('{{folder}}/findings.parquet') WHERE tier <> 'CANNOT SAY' "
    "AND (rule LIKE '%#{rule}' OR len(list_filter(also, lambda one: one LIKE '%#{rule}')) > 0)"
)
_YES: Final = {
    "neutrophils-low": _OF_RULE.format(rule="neutrophils-low"),
    "neutrophils-falling": _OF_RULE.format(rule="neutrophils-falling"),
    "full-blood-count": "SELECT DISTINCT patient FROM read_parquet('{folder}/clocks.parquet') WHERE status = 'overdue'",
}


def agreed(cql: Mapping[str, list[bool | None]], found: Answers) -> tuple[int, int]:
    """How many answers of cql-execution are the same as the screen's, and how many there are; of both, yes or not."""
    silent = [False] * len(QUESTIONS)
    pairs = [(one is True, mine) for who, given in cql.items()
             for one, mine in zip(given, found.get(who, silent), strict=True)]  # fmt: skip
    return sum(one == mine for one, mine in pairs), len(pairs)
