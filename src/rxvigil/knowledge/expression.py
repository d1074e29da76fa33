"""The language rules are written in: short conditions over the named state of a patient.

    neutrophils.latest < 1.6 10*9/L
    alt.latest >= 3 xULN and bilirubin.latest > 2 xULN
    neutrophils.falls(times: 3, each: 10 %)
    this.dose > 0.70 mg/kg/d and allopurinol.active
    nudt15.phenotype in (poor, intermediate)

This module turns text into a small frozen tree and back into its canonical text; what the names mean is in
`measures`. Both evaluators, for one patient and for many, interpret the same tree.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

Operator = Literal["<", "<=", ">", ">=", "="]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit as written, for example 1.6 10*9/L, 10 %, 6 weeks, 3 xULN."""

    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}" if self.unit else f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Word:
    """A category: poor, female, positive."""

    text: str

    def __str__(self) -> str:
        return self.text


Literal_ = Amount | Word


@dataclass(frozen=True, slots=True)
class Term:
    """A named quantity of the state: subject.measure(arguments)."""

    subject: str
    measure: str
    arguments: tuple[tuple[str, Literal_], ...] = ()

    def __str__(self) -> str:
        inside = ", ".join(f"{name}: {value}" for name, value in self.arguments)
        return f"{self.subject}.{self.measure}" + (f"({inside})" if inside else "")


@dataclass(frozen=True, slots=True)
class Holds:
    """A term that is itself yes or no."""

    term: Term

    def __str__(self) -> str:
        return str(self.term)


@dataclass(frozen=True, slots=True)
class Compare:
    """A term compared with a literal."""

    term: Term
    operator: Operator
    value: Literal_

    def __str__(self) -> str:
        return f"{self.term} {self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """A category that is one of several."""

    term: Term
    values: tuple[Word, ...]

    def __str__(self) -> str:
        return f"{self.term} in ({', '.join(map(str, self.values))})"


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene negation."""

    item: "Expression"

    def __str__(self) -> str:
        return f"not {_grouped(self.item)}"


@dataclass(frozen=True, slots=True)
class All:
    """Kleene conjunction."""

    items: tuple["Expression", ...]

    def __str__(self) -> str:
        return " and ".join(_grouped(item) for item in self.items)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Kleene disjunction."""

    items: tuple["Expression", ...]

    def __str__(self) -> str:
        return " or ".join(_grouped(item) for item in self.items)


Expression = Holds | Compare | OneOf | Not | All | AnyOf


class ExpressionError(ValueError):
    """The text is not a condition; the message says where and what was expected."""


def parse(text: str) -> Expression:
    """Read a condition. Raises `ExpressionError`."""
    reader = _Reader(text)
    found = reader.either()
    reader.expect_end()
    return found


def terms(expression: Expression) -> tuple[Term, ...]:
    """Every term in the order it stands."""
    match expression:
        case Holds(term) | Compare(term) | OneOf(term):
            return (term,)
        case Not(item):
            return terms(item)
        case All(items) | AnyOf(items):
            return tuple(term for item in items for term in terms(item))


def _grouped(item: Expression) -> str:
    return f"({item})" if isinstance(item, All | AnyOf) else str(item)


_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_OPERATOR = re.compile(r"<=|>=|<|>|=")
_NOT_A_UNIT = frozenset({"and", "or", "not", "in"})


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def either(self) -> Expression:
        items = self._joined("or", self.both)
        return items[0] if len(items) == 1 else AnyOf(items)

    def both(self) -> Expression:
        items = self._joined("and", self.single)
        return items[0] if len(items) == 1 else All(items)

    def _joined(self, word: str, part: Callable[[], Expression]) -> tuple[Expression, ...]:
        items = [part()]
        while self._word(word):
            items.append(part())
        return tuple(items)

    def single(self) -> Expression:
        if self._word("not"):
            return Not(self.single())
        if self._symbol("("):
            inside = self.either()
            self._need(")")
            return inside
        return self.predicate()

    def predicate(self) -> Expression:
        term = self.term()
        if self._word("in"):
            self._need("(")
            values = [self._category()]
            while self._symbol(","):
                values.append(self._category())
            self._need(")")
            return OneOf(term, tuple(values))
        operator = self._match(_OPERATOR)
        if operator is None:
            return Holds(term)
        return Compare(term, cast(Operator, operator), self.literal())

    def term(self) -> Term:
        subject = self._name("the name of an analyte, drug, condition or other subject")
        self._need(".")
        measure = self._name(f"what is asked of '{subject}', for example '{subject}.latest'")
        if not self._symbol("("):
            return Term(subject, measure)
        arguments = [self._argument()]
        while self._symbol(","):
            arguments.append(self._argument())
        self._need(")")
        return Term(subject, measure, tuple(arguments))

    def _argument(self) -> tuple[str, Literal_]:
        name = self._name("an argument name, as in 'within: 6 weeks'")
        self._need(":")
        return name, self.literal()

    def literal(self) -> Literal_:
        number = self._match(_NUMBER)
        return self._category() if number is None else Amount(float(number), self._unit())

    def _category(self) -> Word:
        return Word(self._name("a number with its unit, or a category"))

    def _unit(self) -> str:
        self._blank()
        start, depth = self.at, 0
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter.isspace() or (depth == 0 and letter in "),"):
                break
            depth += {"(": 1, ")": -1}.get(letter, 0)
            self.at += 1
        unit = self.text[start : self.at]
        if unit in _NOT_A_UNIT:
            self.at, unit = start, ""
        return unit

    def expect_end(self) -> None:
        self._blank()
        if self.at < len(self.text):
            raise self._error("'and', 'or' or the end")

    def _name(self, expected: str) -> str:
        found = self._match(_NAME)
        if found is None:
            raise self._error(expected)
        return found

    def _word(self, word: str) -> bool:
        self._blank()
        end = self.at + len(word)
        if self.text[self.at : end] != word or (end < len(self.text) and self.text[end] not in " ("):
            return False
        self.at = end
        return True

    def _symbol(self, symbol: str) -> bool:
        self._blank()
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        return True

    def _need(self, symbol: str) -> None:
        if not self._symbol(symbol):
            raise self._error(f"'{symbol}'")

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        self._blank()
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def _blank(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _error(self, expected: str) -> ExpressionError:
        got = self.text[self.at : self.at + 20] or "the end"
        return ExpressionError(f"at character {self.at + 1} of '{self.text}': expected {expected}, found '{got}'")
