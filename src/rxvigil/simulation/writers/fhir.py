"""FHIR R4 bulk export: one NDJSON file for each resource type, every resource labelled as test data."""

import json
from functools import cache
from typing import Any, Final

from rxvigil.facts.simulated import LABEL
from rxvigil.simulation.facts import Diagnosis, GeneReport, Intolerance, Medicine, Reported, Simulated, Vaccination
from rxvigil.simulation.laboratory import CLINIC
from rxvigil.simulation.plan import Ready
from rxvigil.simulation.writers.days import clock, iso
from rxvigil.simulation.writers.folder import NewFolder
from rxvigil.simulation.writers.words import Words

Json = dict[str, Any]
TYPES: Final = (
    "Patient", "Observation", "MedicationRequest", "Condition", "AllergyIntolerance", "Immunization",
)  # fmt: skip
META: Final[Json] = {"security": [{"system": LABEL[0], "code": LABEL[1], "display": "test health data"}]}
"""HL7's label of data that are about no real person."""
_HL7: Final = "http://terminology.hl7.org/CodeSystem"
_LOINC: Final = "http://loinc.org"
_SNOMED: Final = "http://snomed.info/sct"
_RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
_CVX: Final = "http://hl7.org/fhir/sid/cvx"
_UCUM: Final = "http://unitsofmeasure.org"
_LOCAL: Final = "https://example.org/simulated-laboratory"
_NO_KNOWN_ALLERGY: Final = "716186003"
_VITAL_SIGNS: Final = frozenset(("weight", "height", "systolic-bp", "diastolic-bp"))


class FhirFiles:
    """Writes patients, one after another, into a folder."""

    def __init__(self, ready: Ready, folder: NewFolder) -> None:
        self._words = Words(ready.words)
        self._files = folder.files(f"{kind}.ndjson" for kind in TYPES)

    def write(self, one: Simulated) -> None:
        """All resources of one patient."""
        self._line("Patient", {"id": one.id, "gender": one.sex, "birthDate": iso(one.born)})
        self._files["Observation.ndjson"].writelines(self._observation(one.id, result) for result in one.results)
        for gene in one.genes:
            self._line("Observation", self._gene(one.id, gene))
        for medicine in one.medicines:
            self._line("MedicationRequest", self._medicine(one.id, medicine))
        for diagnosis in one.diagnoses:
            self._line("Condition", self._condition(one.id, diagnosis))
        for allergy in one.allergies:
            self._line("AllergyIntolerance", self._allergy(one.id, allergy))
        for given in one.vaccinations:
            self._line("Immunization", self._vaccine(one.id, given))

    def _line(self, kind: str, fields: Json) -> None:
        resource = {"resourceType": kind, "id": fields["id"], "meta": META, **fields}
        self._files[f"{kind}.ndjson"].write(_written(resource) + "\n")

    def _observation(self, patient: str, one: Reported) -> str:
        """Put together from pieces, since most of a clinic is results."""
        place = _LOCAL + "/" + one.laboratory if one.system == "local" else _LOINC
        return (
            f'{{"resourceType":"Observation","id":"{patient}-o{one.number}",'
            f"{_head(one.status, one.analyte in _VITAL_SIGNS, place, one.code, one.name)}"
            f',"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"{iso(one.day)}T{clock(one.minute)}+00:00",'
            f"{self._value(one)}{_range(one.low, one.high)}}}\n"
        )

    def _value(self, one: Reported) -> str:
        if one.is_number:
            return f'"valueQuantity":{{"value":{one.value}{self._unit(one.analyte, one.unit)}}}'
        if one.laboratory == CLINIC:
            return f'"valueCodeableConcept":{{"text":{_written(one.value)}}}'
        return f'"valueString":{_written(one.value)}'

    def _unit(self, analyte: str, unit: str) -> str:
        if not unit:
            return ""
        coded = f',"system":"{_UCUM}","code":{_written(unit)}' if self._words.is_ucum(analyte, unit) else ""
        return f',"unit":{_written(unit)}{coded}'

    def _gene(self, patient: str, one: GeneReport) -> Json:
        code = _concept(_LOINC, self._words.loinc(one.gene), f"{one.gene.upper()} genotype")
        return {
            "id": f"{patient}-g{one.number}", "status": "final", "category": [_category("laboratory")], "code": code,
            "subject": _patient(patient), "effectiveDateTime": iso(one.day), "valueCodeableConcept": {"text": one.text},
        }  # fmt: skip

    def _medicine(self, patient: str, one: Medicine) -> Json:
        code, name, _ = self._words.drug(one.drug)
        bounds = {"start": iso(one.start)} | ({"end": iso(one.end)} if one.end is not None else {})
        dosage: Json = {
            "text": self._words.instruction(one),
            "timing": {"repeat": {"boundsPeriod": bounds, "frequency": 1, "period": 1, "periodUnit": "d"}},
        }
        if one.mg_per_day:
            amount = {"value": one.mg_per_day, "unit": "mg", "system": _UCUM, "code": "mg"}
            dosage["doseAndRate"] = [{"doseQuantity": amount}]
        return {
            "id": f"{patient}-m{one.number}", "status": "active" if one.end is None else "stopped", "intent": "order",
            "medicationCodeableConcept": _concept(_RXNORM, code, name), "subject": _patient(patient),
            "authoredOn": iso(one.start), "dosageInstruction": [dosage],
        }  # fmt: skip

    def _condition(self, patient: str, one: Diagnosis) -> Json:
        code, name, _ = self._words.concept(one.kind, one.concept)
        ended = {"abatementDateTime": iso(one.ended)} if one.ended is not None else {}
        state = "active" if one.ended is None else "resolved"
        return {
            "id": f"{patient}-c{one.number}", "clinicalStatus": _status("condition-clinical", state),
            "verificationStatus": _status("condition-ver-status", "confirmed"), "code": _concept(_SNOMED, code, name),
            "subject": _patient(patient), "onsetDateTime": iso(one.onset), **ended,
        }  # fmt: skip

    def _allergy(self, patient: str, one: Intolerance) -> Json:
        told: Json = {"code": _concept(_SNOMED, _NO_KNOWN_ALLERGY, "No known allergy")}
        if one.drug is not None:
            key = self._words.vocabulary.drugs[one.drug]
            told = {
                "criticality": "high", "code": _concept(_RXNORM, key.codes["rxnorm"][0], key.name),
                "reaction": [{"manifestation": [{"text": "Hypersensitivity reaction"}], "severity": "severe"}],
            }  # fmt: skip
        return {
            "id": f"{patient}-a{one.number}", "clinicalStatus": _status("allergyintolerance-clinical", "active"),
            "patient": _patient(patient), "recordedDate": iso(one.day), **told,
        }  # fmt: skip

    def _vaccine(self, patient: str, one: Vaccination) -> Json:
        _, name, _ = self._words.concept("vaccine", one.vaccine)
        return {
            "id": f"{patient}-v{one.number}", "status": "completed", "vaccineCode": _concept(_CVX, one.code, name),
            "patient": _patient(patient), "occurrenceDateTime": iso(one.day),
        }  # fmt: skip


@cache
def _head(status: str, vital: bool, place: str, code: str, name: str) -> str:
    kind = "vital-signs" if vital else "laboratory"
    fields = {
        "meta": META, "status": status, "category": [_category(kind)], "code": _concept(place, code, name),
    }  # fmt: skip
    return _written(fields)[1:-1]


@cache
def _range(low: float | None, high: float | None) -> str:
    ends = {name: {"value": end} for name, end in (("low", low), ("high", high)) if end is not None}
    return f',"referenceRange":[{_written(ends)}]' if ends else ""


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _concept(system: str, code: str, name: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": name}], "text": name}


def _category(code: str) -> Json:
    return {"coding": [{"system": f"{_HL7}/observation-category", "code": code}]}


def _status(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{_HL7}/{system}", "code": code}]}


def _patient(identity: str) -> Json:
    return {"reference": f"Patient/{identity}"}
