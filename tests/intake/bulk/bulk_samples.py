"""Small exports to import, and what the one-patient intake makes of them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from rxvigil.facts import Record
from rxvigil.intake import read_patients
from rxvigil.intake.bulk import import_fhir, sources_at
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.manifest import Manifest
from rxvigil.population.store import Store

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
Resource = dict[str, Any]


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary alone."""
    wanted = ("vocabulary/", "sources/vocabulary")
    return build(one for one in read_knowledge() if one.name.startswith(wanted)).vocabulary


def patient(number: str = "p1", **stated: Any) -> Resource:
    return {"resourceType": "Patient", "id": number, "gender": "female", "birthDate": "1980-05-01"} | stated


def observation(number: str = "o1", of: str = "Patient/p1", **stated: Any) -> Resource:
    """A neutrophil count of 3.1 on 20 Feb 2026."""
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "751-8", "display": "Neutrophils"}]},
        "subject": {"reference": of},
        "effectiveDateTime": "2026-02-20T09:00:00+00:00",
        "valueQuantity": {"value": 3.1, "unit": "10*9/L", "system": UCUM, "code": "10*9/L"},
    } | stated


def request(number: str = "m1", of: str = "Patient/p1", **stated: Any) -> Resource:
    """An order for azathioprine."""
    return {
        "resourceType": "MedicationRequest",
        "id": number,
        "status": "active",
        "intent": "order",
        "subject": {"reference": of},
        "authoredOn": "2025-11-01",
        "medicationCodeableConcept": {"text": "Azathioprine 50 mg tablets"},
    } | stated


def lines(*resources: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


def export(folder: Path, **files: bytes) -> Path:
    """A folder with these files (`Patient` becomes Patient.ndjson)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.ndjson").write_bytes(content)
    return folder


def bring(source: Path, store: Path, buckets: int = 3) -> Manifest:
    return import_fhir(sources_at(source), store, vocabulary(), buckets=buckets, workers=1)


def stored(store: Path) -> dict[str, Record]:
    """Every record of a store, what belongs to nobody by name among them."""
    there = Store.open(store)
    nobody = there.nobody()
    return {one.patient.id: one for one in (*there.records(), *([nobody] if nobody else []))}


def one_by_one(source: Path) -> dict[str, Record]:
    return {one.patient.id: one for one in read_patients(source, vocabulary())}


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}
