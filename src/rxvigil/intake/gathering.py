"""The tray in which one patient's facts are gathered, and how it becomes a record.

The record does not depend on the order in which things were put in. What was delivered twice is there once: two
copies of one low count must not look like a low count confirmed by a repeat.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any, Literal, TypeVar

import msgspec

from rxvigil.facts import (
    Allergy,
    Condition,
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Outside,
    Patient,
    Prescription,
    Record,
    Result,
    Symptom,
    When,
)
from rxvigil.intake.outcomes import NotOurs
from rxvigil.intake.words import clean

Fact = Result | Prescription | Condition | Allergy | Immunisation | Genotype | Symptom | Event
ListKind = Literal["prescriptions", "conditions", "allergies", "immunisations", "results"]
AnyFact = TypeVar("AnyFact", bound=msgspec.Struct)

Moment = tuple[date, float]
Order = tuple[Moment, str, str, str]
"""When, what about, id, and what was written."""

_NO_MOMENT: Moment = (date.min, float("-inf"))
_LISTS: dict[type[Any], ListKind] = {
    Prescription: "prescriptions",
    Condition: "conditions",
    Allergy: "allergies",
    Immunisation: "immunisations",
    Result: "results",
}
_LISTS_OF_KINDS: dict[str, ListKind] = {
    "drug": "prescriptions",
    "condition": "conditions",
    "allergy": "allergies",
    "vaccine": "immunisations",
    "result": "results",
}
_APART = frozenset(("id", "origin", "panel"))
"""What may differ between two copies of one fact."""


def _content_of(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(name for name in kind.__struct_fields__ if name not in _APART))


_CONTENT: dict[type[Any], Callable[[Any], tuple[Any, ...]]] = {
    kind: _content_of(kind)
    for kind in (Result, Prescription, Condition, Allergy, Immunisation, Genotype, Symptom, Event)
}


class Gathering:
    """Everything one patient's input has said so far. Every entry of the input ends in exactly one or more of:
    `add` (a fact or a not-understood entry), `outside`, `unread`."""

    def __init__(self) -> None:
        self._facts: dict[type[Any], list[Any]] = {kind: [] for kind in _CONTENT}
        self._not_understood: list[NotUnderstood] = []
        self._outside: Counter[tuple[str, str, str, str]] = Counter()
        self._unread: Counter[str] = Counter()
        self._lists: set[str] = set()

    def add(self, found: Fact | NotUnderstood) -> None:
        """A fact, or something that could not be read. A fact also says that a list of its kind is there."""
        if isinstance(found, NotUnderstood):
            self._not_understood.append(found)
            return
        kind = type(found)
        self._facts[kind].append(found)
        if kind in _LISTS:
            self._lists.add(_LISTS[kind])

    def outside(self, kind: str, other: NotOurs, count: int = 1) -> None:
        """Something none of ours, so many times; `kind` is 'result', 'drug', 'condition', 'allergy', 'vaccine' or
        another word. The list it stood in is there all the same."""
        self._outside[(kind, other.system, other.code, other.display)] += count
        if kind in _LISTS_OF_KINDS:
            self._lists.add(_LISTS_OF_KINDS[kind])

    def unread(self, kind: str, count: int = 1) -> None:
        """An entry of a kind that says nothing to the rules (Encounter, Claim ...)."""
        self._unread[kind] += count

    def there_is(self, kind: ListKind) -> None:
        """The input holds a list of this kind, even where nothing of it was ours or could be read."""
        self._lists.add(kind)

    def record(self, patient: Patient) -> Record:
        """The record: each fact once, in an order that depends on nothing but the facts."""
        copies: Counter[str] = Counter()
        return Record(
            patient=patient,
            results=self._each(Result, _result_order, copies),
            prescriptions=self._each(Prescription, _prescription_order, copies),
            conditions=self._each(Condition, _condition_order, copies),
            allergies=self._each(Allergy, _allergy_order, copies),
            immunisations=self._each(Immunisation, _immunisation_order, copies),
            genotypes=self._each(Genotype, _genotype_order, copies),
            symptoms=self._each(Symptom, _symptom_order, copies),
            events=self._each(Event, _event_order, copies),
            not_understood=tuple(sorted(dict.fromkeys(self._not_understood), key=_by_place)),
            outside=tuple(
                Outside(kind, system, code, clean(display), count)
                for (kind, system, code, display), count in sorted(self._outside.items())
            ),
            unread=dict(sorted((self._unread + copies).items())),
            lists=tuple(sorted(self._lists)),
        )

    def _each(
        self, kind: type[AnyFact], order: Callable[[AnyFact], Order], copies: Counter[str]
    ) -> tuple[AnyFact, ...]:
        """Every fact of this kind once, in order; of several copies the one with the first id, the others counted."""
        if not self._facts[kind]:
            return ()
        content = _CONTENT[kind]
        kept: list[AnyFact] = []
        together: list[AnyFact] = []
        before: tuple[object, str] | None = None
        for (moment, subject, _, _), _, fact in sorted(_numbered(self._facts[kind], order)):
            if (moment, subject) != before:
                together, before = [], (moment, subject)
            if together and any(content(fact) == content(other) for other in together):
                copies[f"{kind.__name__} (a further copy)"] += 1
            else:
                kept.append(fact)
                together.append(fact)
        return tuple(kept)


def _numbered(facts: list[AnyFact], order: Callable[[AnyFact], Order]) -> list[tuple[Order, int, AnyFact]]:
    return [(order(fact), number, fact) for number, fact in enumerate(facts)]


def _moment(when: When | None) -> Moment:
    return when.sort_key if when else _NO_MOMENT


def _result_order(fact: Result) -> Order:
    return (fact.when.sort_key, fact.analyte, fact.id, fact.written)


def _prescription_order(fact: Prescription) -> Order:
    return (_moment(fact.start), fact.drug, fact.id, fact.written)


def _condition_order(fact: Condition) -> Order:
    return (_moment(fact.onset), fact.concept, fact.id, fact.status)


def _allergy_order(fact: Allergy) -> Order:
    return (_NO_MOMENT, fact.concept, fact.id, fact.status)


def _immunisation_order(fact: Immunisation) -> Order:
    return (fact.when.sort_key, fact.vaccine, fact.id, fact.status)


def _genotype_order(fact: Genotype) -> Order:
    return (_moment(fact.when), fact.gene, fact.id, fact.written)


def _symptom_order(fact: Symptom) -> Order:
    return (fact.when.sort_key, fact.concept, fact.id, "")


def _event_order(fact: Event) -> Order:
    return (_moment(fact.start), fact.kind, fact.id, fact.status)


def _by_place(entry: NotUnderstood) -> tuple[str, int, str, str, str]:
    origin = entry.origin
    return (origin.source, origin.line or 0, origin.place, entry.what, entry.why)
