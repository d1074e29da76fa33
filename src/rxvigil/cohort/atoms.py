"""The questions a condition is made of: one measure of one subject, asked about one drug.

A condition is a tree over such atoms (`knowledge.expression`). Every part of the state answers atoms of its kind of
subject with a column of truths; the tree then needs only Kleene's three operations.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rxvigil.cohort.truth import both, either, opposite
from rxvigil.facts import Duration, parse_duration
from rxvigil.knowledge.expression import (
    All,
    Amount,
    AnyOf,
    Compare,
    Expression,
    Holds,
    Literal_,
    Not,
    OneOf,
    Operator,
    Term,
    Word,
)
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    from rxvigil.cohort.truth import Truth


@dataclass(frozen=True, slots=True)
class Atom:
    """A measure with everything it is asked with; two rules that ask the same have the same atom."""

    subject: str
    """A key of the vocabulary; `this` has been replaced by the drug."""
    measure: str
    arguments: tuple[tuple[str, Literal_], ...] = ()
    operator: Operator | None = None
    """With `value`: what the measure is compared with. None: the measure is itself yes or no, or a category."""
    value: Amount | None = None
    wanted: frozenset[str] = frozenset()
    """Categories of which the measure must be one."""
    this: str | None = None
    """The drug that is asked about, where the measure of an analyte depends on its course; else none."""
    proof: bool = False
    """A comparison that must be shown by a fresh value (exceptions); only `latest` makes a difference."""

    def length(self, name: str) -> Duration | None:
        """A duration argument, such as within: 6 weeks."""
        literal = dict(self.arguments).get(name)
        return parse_duration(str(literal)) if isinstance(literal, Amount) else None

    def number(self, name: str) -> float:
        """A counted or percent argument, such as times: 3. Raises `ValueError` where it is missing."""
        literal = dict(self.arguments).get(name)
        if not isinstance(literal, Amount):
            raise ValueError(f"'{self.subject}.{self.measure}' needs {name}")
        return literal.value


def atoms(condition: Expression, this: str | None, words: Vocabulary, *, proof: bool = False) -> Iterator[Atom]:
    """Every atom of a condition asked about a drug."""
    match condition:
        case All(items) | AnyOf(items):
            for item in items:
                yield from atoms(item, this, words, proof=proof)
        case Not(item):
            yield from atoms(item, this, words, proof=not proof)
        case Holds() | Compare() | OneOf():
            yield _atom(condition, this, words, proof)


def evaluate(
    condition: Expression,
    this: str | None,
    words: Vocabulary,
    ask: "Callable[[Atom], Truth]",
    *,
    proof: bool = False,
) -> "Truth":
    """The truth of a condition, given the truth of its atoms."""
    match condition:
        case All(items):
            return both(evaluate(item, this, words, ask, proof=proof) for item in items)
        case AnyOf(items):
            return either(evaluate(item, this, words, ask, proof=proof) for item in items)
        case Not(item):
            return opposite(evaluate(item, this, words, ask, proof=not proof))
        case Holds() | Compare() | OneOf():
            return ask(_atom(condition, this, words, proof))


_ABOUT_A_COURSE = frozenset(
    {
        "latest",
        "last",
        "falls",
        "rises",
        "rise",
        "fall",
        "rise-since-start",
        "fall-since-start",
        "stable-at-sample",
        "time-on-at-sample",
        "dose-changed-since",
    }
)
"""Measures of an analyte that reach back to the start of `this` drug, or speak of its doses."""


def _atom(question: Holds | Compare | OneOf, this: str | None, words: Vocabulary, proof: bool) -> Atom:
    term = question.term
    subject = this if term.subject == "this" and this is not None else term.subject
    about = this if words.kind_of(subject) == "analyte" and term.measure in _ABOUT_A_COURSE else None
    strict = proof and words.kind_of(subject) == "analyte" and term.measure == "latest"
    return _compared(question, Atom(subject, term.measure, _sorted(term), this=about, proof=strict))


def _compared(question: Holds | Compare | OneOf, atom: Atom) -> Atom:
    match question:
        case Compare(_, _, Word(text)):
            return replace(atom, wanted=frozenset((text,)))
        case Compare(_, operator, Amount() as value):
            return replace(atom, operator=operator, value=value)
        case OneOf(_, values):
            return replace(atom, wanted=frozenset(word.text for word in values))
    return atom


def _sorted(term: Term) -> tuple[tuple[str, Literal_], ...]:
    return tuple(sorted(term.arguments, key=lambda pair: pair[0]))
