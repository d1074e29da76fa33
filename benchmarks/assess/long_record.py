"""A simulated patient with 500 facts: five years on azathioprine, seen often."""

from datetime import timedelta
from random import Random
from typing import Final

from benchmarks.assess.bundles import (
    ALT,
    BLOOD_COUNT,
    ON,
    RXNORM,
    SEED,
    SNOMED,
    Json,
    Test,
    bundled,
    coded,
    diagnosis,
    patient,
    prescription,
    result,
)

_CHEMISTRY: Final = (
    ALT,
    Test("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 22, 0, 40),
    Test("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 70, 30, 130),
    Test("14631-6", "Bilirubin.total [Moles/volume] in Serum or Plasma", "umol/L", 9, 0, 21),
    Test("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/L", 42, 35, 50),
    Test("14682-9", "Creatinine [Moles/volume] in Serum or Plasma", "umol/L", 70, 45, 90),
    Test("787-2", "MCV [Entitic volume] by Automated count", "fL", 93, 80, 100),
    Test("731-0", "Lymphocytes [#/volume] in Blood by Automated count", "10*9/L", 1.7, 1.0, 4.0),
)
_OTHER_DRUGS: Final = (
    ("8640", "prednisone"),
    ("6809", "metformin"),
    ("29046", "lisinopril"),
    ("83367", "atorvastatin"),
)
_OTHER_DIAGNOSES: Final = (
    ("38341003", "Hypertension"),
    ("44054006", "Type 2 diabetes mellitus"),
    ("73211009", "Diabetes"),
)
_DRAWS: Final = 42


def long_bundle(number: int, seed: int = SEED) -> Json:
    """One such patient."""
    chance = Random(f"{seed}/long/{number}")
    identity = f"long-{number}"
    start = ON - timedelta(days=1900)
    about = {"subject": {"reference": f"Patient/{identity}"}}
    medicines = [_medicine(f"{identity}-drug-{code}", code, name) | about for code, name in _OTHER_DRUGS]
    diagnoses = [_problem(f"{identity}-problem-{code}", code, name) | about for code, name in _OTHER_DIAGNOSES]
    results = [
        result(
            f"{identity}-{draw}-{test.code}", identity, test, _value(test, chance), ON - timedelta(days=9 + 45 * draw)
        )
        for draw in range(_DRAWS)
        for test in (*BLOOD_COUNT, *_CHEMISTRY)
    ]
    return bundled(
        [
            patient(identity, chance),
            prescription(identity, start),
            diagnosis(identity),
            *medicines,
            *diagnoses,
            *results[:496],
        ]
    )


def _value(test: Test, chance: Random) -> float:
    return round(test.usual * chance.uniform(0.9, 1.1), 1)


def _medicine(identity: str, code: str, name: str) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": identity,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": coded(RXNORM, code, name),
        "authoredOn": "2024-02-01",
    }


def _problem(identity: str, code: str, name: str) -> Json:
    return {
        "resourceType": "Condition",
        "id": identity,
        "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
        "code": coded(SNOMED, code, name),
        "onsetDateTime": "2018",
    }
