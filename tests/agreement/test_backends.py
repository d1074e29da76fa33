"""The three databases take the same tables and give the same rows: what everything else here rests on."""

from datetime import date
from typing import Any, NamedTuple

import ibis
import pytest
from backends import Rows, load, run

from rxvigil.casebook import record_of
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.given import Given
from rxvigil.cohort.steps import Steps
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import person_number, tables_of

LINES = (
    "neutrophils 1.4 10*9/L on 2026-02-20 ref 2.0-7.5",
    "neutrophils 3.1 10*9/L on 2026-01-05T08:30:00+01:00",
    "azathioprine 100 mg/d from 2025-01-01",
    "gene tpmt *1/*3A or *3B/*3C",
    "unreadable alt on 2026-02",
)


class Little(NamedTuple):
    """As much of a plan as is needed to run it."""

    given: tuple[Given, ...]
    steps: Steps


@pytest.fixture(scope="module")
def plan() -> Little:
    """Two steps, the second of which speaks of the first: newest result and alleles of everybody."""
    facts, steps = fact_tables(), Steps()
    newest = facts.results.group_by("person").aggregate(
        day=facts.results.when_last.max(), low=facts.results.low.min(), number=facts.results.count()
    )
    kept = steps.add("newest_of_all", newest)
    alleles = facts.genotypes.select("person", "diplotypes")
    both = facts.patients.left_join(kept, "person").drop("person_right").left_join(alleles, "person")
    chosen = both.select("person", "born_first", "day", "low", "number", "diplotypes", listed=both.results_listed)
    steps.add("everybody", chosen.mutate(late=ibis.literal(date(2026, 3, 1), type="date") > chosen.day))
    named = Given("named", (("low", "number"), ("words", "text"), ("more", "texts")), ((1.4, "low", ("a", "b")),))
    steps.add("in_words", kept.inner_join(named.table(), "low").select("person", "words", "more"))
    return Little((named,), steps)


def rows_of(con: Any, plan: Little, book: RuleBook) -> Rows:
    load(con, tables_of([record_of(LINES, "female born 1980-05-03", book.vocabulary)], book.vocabulary))
    return run(con, plan)


def check(rows: Rows) -> None:
    person = person_number("case")
    newest = {"person": person, "day": date(2026, 2, 20), "low": 1.4, "number": 2}
    assert rows["newest_of_all"] == [newest]
    assert rows["everybody"] == [
        {**newest, "born_first": date(1980, 5, 3), "diplotypes": ["*1/*3A", "*3B/*3C"], "listed": True, "late": True}
    ]
    assert rows["in_words"] == [{"person": person, "words": "low", "more": ["a", "b"]}]


def test_duckdb(duckdb: Any, plan: Little, book: RuleBook) -> None:
    check(rows_of(duckdb, plan, book))


@pytest.mark.xdist_group("postgres")
def test_postgres(postgres: Any, plan: Little, book: RuleBook) -> None:
    check(rows_of(postgres, plan, book))


@pytest.mark.xdist_group("spark")
def test_spark(spark: Any, plan: Little, book: RuleBook) -> None:
    check(rows_of(spark, plan, book))


def test_what_was_there_before_is_gone(duckdb: Any, plan: Little, book: RuleBook) -> None:
    rows_of(duckdb, plan, book)
    load(duckdb, tables_of([], book.vocabulary))
    assert run(duckdb, plan) == {"newest_of_all": [], "everybody": [], "in_words": []}
