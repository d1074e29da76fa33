"""Small FHIR resources to read: each function gives a valid one, with what is named in the call put in its place."""

from functools import cache
from typing import Any

from rxvigil.facts import NotUnderstood, Record
from rxvigil.intake import record_from_resources
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.lookup import Vocabulary

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
Resource = dict[str, Any]


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary alone."""
    wanted = ("vocabulary/", "sources/vocabulary")
    return build(one for one in read_knowledge() if one.name.startswith(wanted)).vocabulary


def read(*resources: Resource) -> Record:
    """The record of a woman born in 1980 with these resources."""
    return record_from_resources([patient(), *resources], vocabulary())


def patient(**stated: Any) -> Resource:
    return {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-05-01"} | stated


def coded(system: str, code: str, display: str = "", text: str = "") -> Resource:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def words(text: str) -> Resource:
    return {"text": text}


def quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


NEUTROPHILS = coded(LOINC, "751-8", "Neutrophils [#/volume] in Blood by Automated count")
AZATHIOPRINE = words("Azathioprine 50 mg tablets")


def observation(number: str = "o1", **stated: Any) -> Resource:
    """A neutrophil count of 3.1 on 20 Feb 2026."""
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "code": NEUTROPHILS,
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-02-20T09:00:00+00:00",
        "valueQuantity": quantity(3.1, "10*9/L"),
    } | stated


def without(resource: Resource, *names: str) -> Resource:
    return {name: value for name, value in resource.items() if name not in names}


def request(number: str = "m1", **stated: Any) -> Resource:
    """An active order of azathioprine 50 mg tablets, written on 1 Jun 2025."""
    return {
        "resourceType": "MedicationRequest",
        "id": number,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": AZATHIOPRINE,
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2025-06-01",
    } | stated


def condition(number: str = "c1", **stated: Any) -> Resource:
    """Active Crohn's disease."""
    return {
        "resourceType": "Condition",
        "id": number,
        "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "verificationStatus": coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
        "code": words("Crohn's disease"),
        "subject": {"reference": "Patient/p1"},
    } | stated


def allergy(number: str = "a1", **stated: Any) -> Resource:
    """An allergy to azathioprine."""
    return {
        "resourceType": "AllergyIntolerance",
        "id": number,
        "code": words("Azathioprine"),
        "patient": {"reference": "Patient/p1"},
    } | stated


def immunization(number: str = "i1", **stated: Any) -> Resource:
    """MMR given on 1 Feb 2026."""
    return {
        "resourceType": "Immunization",
        "id": number,
        "status": "completed",
        "vaccineCode": coded("http://hl7.org/fhir/sid/cvx", "03", "MMR"),
        "patient": {"reference": "Patient/p1"},
        "occurrenceDateTime": "2026-02-01",
    } | stated


def bundle(*resources: Resource, kind: str = "collection", **stated: Any) -> Resource:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in resources]} | stated


def complaint(record: Record) -> NotUnderstood:
    """The only thing that was not understood."""
    assert len(record.not_understood) == 1, [one.why for one in record.not_understood]
    return record.not_understood[0]
