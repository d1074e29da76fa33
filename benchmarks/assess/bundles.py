"""Simulated patients on azathioprine as FHIR R4 Bundles: 22 or 23 resources each, 20 of them laboratory results.

Deterministic: the same seed and number give the same bytes. The people, dates and values are invented. The mix is
chosen so that each question is answered yes, no and "cannot say" by some of them: values on a limit, results that are
stale, preliminary, withdrawn, in other units, in the future, or repeated within days.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final, NamedTuple

ON: Final = date(2026, 3, 1)
"""The day of the assessment."""
SEED: Final = 20261122

Json = dict[str, Any]


LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM: Final = "http://unitsofmeasure.org"


class Test(NamedTuple):
    """A laboratory test: its LOINC code and name, unit, usual value, reference range."""

    code: str
    name: str
    unit: str
    usual: float
    low: float
    high: float


WHITE_CELLS = Test("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*9/L", 6.4, 4.0, 11.0)
NEUTROPHILS = Test("751-8", "Neutrophils [#/volume] in Blood by Automated count", "10*9/L", 3.8, 1.8, 7.5)
PLATELETS = Test("777-3", "Platelets [#/volume] in Blood by Automated count", "10*9/L", 256, 150, 400)
HAEMOGLOBIN = Test("718-7", "Hemoglobin [Mass/volume] in Blood", "g/L", 136, 120, 160)
ALT = Test("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 24, 0, 40)
BLOOD_COUNT = (HAEMOGLOBIN, WHITE_CELLS, NEUTROPHILS, PLATELETS)


class Draw(NamedTuple):
    """Blood taken on one day, and what was measured in it."""

    day: date
    tests: tuple[Test, ...]


def bundles(count: int, seed: int = SEED) -> Iterator[Json]:
    """That many patients."""
    for number in range(count):
        yield bundle(number, Random(f"{seed}/{number}"))


def ndjson(count: int, seed: int = SEED) -> bytes:
    """The same, one Bundle per line."""
    return b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in bundles(count, seed))


def bundle(number: int, chance: Random) -> Json:
    """One patient: who it is, the prescription, in half of them the diagnosis, and 20 results."""
    identity = f"patient-{number}"
    start = ON - timedelta(days=chance.choice((30, 80, 200, 700, 1500)) + chance.randrange(30))
    stopped = chance.random() < 1 / 12
    resources = [patient(identity, chance), prescription(identity, start, "stopped" if stopped else "active")]
    if chance.random() < 0.5:
        resources.append(diagnosis(identity))
    resources += _results(identity, chance)
    return bundled(resources)


def bundled(resources: list[Json]) -> Json:
    """A Bundle of these."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def patient(identity: str, chance: Random) -> Json:
    """Who it is."""
    return {
        "resourceType": "Patient",
        "id": identity,
        "gender": chance.choice(("female", "male")),
        "birthDate": f"{chance.randrange(1940, 2005)}-06-15",
    }


def prescription(identity: str, start: date, status: str = "active") -> Json:
    """Azathioprine 150 mg a day."""
    return {
        "resourceType": "MedicationRequest",
        "id": f"{identity}-order",
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": coded(RXNORM, "1256", "azathioprine"),
        "subject": {"reference": f"Patient/{identity}"},
        "authoredOn": start.isoformat(),
        "dosageInstruction": [
            {
                "text": "150 mg once daily",
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 150, "unit": "mg", "code": "mg", "system": UCUM}}],
            }
        ],
    }


def diagnosis(identity: str) -> Json:
    """Rheumatoid arthritis."""
    return {
        "resourceType": "Condition",
        "id": f"{identity}-diagnosis",
        "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
        "code": coded(SNOMED, "69896004", "Rheumatoid arthritis"),
        "subject": {"reference": f"Patient/{identity}"},
        "onsetDateTime": "2019-05",
    }


def _results(identity: str, chance: Random) -> list[Json]:
    draws = _draws(chance)
    counts = iter(_course_of_neutrophils(sum(NEUTROPHILS in draw.tests for draw in draws), chance))
    found: list[Json] = []
    for draw in draws:
        for test in draw.tests:
            value = next(counts) if test is NEUTROPHILS else round(test.usual * chance.uniform(0.85, 1.15), 1)
            found.append(_odd_result(f"{identity}-result-{len(found)}", identity, test, value, draw.day, chance))
    return found


def _draws(chance: Random) -> list[Draw]:
    """Twenty results: four full sets, or three with blood counts repeated alone, now and then within two days."""
    last = ON - timedelta(days=chance.choice((-4, 2, 20, 60, 90, 100, 150)) + chance.randrange(8))
    full = (*BLOOD_COUNT, ALT)
    alone = (NEUTROPHILS,)
    sets = [full] * 4 if chance.random() < 0.6 else [full, full, BLOOD_COUNT, full[1:], alone, alone]
    usual_gap = chance.choice((7, 14, 30, 84))
    days = [last]
    while len(days) < len(sets):
        gap = chance.choice((1, 2)) if chance.random() < 0.12 else usual_gap + chance.randrange(5)
        days.append(days[-1] - timedelta(days=gap))
    tests = chance.sample(sets, len(sets))
    return [Draw(day, one) for day, one in zip(reversed(days), tests, strict=True)]


def _course_of_neutrophils(count: int, chance: Random) -> list[float]:
    """Steady, low, falling, or falling with one step of exactly a tenth."""
    kind = chance.choice(("steady", "low", "falling", "falling", "a tenth"))
    if kind in ("steady", "low"):
        centre = 3.8 if kind == "steady" else 1.6
        return [round(chance.uniform(0.92, 1.08) * centre, 1) for _ in range(count)]
    value, found = chance.choice((4.0, 5.0, 6.0)), []
    tenth = chance.randrange(count) if kind == "a tenth" else -1
    for step in range(count):
        found.append(round(value, 2))
        value = round(value * (0.9 if step == tenth else chance.uniform(0.7, 0.88)), 2)
    return found


def _odd_result(identity: str, owner: str, test: Test, value: float, day: date, chance: Random) -> Json:
    """A result, now and then corrected, preliminary, withdrawn or in another unit."""
    status = chance.choices(("final", "corrected", "preliminary", "entered-in-error"), (90, 3, 4, 3))[0]
    other = "10*3/uL" if test.unit == "10*9/L" and chance.random() < 0.1 else test.unit
    return result(identity, owner, test._replace(unit=other), value, day, status)


def result(identity: str, owner: str, test: Test, value: float, day: date, status: str = "final") -> Json:
    """One laboratory result."""
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": status,
        "category": [coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "Laboratory")],
        "code": coded(LOINC, test.code, test.name),
        "subject": {"reference": f"Patient/{owner}"},
        "effectiveDateTime": f"{day.isoformat()}T09:10:00+00:00",
        "valueQuantity": {"value": value, "unit": test.unit, "system": UCUM, "code": test.unit},
        "referenceRange": [
            {"low": {"value": test.low, "unit": test.unit}, "high": {"value": test.high, "unit": test.unit}}
        ],
    }


def coded(system: str, code: str, display: str) -> Json:
    """A CodeableConcept."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}
