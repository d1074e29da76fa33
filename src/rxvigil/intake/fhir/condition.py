"""Condition: a diagnosis or problem; one that is an event or a symptom of ours becomes that."""

from collections.abc import Iterator
from typing import Literal

from rxvigil.facts import Condition, Event, Symptom, When
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import Node, concept_of, concepts_of, span_of, text_of, when_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import Elsewhere, Outcome, Unread, code_of, listed, refuse_modifiers, withdrawn
from rxvigil.intake.fhir.states import state_named
from rxvigil.intake.reading import Doubt, Found

Status = Literal["active", "past", "refuted", "uncertain"]

NO_INFORMATION = "no-problem-info"

_CLINICAL: dict[str, Status] = {
    "active": "active", "recurrence": "active", "relapse": "active", "remission": "active",
    "inactive": "past", "resolved": "past",
}  # fmt: skip
"""A disease in remission under treatment is still what the treatment is for."""
_DOUBTED = frozenset(("unconfirmed", "provisional", "differential"))


def read_condition(entry: Entry, context: Context) -> Iterator[Outcome]:
    """The diagnosis, event or symptom; or why there is none."""
    resource = entry.resource
    code = concept_of(resource, "code")
    if code_of(resource, "verificationStatus") == "entered-in-error":
        yield withdrawn(entry, code.shown)
        return
    refuse_modifiers(resource)
    if code.has(NO_INFORMATION):
        yield Unread("Condition saying that nothing is known")
        return
    found = context.finder.concept("condition", code.codings, code.text)
    if isinstance(found, Doubt):
        yield found.listed(code.shown or "a diagnosis", entry.origin(), _onset(resource))
    elif isinstance(found, Found):
        yield Condition(
            id=entry.place,
            concept=found.entry.key,
            origin=entry.origin(),
            status=_status(resource),
            onset=_onset(resource),
            ended=_ended(resource),
        )
        if text_of(resource, "onsetString"):
            yield listed(entry, found.entry.name, "its onset is in words", (), None, "onsetString")
    elif (state := state_named(code, context.finder)) is not None:
        kind, named = state
        yield _event(entry, named.key) if kind == "event" else _symptom(entry, named.key, named.name)
    else:
        yield Elsewhere("condition", found)


def _event(entry: Entry, key: str) -> Outcome:
    status = _status(entry.resource)
    if status == "uncertain":
        return listed(entry, key, "it is not said whether this is so", (key,), _onset(entry.resource))
    return Event(
        id=entry.place,
        kind=key,
        origin=entry.origin(),
        start=_onset(entry.resource),
        end=_ended(entry.resource),
        status="not" if status == "refuted" else "happened",
    )


def _symptom(entry: Entry, key: str, name: str) -> Outcome:
    if _status(entry.resource) == "refuted":
        return Unread("Condition that was refuted")
    when = _onset(entry.resource) or when_of(entry.resource, "recordedDate")
    if when is None:
        return listed(entry, name, "its day is not stated", (key,))
    return Symptom(id=entry.place, concept=key, when=when, origin=entry.origin(), ended=_ended(entry.resource))


def _status(resource: Node) -> Status:
    """Verification first. A problem on the problem list without clinical status is active; an encounter diagnosis
    without one may long be over."""
    verification = code_of(resource, "verificationStatus")
    if verification == "refuted":
        return "refuted"
    if verification in _DOUBTED:
        return "uncertain"
    clinical = code_of(resource, "clinicalStatus")
    if clinical:
        return _CLINICAL.get(clinical, "uncertain")
    if _ended(resource) is not None:
        return "past"
    on_problem_list = any(one.has("problem-list-item") for one in concepts_of(resource, "category"))
    return "active" if on_problem_list else "uncertain"


def _onset(resource: Node) -> When | None:
    return span_of(resource, "onset").start


def _ended(resource: Node) -> When | None:
    over = span_of(resource, "abatement")
    return over.end or over.start
