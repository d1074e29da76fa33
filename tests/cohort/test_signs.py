"""Questions gathered as bits: however many there are, each is answered by the facts that count for it and no others."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from property.patients import examples

from rxvigil.cohort.signs import Signs
from rxvigil.engine.kleene import UNKNOWN, YES

KINDS = {"certain": YES, "certain, of a sort": YES, "uncertain": UNKNOWN, "unread": UNKNOWN}
FLAGS = {"certain, of a sort": "sort", "uncertain": "doubt"}
KEYS = tuple("abcdef")
PEOPLE = range(6)

FACTS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(KEYS), st.sampled_from((True, False, None)), st.booleans()),
    max_size=12,
)
ASKED = st.lists(st.tuples(st.sampled_from(tuple(KINDS)), st.sampled_from(KEYS)), max_size=4)


@given(FACTS, FACTS, st.lists(ASKED, min_size=1, max_size=200))
@examples(8)
def test_each_question_is_answered_by_its_own_facts(
    duckdb: Any, facts: list[Any], unread: list[Any], asked: list[list[tuple[str, str]]]
) -> None:
    signs = _signs(asked)
    for name, rows in (("facts", facts), ("others", unread)):
        values = ", ".join(f"({one[0]}, '{one[1]}', {_written(one[2])}, {one[3]})" for one in rows)
        columns = "person BIGINT, key VARCHAR, sort BOOLEAN, doubt BOOLEAN"
        duckdb.con.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
        if rows:
            duckdb.con.execute(f"INSERT INTO {name} VALUES {values}")
    relation = signs.relation()
    assert relation is not None
    told = relation.select(
        "person",
        **{f"shown_{nth}": signs.shown(str(nth), relation) for nth, _ in enumerate(asked)},
        **{f"open_{nth}": signs.left_open(str(nth), relation) for nth, _ in enumerate(asked)},
    )
    found = {row["person"]: row for row in duckdb.to_pyarrow(told).to_pylist()}
    for person in PEOPLE:
        mine = {**_of(person, facts), "unread": {one[1] for one in unread if one[0] == person}}
        for nth, counted in enumerate(asked):
            levels = {KINDS[kind] for kind, key in counted if key in mine[kind]}
            row = found.get(person, {})
            assert row.get(f"shown_{nth}", False) == (YES in levels)
            assert row.get(f"open_{nth}", False) == (UNKNOWN in levels)


def _signs(asked: list[list[tuple[str, str]]]) -> Signs:
    import ibis

    schema = {"person": "int64", "key": "string", "sort": "boolean", "doubt": "boolean"}
    facts, others = ibis.table(schema, name="facts"), ibis.table(schema, name="others")
    signs = Signs("asked")
    for kind, level in KINDS.items():
        signs.facts(kind, level, others if kind == "unread" else facts, FLAGS.get(kind))
    for nth, counted in enumerate(asked):
        signs.count(str(nth), "certain", ())
        for kind, key in counted:
            signs.count(str(nth), kind, (key,))
    return signs


def _of(person: int, facts: list[Any]) -> dict[str, set[str]]:
    mine = [one for one in facts if one[0] == person]
    return {
        "certain": {key for _, key, _, _ in mine},
        "certain, of a sort": {key for _, key, sort, _ in mine if sort},
        "uncertain": {key for _, key, _, doubt in mine if doubt},
    }


def _written(flag: bool | None) -> str:
    return "NULL" if flag is None else str(flag)


def test_where_nothing_is_asked_there_are_no_columns() -> None:
    assert Signs().relation() is None
