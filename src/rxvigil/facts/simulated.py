"""What is said wherever made-up patients are shown. Only this file decides it."""

from collections.abc import Sequence
from typing import Final

from rxvigil.facts.records import Patient

WORD: Final = "SIMULATED"
LABEL: Final = ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")
"""HL7's security label of test health data: what FHIR resources bear in `meta.security`."""
_TOGETHER: Final = "What is counted over all patients together is no evidence of how often anything happens."
_NOT_FOR: Final = "Not for the care of anybody, nor as evidence of how often anything happens."


THIS_PATIENT: Final = f"{WORD}: this patient does not exist. {_NOT_FOR}"


def said_of_patient(patient: Patient) -> str:
    """Of one patient; '' of one who is taken for real."""
    return THIS_PATIENT if patient.simulated else ""


def said_of_patients(patients: int, simulated: int, brought: Sequence[str]) -> str:
    """Of so many patients, of whom so many are simulated; '' where nobody is. `brought`: the imports that brought
    them."""
    if not simulated:
        return ""
    if simulated >= patients:
        who = "the only patient does not exist" if patients == 1 else f"none of the {patients:,} patients exists"
        return f"{WORD}: {who}. {_NOT_FOR}"
    return f"{WORD} IN PART: {simulated:,} of the {patients:,} patients do not exist{_from(brought)}. {_TOGETHER}"


def is_of_all(said: str) -> bool:
    """Whether what was said is that nobody exists, and not only that some do not."""
    return said.startswith(f"{WORD}:")


def said_of_some(brought: Sequence[str]) -> str:
    """Of patients some of whom are simulated, where how many must not be said."""
    return f"{WORD} IN PART: some of the patients do not exist{_from(brought)}. {_TOGETHER}"


def _from(brought: Sequence[str]) -> str:
    return f"; they came with {' and with '.join(brought)}" if brought else ""
