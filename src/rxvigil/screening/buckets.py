"""The answers for the patients of one bucket: who answers, and how they are kept until the screen is whole."""

import os
import shutil
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rxvigil.population.durable import settle
from rxvigil.population.store import Store
from rxvigil.screening.account import Opened
from rxvigil.screening.columns import FILES, table_of
from rxvigil.screening.databases import no_facts
from rxvigil.screening.one_by_one import Answers
from rxvigil.screening.reading import SCREEN_AGAIN, columns_of, reading

if TYPE_CHECKING:
    import pyarrow as pa

    from rxvigil.screening.databases import Database, PlanSql

ASKED_FOR: Final = "asked for: everybody one by one"
PARTS: Final = "parts"
OPENED: Final = "opened"
"""Folders of what is answered, and of what was opened besides."""
_COUNTS: Final = "counts.json"
_SELECT: Final = {
    "findings": (
        "SELECT f.*, p.practice, 'plan' AS \"by\", CASE WHEN f.late_days > 0 THEN f.overdue_after END AS since "
        "FROM findings f JOIN patients p USING (person)"
    ),
    "clocks": "SELECT c.*, p.patient FROM clocks c JOIN patients p USING (person)",
    "courses": "SELECT c.*, p.patient, p.practice FROM courses c JOIN patients p USING (person)",
    "singly": (
        "SELECT s.person, p.patient, min(s.reason) AS reason FROM singly s JOIN patients p USING (person) GROUP BY ALL"
    ),
}
_FIRST: Final = {
    "findings": ("patient", "severity", "late_days DESC", "firmness", "rule", "drug"),
    "clocks": ("patient", "drug", "rule", "protocol", "test"),
    "courses": ("patient", "drug"),
    "singly": ("patient", "reason"),
}
"""Rows are written in an order that no database decides: the same answers make the same bytes."""


@dataclass(frozen=True)
class Part:
    """The answers for one bucket, as tables with the columns of a screen."""

    tables: "dict[str, pa.Table]"
    patients: int
    opened: Opened = field(default_factory=Opened)

    def with_answers(self, answers: Answers, practices: dict[str, str]) -> "Part":
        """With the answers of the evaluator of one patient beside the plan's; a record does not name the practice."""
        import pyarrow as pa

        for row in (*answers.findings, *answers.courses):
            row["practice"] = practices.get(row["patient"])
        made = {"findings": answers.findings, "clocks": answers.clocks, "courses": answers.courses}
        joined = {
            name: pa.concat_tables([self.tables[name], table_of(rows, FILES[name])]) for name, rows in made.items()
        }
        return replace(self, tables=self.tables | joined)


def by_plan(database: "Database", plan: "PlanSql", monitored: frozenset[str], store: Store, bucket: int) -> Part:
    """The plan's answers for a bucket, with those it leaves to the evaluator of one patient."""
    files = store.tables(bucket)
    if no_facts(files, store.path):
        return _nobody()
    patients = _patients(files["patients"])
    outputs = _without_singly(database.run(plan, files))
    outputs["courses"] = _only(outputs["courses"], monitored)
    return Part({name: _shaped(name, outputs, patients) for name in FILES}, len(patients))


def _without_singly(outputs: "dict[str, pa.Table]") -> "dict[str, pa.Table]":
    """What the plan worked out on the way (courses, clocks) names some of those whom it then leaves to the evaluator of
    one patient; their courses and clocks come from there."""
    from pyarrow import compute as pc

    left = outputs["singly"]["person"].combine_chunks()
    kept = {
        name: rows.filter(pc.invert(pc.is_in(rows["person"], value_set=left)))
        for name, rows in outputs.items()
        if name != "singly"
    }
    return {**kept, "singly": outputs["singly"]}


def _only(courses: "pa.Table", drugs: frozenset[str]) -> "pa.Table":
    """The plan lays out the courses of every drug that rules ask about; a screen keeps the monitored ones."""
    import pyarrow as pa
    from pyarrow import compute as pc

    return courses.filter(pc.is_in(courses["drug"], value_set=pa.array(sorted(drugs), pa.string())))


def everybody_of(store: Store, bucket: int) -> Part:
    """A bucket of which everybody is left to the evaluator of one patient."""
    files = store.tables(bucket)
    if no_facts(files, store.path):
        return _nobody()
    rows = _patients(files["patients"]).select(["person", "patient"]).to_pylist()
    singly = [row | {"reason": ASKED_FOR} for row in sorted(rows, key=lambda row: str(row["patient"]))]
    return Part({**_nobody().tables, "singly": table_of(singly, FILES["singly"])}, len(rows))


def practices_of(store: Store, bucket: int) -> dict[str, str]:
    """Patient -> practice, of those in a bucket of whom it is known."""
    files = store.tables(bucket)["patients"]
    rows = _patients(files).to_pylist() if files else []
    return {row["patient"]: row["practice"] for row in rows if row["practice"]}


def drugs_on_file(store: Store) -> frozenset[str]:
    """Every drug that anybody's record mentions, or may: rules about any other need not be asked."""
    found: set[str] = set()
    for bucket in store.buckets:
        files = store.tables(bucket)
        for table, column in (("prescriptions", "drug"), ("doubts", "key")):
            for path in files[table]:
                found.update(columns_of(path, [column])[column].unique().to_pylist())
    return frozenset(found)


def _nobody() -> Part:
    return Part({name: table_of([], columns) for name, columns in FILES.items()}, 0)


def _patients(files: list[Path]) -> "pa.Table":
    import pyarrow as pa

    return pa.concat_tables([columns_of(path, ["person", "patient", "practice"]) for path in files])


def _shaped(name: str, outputs: "dict[str, pa.Table]", patients: "pa.Table") -> "pa.Table":
    """An output of the plan in the columns of the screen's file."""
    return in_columns(name, _queried(_SELECT[name], **{name: outputs[name], "patients": patients}))


def _queried(query: str, **tables: "pa.Table") -> "pa.Table":
    """The answer to a query over these tables."""
    con = _workbench()
    for name, table in tables.items():
        con.register(name, table)
    try:
        return con.sql(query).to_arrow_table()
    finally:
        for name in tables:
            con.unregister(name)


@cache
def _workbench() -> Any:
    """A database in memory. To open one takes longer than what is done in it."""
    import duckdb

    return duckdb.connect()


def in_columns(name: str, found: "pa.Table") -> "pa.Table":
    """A table in the columns of this file; what it does not have is null."""
    import pyarrow as pa

    from rxvigil.screening.columns import schema_of

    schema = schema_of(FILES[name])
    own = set(found.column_names)
    arrays: list[Any] = [
        found[field.name].cast(field.type) if field.name in own else pa.nulls(len(found), field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def ordered(name: str, table: "pa.Table") -> "pa.Table":
    """The rows in their fixed order."""
    return in_columns(name, _queried(f"SELECT * FROM rows ORDER BY {_order(name)}", rows=table))


def _order(name: str) -> str:
    """First what a reader looks for, then every other column, so that no two different rows are equal in it."""
    named = {one.split()[0] for one in _FIRST[name]}
    return ", ".join((*_FIRST[name], *(f'"{column}"' for column, _ in FILES[name] if column not in named)))


def part_names(working: Path, bucket: int) -> Path:
    """The folder of a bucket's answers."""
    return working / PARTS / f"bucket={bucket:03d}"


def opened_names(working: Path, bucket: int) -> Path:
    """The folder of a bucket's answers after its rows were opened."""
    return working / OPENED / f"bucket={bucket:03d}"


def keep_part(part: Part, folder: Path) -> None:
    """Keep it, whole or not at all."""
    from pyarrow import parquet

    temporary = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, table in part.tables.items():
        parquet.write_table(ordered(name, table), temporary / f"{name}.parquet", compression="zstd")
    (temporary / _COUNTS).write_bytes(msgspec.json.encode((part.patients, part.opened), order="deterministic"))
    for path in (*temporary.iterdir(), temporary):
        settle(path)
    os.replace(temporary, folder)
    settle(folder.parent)


def read_part(folder: Path) -> Part:
    """What was kept. Raises `UnreadableInput`."""
    patients, opened = _counts_in(folder)
    tables = {name: columns_of(folder / f"{name}.parquet", do=SCREEN_AGAIN) for name in FILES}
    return Part(tables, patients, opened)


def _counts_in(folder: Path) -> tuple[int, Opened]:
    with reading(folder, SCREEN_AGAIN):
        return msgspec.json.decode((folder / _COUNTS).read_bytes(), type=tuple[int, Opened])
