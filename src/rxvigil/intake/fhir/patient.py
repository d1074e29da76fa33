"""Patient: who the record is about, and no more than the rules need."""

from collections.abc import Iterator
from typing import get_args

from rxvigil.facts import NotUnderstood, Patient, Sex, When
from rxvigil.intake.fhir.elements import Misshapen, Node, children_of, flag_of, text_of, when_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import ANYTHING, listed
from rxvigil.intake.fhir.simulated import is_simulated

_SEXES: dict[str, Sex] = {sex: sex for sex in get_args(Sex)}


def read_patient_entry(entry: Entry, identity: str) -> tuple[Patient, list[NotUnderstood]]:
    """The patient, and what of the entry could not be used. Whatever it holds, there is a patient."""
    complaints: list[NotUnderstood] = []
    born = _date(entry, "birthDate", complaints)
    died = _date(entry, "deceasedDateTime", complaints)
    complaints += _about_death(entry, died)
    complaints += _about_merging(entry.resource, entry)
    found = Patient(identity, born, _sex(entry, complaints), died, is_simulated(entry.resource))
    return found, complaints


def _date(entry: Entry, key: str, complaints: list[NotUnderstood]) -> When | None:
    try:
        return when_of(entry.resource, key)
    except Misshapen as problem:
        complaints.append(listed(entry, key, str(problem), element=key))
        return None


def _sex(entry: Entry, complaints: list[NotUnderstood]) -> Sex:
    stated = entry.resource.get("gender")
    if isinstance(stated, str) and stated in _SEXES:
        return _SEXES[stated]
    if stated is not None:
        complaints.append(listed(entry, "gender", "it is not one of male, female, other, unknown", element="gender"))
    return "unknown"


def _about_death(entry: Entry, died: When | None) -> Iterator[NotUnderstood]:
    try:
        if died is None and flag_of(entry.resource, "deceasedBoolean"):
            yield listed(entry, "death", "the patient has died; the day is not stated", element="deceasedBoolean")
    except Misshapen as problem:
        yield listed(entry, "death", str(problem), element="deceasedBoolean")


def _about_merging(resource: Node, entry: Entry) -> Iterator[NotUnderstood]:
    """A record that was merged into another one is not the whole record."""
    try:
        if any(text_of(link, "type") == "replaced-by" for link in children_of(resource, "link")):
            yield listed(entry, "the patient's record", "it was replaced by another record", ANYTHING, element="link")
    except Misshapen as problem:
        yield listed(entry, "the patient's record", str(problem), element="link")
