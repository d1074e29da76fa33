"""Immunization: a vaccine given or not given."""

from collections.abc import Iterator
from typing import Literal

from rxvigil.facts import Immunisation
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import concept_of, text_of, when_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import Elsewhere, Outcome, Unread, listed, refuse_modifiers, withdrawn
from rxvigil.intake.reading import Doubt, NotOurs

NO_INFORMATION = "no-immunization-info"

_STATUS: dict[str, Literal["given", "not-given"]] = {"completed": "given", "not-done": "not-given"}


def read_immunisation(entry: Entry, context: Context) -> Iterator[Outcome]:
    """The vaccine, or why there is none."""
    resource = entry.resource
    code = concept_of(resource, "vaccineCode")
    status = text_of(resource, "status")
    if status == "entered-in-error":
        yield withdrawn(entry, code.shown)
        return
    refuse_modifiers(resource)
    if code.has(NO_INFORMATION):
        yield Unread("Immunization saying that nothing is known")
        return
    found = context.finder.concept("vaccine", code.codings, code.text)
    if isinstance(found, NotOurs):
        yield Elsewhere("vaccine", found)
        return
    when = when_of(resource, "occurrenceDateTime")
    if isinstance(found, Doubt):
        yield found.listed(code.shown or "a vaccine", entry.origin(), when)
    elif status not in _STATUS:
        yield listed(entry, code.shown, "it is not said whether the vaccine was given", (found.entry.key,), when)
    elif when is None:
        yield listed(entry, code.shown, "its day is not stated as a date", (found.entry.key,))
    else:
        yield Immunisation(
            id=entry.place, vaccine=found.entry.key, when=when, origin=entry.origin(), status=_STATUS[status]
        )
