"""From everything an input holds of one patient to that patient's record."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rxvigil.facts import NotUnderstood, Origin, Patient, Record
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.ended import Ended
from rxvigil.intake.fhir.entries import Entry, References
from rxvigil.intake.fhir.newest import newest_versions
from rxvigil.intake.fhir.parts import ANYTHING, Panel, listed
from rxvigil.intake.fhir.patient import read_patient_entry
from rxvigil.intake.fhir.plain import plain_reader_for
from rxvigil.intake.fhir.report import panels_among
from rxvigil.intake.fhir.tray import Tray
from rxvigil.intake.fhir.versions import foreign_release, refuse_without_r4
from rxvigil.intake.reading import Finder, Gathering, NotOurs


class Beside(Protocol):
    """Results of a patient that are read apart from the rest, each of which the rest may refer to."""

    @property
    def count(self) -> int:
        """How many results there are."""

    @property
    def outside(self) -> Counter[NotOurs]:
        """What among them is none of ours."""

    def find(self, address: str) -> Entry | None:
        """The entry of this address."""


@dataclass
class Material:
    """Everything an input holds of one patient, and what it holds of nobody in particular."""

    identity: str
    own: list[Entry] = field(default_factory=list)
    """Patient resources."""
    entries: list[Entry] = field(default_factory=list)
    findable: list[Entry] = field(default_factory=list)
    """Hospitals, medicines ...: belonging to nobody, found by reference."""
    shared: Counter[str] = field(default_factory=Counter)
    """How many of each type, where they are counted here."""
    unsaid: list[Entry] = field(default_factory=list)
    """Entries that do not say whose they are."""
    complaints: list[NotUnderstood] = field(default_factory=list)
    deleted: dict[str, Origin] = field(default_factory=dict)
    gone: Counter[str] = field(default_factory=Counter)
    """How many of each type were deleted before others of the same address came."""
    elsewhere: Callable[[str], Entry | None] = lambda _: None
    source: str = "record"
    beside: Beside | None = None


class Reading(NamedTuple):
    """What was read of one patient."""

    record: Record
    panels: dict[str, Panel]
    """Place of an Observation -> the report or panel it is part of."""


def record_of(material: Material, finder: Finder, ended: Ended | None = None) -> Record:
    """The record of one patient. `ended`, where it is given, is told how each entry ended. Raises `UnsupportedInput`
    where the resources are of another FHIR release."""
    return reading_of(material, finder, ended).record


def reading_of(material: Material, finder: Finder, ended: Ended | None = None) -> Reading:
    """As `record_of`, with the panels that the results are part of."""
    newest = newest_versions(material.entries, material.deleted)
    references = References([*newest.entries, *material.unsaid, *material.findable], _elsewhere(material))
    panels = panels_among(newest.entries, references)
    context = Context(finder, newest.entries, references, panels)
    tray = Tray(plain_reader_for(finder), ended)
    for complaint in (*material.complaints, *newest.complaints):
        tray.gathering.add(complaint)
    older = {f"{kind} (an older version)": count for kind, count in material.gone.items()}
    for counted in (newest.passed_over, material.shared, older):
        for kind, count in counted.items():
            tray.gathering.unread(kind, count)
    for entry in newest.entries:
        tray.read(entry, context)
    for entry in material.unsaid:
        tray.read_of_nobody(entry, context)
    tray.settle_results(context.corrected)
    if material.beside is not None:
        tray.put_beside(material.beside.count, material.beside.outside)
    record = tray.gathering.record(_patient(material, tray.gathering))
    if ended is not None:
        ended.superseded += len(material.entries) - len(newest.entries) + material.gone.total()
        ended.settle(record)
    return Reading(record, panels)


def _elsewhere(material: Material) -> Callable[[str], Entry | None]:
    beside, elsewhere = material.beside, material.elsewhere
    return elsewhere if beside is None else lambda address: beside.find(address) or elsewhere(address)


def _patient(material: Material, gathering: Gathering) -> Patient:
    """Who it is. Copies of the entry collapse; entries that contradict one another leave open what they differ in."""
    newest = newest_versions(material.own, {})
    for entry in newest.entries:
        if (foreign := foreign_release(entry)) is not None:
            refuse_without_r4(*foreign, entry, material.entries, entry.source)
    for kind, count in newest.passed_over.items():
        gathering.unread(kind, count)
    for complaint in newest.complaints:
        gathering.add(complaint)
    found = [read_patient_entry(entry, material.identity) for entry in newest.entries]
    for _, complaints in found:
        for complaint in complaints:
            gathering.add(complaint)
    patients = [patient for patient, _ in found]
    if not patients:
        return Patient(id=material.identity)
    if all(patient == patients[0] for patient in patients):
        return patients[0]
    for entry in newest.entries:
        gathering.add(listed(entry, "the patient", "it contradicts another entry for the same patient", ANYTHING))
    return Patient(id=material.identity, simulated=all(patient.simulated for patient in patients))
