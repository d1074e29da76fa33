"""The plan written out for a warehouse: tables of facts to fill, and one statement for each step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rxvigil.cohort.facts import TYPES
from rxvigil.engine import Wanted
from rxvigil.knowledge.book import RuleBook
from rxvigil.population.schema import COLUMNS
from rxvigil.screening.columns import Columns
from rxvigil.screening.databases import NEEDED, ready_to_write
from rxvigil.screening.places import jurisdiction_of

if TYPE_CHECKING:
    from rxvigil.cohort.plan import Plan

DIALECTS: Final = ("duckdb", "postgres", "spark", "databricks", "trino")
"""Not BigQuery: it compares no arrays, by which steps are joined, and stores a missing array as an empty one, which
means something else (its documentation, "Data types")."""
RUN_HERE: Final = ("duckdb", "postgres", "spark")
"""Dialects on whose engines the same plan is compared with the evaluator of one patient."""
_IBIS: Final = {"spark": "pyspark", "databricks": "databricks"}
_TYPES: Final = {
    "string": "TEXT", "array<string>": "TEXT[]", "float64": "DOUBLE", "int64": "BIGINT", "boolean": "BOOLEAN",
    "date": "DATE",
}  # fmt: skip
_ROWS_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Script:
    """A file of the export."""

    name: str
    text: str


def scripts(book: RuleBook, wanted: Wanted, on: date, dialect: str, about: frozenset[str] | None) -> Iterator[Script]:
    """The files: facts to fill, what the rule book says, the steps, and how to use them."""
    from rxvigil.cohort.plan import make_plan

    plan = make_plan(book, wanted, on, fast=False, about=about)
    yield Script("1-facts.sql", _joined(_table(name, COLUMNS[name], dialect) for name in NEEDED))
    yield Script("2-sayings.sql", _joined(_given(plan, dialect)))
    yield Script("3-steps.sql", _joined(_steps(plan, dialect)))
    yield Script("README.md", _readme(plan, book, wanted, on, dialect))


def _joined(statements: Iterator[str]) -> str:
    return "".join(f"{one};\n\n" for one in statements)


def _table(name: str, columns: Columns, dialect: str) -> str:
    typed = ", ".join(f'"{column}" {_TYPES[TYPES[shape]]}' for column, shape in columns)
    return _said_in(f'CREATE TABLE "{name}" ({typed})', dialect)


def _said_in(statement: str, dialect: str) -> str:
    """A statement of DuckDB in another dialect."""
    import sqlglot

    return str(sqlglot.transpile(statement, read="duckdb", write=dialect, pretty=True)[0])


def _given(plan: "Plan", dialect: str) -> Iterator[str]:
    """The small tables that the plan brings with it, with their rows."""
    for given in plan.given:
        yield _table(given.name, given.columns, dialect)
        names = ", ".join(f'"{column}"' for column, _ in given.columns)
        for at in range(0, len(given.rows), _ROWS_AT_ONCE):
            rows = ", ".join(f"({', '.join(map(_literal, row))})" for row in given.rows[at : at + _ROWS_AT_ONCE])
            yield _said_in(f'INSERT INTO "{given.name}" ({names}) VALUES {rows}', dialect)


def _literal(value: Any) -> str:
    from sqlglot import exp

    return str(exp.convert(value).sql(dialect="duckdb"))


def _steps(plan: "Plan", dialect: str) -> Iterator[str]:
    import ibis

    spoken = _IBIS.get(dialect, dialect)
    ready_to_write(spoken)
    for step in plan.steps:
        query = str(ibis.to_sql(step.relation, dialect=spoken, pretty=True))
        yield f"CREATE TABLE {_quoted(step.name, dialect)} AS\n{query}"


def _quoted(name: str, dialect: str) -> str:
    from sqlglot import exp

    return str(exp.to_identifier(name, quoted=True).sql(dialect=dialect))


def _readme(plan: "Plan", book: RuleBook, wanted: Wanted, on: date, dialect: str) -> str:
    run = (
        "The same steps are run on this kind of database in rxvigil's own tests and compared with the evaluator of one "
        "patient, finding by finding."
        if dialect in RUN_HERE
        else f"**Nobody has run these statements on {dialect} for rxvigil.** They are translated and parse; compare "
        "the findings of a sample of patients with `rxvigil assess` before you rely on them."
    )
    overlay = f", overlay {book.overlay.site}" if book.overlay else ""
    outputs = "\n".join(f"- `{name}`" for name in plan.outputs)
    return f"""# The rule book as SQL for {dialect}

Written by rxvigil {version("rxvigil")} from rule book {book.digest}{overlay}, jurisdiction {jurisdiction_of(wanted)},
as of {on.isoformat()}. The date stands in the statements: write them anew for another day.

{run}

1. `1-facts.sql` makes the tables of facts. Fill them with the columns of a store (`rxvigil import`), whose Parquet
   files hold these very columns, or from your own data by the same meanings.
2. `2-sayings.sql` makes and fills `sayings`: what each rule says, its action and its source; and small tables by which
   the steps speak of rules and tests by number.
3. `3-steps.sql` makes one table for each step, in order. They may be temporary. Drop those of the last run first.

What answers:

{outputs}

`findings` has one row for each patient and cause, in the columns that `rxvigil screen` keeps. A patient's own values
stand as `…` in its sentences.

**Patients in `singly` are in no other output.** Their records have something that columns do not hold faithfully (the
reason stands beside). They must be assessed one by one, by `rxvigil assess` or `rxvigil screen`: leaving them out is
not the same as finding nothing.
"""


def write_scripts(found: Iterator[Script], folder: Path) -> list[Path]:
    """Write the files into a folder that is new or empty. Raises `UnwritableOutput`."""
    from rxvigil.errors import UnwritableOutput
    from rxvigil.population.durable import unwritable, write_durably

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UnwritableOutput("the folder is not empty", str(folder), "name a new folder")
    except OSError as problem:
        raise unwritable(problem, folder) from None
    paths = []
    for script in found:
        write_durably(folder / script.name, script.text.encode())
        paths.append(folder / script.name)
    return paths
