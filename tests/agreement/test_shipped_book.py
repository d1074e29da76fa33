"""The shipped rule book asked of its worked patients: one patient's evaluator and the plan of a population agree."""

from itertools import islice
from typing import Any

import pytest
from backends import load, run

from agreement.compare import OUTPUTS, Tally, compare
from agreement.worked import ON, Round, everybody, under_protocols
from rxvigil.cohort.plan import make_plan
from rxvigil.engine import Wanted
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import tables_of

SETTINGS = (Wanted(), Wanted("US"))


def asked(one: Round, con: Any, *, fast: bool = False) -> Tally:
    load(con, tables_of(one.records, one.book.vocabulary))
    rows = run(con, make_plan(one.book, one.wanted, ON, fast=fast), OUTPUTS)
    return compare(one.records, ON, one.wanted, one.book, rows)


@pytest.mark.parametrize("wanted", SETTINGS, ids=str)
@pytest.mark.parametrize("fast", [False, True], ids=["portable", "fast"])
def test_every_rule_answers_every_worked_patient_alike(wanted: Wanted, fast: bool, book: RuleBook, duckdb: Any) -> None:
    tally = asked(everybody(book, wanted), duckdb, fast=fast)

    assert tally.disagreements == []
    assert tally.patients > 2400
    assert tally.findings > 5000


def test_every_protocol_asked_for_by_name(book: RuleBook, duckdb: Any) -> None:
    total = Tally()
    for one in islice(under_protocols(book), 6):
        total.add(asked(one, duckdb))

    assert total.disagreements == []


@pytest.mark.xdist_group("postgres")
def test_postgres(book: RuleBook, postgres: Any) -> None:
    assert asked(everybody(book, Wanted()), postgres).disagreements == []


@pytest.mark.xdist_group("spark")
def test_spark(book: RuleBook, spark: Any) -> None:
    assert asked(everybody(book, Wanted()), spark).disagreements == []
