"""What is made up is worth comparing: every construct there is, by the rules of the loader and of lint."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from property.patients import WORDS

from agreement.books import Setting, book_of, book_settings, documents_of
from agreement.gather import collected
from agreement.people import numbered, people
from rxvigil.engine import Evaluator
from rxvigil.facts import Record
from rxvigil.knowledge.expression import parse, terms
from rxvigil.knowledge.lint import lint_book
from rxvigil.knowledge.measures import MEASURES
from rxvigil.population import records_of, tables_of

ON = date(2026, 3, 1)


@pytest.fixture(scope="module")
def made() -> list[Setting]:
    return collected(book_settings(), 120, 1)


@pytest.fixture(scope="module")
def patients() -> list[Record]:
    return numbered(collected(people(ON), 200, 1))


def test_lint_has_nothing_against_the_rule_books(made: list[Setting]) -> None:
    for setting in made[:40]:
        problems = lint_book(documents_of(setting.made), book_of(setting.made))
        assert [one for one in problems if not one.place.startswith("vocabulary")] == []


def test_every_measure_is_asked(made: list[Setting]) -> None:
    asked = {(WORDS.kind_of(term.subject), term.measure) for text in conditions(made) for term in terms(parse(text))}

    assert {(one.subject, one.name) for one in MEASURES} <= asked


def test_every_construct_of_a_schedule_is_used(made: list[Setting]) -> None:
    used = Counter(key for setting in made for key in keys(setting.made["protocols"]))

    assert {"every", "at", "stop", "for", "until", "on", "modifiers", "from_start", "loosens", "only_if", "any",
            "schedule_from", "thresholds_from", "together", "effective", "baseline"} <= used.keys()  # fmt: skip


def conditions(made: list[Setting]) -> Iterator[str]:
    for setting in made:
        for key, value in pairs(setting.made):
            if key in ("when", "unless", "only_if") and isinstance(value, str):
                yield value


def keys(part: Any) -> Iterator[str]:
    yield from (key for key, value in pairs(part) if value)


def pairs(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, list):
        for one in part:
            yield from pairs(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            yield key, value
            yield from pairs(value)


def test_the_patients_go_into_columns_and_come_back_equal(patients: list[Record]) -> None:
    back = {one.patient.id: one for one in records_of(tables_of(patients, WORDS))}

    assert back == {one.patient.id: one for one in patients}


def test_the_answers_are_of_every_kind(made: list[Setting], patients: list[Record]) -> None:
    """Where everybody got the same answer, agreement would say little."""
    outcomes: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for setting in (one for one in made[:40] if one.on == ON):
        evaluator = Evaluator(book_of(setting.made), setting.wanted)
        for record in patients[::4]:
            assessment = evaluator.assess(record, ON, explain=True)
            outcomes.update(one.outcome for one in assessment.explained)
            statuses.update(one.status for one in assessment.next_tests)
            kinds.update(one.kind for one in assessment.findings)

    assert min(outcomes[one] for one in ("fires", "cannot say", "silent")) > sum(outcomes.values()) / 20
    assert min(statuses[one] for one in ("overdue", "due", "in date", "cannot say", "not required")) > 10
    assert {"schedule", "metabolites", "cannot-say", "baseline", "threshold"} <= kinds.keys()


def test_the_same_seed_makes_the_same(made: list[Setting]) -> None:
    assert collected(book_settings(), 5, 1) == made[:5]
    assert collected(book_settings(), 5, 2) != made[:5]
