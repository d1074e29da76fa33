"""Answers that are packed into whole numbers and read again are the same answers."""

from typing import Any

import ibis
import pyarrow as pa
from backends import _arrow, _put
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.cohort.outcome_words import RULES, Places, only_open, read, some
from rxvigil.engine.kleene import NO, UNKNOWN, YES

_PEOPLE = 3


@st.composite
def answers(draw: st.DrawFn) -> list[list[int]]:
    """For each of some groups of rules, what each rule answers of each person: up to three numbers of answers."""
    sizes = draw(st.lists(st.integers(1, 2 * RULES + 3), min_size=1, max_size=3))
    kinds = st.sampled_from((NO, UNKNOWN, YES))
    return [[draw(kinds) for _ in range(size * _PEOPLE)] for size in sizes]


def _asked(given_: list[list[int]]) -> dict[tuple[int, int], int]:
    """(person, code) -> outcome, where it is not silence."""
    found, code = {}, 0
    for group in given_:
        for at in range(0, len(group), _PEOPLE):
            found |= {(person, code): group[at + person] for person in range(_PEOPLE) if group[at + person] != NO}
            code += 1
    return found


def _rows(con: Any, relation: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = con.con.sql(str(ibis.to_sql(relation, dialect="duckdb"))).to_arrow_table().to_pylist()
    return found


@settings(max_examples=30, deadline=None)
@given(answers())
def test_every_rule_that_is_not_silent_is_read_again(duckdb: Any, given_: list[list[int]]) -> None:
    places, packed, columns, code = Places(), [], {"person": pa.array(range(_PEOPLE), pa.int64())}, 0
    rules = [(nth, at) for nth, group in enumerate(given_) for at in range(0, len(group), _PEOPLE)]
    columns |= {f"r{n}": pa.array(given_[nth][at : at + _PEOPLE], pa.int8()) for n, (nth, at) in enumerate(rules)}
    _put(duckdb, "outcomes", (), pa.table(columns))
    shapes = {"person": "int64"} | {f"r{n}": "int8" for n in range(len(rules))}
    table = ibis.table(shapes, name="outcomes")
    for group in given_:
        size = len(group) // _PEOPLE
        words = places.pack([(code + n, table[f"r{code + n}"]) for n in range(size)])
        packed += [table.select("person", packed=word) for word in words]
        code += size
    rows = ibis.union(*packed) if len(packed) > 1 else packed[0]
    rows = rows.filter(some(rows.packed))
    _put(duckdb, "rule_places", (), _arrow(places.given.columns, places.given.rows))
    told = _rows(duckdb, read(rows, places.given.table()))
    expected = _asked(given_)
    assert {(row["person"], row["code"]): row["outcome"] for row in told} == expected
    assert len(told) == len(expected)
    left = rows.mutate(packed=only_open(rows.packed))
    open_ = _rows(duckdb, read(left, places.given.table()))
    assert {(row["person"], row["code"]) for row in open_} == {key for key, one in expected.items() if one == UNKNOWN}
