"""A person's answers as facts, with author and date: the same for a file, a form or a programme.

    given = Answers(by="A. Nurse, clinic", on=date(2026, 3, 5), said={"past-pancreatitis": "no"})
    answered = facts_of(given, items, vocabulary)
    record = with_answers(record, answered)

"yes" becomes the facts that the item says it stands for, "no" becomes a denial that counts as long as the item says.
What cannot be read becomes a not-understood entry that leaves the item open. Pure.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import msgspec

from rxvigil.facts import (
    Allergy,
    Condition,
    Denial,
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Origin,
    Prescription,
    Record,
    Result,
    Symptom,
    When,
    on_day,
    parse_duration,
    parse_when,
    show_day,
)
from rxvigil.knowledge.expression import All, AnyOf, Compare, Expression, Holds, Not, OneOf, parse
from rxvigil.knowledge.lookup import UnitProblem, Vocabulary
from rxvigil.knowledge.starting import AnswerWith, Item, Stated

_AMOUNT: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(\S.*?)?\s*$")
LONGEST: Final = 200
"""Longer answers are not read."""


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody answered on a day: item id -> yes, no, an amount, a date or a word, as written."""

    by: str
    on: date
    said: dict[str, str]
    places: dict[str, str] = {}
    """Item id -> where the answer stood, for messages."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that answers stand for, by their place in a record, and what was not understood."""

    by: str
    on: date
    said: dict[str, str]
    facts: dict[str, tuple[Any, ...]]
    not_understood: tuple[NotUnderstood, ...] = ()

    @property
    def author(self) -> str:
        """Who answered, and when: "answered by A. Nurse on 5 Mar 2026"."""
        return f"answered by {self.by} on {show_day(self.on)}"


def facts_of(given: Answers, items: Iterable[Item], words: Vocabulary) -> Answered:
    """The facts behind every answer; an id that is no item's becomes a not-understood entry too."""
    known = {item.id: item for item in items}
    facts: dict[str, list[Any]] = {}
    strange: list[NotUnderstood] = []
    for identity in sorted(given.said):
        origin = Origin(
            f"answered by {given.by} on {show_day(given.on)}", given.places.get(identity, f"answer {identity}")
        )
        if identity not in known:
            strange.append(NotUnderstood(origin=origin, what=f"an answer to '{identity}'", why="no item has this id"))
            continue
        made = _facts(known[identity], given.said[identity], given.on, origin, words)
        if isinstance(made, NotUnderstood):
            strange.append(made)
            continue
        for field, fact in made:
            facts.setdefault(field, []).append(fact)
    return Answered(
        by=given.by,
        on=given.on,
        said=dict(given.said),
        facts={field: tuple(found) for field, found in facts.items()},
        not_understood=tuple(strange),
    )


def with_answers(record: Record, answered: Answered) -> Record:
    """The record with the answers among its facts."""
    added: dict[str, Any] = {field: (*getattr(record, field), *found) for field, found in answered.facts.items()}
    strange = (*record.not_understood, *answered.not_understood)
    return msgspec.structs.replace(record, not_understood=strange, **added)


Made = list[tuple[str, Any]]


def _facts(item: Item, said: str, on: date, origin: Origin, words: Vocabulary) -> Made | NotUnderstood:
    text = said.strip()
    stated = {"yes": item.answer_yes, "no": item.answer_no}.get(text.lower())
    if stated:
        return [_fact(one, item, index, on, origin) for index, one in enumerate(stated)]
    if stated is None and item.answer_with and len(text) <= LONGEST:
        made = _valued(item.answer_with, item, text, on, origin, words)
        if not isinstance(made, str):
            return [made]
        return _strange(item, origin, made)
    strange = _strange(item, origin, _expected(item))
    # A plain "no" that stands for no fact clears nothing, and raises no doubt either.
    return msgspec.structs.replace(strange, affects=()) if text.lower() == "no" else strange


def _strange(item: Item, origin: Origin, why: str) -> NotUnderstood:
    """An answer that cannot be read leaves open whatever the item asks about."""
    asked = _asserted(parse(item.concern)) if item.concern else frozenset[str]()
    return NotUnderstood(
        origin=origin,
        what=f"the answer to '{item.id}'",
        why=why,
        affects=tuple(sorted(asked - {"patient", "this"})),
    )


def _asserted(expression: Expression) -> frozenset[str]:
    """What a concern says is there; what it excludes an unreadable answer says nothing about."""
    match expression:
        case Not():
            return frozenset()
        case All(items) | AnyOf(items):
            return frozenset[str]().union(*(_asserted(one) for one in items))
        case Holds(term) | Compare(term) | OneOf(term):
            return frozenset((term.subject,))


def _expected(item: Item) -> str:
    offers = [word for word, stated in (("yes", item.answer_yes), ("no", item.answer_no)) if stated]
    form = item.answer_with.form if item.answer_with else None
    if form == "amount":
        offers.append("an amount with its unit")
    elif form == "date":
        offers.append("a date as YYYY-MM-DD")
    elif form == "word" and item.answer_with:
        offers += item.answer_with.words
    if not offers:
        return "a person cannot answer it: it needs a test or an entry in the record"
    return f"expected {', '.join(offers)}"


def _fact(one: Stated, item: Item, index: int, on: date, origin: Origin) -> tuple[str, Any]:
    identity = f"answer-{item.id}-{index + 1}"
    day = on_day(on)
    match one.kind:
        case "denial":
            until = parse_duration(item.answer_lasts).after(on)
            return "denials", Denial(
                id=identity, subject=one.of, measure=one.measure or "", when=day, origin=origin, until=until
            )
        case "condition":
            status: Any = one.status or "active"
            return "conditions", Condition(id=identity, concept=one.of, origin=origin, status=status)
        case "allergy":
            return "allergies", Allergy(id=identity, concept=one.of, origin=origin)
        case "drug":
            taken: Any = one.status or "active"
            return "prescriptions", Prescription(
                id=identity, drug=one.of, origin=origin, status=taken, kind="reported", written="answer"
            )
        case "vaccine":
            given: Any = one.status or "given"
            return "immunisations", Immunisation(id=identity, vaccine=one.of, when=day, origin=origin, status=given)
        case "event":
            happened: Any = one.status or "happened"
            return "events", Event(id=identity, kind=one.of, origin=origin, start=day, status=happened, value=one.value)
        case "symptom":
            return "symptoms", Symptom(id=identity, concept=one.of, when=day, origin=origin)
        case "result":
            return "results", Result(id=identity, analyte=one.of, when=day, origin=origin, category=one.value)
        case "gene":
            phenotype: Any = one.value
            return "genotypes", Genotype(id=identity, gene=one.of, origin=origin, when=day, phenotype=phenotype)


def _valued(
    form: AnswerWith, item: Item, text: str, on: date, origin: Origin, words: Vocabulary
) -> tuple[str, Any] | str:
    """The fact behind an amount, a date or a word; or why it cannot be read, without the answer itself."""
    identity = f"answer-{item.id}-1"
    if form.form == "word":
        if text not in form.words:
            return _expected(item)
        return _fact(Stated.model_validate({"kind": form.kind, "of": form.of, "value": text}), item, 0, on, origin)
    if form.form == "amount":
        return _amount(form, text, identity, on, origin, words)
    try:
        when = parse_when(text)
    except ValueError:
        return _expected(item)
    if when.first > on:
        return "the date lies after the day of the answer"
    return _dated(form, when, identity, origin)


def _dated(form: AnswerWith, when: When, identity: str, origin: Origin) -> tuple[str, Any]:
    if form.kind == "vaccine":
        return "immunisations", Immunisation(id=identity, vaccine=form.of, when=when, origin=origin)
    return "events", Event(id=identity, kind=form.of, origin=origin, start=when, end=when)


def _amount(
    form: AnswerWith, text: str, identity: str, on: date, origin: Origin, words: Vocabulary
) -> tuple[str, Any] | str:
    shape = _AMOUNT.match(text)
    if shape is None:
        return "expected an amount with its unit"
    value = words.convert(form.of, shape.group(1), shape.group(2))
    if isinstance(value, UnitProblem):
        return value.why if shape.group(2) is None else "the unit is not one that is known for it"
    if not words.plausible(form.of, value):
        return "the amount is not plausible"
    return "results", Result(id=identity, analyte=form.of, when=on_day(on), origin=origin, value=value, written=text)
