"""A MADE-UP population for measuring: nobody in it exists, and its rates are chosen, not taken from anywhere.

    python -m benchmarks.cohort.population STORE --people 100000

Everybody has or had azathioprine, and 20 laboratory results of seven analytes from four visits. DuckDB writes them
straight into the files of a store (population.sql). Every draw is a hash of the person's number, so that each run makes
the same; of a larger population a smaller one is the beginning.
"""

import argparse
import math
import sys
from array import array
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population import COLUMNS, person_number
from rxvigil.population.durable import write_durably
from rxvigil.population.manifest import Import, SourceFile
from rxvigil.population.store import MANIFEST, Store, encode, part_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ON: Final = date(2026, 3, 1)
"""The day of the screen."""
IN_A_BUCKET: Final = 100_000
RESULTS: Final = 20
"""Of each person."""
MADE_UP: Final = "made up by benchmarks/cohort: nobody in it exists"

_SQL: Final = Path(__file__).with_name("population.sql")
_TYPES: Final = {
    "text": "VARCHAR", "texts": "VARCHAR[]", "number": "DOUBLE", "whole": "BIGINT", "flag": "BOOLEAN", "day": "DATE",
}  # fmt: skip


def make_store(path: Path, people: int, vocabulary: Vocabulary, in_a_bucket: int = IN_A_BUCKET) -> Store:
    """A store of so many made-up people. Raises `UnwritableOutput` where the folder is not empty."""
    import duckdb

    buckets = max(1, math.ceil(people / in_a_bucket))
    empty = Store.create(path, vocabulary, buckets=buckets, kind="records")
    with duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(path / "temporary")}) as con:
        con.register("numbers", _numbered(people))
        con.execute(f"SET VARIABLE today = DATE '{ON}'")
        con.execute(f"SET VARIABLE buckets = {buckets}")
        for bucket in empty.buckets:
            _write_bucket(con, path, bucket)
    sign(empty, people)
    return Store.open(path)


def sign(store: Store, people: int) -> None:
    """Say in a store's manifest how many people it holds, and that they are made up."""
    brought = Import(number=1, files=(SourceFile(MADE_UP, 0, ""),), read=0)
    manifest = msgspec.structs.replace(store.manifest, imports=(brought,), patients=people)
    write_durably(store.path / MANIFEST, encode(manifest))


def copy_rows(con: "duckdb.DuckDBPyConnection", query: str, target: Path) -> None:
    """The rows of a query as a file of a store."""
    target.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def numbers_of(names: Iterator[str], count: int) -> "pa.Array":
    """The numbers by which a store knows these patients."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(array("q", map(person_number, names)))])


def _numbered(people: int) -> "pa.Table":
    """(number, person) of everybody."""
    import pyarrow as pa

    names = (f"made-up-{number}" for number in range(people))
    return pa.table({"number": pa.array(range(people), pa.int64()), "person": numbers_of(names, people)})


def _write_bucket(con: "duckdb.DuckDBPyConnection", path: Path, bucket: int) -> None:
    con.execute(f"SET VARIABLE bucket = {bucket}")
    con.execute(_SQL.read_text(encoding="utf-8"))
    for table, query in _tables():
        copy_rows(con, query, path / part_of(table, bucket))


def _tables() -> Iterator[tuple[str, str]]:
    """Every table of a store with the query that makes it; of what nobody has, an empty one."""
    for table, columns in COLUMNS.items():
        known, source = _KNOWN.get(table, ({}, "somebody WHERE false"))
        chosen = ", ".join(f'({known.get(name, "NULL")})::{_TYPES[shape]} AS "{name}"' for name, shape in columns)
        order = "person, seq" if ("seq", "whole") in columns else "person"
        yield table, f"SELECT {chosen} FROM {source} ORDER BY {order}"


def _day(name: str, day: str) -> dict[str, str]:
    """The columns of a field that is known to the day."""
    precision = f"CASE WHEN {day} IS NOT NULL THEN 'day' END"
    return {f"{name}_first": day, f"{name}_last": day, f"{name}_precision": precision}


def _moment(name: str) -> dict[str, str]:
    """The columns of a field that is known to the minute, in universal time."""
    exact = {f"{name}_precision": "'instant'", f"{name}_instant": "instant", f"{name}_offset": "0"}
    return _day(name, "day") | exact


def _fact(identity: str, seq: str = "0") -> dict[str, str]:
    """Whose fact it is, which of the record, its id and where it stood."""
    return {
        "person": "person", "seq": seq, "id": identity, "origin_source": "'made-up'", "origin_place": identity,
    }  # fmt: skip


_BELOW: Final = 10.0
_LISTED: Final = ("conditions", "immunisations", "prescriptions", "results")
_KNOWN: Final[dict[str, tuple[dict[str, str], str]]] = {
    "patients": (
        {
            "person": "person",
            "patient": "name",
            **_day("born", "DATE '1940-01-01' + (23000 * chance(number, 16))::INTEGER"),
            "sex": "CASE WHEN chance(number, 17) < 0.55 THEN 'female' ELSE 'male' END",
            **{f"{name}_listed": "true" for name in _LISTED},
            "allergies_listed": "chance(number, 18) < 0.97",
            "unread_kinds": "[]",
            "unread_counts": "[]",
            "practice": "'made-up practice ' || (200 * chance(number, 19))::INTEGER",
        },
        "somebody",
    ),
    "results": (
        {
            **_fact("id", "row_number() OVER (PARTITION BY person ORDER BY visit, which) - 1"),
            "analyte": "analyte",
            **_moment("when"),
            "value": f"CASE WHEN below THEN {_BELOW} ELSE drawn END",
            "comparator": "CASE WHEN below THEN '<' ELSE '' END",
            "low": "CASE WHEN below THEN '-inf'::DOUBLE ELSE drawn END",
            "high": f"CASE WHEN below THEN {math.nextafter(_BELOW, 0)!r} ELSE drawn END",
            "reference_low": "least",
            "reference_high": "most",
            "written": f"CASE WHEN below THEN '<{_BELOW:g}' ELSE printf('%g', drawn) END || ' ' || unit",
            "preliminary": "visit = 3 AND chance(number, 30) < 0.01",
            "made_from": "[]",
            "made": "false",
        },
        "samples",
    ),
    "prescriptions": (
        {
            **_fact("'MedicationRequest/' || name || '-' || nth", "nth"),
            "drug": "drug",
            "status": "status",
            **_day("start", "start"),
            **_day("end", "ended"),
            "dose_low": "dose",
            "dose_high": "dose",
            "product": "CASE WHEN drug = 'azathioprine' THEN 'azathioprine 50 MG Oral Tablet' ELSE '' END",
            "written": "coalesce(dose || ' mg once a day', 'as directed')",
            "kind": "'ordered'",
        },
        "prescribed",
    ),
    "conditions": (
        {
            **_fact("'Condition/' || name"),
            "concept": "concept",
            "status": "'active'",
            **_day("onset", "start - 400"),
        },
        "ill",
    ),
    "allergies": (
        {
            **_fact("'AllergyIntolerance/' || name"),
            "concept": "CASE WHEN chance(number, 21) < 0.002 THEN 'azathioprine' ELSE 'none-known' END",
            "status": "'active'",
            "reaction": "''",
        },
        "somebody WHERE chance(number, 18) < 0.8",
    ),
    "immunisations": (
        {
            **_fact("'Immunization/' || name"),
            "vaccine": "'influenza'",
            "status": "'given'",
            **_day("when", f"DATE '{ON}' - (100 + 60 * chance(number, 22))::INTEGER"),
        },
        "somebody WHERE chance(number, 23) < 0.6",
    ),
    "genotypes": (
        {
            **_fact("'Observation/' || name || '-tpmt'"),
            "gene": "'tpmt'",
            **_day("when", "start - 20"),
            "phenotype": "phenotype",
            "diplotypes": "[diplotype]",
            "written": "'TPMT ' || diplotype",
        },
        "genotyped",
    ),
    "not_understood": (
        {
            **_fact("id"),
            "what": "'Platelets'",
            "why": "'it has no unit'",
            "affects": "['platelets']",
            **_day("when", "day"),
        },
        "doubtful",
    ),
    "doubts": (
        {"person": "person", "key": "'platelets'", **_day("when", "day"), "of": "'Observation'"},
        "doubtful",
    ),
}
"""What is filled of a table, column by column, and from which rows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a store."""
    from rxvigil.knowledge import load_rule_book

    parser = argparse.ArgumentParser(prog="python -m benchmarks.cohort.population", description=MADE_UP)
    parser.add_argument("store", type=Path, help="a new folder")
    parser.add_argument("--people", type=int, default=IN_A_BUCKET)
    parser.add_argument("--in-a-bucket", type=int, default=IN_A_BUCKET, help="people in a bucket, about")
    options = parser.parse_args(arguments)
    make_store(options.store, options.people, load_rule_book().vocabulary, options.in_a_bucket)
    return 0


if __name__ == "__main__":
    sys.exit(main())
