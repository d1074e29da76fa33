"""Events and symptoms (pregnancy, surgery, a sore throat), wherever OMOP puts them."""

from collections.abc import Iterator

from rxvigil.facts import Event, Symptom, When
from rxvigil.intake.fhir.parts import Outcome, Unread
from rxvigil.intake.fhir.states import State, choice_of, yes_or_no
from rxvigil.intake.fhir.values import Value
from rxvigil.intake.omop.cells import known
from rxvigil.intake.omop.concepts import Meaning
from rxvigil.intake.omop.tray import Where
from rxvigil.intake.reading import Doubt, Finder, Found


def state_meant(meaning: Meaning, finder: Finder) -> State | None:
    """The event or symptom of ours that a row is about."""
    event = finder.concept("event", meaning.codings, meaning.text)
    if isinstance(event, Found):
        return ("event", event.entry)
    symptom = finder.concept("symptom", meaning.codings, meaning.text)
    return ("symptom", symptom.entry) if isinstance(symptom, Found) else None


def read_state(
    state: State, words: tuple[str, ...], when: When | Doubt, where: Where, end: When | None = None
) -> Iterator[Outcome]:
    """That it was so: a row without an answer says that it was. An answer that is neither yes nor no is a doubt."""
    kind, named = state
    choices = {choice for word in words if (choice := choice_of(named, Value(word)))}
    answers = {yes_or_no(Value(word)) for word in words} - {None} if not choices else {True}
    if len(choices) > 1 or len(answers) > 1 or (words and not answers):
        yield where.listed(named.name, "its answer is neither yes nor no", (named.key,), known(when))
        return
    happened = answers != {False}
    if kind == "event":
        yield Event(
            id=where.place,
            kind=named.key,
            origin=where.origin(),
            start=known(when),
            end=end,
            status="happened" if happened else "not",
            value=next(iter(choices), None),
        )
    elif not happened:
        yield Unread("a symptom that is absent")
    elif isinstance(when, Doubt):
        yield where.listed(named.name, when.why, (named.key,))
    else:
        yield Symptom(id=where.place, concept=named.key, when=when, origin=where.origin(), ended=end)
