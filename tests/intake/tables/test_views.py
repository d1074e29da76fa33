"""The SQL-on-FHIR views: run by another's FHIRPath and read with the shipped mapping, they make the facts that the FHIR
intake makes of the same resources."""

import csv
import json
import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rxvigil.facts import Record
from rxvigil.intake import read_patients
from rxvigil.intake.tables import read_tables
from rxvigil.intake.views import MAPPING, view_names, write_views
from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import ready, write_clinic

from .desk import vocabulary
from .views_runner import rows_of

KINDS = ("results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events")
SHAREABLE = re.compile(r"\.(\w+)\(")
FUNCTIONS = {"ofType", "where", "exists", "not", "first", "getReferenceKey"}
"""Of those that the specification asks of every runner."""


@cache
def views() -> dict[str, dict[str, Any]]:
    import rxvigil.intake.views as package

    folder = Path(str(package.__file__)).parent
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in view_names()}


def columns(selects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [column for select in selects for column in (*select.get("column", ()), *columns(select.get("select", [])))]


def flattened(resources: list[dict[str, Any]], folder: Path) -> list[Record]:
    """The records that the flat tables of these resources make."""
    folder.mkdir(exist_ok=True)
    for name, view in views().items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [column["name"] for column in columns(view["select"])])
            writer.writeheader()
            writer.writerows(rows_of(view, resources))
    (mapping,) = [path for path in write_views(folder / "views") if path.name == MAPPING]
    return list(read_tables(folder, mapping, vocabulary()))


def content(fact: Any) -> str:
    said = [(name, getattr(fact, name)) for name in fact.__struct_fields__ if name not in ("id", "origin", "panel")]
    return f"{type(fact).__name__} {[(name, getattr(value, 'sort_key', value)) for name, value in said]}"


def told(records: list[Record]) -> Counter[str]:
    return Counter(content(fact) for record in records for kind in KINDS for fact in getattr(record, kind))


@pytest.mark.parametrize("name", view_names())
def test_a_view_keeps_to_what_every_runner_knows(name: str) -> None:
    """As the specification has it: name, resource, status; columns once each, with plain names; shareable FHIRPath."""
    view = views()[name]
    assert view["resourceType"] == "ViewDefinition"
    assert view["name"] == name
    assert (view["status"], view["fhirVersion"]) == ("active", ["4.0.1"])
    names = [column["name"] for column in columns(view["select"])]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", one) for one in (name, *names))
    assert set(SHAREABLE.findall(json.dumps(view))) <= FUNCTIONS


def test_the_mapping_names_every_view(tmp_path: Path) -> None:
    written = write_views(tmp_path / "views")
    assert {path.stem for path in written if path.suffix == ".json"} == set(view_names())
    text = (tmp_path / "views" / MAPPING).read_text()
    assert set(re.findall(r"file: (\w+)\.csv", text)) == set(view_names())


def test_simulated_patients_have_the_same_facts_either_way(book: RuleBook, tmp_path: Path) -> None:
    write_clinic(ready(book, 5, date(2025, 9, 1), date(2026, 3, 1)), book, tmp_path / "fhir", 6)
    lines = [line for path in sorted((tmp_path / "fhir").glob("*.ndjson")) for line in path.read_text().splitlines()]
    ours = list(read_patients(tmp_path / "fhir", book.vocabulary))
    theirs = flattened([json.loads(line) for line in lines], tmp_path / "tables")
    assert told(theirs) == told(ours)
    made_up = [msgspec.structs.replace(record.patient, simulated=True) for record in theirs]  # a view does not tell
    assert made_up == [record.patient for record in ours]
    assert sum(told(ours).values()) > 100


COMMON = {"id": "x", "subject": {"reference": "Patient/p"}}
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-05"}
ALT = {"coding": [{"system": "http://loinc.org", "code": "1742-6", "display": "ALT"}]}
AZA = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197388"}]}
OBSERVATION = COMMON | {
    "resourceType": "Observation",
    "status": "final",
    "effectiveDateTime": "2026-01-05",
    "code": ALT,
}
ORDER = COMMON | {
    "resourceType": "MedicationRequest", "status": "active", "intent": "order", "authoredOn": "2026-01-05",
    "medicationCodeableConcept": AZA,
}  # fmt: skip
DAILY = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
MG = {"value": 50, "unit": "mg"}
CROHNS = {"coding": [{"system": "http://snomed.info/sct", "code": "34000006"}]}


def _state(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": code}]}


PLAIN: list[dict[str, Any]] = [
    OBSERVATION | {"valueQuantity": {"value": 38, "unit": "U/L", "code": "U/L"}},
    OBSERVATION | {"valueQuantity": {"value": 5, "comparator": "<", "unit": "U/L"}},
    OBSERVATION | {"valueQuantity": {"value": 38, "unit": "U/L"}, "referenceRange": [{"high": {"value": 40}}]},
    OBSERVATION | {"valueString": "38 U/L"},
    OBSERVATION | {"status": "preliminary", "valueQuantity": {"value": 38, "unit": "U/L"}},
    OBSERVATION | {"code": {"text": "ALT"}, "valueQuantity": {"value": 38, "unit": "U/L"}},
    OBSERVATION | {"code": {"coding": [{"display": "ALT"}]}, "valueQuantity": {"value": 38, "unit": "U/L"}},
    OBSERVATION | {"code": {"text": "x"}, "component": [{"code": ALT, "valueQuantity": {"value": 38, "unit": "U/L"}}]},
    ORDER | {"dosageInstruction": [{"text": "50 mg twice daily"}]},
    ORDER | {"dosageInstruction": [{"timing": DAILY, "doseAndRate": [{"doseQuantity": MG}]}]},
    ORDER | {"status": "completed"},
    ORDER | {"dispenseRequest": {"expectedSupplyDuration": {"value": 28, "code": "d"}, "numberOfRepeatsAllowed": 2}},
    COMMON | {"resourceType": "Condition", "code": CROHNS, "clinicalStatus": _state("active"), "onsetDateTime": "2015"},
    COMMON | {"resourceType": "Condition", "code": CROHNS, "clinicalStatus": _state("active"),
              "verificationStatus": _state("provisional")},
    COMMON | {"resourceType": "Condition", "code": CROHNS, "verificationStatus": _state("refuted")},
    {"id": "x", "patient": COMMON["subject"], "resourceType": "AllergyIntolerance", "code": AZA, "criticality": "high",
     "clinicalStatus": _state("active"), "reaction": [{"manifestation": [{"text": "rash"}]}]},
    {"id": "x", "patient": COMMON["subject"], "resourceType": "AllergyIntolerance",
     "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}},
    {"id": "x", "patient": COMMON["subject"], "resourceType": "Immunization", "status": "completed",
     "occurrenceDateTime": "2026-01-05",
     "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "121"}]}},
    COMMON | {"resourceType": "MedicationDispense", "status": "completed", "whenHandedOver": "2026-01-05",
              "medicationCodeableConcept": AZA, "daysSupply": {"value": 28, "code": "d"}},
    COMMON | {"resourceType": "MedicationStatement", "status": "active", "effectivePeriod": {"start": "2026-01-05"},
              "medicationCodeableConcept": AZA},
]  # fmt: skip


@pytest.mark.parametrize("resource", PLAIN, ids=lambda one: str(one["resourceType"]))
def test_a_plain_resource_makes_the_same_fact_either_way(resource: dict[str, Any], tmp_path: Path) -> None:
    resources = [PATIENT, resource]
    lines = "".join(json.dumps(one) + "\n" for one in resources)
    (tmp_path / "all.ndjson").write_text(lines)
    ours = list(read_patients(tmp_path / "all.ndjson", vocabulary()))
    theirs = flattened(resources, tmp_path / "tables")
    assert sum(told(ours).values()) == 1
    assert told(theirs) == told(ours)
    assert [record.patient for record in theirs] == [record.patient for record in ours]


HARD: list[dict[str, Any]] = [
    ORDER | {"dosageInstruction": [{"text": "50 mg daily"}, {"text": "25 mg at night"}]},
    ORDER | {"dosageInstruction": [{"asNeededBoolean": True, "timing": DAILY, "doseAndRate": [{"doseQuantity": MG}]}]},
    ORDER | {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/m"}},
    OBSERVATION | {"effectiveDateTime": None, "valueQuantity": {"value": 38, "unit": "U/L"}},
    OBSERVATION | {"code": {"text": "Haemoglobin"}, "valueQuantity": {"value": 13, "unit": "g/dL", "code": "g/L"}},
    OBSERVATION | {"dataAbsentReason": {"text": "haemolysed"}},
]


@pytest.mark.parametrize("resource", HARD)
def test_what_flat_tables_cannot_hold_is_unknown_never_wrong(resource: dict[str, Any], tmp_path: Path) -> None:
    given = {key: value for key, value in resource.items() if value is not None}
    (record,) = flattened([PATIENT, given], tmp_path / "tables")
    assert record.results == ()
    assert all(one.dose is None for one in record.prescriptions)
    assert record.prescriptions or record.not_understood
