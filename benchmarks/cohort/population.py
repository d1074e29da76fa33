"""A made-up population for measuring: people on azathioprine with four rounds of five blood tests, written straight into
the layout of a store by DuckDB. Values are drawn by a hash, so every run has the same; nothing in it is anybody's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population import COLUMNS, person_number
from rxvigil.population.store import Store, part_of

ON: Final = "2026-03-01"
PEOPLE_IN_A_BUCKET: Final = 100_000
VISITS: Final = 4
TYPES: Final = {
    "text": "VARCHAR", "texts": "VARCHAR[]", "number": "DOUBLE", "whole": "BIGINT", "flag": "BOOLEAN", "day": "DATE",
}  # fmt: skip

ANALYTES: Final = {"neutrophils": (4.0, 1.8, 7.5), "white-cells": (6.5, 4.0, 11.0), "platelets": (250, 150, 400),
                   "alt": (24, None, 40), "creatinine": (72, 45, 90)}  # fmt: skip
"""Analyte -> ordinary value and the laboratory's limits, in canonical units."""


def make(path: Path, people: int, vocabulary: Vocabulary) -> Store:
    """A store of so many people. Raises `UnwritableOutput` where the folder is not empty."""
    buckets = max(1, people // PEOPLE_IN_A_BUCKET)
    store = Store.create(path, vocabulary, buckets=buckets)
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = false")
        con.register("numbers", _numbered(people))
        for bucket in range(buckets):
            _write_bucket(con, path, bucket, buckets, people)
    return store


def _write_bucket(con: duckdb.DuckDBPyConnection, path: Path, bucket: int, buckets: int, people: int) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE somebody AS {_SOMEBODY.format(buckets=buckets, bucket=bucket)}")
    for table, query in _tables():
        target = path / part_of(table, bucket)
        target.parent.mkdir(parents=True, exist_ok=True)
        con.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


_SOMEBODY: Final = f"""
    SELECT person, number, (hash(number) % 1000000) / 1e6 AS luck,
           DATE '{ON}' - (40 + hash(number, 1) % 1400)::INTEGER AS start
    FROM numbers WHERE person % {{buckets}} = {{bucket}}
"""


def _numbered(people: int) -> pa.Table:
    """(number, person) of everybody: `person` as the store makes it from the id."""
    persons = [person_number(f"made-up-{number}") for number in range(people)]
    return pa.table({"number": pa.array(range(people), pa.int64()), "person": pa.array(persons, pa.int64())})


def _tables() -> Iterator[tuple[str, str]]:
    for table in COLUMNS:
        known, source = _KNOWN.get(table, ({}, "somebody WHERE false"))
        chosen = ", ".join(f'({known.get(name, "NULL")})::{TYPES[shape]} AS "{name}"' for name, shape in COLUMNS[table])
        yield table, f"SELECT {chosen} FROM {source}"


def _when(name: str, day: str) -> dict[str, str]:
    return {
        f"{name}_first": day,
        f"{name}_last": day,
        f"{name}_precision": f"CASE WHEN {day} IS NOT NULL THEN 'day' END",
    }


_ORIGIN: Final = {"origin_source": "'made-up'", "origin_place": "'row'"}
_PLACE: Final = f"number * {len(ANALYTES) * VISITS} + visit * {len(ANALYTES)} + which"
_RESULTS: Final = (
    "somebody, range(" + str(VISITS) + ") AS visits(visit), (VALUES "
    + ", ".join(
        f"({which}, '{name}', {usual}, {low if low is not None else 'NULL'}, {high})"
        for which, (name, (usual, low, high)) in enumerate(ANALYTES.items())
    )
    + ") AS analytes(which, analyte, usual, low_limit, high_limit), "
    "LATERAL (SELECT DATE '" + ON + "' - (3 + hash(number, 2) % 100 + 80 * (3 - visit))::INTEGER AS day, "
    "round(usual * exp(0.35 * ((hash(number, visit, which) % 1000 + hash(number, visit, which, 7) % 1000 "
    "+ hash(number, visit, which, 8) % 1000) / 1000.0 - 1.5)), 2) AS measured) AS drawn"
)  # fmt: skip

_KNOWN: Final[dict[str, tuple[dict[str, str], str]]] = {
    "patients": (
        {
            "person": "person", "patient": "'made-up-' || number", **_when("born", "DATE '1950-01-01' + (hash(number, 3) % 20000)::INTEGER"),
            "sex": "CASE WHEN luck < 0.5 THEN 'female' ELSE 'male' END",
            **{f"{name}_listed": "true" for name in ("allergies", "conditions", "immunisations", "prescriptions", "results")},
            "unread_kinds": "[]", "unread_counts": "[]", "practice": "'practice ' || hash(number, 4) % 200",
        },
        "somebody",
    ),
    "results": (
        {
            "person": "person", "seq": f"visit * {len(ANALYTES)} + which", "id": f"'r' || {_PLACE}", "analyte": "analyte",
            **_when("when", "day"), "value": "measured", "comparator": "''", "reference_low": "low_limit",
            "reference_high": "high_limit", "written": "''", "preliminary": "false", "made_from": "[]", **_ORIGIN,
            "low": "measured", "high": "measured", "made": "false",
        },
        _RESULTS,
    ),
    "prescriptions": (
        {
            "person": "person", "seq": "nth", "id": "'p' || number || '-' || nth", "drug": "drug", "status": "'active'",
            **_when("start", "start"), **_when("end", "NULL::DATE"), "dose_low": "dose", "dose_high": "dose", "product": "''",
            "written": "''", "kind": "'ordered'", **_ORIGIN,
        },
        "somebody, (VALUES (0, 'azathioprine', 0, 150.0), (1, 'allopurinol', 0.98, 100.0), (2, 'warfarin', 0.97, NULL)) "
        "AS drugs(nth, drug, more, dose) WHERE luck >= more",
    ),
    "conditions": (
        {
            "person": "person", "seq": "0", "id": "'c' || number", "concept": "'crohns-disease'", "status": "'active'",
            **_when("onset", "start - 400"), **_ORIGIN,
        },
        "somebody WHERE luck < 0.6",
    ),
}  # fmt: skip
