"""The comparison itself: it agrees where nothing differs, and notices every single thing that does."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from engine.small_book import book_of

from agreement.compare import Tally, compare
from rxvigil.casebook import record_of
from rxvigil.engine import Wanted
from rxvigil.population import person_number

ON = date(2026, 3, 1)
BOOK = book_of(
    """
kind: rules
id: always/example
title: Example
review_by: 2027-11-30
rules:
  - id: neutrophils-low
    kind: threshold
    applies: {drugs: [azathioprine]}
    when: neutrophils.latest < 1.6 10*9/L
    tier: act
    cause: neutrophils low
    says: They are low.
    action: {verb: stop, says: Stop., urgency: today, strength: should}
    source: SOURCE
  - id: platelets-low
    kind: danger
    applies: {drugs: [azathioprine]}
    when: platelets.latest < 50 10*9/L
    tier: stop
    cause: platelets low
    says: They are low.
    action: {verb: stop, says: Stop., urgency: now, strength: must}
    source: SOURCE
""",
    """
kind: protocol
id: monitoring/azathioprine/example
title: Example
body: A body
applies: {drugs: [azathioprine]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
schedule:
  - id: blood-tests
    panel: {all: [neutrophils]}
    phases: [{every: 2 weeks}]
    source: SOURCE
""",
)
RECORD = record_of(
    ("azathioprine 100 mg/d from 2025-01-01", "neutrophils 1.4 10*9/L on 2026-01-11"), "female born 1980",
    BOOK.vocabulary,
)  # fmt: skip
PERSON = person_number("case")
TESTS = "monitoring/azathioprine/example#blood-tests"
ACTION = {"verb": "stop", "urgency": "today", "strength": "should"}
FINDING = {"person": PERSON, "also": [], "would_be": None, "unanswered": [], "late_days": 0}
ROWS: dict[str, list[dict[str, Any]]] = {
    "singly": [],
    "choices": [
        {"person": PERSON, "drug": "azathioprine", "protocol": "monitoring/azathioprine/example", "taken": 2,
         "together": False},
    ],
    "clocks": [
        {"person": PERSON, "drug": "azathioprine", "rule": TESTS, "test": "neutrophils", "status": "overdue",
         "due": date(2026, 1, 25), "overdue_after": date(2026, 1, 27), "last": date(2026, 1, 11), "strength": "should",
         "borrowed": False},
    ],
    "baseline": [],
    "answers": [
        {"person": PERSON, "drug": "azathioprine", "rule": "always/example#neutrophils-low", "outcome": 2},
        {"person": PERSON, "drug": "azathioprine", "rule": "always/example#platelets-low", "outcome": 1},
    ],
    "table_answers": [],
    "findings": [
        {**FINDING, "rule": "always/example#neutrophils-low", "kind": "threshold", "tier": "ACT",
         "cause": "neutrophils low", **ACTION},
        {**FINDING, "rule": TESTS, "kind": "schedule", "tier": "ACT", "cause": "blood tests overdue", "verb": "test",
         "urgency": "this week", "strength": "should", "late_days": 33},
        {**FINDING, "rule": "always/example#platelets-low", "kind": "cannot-say", "tier": "CANNOT SAY",
         "cause": "not known", "verb": "ask", "urgency": "now", "strength": "should", "would_be": "STOP",
         "unanswered": ["always/example#platelets-low"]},
    ],
}  # fmt: skip
"""What the record above comes to, by hand: due 14 days after 11 Jan, overdue two days later, since then 33 days."""


def told(rows: dict[str, list[dict[str, Any]]]) -> Tally:
    return compare([RECORD], ON, Wanted("UK"), BOOK, rows)


def test_what_is_alike_agrees() -> None:
    tally = told(ROWS)

    assert (tally.patients, tally.agreed, tally.answers, tally.findings) == (1, 5, 3, 2)
    assert tally.disagreements == []


CHANGES: tuple[tuple[str, int, str, Any, set[str]], ...] = (
    ("answers", 0, "outcome", 1, {"rules"}),
    ("answers", 1, "outcome", 0, {"rules"}),
    ("answers", 1, "rule", "always/example#neutrophils-low", {"rules"}),
    ("clocks", 0, "status", "due", {"tests"}),
    ("clocks", 0, "status", "cannot say", {"rules", "tests"}),
    ("clocks", 0, "due", date(2026, 1, 26), {"tests"}),
    ("clocks", 0, "overdue_after", date(2026, 1, 26), {"tests"}),
    ("clocks", 0, "last", None, {"tests"}),
    ("clocks", 0, "strength", "consider", {"tests"}),
    ("choices", 0, "protocol", "monitoring/azathioprine/other", {"protocols"}),
    ("findings", 0, "rule", "always/example#platelets-low", {"findings"}),
    ("findings", 0, "kind", "danger", {"findings"}),
    ("findings", 0, "tier", "KNOW", {"findings"}),
    ("findings", 0, "cause", "platelets low", {"findings"}),
    ("findings", 0, "also", ["always/example#platelets-low"], {"findings"}),
    ("findings", 0, "verb", "withhold", {"findings"}),
    ("findings", 0, "urgency", "now", {"findings"}),
    ("findings", 1, "late_days", 32, {"findings"}),
    ("findings", 2, "would_be", "ACT", {"unanswered"}),
    ("findings", 2, "unanswered", [], {"unanswered"}),
)  # fmt: skip


@pytest.mark.parametrize(("step", "number", "column", "value", "what"), CHANGES)
def test_whatever_differs_is_noticed(step: str, number: int, column: str, value: Any, what: set[str]) -> None:
    rows = deepcopy(ROWS)
    rows[step][number][column] = value

    tally = told(rows)

    assert {one.what for one in tally.disagreements} == what
    assert tally.agreed == 5 - len(what)


@pytest.mark.parametrize(
    ("step", "number", "what"),
    [("answers", 0, {"rules"}), ("clocks", 0, {"rules", "tests"}), ("choices", 0, {"protocols"}),
     ("findings", 1, {"findings"}), ("findings", 2, {"unanswered"})],
)  # fmt: skip
def test_a_row_that_is_not_there_is_noticed(step: str, number: int, what: set[str]) -> None:
    rows = deepcopy(ROWS)
    del rows[step][number]

    assert {one.what for one in told(rows).disagreements} == what


def test_a_row_too_many_is_noticed() -> None:
    rows = {**ROWS, "answers": [*ROWS["answers"], ROWS["answers"][0]]}

    assert [one.what for one in told(rows).disagreements] == ["rules"]


def test_who_is_left_to_the_engine_is_counted_apart_and_must_be_left_out_altogether() -> None:
    left_out = [{"person": PERSON, "reason": "a denial"}]
    empty: dict[str, list[dict[str, Any]]] = {name: [] for name in ROWS}

    tally = told({**empty, "singly": left_out})
    assert (tally.patients, dict(tally.singly), tally.disagreements) == (0, {"a denial": 1}, [])
    assert [one.what for one in told({**ROWS, "singly": left_out}).disagreements] == ["left out"]


def test_a_person_that_nobody_asked_about_is_an_error() -> None:
    rows = {**ROWS, "answers": [{**ROWS["answers"][0], "person": 7}]}

    with pytest.raises(AssertionError, match="nobody asked"):
        told(rows)
