"""The rows of the tables by person, as a stream: DuckDB sorts them, and keeps what is sorted on disk."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rxvigil.errors import RxvigilError, UnreadableInput
from rxvigil.intake.omop.layout import BESIDE, CdmTable
from rxvigil.intake.omop.opening import Files, no_room

if TYPE_CHECKING:
    import duckdb

Cells = tuple[str, ...]
"""The texts of one row, in the order of `CdmTable.columns`; '' for none."""

LONGEST_LINE: Final = 1_000_000
"""Bytes. No row of a clinical table is that long: it is damaged."""
_LONGEST_CELL: Final = 1000
"""Characters of a cell that are read."""
_MOST_REJECTED: Final = 10_000
"""Unreadable rows after which a file is not what it claims to be."""
_AT_ONCE: Final = 5000
_MEMORY: Final = "2GB"
"""For sorting; what is more goes to disk."""
_DELIMITERS: Final = (",", "\t", ";", "|")
_WHY: Final = {
    "MISSING COLUMNS": "the row has too few cells: columns may be shifted",
    "TOO MANY COLUMNS": "the row has too many cells: columns may be shifted",
    "INVALID ENCODING": "the row is not UTF-8",
    "LINE SIZE OVER MAXIMUM": f"the row is longer than {LONGEST_LINE:,} bytes",
}
_UNCLOSED: Final = "UNQUOTED VALUE"


class Rejected(NamedTuple):
    """A row that cannot be taken apart; whose it is nobody knows."""

    source: str
    line: int
    why: str


class Database:
    """The tables of the source, ready to be asked. One at a time reads from a cursor of its own."""

    def __init__(self, files: Files) -> None:
        import duckdb

        self._files = files
        self._problems: tuple[type[Exception], ...] = (duckdb.Error,)
        self._room = files.room
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": str(files.room),
            "threads": 2,
        }
        self._base = duckdb.connect(config=settings)
        self._headers = {name: self._header(name) for name in files.tables}

    def close(self) -> None:
        """Let go of files and memory."""
        self._base.close()

    def __contains__(self, table: str) -> bool:
        return table in self._files.tables

    def source(self, table: str) -> str:
        """Name of the file, for messages."""
        return self._files.tables[table][0].name

    def prepare(self, table: CdmTable) -> list[Rejected]:
        """Sort the rows of a table by person, those of nobody first; the answer is what could not be taken apart.
        Raises `UnreadableInput`, `UnwritableOutput`."""
        self._check(table)
        columns = ", ".join(f"{self._text(table.name, name)} as {name}" for name in table.columns)
        return self._sort(
            table.name, f"select {self._who(table.name)} as who, {columns} from {{}} order by who nulls first"
        )

    def prepare_counts(self, table: str) -> list[Rejected]:
        """Count the rows that each person has in a table, nobody first. Raises as `prepare`."""
        if "person_id" not in self._headers[table]:
            raise _no_column("person_id", self.source(table))
        return self._sort(
            table, f"select {self._who(table)} as who, count(*) from {{}} group by who order by who nulls first"
        )

    def sorted(self, table: str) -> Iterator[Any]:
        """The rows of a table that was prepared: the person (none: no whole number) and then the rest."""
        return self._asked(f"select * from read_parquet({self._sorted(table)})", table)

    def distinct(self, table: str, columns: tuple[str, ...]) -> set[str]:
        """Every text that stands in any of these columns of a table that was prepared."""
        found: set[str] = set()
        for name in columns:
            query = f"select distinct {name} from read_parquet({self._sorted(table)})"
            found.update(row[0] for row in self._asked(query, table))
        return found

    def beside(self, table: str, key: str = "", among: set[str] | None = None) -> Iterator[Cells]:
        """The rows of a table that is about nobody; only those whose `key` is among these."""
        if table not in self:
            return iter(())
        columns = ", ".join(self._text(table, name) for name in BESIDE[table])
        query = f"select {columns} from {self._scan(table)}"
        if among is not None:
            query += f" where {self._text(table, key)} in (select unnest(?))"
        return self._asked(query, table, None if among is None else [sorted(among)])

    # --- how it is asked

    def _asked(self, query: str, table: str, given: list[Any] | None = None) -> Iterator[Any]:
        cursor = self._base.cursor()
        try:
            cursor.execute(query, given)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows
        except self._problems as problem:
            raise self._message(problem, table) from None
        finally:
            cursor.close()

    def _sort(self, table: str, query: str) -> list[Rejected]:
        cursor = self._base.cursor()
        try:
            scan = self._scan(table, rejects=True)
            cursor.execute(f"copy ({query.format(scan)}) to {self._sorted(table)} (format parquet)")
            return [] if self._is_parquet(table) else self._rejected(cursor, table)
        except self._problems as problem:
            raise self._message(problem, table) from None
        finally:
            cursor.close()

    def _sorted(self, table: str) -> str:
        return _literal(str(self._room / f"sorted-{table}.parquet"))

    def _rejected(self, cursor: "duckdb.DuckDBPyConnection", table: str) -> list[Rejected]:
        """The lines that were left out, once each. Where a quotation mark is not closed, further lines may have been
        swallowed by it: the file is refused."""
        query = f"select line, min(error_type::text) from rejects_of_{table} group by line order by line"
        found = cursor.execute(query).fetchall()
        name = self.source(table)
        for line, kind in found:
            if kind == _UNCLOSED:
                do = "look for a quotation mark that is not closed, or not doubled inside a quoted cell"
                raise UnreadableInput("not a readable row", f"{name}:{line}", do)
        if len(found) > _MOST_REJECTED:
            do = "check that it is the table that its name says, and how it was exported"
            raise UnreadableInput(f"more than {_MOST_REJECTED:,} of its rows cannot be taken apart", name, do)
        return [Rejected(name, line, _WHY.get(kind, "the row cannot be taken apart")) for line, kind in found]

    def _message(self, problem: Exception, table: str) -> RxvigilError:
        """Without the words of the database, which quote the data."""
        text = str(problem)
        if "No space left" in text or "max_temp_directory_size" in text:
            return no_room(OSError(28, "no space left on the disk"))
        do = "check that the file is whole and is what its name says (CSV in UTF-8, or Parquet)"
        return UnreadableInput(f"the table {table} cannot be read", self.source(table), do)

    # --- what is asked

    def _check(self, table: CdmTable) -> None:
        there = self._headers[table.name]
        for name in ("person_id", *filter(None, (table.key,)), *table.needed):
            if name not in there:
                raise _no_column(name, self.source(table.name))

    def _who(self, table: str) -> str:
        return f"try_cast({self._text(table, 'person_id')} as bigint)"

    def _text(self, table: str, column: str) -> str:
        """SQL for the text of a column; '' where it is empty or the table does not have it."""
        actual = self._headers[table].get(column)
        return "''" if actual is None else f"coalesce(left(trim({_quoted(actual)}::text), {_LONGEST_CELL}), '')"

    def _scan(self, table: str, *, rejects: bool = False) -> str:
        paths = ", ".join(_literal(str(path)) for path in self._files.tables[table])
        if self._is_parquet(table):
            return f"read_parquet([{paths}], union_by_name=true)"
        shape = _shape(self._files.tables[table][0])
        names = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in shape.columns)
        quote = "quote='', escape=''" if shape.delimiter == "\t" and not shape.quoted else "quote='\"', escape='\"'"
        kept = f", store_rejects=true, rejects_table='rejects_of_{table}', rejects_scan='scan_of_{table}'"
        return (
            f"read_csv({paths}, header=false, skip=1, auto_detect=false, strict_mode=true, ignore_errors=true, "
            f"delim={_literal(shape.delimiter)}, {quote}, columns={{{names}}}, max_line_size={LONGEST_LINE}"
            f"{kept if rejects else ''})"
        )

    def _is_parquet(self, table: str) -> bool:
        return self._files.tables[table][0].suffix == ".parquet"

    def _header(self, table: str) -> dict[str, str]:
        """Column in lower case -> its name in the file."""
        if not self._is_parquet(table):
            names = _shape(self._files.tables[table][0]).columns
        else:
            names = tuple(row[0] for row in self._asked(f"describe select * from {self._scan(table)}", table))
        return {name.lower(): name for name in names}


def _no_column(name: str, source: str) -> UnreadableInput:
    do = "export the table with the columns of OMOP CDM 5.4, named in the first row"
    return UnreadableInput(f"there is no column '{name}'", f"{source}:1", do)


class _Shape(NamedTuple):
    """How a CSV file is written."""

    delimiter: str
    columns: tuple[str, ...]
    quoted: bool


def _shape(path: Path) -> _Shape:
    """From the header: the delimiter that makes most columns. OHDSI's own vocabulary files have tabs and no quotes."""
    line, more = _beginning(path)
    delimiter = max(_DELIMITERS, key=line.count)
    names = [name.strip().strip('"').strip() for name in line.split(delimiter)]
    lower = [name.lower() for name in names]
    if not any(names) or len(set(lower)) < len(lower) or "" in lower:
        do = "the first row should hold the names of the columns, each once"
        raise UnreadableInput("the header cannot be read", f"{path.name}:1", do)
    return _Shape(delimiter, tuple(names), '"' in line or f'{delimiter}"' in more)


def _beginning(path: Path) -> tuple[str, str]:
    """The header, and a piece of what follows."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            line, more = file.readline(LONGEST_LINE), file.read(LONGEST_LINE)
    except (OSError, EOFError) as problem:
        why = getattr(problem, "strerror", None) or "it is damaged"
        raise UnreadableInput(f"cannot be read: {why}", path.name, "check the file") from None
    if not line.strip():
        raise UnreadableInput("the file is empty", path.name, "it should begin with the names of the columns")
    try:
        return line.decode("utf-8-sig").strip("\r\n"), more.decode("utf-8", "replace")
    except UnicodeDecodeError:
        raise UnreadableInput("the header is not UTF-8", f"{path.name}:1", "export CSV in UTF-8") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
