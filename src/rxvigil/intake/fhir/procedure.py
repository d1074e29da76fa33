"""Procedure and ServiceRequest: surgery and other events of ours, done or planned; vaccines ordered or given so."""

from collections.abc import Iterator
from typing import Literal

from rxvigil.facts import Event, Immunisation
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import Concept, Period, concept_of, flag_of, span_of, text_of, when_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import Elsewhere, Outcome, listed, refuse_modifiers, withdrawn
from rxvigil.intake.reading import Doubt, Found
from rxvigil.knowledge.vocabulary import ConceptEntry

Status = Literal["happened", "planned", "not"]

_DONE: dict[str, Status] = {
    "completed": "happened", "in-progress": "happened", "stopped": "happened", "preparation": "planned",
    "on-hold": "planned", "not-done": "not",
}  # fmt: skip
_ORDERED: dict[str, Status] = {
    "active": "planned", "draft": "planned", "on-hold": "planned", "completed": "happened", "revoked": "not",
}  # fmt: skip


def read_procedure(entry: Entry, context: Context) -> Iterator[Outcome]:
    """What was done."""
    yield from _read(entry, context, _DONE, span_of(entry.resource, "performed"), True)


def read_order(entry: Entry, context: Context) -> Iterator[Outcome]:
    """What is ordered: only events and vaccines of ours say anything to the rules."""
    span = span_of(entry.resource, "occurrence")
    if span == Period(None, None):
        span = Period(when_of(entry.resource, "authoredOn"), None)
    yield from _read(entry, context, _ORDERED, span, False)


def _read(
    entry: Entry, context: Context, statuses: dict[str, Status], span: Period, counted: bool
) -> Iterator[Outcome]:
    code = concept_of(entry.resource, "code")
    stated = text_of(entry.resource, "status")
    if stated == "entered-in-error":
        yield withdrawn(entry, code.shown)
        return
    refuse_modifiers(entry.resource)
    found = _meaning(code, context)
    if found is None:
        if counted and not isinstance(other := context.finder.concept("event", code.codings, code.text), Found):
            yield (
                Elsewhere("procedure", other)
                if not isinstance(other, Doubt)
                else other.listed(code.shown or "a procedure", entry.origin(), span.start)
            )
        return
    kind, named = found
    status = statuses.get(stated)
    if status is None or flag_of(entry.resource, "doNotPerform"):
        yield listed(entry, code.shown, "it is not said whether it was or will be done", (named.key,), span.start)
    elif kind == "event":
        yield Event(
            id=entry.place, kind=named.key, origin=entry.origin(), start=span.start, end=span.end, status=status
        )
    else:
        yield _vaccine(entry, named, status, span)


def _meaning(code: Concept, context: Context) -> tuple[str, ConceptEntry] | None:
    event = context.finder.concept("event", code.codings, code.text)
    if isinstance(event, Found):
        return "event", event.entry
    vaccine = context.finder.concept("vaccine", code.codings, code.text)
    return ("vaccine", vaccine.entry) if isinstance(vaccine, Found) else None


def _vaccine(entry: Entry, named: ConceptEntry, status: Status, span: Period) -> Outcome:
    if span.start is None:
        return listed(entry, named.name, "its day is not stated", (named.key,))
    done: dict[Status, Literal["given", "planned", "not-given"]] = {
        "happened": "given", "planned": "planned", "not": "not-given",
    }  # fmt: skip
    return Immunisation(id=entry.place, vaccine=named.key, when=span.start, origin=entry.origin(), status=done[status])
