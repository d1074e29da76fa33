"""The practice or department that looks after a patient, as far as the Patient resource says."""

from rxvigil.intake.fhir.elements import Misshapen, Node, child_of, children_of, text_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.words import clean


def practice_of(own: list[Entry]) -> str | None:
    """The managing organisation, else the first general practitioner, by name or else by address; of several Patient
    resources the last that says so."""
    for entry in reversed(own):
        try:
            named = _named(child_of(entry.resource, "managingOrganization"))
            others = (_named(one) for one in children_of(entry.resource, "generalPractitioner"))
            if found := named or next(filter(None, others), ""):
                return clean(found)
        except Misshapen:
            continue
    return None


def _named(reference: Node) -> str:
    return text_of(reference, "display") or text_of(reference, "reference")
