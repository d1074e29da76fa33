"""The databases that the plan of a population runs on: DuckDB, PostgreSQL, Apache Spark; each a connection of ibis.

PostgreSQL is a server of our own in a folder of its own, for the length of the tests; Spark runs in this process tree.
Both are found on this machine or their tests are skipped, and where nothing may be skipped that fails.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rxvigil.cohort.facts import TYPES
from rxvigil.population import COLUMNS

Rows = dict[str, list[dict[str, Any]]]
"""Step of a plan -> its rows."""


@pytest.fixture(scope="session")
def duckdb() -> Any:
    """DuckDB in memory."""
    import ibis

    return ibis.duckdb.connect()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server of our own, stopped at the end."""
    yield from _or_skipped(postgres_server())


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Spark in local mode with two threads: 16 to 30 seconds to begin, so its tests share one worker."""
    yield from _or_skipped(spark_session())


class Unavailable(Exception):
    """The database is not on this machine; the message says what to do."""


def _or_skipped(server: AbstractContextManager[Any]) -> Iterator[Any]:
    with ExitStack() as stack:
        try:
            con = stack.enter_context(server)
        except Unavailable as problem:
            pytest.skip(str(problem))
        yield con


def load(con: Any, tables: dict[str, Any]) -> None:
    """Put the Arrow tables of a population where the plan looks for them, instead of those of before."""
    for name, table in tables.items():
        _put(con, name, COLUMNS[name], table)


def run(con: Any, plan: Any, only: frozenset[str] | None = None) -> Rows:
    """Run the steps of a plan in order; the answer is the rows of its steps (of those named in `only`)."""
    make: Callable[[Any, str, str], None] = _view_of_rows if con.name == "pyspark" else _temporary_table
    for given in plan.given:
        _put(con, given.name, given.columns, _arrow(given.columns, given.rows))
    made: list[str] = []
    try:
        for name, query in queries(plan, con.name):
            make(con, name, query)
            made.append(name)
        return {name: _rows(con, name) for name in made if only is None or name in only}
    finally:
        for name in reversed(made):
            _drop(con, name)


def queries(plan: Any, dialect: str) -> tuple[tuple[str, str], ...]:
    """Every step of a plan as SQL. Writing it takes longer than running it on a few patients, so it is done once."""
    import ibis

    kept = _QUERIES.setdefault(id(plan), (plan, {}))[1]
    if dialect not in kept:
        kept[dialect] = tuple((step.name, str(ibis.to_sql(step.relation, dialect=dialect))) for step in plan.steps)
        while len(_QUERIES) > 64:
            del _QUERIES[next(iter(_QUERIES))]
    return kept[dialect]


_QUERIES: dict[int, tuple[Any, dict[str, tuple[tuple[str, str], ...]]]] = {}


# ------------------------------------------------------------------------------------------------------------ tables


Columns = tuple[tuple[str, str], ...]
"""Name and shape of each column (`population.schema`)."""


def _arrow(columns: Columns, rows: Iterable[tuple[Any, ...]]) -> Any:
    """Rows as an Arrow table."""
    import pyarrow as pa

    types = {
        "text": pa.string(), "texts": pa.list_(pa.string()), "number": pa.float64(), "whole": pa.int64(),
        "flag": pa.bool_(), "day": pa.date32(),
    }  # fmt: skip
    schema = pa.schema([(name, types[shape]) for name, shape in columns])
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def _put(con: Any, name: str, columns: Columns, table: Any) -> None:
    if con.name == "duckdb":
        con.con.register("arriving", table)
        con.con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM arriving')
        con.con.unregister("arriving")
    elif con.name == "postgres":
        _put_postgres(con, name, columns, table)
    else:
        with _sockets_left_open():
            con._session.createDataFrame(table).createOrReplaceTempView(name)


def _put_postgres(con: Any, name: str, columns: Columns, table: Any) -> None:
    types = ", ".join(f'"{column}" {_POSTGRES[TYPES[shape]]}' for column, shape in columns)
    with con.con.cursor() as cursor:
        cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
        cursor.execute(f'CREATE TABLE "{name}" ({types})')
        with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
            for row in table.to_pylist():
                copy.write_row(list(row.values()))
        cursor.execute(f'ANALYZE "{name}"')
    con.con.commit()


_POSTGRES = {
    "string": "text", "array<string>": "text[]", "float64": "double precision", "int64": "bigint",
    "boolean": "boolean", "date": "date",
}  # fmt: skip


def _temporary_table(con: Any, name: str, query: str) -> None:
    _execute(con, f'CREATE TEMPORARY TABLE "{name}" AS {query}')


def _view_of_rows(con: Any, name: str, query: str) -> None:
    """Spark would work a step out anew for every later one that speaks of it: its rows are kept instead."""
    con._session.sql(query).localCheckpoint(eager=True).createOrReplaceTempView(name)


def _rows(con: Any, name: str) -> list[dict[str, Any]]:
    if con.name == "duckdb":
        found: list[dict[str, Any]] = con.con.sql(f'SELECT * FROM "{name}"').to_arrow_table().to_pylist()
        return found
    if con.name == "pyspark":
        with _sockets_left_open():
            return [row.asDict() for row in con._session.table(name).collect()]
    with con.con.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{name}"')
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _drop(con: Any, name: str) -> None:
    if con.name == "pyspark":
        con._session.catalog.dropTempView(name)
    else:
        _execute(con, f'DROP TABLE "{name}"')


def _execute(con: Any, statement: str) -> None:
    if con.name == "duckdb":
        con.con.execute(statement)
        return
    try:
        with con.con.cursor() as cursor:
            cursor.execute(statement)
        con.con.commit()
    except Exception:
        con.con.rollback()
        raise


# -------------------------------------------------------------------------------------------------------- PostgreSQL


@cache
def postgres_binaries() -> Path | None:
    """The folder with initdb and postgres; none where PostgreSQL is not installed."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    found = [*([Path(on_path).resolve().parent] if on_path else []), *packaged]
    return next((path for path in found if (path / "initdb").exists() and (path / "postgres").exists()), None)


@contextmanager
def postgres_server() -> Iterator[Any]:
    """A server in a folder of its own, reached through a socket there; nothing of it is left."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip(
            "no PostgreSQL server (initdb, postgres) on this machine: apt-get install postgresql, or make postgres"
        )
    with tempfile.TemporaryDirectory(prefix="rxvigil-postgres-", ignore_cleanup_errors=True) as folder:
        server = _start_postgres(binaries, Path(folder))
        try:
            con = _when_ready(server, folder)
            yield con
            con.disconnect()
        finally:
            server.terminate()
            server.wait(timeout=60)


def _start_postgres(binaries: Path, folder: Path) -> "subprocess.Popen[bytes]":
    who = _somebody_unprivileged(folder)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **who}
    data = folder / "data"
    initialise = [binaries / "initdb", "-D", data, "-U", "rxvigil", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    subprocess.run([*map(str, initialise), "--locale=C"], check=True, **quiet)
    settings = {
        "listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off", "full_page_writes": "off",
        "synchronous_commit": "off", "max_locks_per_transaction": "1024", "jit": "off", "shared_buffers": "256MB",
        "max_wal_size": "4GB",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen([str(binaries / "postgres"), "-D", str(data), *options], **quiet)


def _somebody_unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then the folder and the processes are another user's."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _when_ready(server: "subprocess.Popen[bytes]", folder: str) -> Any:
    import ibis
    import psycopg

    for _ in range(300):
        try:
            return ibis.postgres.connect(host=folder, user="rxvigil", database="postgres")
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise Unavailable("the PostgreSQL server of the tests did not start")


# ------------------------------------------------------------------------------------------------------------- Spark

_SPARK = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "2g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.cleaner.referenceTracking.cleanCheckpoints": "true",
}
"""For many small queries: no Java is compiled for each, nothing is spread over more than one partition."""


@contextmanager
def _sockets_left_open() -> Iterator[None]:
    """PySpark leaves the sockets by which rows travel to the garbage collector, which warns of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield


@contextmanager
def spark_session() -> Iterator[Any]:
    """Spark with two threads in a Java process of its own, stopped at the end."""
    if shutil.which("java") is None:
        raise Unavailable("there is no Java for Apache Spark on this machine; `make java` installs it")
    import ibis
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory(prefix="rxvigil-spark-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "log4j2.properties").write_text("rootLogger.level = off\n", encoding="utf-8")
        os.environ |= {"SPARK_CONF_DIR": folder, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": folder}
        builder = SparkSession.builder.master("local[2]").appName("rxvigil tests")
        for name, value in (*_SPARK.items(), ("spark.sql.warehouse.dir", f"{folder}/tables")):
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        try:
            yield ibis.pyspark.connect(session)
        finally:
            session.stop()
