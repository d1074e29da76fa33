"""Where a plan runs: DuckDB in this process, a PostgreSQL server, or Apache Spark. Tables in, tables out."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from rxvigil.cohort.facts import TYPES, Facts
from rxvigil.errors import RxvigilError, UnwritableOutput
from rxvigil.population.durable import unwritable
from rxvigil.population.schema import COLUMNS
from rxvigil.screening.columns import Columns, schema_of
from rxvigil.screening.reading import columns_of, is_damage, unreadable

if TYPE_CHECKING:
    import pyarrow as pa

    from rxvigil.cohort.plan import Plan

BackendName = Literal["duckdb", "postgres", "spark"]
Files = Mapping[str, list[Path]]
"""Table of the store -> its Parquet files of the patients who are screened together."""
NEEDED: Final = tuple(Facts.__dataclass_fields__)
"""The tables of a store that plans ask."""

MEMORY: Final = "4GB"
"""That DuckDB may use; what does not fit goes to a folder beside the work."""
_POSTGRES_TYPES: Final = {
    "string": "text", "array<string>": "text[]", "float64": "double precision", "int64": "bigint",
    "boolean": "boolean", "date": "date",
}  # fmt: skip


class NotThere(RxvigilError):
    """A database that was asked for is not installed or does not answer."""

    exit_code = 10


class Database(Protocol):
    """Runs the steps of a plan over the facts of some patients."""

    def run(self, plan: "PlanSql", files: Files) -> "dict[str, pa.Table]":
        """The plan's outputs."""
        ...


@dataclass(frozen=True)
class PlanSql:
    """A plan with its steps written out in one dialect: writing takes longer than running, and is done once."""

    plan: "Plan"
    queries: tuple[tuple[str, str], ...]

    @cached_property
    def given(self) -> "dict[str, pa.Table]":
        """The tables that the plan brings with it."""
        return {one.name: _given(one.columns, one.rows) for one in self.plan.given}

    def schema_of(self, step: str) -> "pa.Schema":
        """The types of a step's columns."""
        found: pa.Schema = self.plan.steps.table(step).schema().to_pyarrow()
        return found

    @cached_property
    def done_with(self) -> "dict[str, tuple[str, ...]]":
        """Step -> the steps that nothing needs any more after it."""
        return self.plan.done_with()


def written_out(plan: "Plan", dialect: str) -> PlanSql:
    """The steps of a plan as SQL."""
    import ibis

    ready_to_write(dialect)
    return PlanSql(plan, tuple((one.name, str(ibis.to_sql(one.relation, dialect=dialect))) for one in plan.steps))


def ready_to_write(dialect: str) -> None:
    """ibis writes for Spark only after its Spark part was loaded, where some of its options are."""
    import ibis

    if dialect == "pyspark":
        try:
            getattr(ibis, dialect)
        except (ImportError, AttributeError):
            raise NotThere("Apache Spark is not installed", "spark", "pip install 'rxvigil[spark]'") from None


@contextmanager
def database(name: BackendName, url: str | None, scratch: Path) -> Iterator[Database]:
    """The database of this name; `scratch` is a folder for what does not fit into memory."""
    opened: dict[BackendName, Callable[[], Any]] = {
        "duckdb": lambda: _duckdb(scratch),
        "postgres": lambda: _postgres(url),
        "spark": _spark,
    }
    with opened[name]() as found:
        yield found


class _DuckDb:
    def __init__(self, con: Any) -> None:
        self._con = con

    def run(self, plan: PlanSql, files: Files) -> "dict[str, pa.Table]":
        import duckdb

        made: list[str] = []
        try:
            for name in NEEDED:
                self._con.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {_parquet(files[name])}')
            for name, given in plan.given.items():
                self._con.register("arriving", given)
                self._con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM arriving')
                self._con.unregister("arriving")
            for name, query in plan.queries:
                self._con.execute(f'CREATE TEMP TABLE "{name}" AS {query}')
                made.append(name)
                for one in plan.done_with[name]:
                    self._con.execute(f'DROP TABLE "{one}"')
            return {name: self._con.sql(f'SELECT * FROM "{name}"').to_arrow_table() for name in plan.plan.outputs}
        except duckdb.Error as problem:
            raise _as_message(problem, files["patients"][0].parents[2]) from None
        finally:
            for name in reversed(made):
                self._con.execute(f'DROP TABLE IF EXISTS "{name}"')


def _as_message(problem: Exception, facts: Path) -> Exception:
    """What a reader can mend is a message. Anything else that DuckDB refuses is a defect of ours and stays as it is."""
    import errno

    import duckdb

    if isinstance(problem, duckdb.OutOfMemoryException):
        do = "end what else needs memory, or screen fewer at once (--at-once); each bucket of the store has to fit"
        return UnwritableOutput("patients who are screened together do not fit into memory", str(facts), do)
    if isinstance(problem, duckdb.IOException) and "no space left" in str(problem).lower():
        return unwritable(OSError(errno.ENOSPC, ""), facts)
    return unreadable(problem, facts) if is_damage(problem) else problem


def _parquet(files: list[Path]) -> str:
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    return f"SELECT * FROM read_parquet([{names}], hive_partitioning = false)"


@contextmanager
def _duckdb(scratch: Path) -> Iterator[Database]:
    import duckdb

    folder = scratch / "duckdb"
    con = duckdb.connect(config={"temp_directory": str(folder), "memory_limit": MEMORY, "threads": _threads()})
    try:
        con.execute("SET preserve_insertion_order = false")
        yield _DuckDb(con)
    finally:
        con.close()


def _threads() -> int:
    import os

    return max(1, min(os.cpu_count() or 1, 16))


def _given(columns: Columns, rows: tuple[tuple[Any, ...], ...]) -> "pa.Table":
    import pyarrow as pa

    schema = schema_of(columns)
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


# ------------------------------------------------------------------------------------------------------- PostgreSQL


class _Postgres:
    """Everything is in temporary tables of one connection, and is gone with it."""

    def __init__(self, con: Any) -> None:
        self._con = con

    def run(self, plan: PlanSql, files: Files) -> "dict[str, pa.Table]":
        made: list[str] = []
        try:
            for name in NEEDED:
                self._put(name, COLUMNS[name], _read(files[name]))
                made.append(name)
            for given in plan.plan.given:
                self._put(given.name, given.columns, plan.given[given.name])
                made.append(given.name)
            for name, query in plan.queries:
                self._execute(f'CREATE TEMPORARY TABLE "{name}" AS {query}')
                self._execute(f'ANALYZE "{name}"')
                made.append(name)
            return {name: self._rows(name, plan.schema_of(name)) for name in plan.plan.outputs}
        finally:
            for name in reversed(made):
                self._execute(f'DROP TABLE IF EXISTS "{name}"')

    def _put(self, name: str, columns: Columns, table: "pa.Table") -> None:
        types = ", ".join(f'"{column}" {_POSTGRES_TYPES[TYPES[shape]]}' for column, shape in columns)
        with self._con.cursor() as cursor:
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" ({types})')
            with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                for batch in table.to_batches(max_chunksize=10_000):
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        copy.write_row(row)
            cursor.execute(f'ANALYZE "{name}"')

    def _execute(self, statement: str) -> None:
        with self._con.cursor() as cursor:
            cursor.execute(statement)

    def _rows(self, name: str, schema: "pa.Schema") -> "pa.Table":
        import pyarrow as pa

        with self._con.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{name}"')
            columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(schema)
        return pa.table([pa.array(one, field.type) for one, field in zip(columns, schema, strict=True)], schema=schema)


def _read(files: list[Path]) -> "pa.Table":
    import pyarrow as pa

    return pa.concat_tables([columns_of(path) for path in files])


@contextmanager
def _postgres(url: str | None) -> Iterator[Database]:
    if url is None:
        do = "add --url postgresql://host/database; temporary tables are made there and nothing else"
        raise NotThere("which PostgreSQL database is meant is not said", "--url", do)
    try:
        import psycopg
    except ImportError:
        do = "pip install 'rxvigil[postgres]'"
        raise NotThere("what speaks with PostgreSQL is not installed", "--backend postgres", do) from None
    try:
        con = psycopg.connect(url, autocommit=True)
    except psycopg.Error:
        raise NotThere("the PostgreSQL server does not answer", "--url", "check address, name and password") from None
    try:
        yield _Postgres(con)
    except psycopg.Error as problem:
        what = f"the PostgreSQL server refused a statement ({type(problem).__name__})"
        do = "the role needs CREATE and TEMPORARY on the database, and the server room; its log says what it refused"
        raise NotThere(what, "--url", do) from None
    finally:
        con.close()


# ------------------------------------------------------------------------------------------------------------ Spark


class _Spark:
    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, plan: PlanSql, files: Files) -> "dict[str, pa.Table]":
        made: list[str] = []
        try:
            for name in NEEDED:
                self._session.read.parquet(*map(_local, files[name])).createOrReplaceTempView(name)
                made.append(name)
            for name, given in plan.given.items():
                self._view(name, self._session.createDataFrame(given))
                made.append(name)
            for name, query in plan.queries:
                self._view(name, self._session.sql(query).localCheckpoint(eager=True))
                made.append(name)
            return {name: self._session.table(name).toArrow() for name in plan.plan.outputs}
        finally:
            for name in reversed(made):
                self._session.catalog.dropTempView(name)

    @staticmethod
    def _view(name: str, rows: Any) -> None:
        """Rows are kept: Spark would work a step out anew for every later one that speaks of it."""
        rows.createOrReplaceTempView(name)


def _local(path: Path) -> str:
    """As Spark is told of a file on this machine, in whose name nothing is a pattern."""
    return "file://" + re.sub(r"([][{}*?,\\])", r"\\\1", str(path.resolve()))


@contextmanager
def _spark() -> Iterator[Database]:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        do = "pip install 'rxvigil[spark]'"
        raise NotThere("Apache Spark is not installed", "--backend spark", do) from None
    ours = SparkSession.getActiveSession() is None
    builder = SparkSession.builder.appName("rxvigil screen").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.sql.execution.arrow.pyspark.enabled", "true")
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError):
        do = "Spark needs Java 17 or newer: install it, or set JAVA_HOME"
        raise NotThere("Apache Spark does not start", "--backend spark", do) from None
    try:
        session.sparkContext.setLogLevel("OFF")
        if ours and str(session.sparkContext.master).startswith("local"):
            session.conf.set("spark.sql.shuffle.partitions", str(_threads()))  # 200 are meant for a cluster
        yield _Spark(session)
    finally:
        if ours:
            session.stop()
