"""An OMOP database behind an address: its tables are copied into Parquet files, in order, and then read as those are.

A copy has one order and one moment, can be hashed, and needs nothing of the database but `SELECT`.
"""

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode

from rxvigil.errors import RxvigilError, UnreadableInput, UnsupportedInput
from rxvigil.intake.omop.layout import BESIDE, COUNTED, NAMES, READ
from rxvigil.intake.omop.opening import Files, no_room
from rxvigil.intake.reading import clean

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE: Final = 50_000
_WANTED: Final[dict[str, tuple[str, ...]]] = {
    **{table.name: ("person_id", *table.columns) for table in READ},
    **dict.fromkeys(COUNTED, ("person_id",)),
    **BESIDE,
}
"""Table -> the columns that are copied."""
_KEYS: Final = {table.name: table.key for table in READ if table.key} | {name: f"{name}_id" for name in COUNTED}
"""Table -> its key, by which the copy is ordered; others are ordered by all columns."""


def copied(address: str, room: Path) -> Files:
    """The tables of the database as files in the folder `room`. Raises `UnreadableInput`, `UnsupportedInput`."""
    plain, schema = _parts(address)
    with closing(_source(plain, schema)) as source:
        try:
            there = source.tables()
            if "person" not in there:
                do = "name the schema of the CDM: postgres://user@host/database?schema=cdm"
                raise UnreadableInput("the database has no PERSON table", shown(address), do)
            found = [name for name in NAMES if name in there]
            tables: dict[str, tuple[Path, ...]] = {name: (_copy(source, there[name], name, room),) for name in found}
        except RxvigilError:
            raise
        except OSError as problem:
            raise no_room(problem) from None
        except Exception as problem:  # every driver has errors of its own; their words may quote the data
            what = f"the database ended the reading ({type(problem).__name__})"
            raise UnreadableInput(what, shown(address), "check the connection and the right to read") from None
    return Files(tables, tuple(file for _, files in sorted(tables.items()) for file in files), room, shown(address))


def shown(address: str) -> str:
    """The address without user and password, for messages and the manifest."""
    kind, _, rest = address.partition("://")
    host, slash, more = rest.partition("/")
    return f"{kind}://{host.rpartition('@')[2]}{slash}{more.partition('?')[0]}"


class _Source(ABC):
    """A database that tables are read from, in order."""

    @abstractmethod
    def tables(self) -> dict[str, str]:
        """Table in lower case -> its name in the database."""

    @abstractmethod
    def columns(self, table: str) -> dict[str, str]:
        """Column in lower case -> its name in the database."""

    @abstractmethod
    def batches(self, table: str, columns: Sequence[str], order: Sequence[str]) -> Iterator[list[list[str | None]]]:
        """The texts of columns, column by column, some thousand rows at a time."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""


class _Embedded(_Source):
    """A database in a file, read through its own driver."""

    def __init__(self, connection: Any) -> None:
        self._con = connection

    @abstractmethod
    def named(self, table: str) -> str:
        """SQL for a table."""

    def columns(self, table: str) -> dict[str, str]:
        cursor = self._con.execute(f"select * from {self.named(table)} limit 0")
        return {row[0].lower(): row[0] for row in cursor.description}

    def batches(self, table: str, columns: Sequence[str], order: Sequence[str]) -> Iterator[list[list[str | None]]]:
        texts = ", ".join(f"cast({_quoted(one)} as text)" for one in columns)
        query = f"select {texts} from {self.named(table)} order by {', '.join(map(_quoted, order))}"
        cursor = self._con.cursor()
        found = cursor.execute(query)
        while rows := found.fetchmany(_AT_ONCE):
            yield [list(column) for column in zip(*rows, strict=True)]
        cursor.close()

    def close(self) -> None:
        self._con.close()


class _Sqlite(_Embedded):
    def tables(self) -> dict[str, str]:
        rows = self._con.execute("select name from sqlite_master where type in ('table', 'view')")
        return {name.lower(): name for (name,) in rows}

    def named(self, table: str) -> str:
        return _quoted(table)


class _Duckdb(_Embedded):
    def __init__(self, connection: Any, schema: str | None) -> None:
        super().__init__(connection)
        self._schema = schema or "main"
        self._catalog = str(connection.execute("select current_database()").fetchall()[0][0])

    def tables(self) -> dict[str, str]:
        query = "select table_name from information_schema.tables where table_schema = ?"
        return {name.lower(): name for (name,) in self._con.execute(query, [self._schema]).fetchall()}

    def named(self, table: str) -> str:
        return ".".join(map(_quoted, (self._catalog, self._schema, table)))


class _Ibis(_Source):
    def __init__(self, connection: Any, schema: str | None) -> None:
        self._con = connection
        self._schema = schema

    def tables(self) -> dict[str, str]:
        return {name.lower(): name for name in self._con.list_tables(database=self._schema)}

    def columns(self, table: str) -> dict[str, str]:
        return {name.lower(): name for name in self._con.table(table, database=self._schema).columns}

    def batches(self, table: str, columns: Sequence[str], order: Sequence[str]) -> Iterator[list[list[str | None]]]:
        rows = self._con.table(table, database=self._schema).order_by(list(order))
        texts = rows.select(**{f"c{number}": rows[one].cast("string") for number, one in enumerate(columns)})
        for batch in texts.to_pyarrow_batches(chunk_size=_AT_ONCE):
            yield [column.to_pylist() for column in batch.columns]

    def close(self) -> None:
        self._con.disconnect()


def _parts(address: str) -> tuple[str, str | None]:
    """The address without our own part of it, and the schema."""
    place, _, query = address.partition("?")
    asked = parse_qs(query)
    schema = asked.pop("schema", [None])[0]
    return f"{place}?{urlencode(asked, doseq=True)}" if asked else place, schema


def _source(address: str, schema: str | None) -> _Source:
    """Raises `UnreadableInput` where it cannot be reached, `UnsupportedInput` for one that we have no driver for."""
    kind, _, rest = address.partition("://")
    path = Path(re.sub(r"^/+", "/", rest.partition("?")[0]))
    if kind in ("sqlite", "duckdb") and not path.is_file():
        do = f"write {kind}://folder/file for a path from here, {kind}:///folder/file for one from the root"
        raise UnreadableInput("there is no such file", shown(address), do)
    try:
        if kind == "sqlite":
            return _Sqlite(sqlite3.connect(f"file:{path.absolute().as_posix()}?mode=ro", uri=True))
        if kind == "duckdb":
            import duckdb

            return _Duckdb(duckdb.connect(str(path), read_only=True), schema)
        import ibis

        return _Ibis(ibis.connect(address), schema)
    except (ImportError, ValueError):
        do = "install what reads it (pip install 'rxvigil[postgres]'), or export the tables as Parquet"
        raise UnsupportedInput(f"there is no way to read '{kind}' databases here", shown(address), do) from None
    except Exception as problem:  # every driver has errors of its own
        why = clean(str(problem).strip().partition("\n")[0], 200)
        do = "check the address: postgres://user:password@host:5432/database"
        raise UnreadableInput(f"the database cannot be reached: {why}", shown(address), do) from None


def _copy(source: _Source, actual: str, table: str, room: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    there = source.columns(actual)
    columns = [name for name in _WANTED[table] if name in there]
    key = there.get(_KEYS.get(table, ""))
    order = [key] if key else [there[name] for name in columns]
    schema = pa.schema([(name, pa.string()) for name in columns])
    target = room / f"{table}.parquet"
    with pq.ParquetWriter(target, schema) as file:
        for texts in source.batches(actual, [there[name] for name in columns], order) if columns else ():
            file.write_table(_as_table(texts, schema))
    return target


def _as_table(texts: list[list[str | None]], schema: "pa.Schema") -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_arrays([pa.array(column, pa.string()) for column in texts], schema=schema)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
