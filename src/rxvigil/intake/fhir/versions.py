"""Which FHIR version a resource was written in, by what only that version has.

Releases reuse names with other meanings (`context`, `date`, `status` as text), so an older or newer resource is never
read as R4 by accident: an input that shows only another release is refused; where single resources of another
release stand among R4, they are listed as not understood.
"""

from collections.abc import Iterable

from rxvigil.errors import UnsupportedInput
from rxvigil.intake.fhir.elements import Node
from rxvigil.intake.fhir.entries import Entry

STU3, DSTU2, R5 = "STU3", "DSTU2", "R5"

_FOREIGN_TYPES = {"MedicationOrder": DSTU2, "MedicationPrescription": "DSTU1", "MedicationUsage": R5}

_FOREIGN_ELEMENTS: dict[str, dict[str, str]] = {
    "Observation": {
        "context": STU3, "related": STU3, "comment": STU3, "comments": DSTU2, "appliesDateTime": "DSTU1",
        "reliability": "DSTU1", "triggeredBy": R5,
    },
    "Condition": {"context": STU3, "assertedDate": STU3, "patient": DSTU2, "dateRecorded": DSTU2, "participant": R5},
    "MedicationRequest": {"context": STU3, "definition": STU3, "medication": R5},
    "MedicationStatement": {
        "taken": STU3, "reasonNotTaken": STU3, "wasNotTaken": DSTU2, "patient": DSTU2, "medication": R5,
    },
    "MedicationDispense": {"notDone": STU3, "patient": DSTU2, "medication": R5},
    "MedicationAdministration": {
        "notGiven": STU3, "prescription": STU3, "wasNotGiven": DSTU2, "patient": DSTU2, "medication": R5,
    },
    "AllergyIntolerance": {"assertedDate": STU3, "substance": DSTU2, "lastOccurence": DSTU2},
    "Immunization": {
        "notGiven": STU3, "date": STU3, "explanation": STU3, "vaccinationProtocol": STU3, "wasNotGiven": DSTU2,
    },
    "Procedure": {"notDone": STU3, "context": STU3, "notPerformed": DSTU2},
    "DiagnosticReport": {"context": STU3, "codedDiagnosis": STU3, "image": STU3, "diagnosis": "DSTU1"},
    "Patient": {"animal": STU3, "careProvider": DSTU2},
}  # fmt: skip
_ELEMENT_NAMES = {kind: frozenset(elements) for kind, elements in _FOREIGN_ELEMENTS.items()}
_NO_NAMES: frozenset[str] = frozenset()

_R4_ELEMENTS: dict[str, frozenset[str]] = {
    "Observation": frozenset(("hasMember", "derivedFrom", "focus")),
    "Condition": frozenset(("recordedDate", "recorder")),
    "MedicationRequest": frozenset(("encounter", "reportedBoolean", "courseOfTherapyType", "doNotPerform")),
    "Immunization": frozenset(("occurrenceDateTime", "occurrenceString")),
    "AllergyIntolerance": frozenset(("recordedDate",)),
}
_STATUS_AS_TEXT = ("Condition", "AllergyIntolerance")
_WITH_DOSAGE = ("MedicationRequest", "MedicationStatement", "MedicationDispense")


def foreign_release(entry: Entry) -> tuple[str, str] | None:
    """The other release that a resource shows itself to be of, with the element that shows it; none for R4."""
    kind, resource = entry.type, entry.resource
    if kind in _FOREIGN_TYPES:
        return _FOREIGN_TYPES[kind], "resourceType"
    shown = _ELEMENT_NAMES.get(kind, _NO_NAMES) & resource.keys()
    if shown:
        element = min(shown)
        return _FOREIGN_ELEMENTS[kind][element], element
    if kind in _STATUS_AS_TEXT and isinstance(resource.get("clinicalStatus"), str):
        return STU3, "clinicalStatus"
    if kind in _WITH_DOSAGE and _dose_outside_dose_and_rate(resource):
        return STU3, "dosageInstruction.doseQuantity"
    return None


def refuse_without_r4(release: str, element: str, shown_by: Entry, entries: Iterable[Entry], source: str) -> None:
    """Raise `UnsupportedInput` where an entry shows another release and no other shows R4."""
    if not any(map(_is_r4, entries)):
        raise other_release(release, element, shown_by.place, source)


def other_release(release: str, element: str, place: str, source: str) -> UnsupportedInput:
    """The one sentence that says why the input is not read."""
    return UnsupportedInput(
        f"this is FHIR {release}, not R4 (shown by {place}, element {element})",
        source,
        "export it as FHIR R4; reading another release as R4 would misread it",
    )


def _is_r4(entry: Entry) -> bool:
    resource = entry.resource
    if _R4_ELEMENTS.get(entry.type, _NO_NAMES) & resource.keys():
        return True
    return entry.type in _STATUS_AS_TEXT and isinstance(resource.get("clinicalStatus"), dict)


def _dose_outside_dose_and_rate(resource: Node) -> bool:
    for name in ("dosageInstruction", "dosage"):
        steps = resource.get(name)
        if isinstance(steps, list):
            for step in steps:
                if isinstance(step, dict) and ("doseQuantity" in step or "doseRange" in step):
                    return True
    return False
