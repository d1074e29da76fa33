"""All patients of an input that fits into memory, and which resources belong to whom."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from rxvigil.errors import PatientCountError
from rxvigil.facts import NotUnderstood, Origin, Record
from rxvigil.intake.fhir.documents import Document
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import listed
from rxvigil.intake.fhir.people import SHARED, UNSAID, People
from rxvigil.intake.fhir.record import Material, record_of
from rxvigil.intake.reading import Finder

NOBODY = "(no patient named)"
"""Id of the record that holds what an input of many patients says of nobody by name."""


class Holdings(Protocol):
    """An input of any number of patients."""

    source: str

    def people(self) -> list[str]:
        """Every patient, in the order of their appearance."""

    def material(self, person: str) -> Material:
        """What is held of this patient."""

    def of_nobody(self) -> Material:
        """What is held of nobody by name."""


class DocumentHoldings:
    """The resources of whole documents."""

    def __init__(self, documents: Iterable[Document], source: str) -> None:
        self.source = source
        self._own: dict[str, list[Entry]] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._complaints: list[NotUnderstood] = []
        self._deleted: dict[str, Origin] = {}
        everything: list[Entry] = []
        for document in documents:
            everything += document.entries
            self._complaints += document.complaints
            self._deleted |= document.deleted
        names = People(entry for entry in everything if entry.type == "Patient")
        for entry in everything:
            kind = self._own if entry.type == "Patient" else self._entries
            kind.setdefault(names.owner(entry), []).append(entry)

    def people(self) -> list[str]:
        """Patients with an entry of their own first, then those only referred to."""
        return [name for name in dict.fromkeys((*self._own, *self._entries)) if name not in (SHARED, UNSAID)]

    def material(self, person: str) -> Material:
        """What is held of this patient; complaints about the input concern everybody in it."""
        return Material(
            identity=identity_of(person),
            own=self._own.get(person, []),
            entries=self._entries.get(person, []),
            findable=self._entries.get(SHARED, []),
            complaints=self._complaints,
            deleted=self._deleted,
            source=self.source,
        )

    def of_nobody(self) -> Material:
        """Hospitals and medicines, and what does not say whose it is."""
        shared = self._entries.get(SHARED, [])
        unsaid = self._entries.get(UNSAID, [])
        counted = Counter(entry.type for entry in shared)
        return Material(identity=NOBODY, findable=shared, shared=counted, unsaid=unsaid, source=self.source)


def identity_of(person: str) -> str:
    """The id by which a record names the patient."""
    return person.removeprefix("Patient/")


def only_record(holdings: Holdings, finder: Finder, patient: str | None) -> Record:
    """The record of the one patient, or of the one asked for by id. What belongs to nobody by name stands in it too,
    where the input is of one patient only. Raises `PatientCountError`."""
    people = holdings.people()
    if patient is not None:
        wanted = [person for person in people if patient in (person, identity_of(person))]
        if not wanted:
            raise PatientCountError(
                f"no patient of that id is among the {len(people)} in the input",
                holdings.source,
                "give the id of a Patient resource in it",
            )
    else:
        wanted = people
    if len(wanted) != 1:
        raise _count_error(len(wanted), holdings.source)
    material = holdings.material(wanted[0])
    if len(people) == 1:
        others = holdings.of_nobody()
        complaints = [*material.complaints, *others.complaints]
        material = replace(material, shared=others.shared, unsaid=others.unsaid, complaints=complaints)
    return record_of(with_absence(material), finder)


def all_records(holdings: Holdings, finder: Finder) -> Iterator[Record]:
    """One record after another; then, where something is held that does not say whose it is, one under `NOBODY`.
    Raises `PatientCountError` where there is nothing to hand out."""
    people = holdings.people()
    if len(people) == 1:
        yield only_record(holdings, finder, None)
        return
    for person in people:
        yield record_of(with_absence(holdings.material(person)), finder)
    rest = record_of(holdings.of_nobody(), finder)
    if rest.not_understood:
        yield rest
    elif not people:
        raise _count_error(0, holdings.source)


def with_absence(material: Material) -> Material:
    """A patient who is only referred to: sex and age are not known."""
    if material.own or not material.entries:
        return material
    first = material.entries[0]
    missing = listed(first, "Patient", "the patient's own entry is not in the input: sex and birth date are not known")
    return replace(material, complaints=[*material.complaints, missing])


def _count_error(count: int, source: str) -> PatientCountError:
    if count == 0:
        return PatientCountError(
            "the input holds no patient", source, "give a FHIR R4 Bundle or NDJSON with one Patient and their resources"
        )
    return PatientCountError(
        f"the input holds {count} patients where one was asked for",
        source,
        "choose one by the id of its Patient resource (patient), or read all of them",
    )
