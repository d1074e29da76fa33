"""Conditions: do the names exist, do the measures belong to them, do units and limits make sense?"""

from collections.abc import Iterator
from itertools import pairwise

from rxvigil.facts import parse_duration
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
    Term,
    Word,
    parse,
)
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.measures import BY_NAME, ArgumentKind, Measure

DOSE_UNITS = frozenset({"mg/d", "mg/wk", "g/d", "mg/kg/d", "mg/kg/wk"})


def check_condition(text: str, words: Vocabulary) -> Iterator[str]:
    """Everything wrong with a condition, each in a sentence."""
    expression = parse(text)
    yield from _check(expression, words)
    yield from _contradictions(expression)


def _check(expression: Expression, words: Vocabulary) -> Iterator[str]:
    match expression:
        case All(items) | AnyOf(items):
            for item in items:
                yield from _check(item, words)
        case Not(item):
            yield from _check(item, words)
            if any(True for _ in _numeric(item)):
                yield f"'{expression}' negates a number; write the opposite comparison instead"
        case Holds(term):
            yield from _check_term(term, words, None)
        case Compare(term, _, value):
            yield from _check_term(term, words, value)
        case OneOf(term, values):
            yield from _check_term(term, words, values[0])


def _numeric(expression: Expression) -> Iterator[Compare]:
    match expression:
        case All(items) | AnyOf(items):
            for item in items:
                yield from _numeric(item)
        case Not(item):
            yield from _numeric(item)
        case Compare(_, _, Amount()):
            yield expression


def _check_term(term: Term, words: Vocabulary, value: Literal_ | None) -> Iterator[str]:
    kind = words.kind_of(term.subject)
    if kind is None:
        yield f"'{term.subject}' is not in the vocabulary"
        return
    measure = BY_NAME.get((kind, term.measure))
    if measure is None:
        known = ", ".join(sorted(name for subject, name in BY_NAME if subject == kind))
        yield f"a {kind} has no measure '{term.measure}'; it has: {known}"
        return
    yield from _check_arguments(term, measure)
    yield from _check_value(term, measure, value, words)


def _check_arguments(term: Term, measure: Measure) -> Iterator[str]:
    given = dict(term.arguments)
    for name in measure.required:
        if name not in given:
            yield f"'{term}' needs {name}"
    known = measure.required | measure.optional
    for name, literal in given.items():
        if name not in known:
            yield f"'{term}' does not take {name}"
        elif not _fits(known[name], literal):
            yield f"'{term}': {name} must be a {known[name]}, not '{literal}'"


def _fits(kind: ArgumentKind, literal: Literal_) -> bool:
    if isinstance(literal, Word):
        return False
    if kind == "duration":
        return _is_duration(literal)
    return literal.unit == ("%" if kind == "percent" else "") and literal.value > 0


def _is_duration(literal: Amount) -> bool:
    try:
        parse_duration(str(literal))
    except ValueError:
        return False
    return True


def _check_value(term: Term, measure: Measure, value: Literal_ | None, words: Vocabulary) -> Iterator[str]:
    answers = measure.answers
    if answers == "truth":
        if value is not None:
            yield f"'{term}' is yes or no and cannot be compared"
    elif value is None:
        yield f"'{term}' is not yes or no; compare it with something"
    elif isinstance(value, Word):
        yield from _check_category(term, answers, value, words)
    elif answers in ("quantity", "change"):
        yield from _check_amount(term, answers, value, words)
    elif answers == "dose" and value.unit not in DOSE_UNITS:
        yield f"'{term}' is compared in one of {', '.join(sorted(DOSE_UNITS))}, not '{value.unit}'"
    elif answers == "duration" and not _is_duration(value):
        yield f"'{term}' is compared with a length of time, not '{value}'"
    elif answers == "count" and value.unit:
        yield f"'{term}' is compared with a bare number, not '{value}'"


def _check_category(term: Term, answers: str, value: Word, words: Vocabulary) -> Iterator[str]:
    if answers == "quantity":
        known = words.analytes[term.subject].categories
        if value.text not in known:
            yield f"'{value}' is not a category of {term.subject}: {', '.join(sorted(known)) or 'it has none'}"
    elif answers == "category":
        values = _values(term, words)
        if values and value.text not in values:
            yield f"'{value}' is not a value of {term.subject}: {', '.join(values)}"
    else:
        yield f"'{term}' cannot be compared with the word '{value}'"


def _values(term: Term, words: Vocabulary) -> tuple[str, ...]:
    if term.subject == "patient":
        return ("female", "male", "other")
    if term.measure == "phenotype":
        return ("normal", "intermediate", "possible-intermediate", "poor", "indeterminate")
    return words.concepts["event"][term.subject].values


def _check_amount(term: Term, answers: str, value: Amount, words: Vocabulary) -> Iterator[str]:
    if answers == "change" and value.unit == "%":
        return
    if answers == "quantity" and value.unit in ("xULN", "xLLN"):
        return
    factor = words.factor(term.subject, value.unit)
    if factor is None:
        yield f"'{value.unit}' is not a unit of {term.subject}"
    elif answers == "quantity" and not words.plausible(term.subject, value.value * float(factor)):
        limits = words.analytes[term.subject].plausible
        yield f"{value} lies outside the plausible limits of {term.subject} {limits}, so the rule could never be right"


def _contradictions(expression: Expression) -> Iterator[str]:
    """Two limits on one term that no value meets: the rule is unreachable."""
    match expression:
        case AnyOf(items):
            for item in items:
                yield from _contradictions(item)
        case All(items):
            compared = [item for item in items if isinstance(item, Compare) and isinstance(item.value, Amount)]
            by_term = sorted(compared, key=lambda item: str(item.term))
            for first, second in pairwise(by_term):
                if str(first.term) == str(second.term) and _exclude(first, second):
                    yield f"'{first}' and '{second}' cannot both hold: the rule is unreachable"


def _exclude(first: Compare, second: Compare) -> bool:
    if not (isinstance(first.value, Amount) and isinstance(second.value, Amount)):
        return False
    if first.value.unit != second.value.unit:
        return False
    below = [one.value.value for one in (first, second) if one.operator[0] == "<" and isinstance(one.value, Amount)]
    above = [one.value.value for one in (first, second) if one.operator[0] == ">" and isinstance(one.value, Amount)]
    strict = "=" not in first.operator or "=" not in second.operator
    return bool(below and above) and (min(below) < max(above) or (min(below) == max(above) and strict))
