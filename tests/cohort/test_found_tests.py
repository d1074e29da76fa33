"""Which of several clocks speaks for a person and which it names: one finding for overdue, due, open, too often."""

from datetime import date
from typing import Any

import ibis
import pyarrow as pa
from backends import _put

from rxvigil.cohort.clocks import Standing
from rxvigil.cohort.found_tests import of_clocks

ON = date(2026, 3, 1)
EARLY, LATER = date(2026, 1, 10), date(2026, 2, 10)
_CLOCKS = pa.schema(
    [("person", pa.int64()), ("number", pa.int32()), ("slot", pa.int32()), ("status", pa.string()),
     ("due", pa.date32()), ("overdue_after", pa.date32()), ("last", pa.date32()), ("often", pa.bool_())]
)  # fmt: skip
_SAYS = {"overdue": 0, "due": 1, "cannot say": 4, "often": 5}
"""Status -> voice."""


def _clock(number: int, status: str, overdue_after: date, *, often: bool = False, person: int = 1) -> dict[str, Any]:
    return {
        "person": person, "number": number, "slot": 0, "status": status, "due": overdue_after,
        "overdue_after": overdue_after, "last": None, "often": often,
    }  # fmt: skip


def _told(con: Any, *clocks: dict[str, Any]) -> list[dict[str, Any]]:
    """Schedule n speaks with code 10 n + voice, is rule n by name and asks for test 100 + n; it is gathered as n-th."""
    voices = [
        {"number": n, "slot": 0, "status": status, "voice": voice, "code": 10 * n + voice, "rule_name": n,
         "test": 100 + n, "rank": n}
        for n in range(3)
        for status, voice in _SAYS.items()
    ]  # fmt: skip
    says = pa.Table.from_pylist(voices)
    _put(con, "standing", (), pa.Table.from_pylist(list(clocks), schema=_CLOCKS))
    _put(con, "voices", (), says)
    standing = ibis.table(ibis.Schema.from_pyarrow(_CLOCKS), name="standing")
    spoken = ibis.table(ibis.Schema.from_pyarrow(says.schema), name="voices")
    relation = of_clocks(Standing(standing, spoken), spoken, ON)
    rows = con.con.sql(str(ibis.to_sql(relation, dialect="duckdb"))).to_arrow_table().to_pylist()
    return sorted(rows, key=lambda row: (row["person"], row["code"]))


def test_of_late_tests_the_one_that_is_overdue_longest_speaks(duckdb: Any) -> None:
    (found,) = _told(duckdb, _clock(0, "overdue", LATER), _clock(1, "overdue", EARLY))
    assert (found["code"], found["also"], found["tests"]) == (10, [0], [100, 101])
    assert (found["late_days"], found["overdue_after"]) == ((ON - EARLY).days, EARLY)


def test_of_tests_done_too_often_the_one_gathered_first_speaks_whenever_it_is_due(duckdb: Any) -> None:
    (found,) = _told(duckdb, _clock(0, "in date", LATER, often=True), _clock(1, "in date", EARLY, often=True))
    assert (found["code"], found["also"], found["late_days"]) == (5, [1], 0)


def test_nothing_is_too_often_while_another_test_is_late(duckdb: Any) -> None:
    told = _told(duckdb, _clock(0, "in date", LATER, often=True), _clock(1, "due", EARLY))
    assert [(one["code"], one["also"]) for one in told] == [(11, None)]


def test_of_tests_of_which_nobody_can_say_the_one_gathered_first_speaks_for_all(duckdb: Any) -> None:
    (found,) = _told(duckdb, _clock(1, "cannot say", LATER), _clock(2, "cannot say", EARLY))
    assert (found["code"], found["unanswered"], found["also"]) == (14, [1, 2], None)
    assert (found["due"], found["overdue_after"], found["late_days"]) == (None, None, 0)


def test_people_and_statuses_are_findings_of_their_own(duckdb: Any) -> None:
    told = _told(
        duckdb, _clock(0, "overdue", EARLY), _clock(1, "due", LATER), _clock(2, "in date", LATER),
        _clock(0, "due", LATER, person=2),
    )  # fmt: skip
    assert [(one["person"], one["code"], one["tests"]) for one in told] == [
        (1, 0, [100]),
        (1, 11, [101]),
        (2, 1, [100]),
    ]
