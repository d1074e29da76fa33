"""Whose a resource is: every resource belongs to one patient, to nobody in particular (a hospital, a medicine), or
fails to say whose it is."""

from collections.abc import Iterable
from typing import Any

from rxvigil.intake.fhir.elements import Node
from rxvigil.intake.fhir.entries import Entry, address_in

READ_TYPES = frozenset(
    (
        "AllergyIntolerance", "Composition", "Condition", "DiagnosticReport", "Immunization",
        "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "Observation",
        "Procedure", "ServiceRequest",
    )
)  # fmt: skip
"""Resource types that can hold facts of a patient."""

SHARED = ""
"""Owner of what belongs to nobody in particular."""
UNSAID = "?"
"""Owner of a fact that does not say whose it is."""

_SUBJECTS = ("subject", "patient", "beneficiary", "individual", "for", "person")


def owner_of(entry: Entry) -> str:
    """Whose the resource is, in the words of the input: a reference, `SHARED` or `UNSAID`."""
    if entry.type == "Patient":
        return entry.place
    for name in _SUBJECTS:
        subject = entry.resource.get(name)
        if isinstance(subject, dict):
            return _owner_in(subject, entry)
    return UNSAID if entry.type in READ_TYPES else SHARED


def _owner_in(subject: Node, entry: Entry) -> str:
    reference = subject.get("reference")
    if isinstance(reference, str) and reference:
        if reference.startswith("#"):
            return _contained_owner(reference[1:], entry)
        address = address_in(reference)
        kind, slash, _ = address.partition("/")
        return address if not slash or kind == "Patient" or ":" in kind else SHARED
    identifier = identifier_in(subject.get("identifier"))
    if identifier:
        return identifier
    return UNSAID if entry.type in READ_TYPES else SHARED


def _contained_owner(identity: str, entry: Entry) -> str:
    contained = entry.resource.get("contained")
    for one in contained if isinstance(contained, list) else ():
        if isinstance(one, dict) and one.get("id") == identity and one.get("resourceType") == "Patient":
            return next(iter(_identifiers(one)), f"{entry.place}#{identity}")
    return UNSAID


def identifier_in(node: Any) -> str:
    """`system|value` of an Identifier, or ''."""
    if not isinstance(node, dict) or not isinstance(node.get("value"), str):
        return ""
    system = node.get("system")
    return f"{system if isinstance(system, str) else ''}|{node['value']}"


def _identifiers(patient: Node) -> list[str]:
    listed = patient.get("identifier")
    return [found for one in (listed if isinstance(listed, list) else ()) if (found := identifier_in(one))]


def names_in(entry: Entry) -> list[str]:
    """Every name by which others may refer to the patient of a Patient resource. An address that is another patient's
    own is none: two people must not become one."""
    identity = entry.place.partition("/")[2]
    urn = f"urn:uuid:{identity}" if identity else ""
    other = entry.full_url if not entry.full_url.startswith("Patient/") else ""
    return [name for name in (entry.place, other, urn, *_identifiers(entry.resource)) if name]


class People:
    """The patients of an input under all the names they are referred to by."""

    def __init__(self, patients: Iterable[Entry] = ()) -> None:
        self._known: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        for entry in patients:
            self.learn(entry)

    def owner(self, entry: Entry) -> str:
        """The one name of whoever the entry belongs to, once all patients are known."""
        subject = entry.resource.get("subject") or entry.resource.get("patient")
        reference = subject.get("reference") if type(subject) is dict else None
        if type(reference) is not str or reference.startswith("#") or entry.type == "Patient":
            return self.called(owner_of(entry))
        owner = self._owners.get(reference)
        if owner is None:
            owner = self._owners[reference] = self.called(owner_of(entry))
        return owner

    def learn(self, entry: Entry) -> None:
        """Remember the names of a Patient resource."""
        for name in names_in(entry):
            self._known.setdefault(name, entry.place)

    def called(self, owner: str) -> str:
        """The one name of the patient whom `owner` means: `Patient/id` where there is an id."""
        known = self._known.get(owner)
        if known is not None or owner in (SHARED, UNSAID):
            return known or owner
        if owner.startswith("urn:"):
            return f"Patient/{owner.rpartition(':')[2]}"
        return owner
