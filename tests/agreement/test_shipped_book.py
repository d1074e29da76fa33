"""The shipped rule book asked of its worked patients: one patient's evaluator and the plan of a population agree.

A few settings on each database; `make agree` asks under every protocol.
"""

from itertools import islice
from typing import Any

import pytest

from agreement.worked import everybody, under_protocols
from rxvigil.engine import Wanted
from rxvigil.knowledge.book import RuleBook


@pytest.mark.parametrize(("wanted", "fast"), [(Wanted(), False), (Wanted("US"), True)], ids=["portable", "fast"])
def test_every_rule_answers_every_worked_patient_alike(wanted: Wanted, fast: bool, book: RuleBook, duckdb: Any) -> None:
    tally = everybody(book, wanted).asked_of(duckdb, fast=fast)

    assert tally.disagreements == []
    assert tally.patients > 2400
    assert tally.findings > 5000


@pytest.mark.xdist_group("postgres")
def test_postgres(book: RuleBook, postgres: Any) -> None:
    tally = everybody(book, Wanted()).asked_of(postgres)

    assert tally.disagreements == []
    assert tally.patients > 2400


@pytest.mark.parametrize("number", [1, 4])
def test_protocols_asked_for_by_name(number: int, book: RuleBook, duckdb: Any) -> None:
    tally = next(islice(under_protocols(book), number, None)).asked_of(duckdb)

    assert tally.disagreements == []
    assert tally.patients > 50


@pytest.mark.xdist_group("spark")
def test_spark(book: RuleBook, spark: Any) -> None:
    tally = next(islice(under_protocols(book), 4, None)).asked_of(spark)

    assert tally.disagreements == []
    assert tally.patients > 50
