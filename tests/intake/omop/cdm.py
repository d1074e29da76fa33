"""A small OMOP database, written row by row."""

import csv
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rxvigil.facts import Record
from rxvigil.intake.omop import omop
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.manifest import Totals

Rows = list[dict[str, object]]

WBC, ALT, PLATELETS = "3000905", "3006923", "3024929"
"""Concepts of our vocabulary."""
AZATHIOPRINE_50 = "19014880"
"""azathioprine 50 MG Oral Tablet, as in our vocabulary."""

_ALWAYS = {
    "person": "person_id year_of_birth month_of_birth day_of_birth gender_concept_id provider_id care_site_id",
    "measurement": "measurement_id person_id measurement_concept_id measurement_date value_as_number unit_source_value",
    "drug_exposure": "drug_exposure_id person_id drug_concept_id drug_exposure_start_date drug_exposure_end_date",
    "condition_occurrence": "condition_occurrence_id person_id condition_concept_id condition_start_date",
    "observation": "observation_id person_id observation_concept_id observation_date",
    "procedure_occurrence": "procedure_occurrence_id person_id procedure_concept_id procedure_date",
    "death": "person_id death_date",
}


@cache
def vocabulary() -> Vocabulary:
    return build(one for one in read_knowledge() if not one.name.startswith("monitoring/")).vocabulary


def write(folder: Path, **tables: Rows) -> Path:
    """A folder of CSV files; one person, number 1, unless the persons are given."""
    tables.setdefault("person", [{"person_id": 1, "year_of_birth": 1980}])
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name.upper()}.csv").write_text(table(name, rows), encoding="utf-8")
    return folder


def table(name: str, rows: Rows) -> str:
    """One table as CSV; rows are numbered and of person 1 where they do not say."""
    always = _ALWAYS.get(name, "").split()
    columns = list(dict.fromkeys([*always, *(column for row in rows for column in row)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(rows, start=1):
        key = {columns[0]: number} if always and columns[0] != "person_id" else {}
        writer.writerow({"person_id": 1, **key, **row} if always else row)
    return text.getvalue()


def read(source: str | Path) -> tuple[list[Record], Totals]:
    """All records, and how the rows ended."""
    with omop(source, vocabulary()) as found:
        return [record for record, _ in found.records()], found.totals()


def one(folder: Path, **tables: Rows) -> Record:
    """The record of the only person; every row is accounted for."""
    (record,), totals = read(write(folder, **tables))
    told = ("person", *_ALWAYS, "observation_period", "visit_occurrence")
    assert totals.all == 1 * ("person" not in tables) + sum(len(rows) for name, rows in tables.items() if name in told)
    return record


def names(records: Iterator[Record] | list[Record]) -> list[str]:
    return [record.patient.id for record in records]
