"""MedicationRequest, -Statement, -Dispense and -Administration: what was ordered, reported, supplied and given."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, NamedTuple

from rxvigil.facts import Immunisation, Prescription, When, on_day
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.dosage import Instruction, Strength, days_in, is_pieces, is_stepwise, read_dosage
from rxvigil.intake.fhir.elements import (
    Node,
    child_of,
    children_of,
    flag_of,
    number_of,
    period_of,
    quantity_of,
    span_of,
    text_of,
    when_of,
)
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.medicine import Medicine, Taken, medicine_of
from rxvigil.intake.fhir.parts import Elsewhere, Outcome, Unread, listed, refuse_modifiers, withdrawn
from rxvigil.intake.reading import Doubt, Found, NotOurs, clean

Status = Literal["active", "ended", "on-hold", "planned", "unknown"]
Kind = Literal["ordered", "supplied", "given", "reported"]

NO_INFORMATION = "no-medication-info"

_ERROR = "entered-in-error"
_NEVER_TAKEN = {
    "cancelled": "it was cancelled before it was given",
    "not-taken": "it says that the medicine is not taken",
    "not-done": "it says that the medicine was not given",
    "declined": "its supply was declined",
}
_STATUS: dict[str, dict[str, Status]] = {
    "MedicationRequest": {
        "active": "active", "on-hold": "on-hold", "completed": "ended", "stopped": "ended", "draft": "planned",
    },
    "MedicationStatement": {
        "active": "active", "on-hold": "on-hold", "completed": "ended", "stopped": "ended", "intended": "planned",
    },
    "MedicationAdministration": {
        "in-progress": "active", "on-hold": "on-hold", "completed": "ended", "stopped": "ended",
    },
    "MedicationDispense": {
        "completed": "active", "stopped": "ended", "preparation": "planned", "in-progress": "planned",
        "on-hold": "planned",
    },
}  # fmt: skip
_KIND: dict[str, Kind] = {
    "MedicationRequest": "ordered", "MedicationStatement": "reported",
    "MedicationAdministration": "given", "MedicationDispense": "supplied",
}  # fmt: skip
_NOT_YET = frozenset(("proposal", "plan", "option"))
_LONGEST_SUPPLY = 3660
"""Days: longer supplies are slips of the pen, and would reach past the end of the calendar."""


class Course(NamedTuple):
    """When a medicine was taken, as far as one resource says."""

    start: When | None
    end: When | None
    supply_until: When | None = None


def read_prescription(entry: Entry, context: Context) -> Iterator[Outcome]:
    """The prescription, or one for each step of a stepwise dose; or why there is none."""
    medicine = medicine_of(entry, context)
    status = text_of(entry.resource, "status")
    if status == _ERROR:
        yield withdrawn(entry, medicine.shown)
        return
    refuse_modifiers(entry.resource)
    if isinstance(medicine.meant, Doubt):
        yield medicine.meant.listed(medicine.shown or "a medicine", entry.origin(), _date(entry.resource))
    elif isinstance(medicine.meant, NotOurs):
        yield _vaccine_or_other(entry, medicine, medicine.meant, status, context)
    elif status in _NEVER_TAKEN:
        yield listed(entry, medicine.shown, _NEVER_TAKEN[status])
    elif flag_of(entry.resource, "doNotPerform"):
        yield listed(entry, medicine.shown, "it is an order not to give the medicine")
    else:
        for taken in medicine.meant:
            yield from _prescriptions(entry, medicine.shown, taken, len(medicine.meant) > 1)


def _prescriptions(entry: Entry, name: str, taken: Taken, combined: bool) -> Iterator[Outcome]:
    resource, drug = entry.resource, taken.drug.key
    status = _status(resource, entry.type)
    if status == "unknown" and text_of(resource, "status") not in _STATUS[entry.type]:
        yield listed(entry, name, "its status is not known", (), _date(resource), "status")
    if taken.contradiction:
        yield listed(entry, name, taken.contradiction, (drug,), _date(resource))
    steps = _steps(entry)
    stepwise = is_stepwise(steps)
    for number, group in enumerate([[step] for step in steps] if stepwise else [steps]):
        instruction = read_dosage(group, taken.strength)
        if instruction.contradiction:
            yield listed(entry, name, instruction.contradiction, (drug,), _date(resource))
        element = ".".join(filter(None, (drug if combined else "", f"dosage[{number}]" if stepwise else "")))
        course = _course(entry, instruction, taken.strength)
        yield Prescription(
            id=f"{entry.place}#{element}" if element else entry.place,
            drug=drug,
            origin=entry.origin(element),
            status="unknown" if entry.type == "MedicationDispense" and course.supply_until is None else status,
            start=course.start,
            end=course.end,
            supply_until=course.supply_until,
            dose=None if combined and taken.strength is None else instruction.dose,
            product=clean(name),
            written=clean(instruction.written or _given_in_words(entry)),
            kind=_kind(entry),
        )


def _steps(entry: Entry) -> list[Node]:
    if entry.type == "MedicationAdministration":
        return []
    return children_of(entry.resource, "dosage" if entry.type == "MedicationStatement" else "dosageInstruction")


def _given_in_words(entry: Entry) -> str:
    """What was given at one time says nothing of the dose per day."""
    if entry.type != "MedicationAdministration":
        return ""
    return text_of(child_of(entry.resource, "dosage"), "text")


def _status(resource: Node, kind: str) -> Status:
    status = _STATUS[kind].get(text_of(resource, "status"), "unknown")
    only_meant = text_of(resource, "intent") in _NOT_YET and not _is_reported(resource)
    return "planned" if status == "active" and only_meant else status


def _kind(entry: Entry) -> Kind:
    return "reported" if _is_reported(entry.resource) else _KIND[entry.type]


def _is_reported(resource: Node) -> bool:
    """US Core records what a patient says they take as a MedicationRequest of intent "plan"."""
    return bool(flag_of(resource, "reportedBoolean")) or bool(child_of(resource, "reportedReference"))


def _date(resource: Node) -> When | None:
    """The day to show beside something that was not understood."""
    for name in ("authoredOn", "whenHandedOver", "whenPrepared"):
        if name in resource:
            return when_of(resource, name)
    return span_of(resource, "effective").start


def _course(entry: Entry, instruction: Instruction, strength: Strength | None) -> Course:
    resource = entry.resource
    if entry.type == "MedicationDispense":
        start = when_of(resource, "whenHandedOver") or when_of(resource, "whenPrepared")
        supply = quantity_of(resource, "daysSupply")
        return Course(start, None, _days_after(start, days_in(supply) if supply else None))
    if entry.type == "MedicationAdministration":
        given = span_of(resource, "effective")
        over = text_of(resource, "status") in ("completed", "stopped")
        return Course(given.start, given.end or (given.start if over and given.start else None))
    if entry.type == "MedicationStatement":
        taken = span_of(resource, "effective")
        start, end = taken.start or instruction.period.start, taken.end or instruction.period.end
    else:
        start, end = instruction.period.start or when_of(resource, "authoredOn"), instruction.period.end
    return Course(start, end or _days_after(start, instruction.days), _supply(resource, start, instruction, strength))


def _supply(resource: Node, start: When | None, instruction: Instruction, strength: Strength | None) -> When | None:
    """The last day that the ordered supply, with its repeats, can reach; else the last day it may be dispensed."""
    request = child_of(resource, "dispenseRequest")
    if not request:
        return None
    times = 1 + (number_of(request, "numberOfRepeatsAllowed") or 0)
    expected = quantity_of(request, "expectedSupplyDuration")
    days = days_in(expected) if expected else _days_of_quantity(request, instruction, strength)
    validity = period_of(request, "validityPeriod")
    return _days_after(validity.start or start, days and days * times) or validity.end


def _days_of_quantity(request: Node, instruction: Instruction, strength: Strength | None) -> float | None:
    """How long the dispensed tablets last at a fixed dose."""
    quantity, dose = quantity_of(request, "quantity"), instruction.dose
    if quantity is None or quantity.value is None or dose is None or strength is None or strength.per != "each":
        return None
    return quantity.value * strength.mg / dose.high if dose.low == dose.high and is_pieces(quantity) else None


def _days_after(start: When | None, days: float | None) -> When | None:
    """The last of so many days, the first of which is `start`."""
    if start is None or days is None or not 1 <= days <= _LONGEST_SUPPLY:
        return None
    return on_day(start.last + timedelta(days=int(days) - 1))


def _vaccine_or_other(entry: Entry, medicine: Medicine, other: NotOurs, status: str, context: Context) -> Outcome:
    """Vaccines are ordered as medicines are: an order that stands is a vaccine planned."""
    concept = medicine.concept
    if concept.has(NO_INFORMATION):
        return Unread(f"{entry.type} saying that nothing is known")
    found = context.finder.concept("vaccine", concept.codings, concept.text)
    if not isinstance(found, Found):
        return Elsewhere("drug", other)
    if entry.type != "MedicationRequest" or status not in ("active", "draft", "on-hold"):
        return listed(
            entry, concept.shown, "a vaccine recorded as a medicine, not as an immunisation", (found.entry.key,)
        )
    when = _date(entry.resource)
    if when is None:
        return listed(entry, concept.shown, "a vaccine is ordered, and no day is stated", (found.entry.key,))
    return Immunisation(id=entry.place, vaccine=found.entry.key, when=when, origin=entry.origin(), status="planned")
