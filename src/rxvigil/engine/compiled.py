"""A rule book made ready: every condition compiled once, rules sorted by whom they are asked of."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from rxvigil.engine.ask_results import Ask
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.wording import limit_in_words
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import All, Amount, AnyOf, Compare, Expression, parse
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Protocol, Rule


@dataclass(frozen=True)
class CompiledRule:
    """A rule with its questions."""

    id: str
    rule: Rule
    when: Ask
    unless: Ask | None
    only_if: Ask | None
    drugs: tuple[str, ...]
    """Members of applies.drugs; empty: anybody."""
    review_by: date | None
    never: bool
    """Marked `memory`: shown, never asked."""
    specialties: frozenset[str]
    protocol: Protocol | None = None
    bounds: dict[tuple[str, str], str] = field(default_factory=dict)
    """(analyte, direction) of each simple limit in the condition -> the limit in words, for comparing bodies."""


@dataclass(frozen=True)
class CompiledBook:
    """All rules, ready to be asked."""

    book: RuleBook
    course: dict[str, tuple[CompiledRule, ...]]
    """Drug -> rules asked while it is taken, whatever the protocol."""
    after_stop: dict[str, tuple[CompiledRule, ...]]
    anybody: tuple[CompiledRule, ...]
    thresholds: dict[str, tuple[CompiledRule, ...]]
    """Protocol id -> its thresholds."""
    conditions: dict[str, Ask]
    """Further conditions by their text: modifiers, only_if of protocols and baseline tests."""
    topics: dict[str, CompiledRule] = field(default_factory=dict)
    """Rules that hold whatever the protocol, by full id: rows of tables give way to them."""
    bounds: dict[tuple[str, str, str], tuple[CompiledRule, ...]] = field(default_factory=dict)
    """(drug, analyte, direction) -> thresholds of all bodies about it."""


def compile_book(book: RuleBook) -> CompiledBook:
    """Compile every condition. Raises `ValueError` naming the rule for one that lint would reject."""
    course: dict[str, list[CompiledRule]] = defaultdict(list)
    after: dict[str, list[CompiledRule]] = defaultdict(list)
    anybody: list[CompiledRule] = []
    topics: dict[str, CompiledRule] = {}
    for topic in sorted(book.topics):
        for rule in book.topics[topic].rules:
            ready = _compile(f"{topic}#{rule.id}", rule, book.vocabulary, book.topics[topic].review_by)
            topics[ready.id] = ready
            if rule.during == "any" or not ready.drugs:
                anybody.append(ready)
            else:
                for drug in ready.drugs:
                    (course if rule.during == "course" else after)[drug].append(ready)
    thresholds = {one.id: _thresholds(one, book.vocabulary) for one in book.protocols.values()}
    return CompiledBook(
        book=book,
        course={drug: tuple(rules) for drug, rules in course.items()},
        after_stop={drug: tuple(rules) for drug, rules in after.items()},
        anybody=tuple(anybody),
        thresholds=thresholds,
        conditions=_further(book),
        topics=topics,
        bounds=_bounds(thresholds),
    )


def _compile(
    identity: str, rule: Rule, words: Vocabulary, review_by: date | None, protocol: Protocol | None = None
) -> CompiledRule:
    try:
        when = parse(rule.when)
        return CompiledRule(
            id=identity,
            rule=rule,
            when=compile_condition(when, words),
            unless=compile_condition(parse(rule.unless), words, proof=True) if rule.unless else None,
            only_if=compile_condition(parse(rule.applies.only_if), words) if rule.applies.only_if else None,
            drugs=_members(rule.applies.drugs, words),
            review_by=rule.review_by or review_by,
            never=rule.source.mark == "memory",
            specialties=frozenset(rule.applies.specialties),
            protocol=protocol,
            bounds=dict(_simple_bounds(when, words)),
        )
    except ValueError as problem:
        raise ValueError(f"{identity}: {problem}") from None


def _thresholds(protocol: Protocol, words: Vocabulary) -> tuple[CompiledRule, ...]:
    return tuple(
        _compile(f"{protocol.id}#{rule.id}", rule, words, protocol.review_by, protocol) for rule in protocol.thresholds
    )


def _members(drugs: tuple[str, ...], words: Vocabulary) -> tuple[str, ...]:
    found = {member for drug in drugs for member in words.members(drug) if member in words.drugs}
    return tuple(sorted(found))


def _simple_bounds(expression: Expression, words: Vocabulary) -> list[tuple[tuple[str, str], str]]:
    match expression:
        case All(items) | AnyOf(items):
            return [bound for item in items for bound in _simple_bounds(item, words)]
        case Compare(term, operator, Amount() as limit) if term.measure == "latest":
            says = f"{words.show(term.subject)} {operator} {limit_in_words(limit, term.subject, words)}"
            return [((term.subject, operator[0]), says)]
    return []


def _bounds(thresholds: dict[str, tuple[CompiledRule, ...]]) -> dict[tuple[str, str, str], tuple[CompiledRule, ...]]:
    found: dict[tuple[str, str, str], list[CompiledRule]] = defaultdict(list)
    for protocol in sorted(thresholds):
        for rule in thresholds[protocol]:
            for drug in rule.protocol.applies.drugs if rule.protocol else ():
                for analyte, direction in sorted(rule.bounds):
                    found[(drug, analyte, direction)].append(rule)
    return {key: tuple(rules) for key, rules in found.items()}


def _further(book: RuleBook) -> dict[str, Ask]:
    texts: set[str] = set()
    for protocol in book.protocols.values():
        texts.update(modifier.when for schedule in protocol.schedule for modifier in schedule.modifiers)
        texts.update(test.only_if for test in protocol.baseline if test.only_if)
        texts.update(schedule.only_if for schedule in protocol.schedule if schedule.only_if)
        texts.update([protocol.applies.only_if] if protocol.applies.only_if else [])
    texts.update(table.applies.only_if for table in book.tables.values() if table.applies.only_if)
    return {text: compile_condition(parse(text), book.vocabulary) for text in sorted(texts)}
