"""Things that happen to a patient (pregnancy, surgery, a sore throat), wherever a record states them: as the answer to
an Observation, as a Condition or as a Procedure."""

from collections.abc import Iterator

from rxvigil.facts import Event, Symptom, When
from rxvigil.intake.fhir.elements import Concept
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import Outcome, Unread, listed
from rxvigil.intake.fhir.values import Value, codes_of, words_of
from rxvigil.intake.reading import Finder, Found
from rxvigil.knowledge.lookup import normal
from rxvigil.knowledge.vocabulary import ConceptEntry

State = tuple[str, ConceptEntry]
"""'event' or 'symptom', and which."""

_YES = frozenset(("yes", "present", "positive", "true", "mild", "moderate", "severe"))
_NO = frozenset(("no", "absent", "negative", "false"))
_YES_CODES = frozenset(("77386006", "LA15173-0", "LA33-6"))
"""Pregnant (SNOMED CT, LOINC answer); yes (LOINC answer)."""
_NO_CODES = frozenset(("60001007", "LA26683-5", "LA32-8"))
"""Not pregnant (SNOMED CT, LOINC answer); no (LOINC answer)."""


def state_named(code: Concept, finder: Finder) -> State | None:
    """The event or symptom of ours that these codes and words mean."""
    event = finder.concept("event", code.codings, code.text)
    if isinstance(event, Found):
        return ("event", event.entry)
    symptom = finder.concept("symptom", code.codings, code.text)
    return ("symptom", symptom.entry) if isinstance(symptom, Found) else None


def read_state(state: State, value: Value | None, entry: Entry, element: str, when: When | None) -> Iterator[Outcome]:
    """What an Observation answers about an event or a symptom."""
    kind, named = state
    choice = choice_of(named, value)
    answer = True if choice or (value is None and kind == "symptom") else yes_or_no(value)
    if answer is None:
        yield listed(entry, named.name, "its answer is neither yes nor no", (named.key,), when, element)
        return
    identity = f"{entry.place}#{element}" if element else entry.place
    origin = entry.origin(element)
    if kind == "event":
        yield Event(
            id=identity,
            kind=named.key,
            origin=origin,
            start=when,
            status="happened" if answer else "not",
            value=choice,
        )
    elif not answer:
        yield Unread("Observation of a symptom that is absent")
    elif when is None:
        yield listed(entry, named.name, "its day is not stated", (named.key,), None, element)
    else:
        yield Symptom(id=identity, concept=named.key, when=when, origin=origin)


def choice_of(named: ConceptEntry, value: Value | None) -> str | None:
    """The category of ours that the answer names (response: responding), or none."""
    said = {normal(one) for one in words_of(value)}
    return next((key for key in named.values if normal(key) in said), None)


def yes_or_no(value: Value | None) -> bool | None:
    said = {normal(one) for one in words_of(value)}
    codes = codes_of(value)
    yes = bool(said & _YES) or bool(codes & _YES_CODES) or "pregnant" in said
    no = bool(said & _NO) or bool(codes & _NO_CODES) or "not pregnant" in said
    return None if yes == no else yes
