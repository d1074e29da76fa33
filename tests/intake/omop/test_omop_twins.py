"""The same simulated patients as OMOP and as FHIR: the same facts, and the same findings. Real data add up."""

import csv
import zipfile
from collections import Counter
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from rxvigil.engine import Evaluator
from rxvigil.facts import Record
from rxvigil.intake import read_patients
from rxvigil.intake.omop import omop
from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import Form, ready, write_clinic

FIRST, ON = date(2022, 3, 1), date(2026, 3, 1)
KINDS = ("results", "conditions", "immunisations", "genotypes", "events", "symptoms", "prescriptions", "allergies")
NOT_IN_THE_MODEL = {"Prescription": {"supply_until"}, "Allergy": {"reaction", "serious"}}
"""The model has no field for an allergy's reaction, and asks for an end of every medicine: it becomes how far the
supply reaches. Everything else must be the same."""
CLINICAL = (
    "PERSON", "DEATH", "MEASUREMENT", "OBSERVATION", "DRUG_EXPOSURE", "CONDITION_OCCURRENCE", "PROCEDURE_OCCURRENCE",
    "OBSERVATION_PERIOD", "VISIT_OCCURRENCE", "VISIT_DETAIL", "DEVICE_EXPOSURE", "CONDITION_ERA", "DRUG_ERA",
    "DOSE_ERA", "NOTE", "SPECIMEN", "PAYER_PLAN_PERIOD", "EPISODE",
)  # fmt: skip

Twins = dict[str, tuple[Record, Record]]


@pytest.fixture(scope="module")
def twins(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """Each simulated patient as FHIR and as OMOP tell of them."""
    folder = tmp_path_factory.mktemp("twins")
    for form in (Form.fhir, Form.omop):
        write_clinic(ready(book, 11, FIRST, ON), book, folder / form.value, 40, form)
    by_fhir = {record.patient.id: record for record in read_patients(folder / "fhir", book.vocabulary)}
    with (folder / "omop" / "PERSON.csv").open() as file:
        names = {row["person_id"]: row["person_source_value"] for row in csv.DictReader(file)}
    with omop(folder / "omop", book.vocabulary) as found:
        by_omop = {names[record.patient.id]: record for record, _ in found.records()}
    assert by_fhir.keys() == by_omop.keys()
    return {name: (by_fhir[name], by_omop[name]) for name in by_fhir}


def content(fact: Any) -> str:
    """What a fact says, without where it stood; an instant by its local day and time."""
    kind = type(fact).__name__
    left_out = {"id", "origin", "panel"} | NOT_IN_THE_MODEL.get(kind, set())
    said = [(name, getattr(fact, name)) for name in fact.__struct_fields__ if name not in left_out]
    return f"{kind} {[(name, getattr(value, 'sort_key', value)) for name, value in said]}"


def test_twins_have_the_same_facts(twins: Twins) -> None:
    told = 0
    for fhir, cdm in twins.values():
        assert (fhir.patient.born, fhir.patient.sex, fhir.lists) == (cdm.patient.born, cdm.patient.sex, cdm.lists)
        for kind in KINDS:
            ours, theirs = (Counter(map(content, getattr(record, kind))) for record in (fhir, cdm))
            assert ours == theirs
            told += ours.total()
    assert told > 3000


def test_twins_have_the_same_findings(twins: Twins, evaluator: Evaluator) -> None:
    spoken = 0
    for fhir, cdm in twins.values():
        ours, theirs = (
            {(one.tier, one.cause, one.says, one.rule) for one in evaluator.assess(record, ON).findings}
            for record in (fhir, cdm)
        )
        assert ours == theirs
        spoken += len(ours)
    assert spoken > 40


def test_every_row_of_real_data_is_accounted_for(book: RuleBook, data: Path) -> None:
    """Synthea27Nj, 28 persons: the rows as counted by another reader."""
    packed = data / "omop-synthea27nj" / "Synthea27Nj_5.4.zip"
    with zipfile.ZipFile(packed) as file:
        counted = {name: _count(file, f"{name}.csv") for name in CLINICAL}
    with omop(packed, book.vocabulary) as found:
        records = [record for record, _ in found.records()]
        totals = found.totals()
    assert len(records) == counted["PERSON"] == 28
    assert totals.all == sum(counted.values())
    assert totals.ignored["visit_occurrence"] == counted["VISIT_OCCURRENCE"]
    assert sum(record.patient.died is not None for record in records) == counted["DEATH"] == 3
    whys = {entry.why for record in records for entry in record.not_understood}
    assert whys == {"its value is neither a number nor words we know"}


def test_nobody_of_the_real_data_takes_a_thiopurine(book: RuleBook, data: Path) -> None:
    """Nobody may be flagged for what nobody takes."""
    with omop(data / "omop-synthea27nj" / "Synthea27Nj_5.4.zip", book.vocabulary) as found:
        drugs = {one.drug for record, _ in found.records() for one in record.prescriptions}
    assert drugs
    assert not drugs & {"azathioprine", "mercaptopurine", "tioguanine"}


def _count(file: zipfile.ZipFile, name: str) -> int:
    with file.open(name) as packed:
        return sum(1 for _ in csv.reader(TextIOWrapper(packed, "utf-8"))) - 1
