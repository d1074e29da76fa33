"""Rule books and patients made up at random: one patient's evaluator and the plan of a population agree.

A few from fixed seeds on each database; `make agree N=100000` compares many.
"""

from itertools import islice
from typing import Any

import pytest

from agreement.compare import Tally
from agreement.trial import trials


def asked(con: Any, books: int, patients: int, *, seed: int, fast: bool = False) -> Tally:
    total = Tally()
    for trial in islice(trials(seed, patients), books):
        found = trial.asked_of(con, fast=fast)
        assert not found.disagreements, f"{found.disagreements[0]}\n\n{trial.setting}"
        total.add(found)
    assert total.patients > books * patients / 3
    return total


@pytest.mark.parametrize("fast", [False, True], ids=["portable", "fast"])
def test_duckdb(duckdb: Any, fast: bool) -> None:
    asked(duckdb, 5, 80, seed=101, fast=fast)


def test_where_records_mention_few_drugs(duckdb: Any) -> None:
    asked(duckdb, 5, 6, seed=105)


@pytest.mark.xdist_group("postgres")
def test_postgres(postgres: Any) -> None:
    asked(postgres, 3, 60, seed=102)


@pytest.mark.xdist_group("spark")
def test_spark(spark: Any) -> None:
    asked(spark, 1, 60, seed=103)
