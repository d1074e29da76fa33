"""From a file or folder of tables to records, one per person.

Rows of one person may stand in several files. Files sorted by patient id are read as a stream; otherwise the rows
are gathered in memory, and where they are too many sorted on disk.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain, groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from rxvigil.errors import UnreadableInput
from rxvigil.facts import NotUnderstood, Origin, Record
from rxvigil.intake.reading import finder_for
from rxvigil.intake.tables.cells import Cells
from rxvigil.intake.tables.genotypes import GenotypesReader
from rxvigil.intake.tables.identity import unusable
from rxvigil.intake.tables.mapping import Mapping, Table
from rxvigil.intake.tables.mapping_file import MappingFile, load_mapping
from rxvigil.intake.tables.people import PatientsReader
from rxvigil.intake.tables.problems import AllergiesReader, ConditionsReader, ImmunisationsReader
from rxvigil.intake.tables.reader import Context, Reader
from rxvigil.intake.tables.results import PanelsReader, ResultsReader
from rxvigil.intake.tables.sheets import open_sheet
from rxvigil.intake.tables.spill import in_order_on_disk
from rxvigil.intake.tables.textfile import Header, Row
from rxvigil.intake.tables.tray import Tray
from rxvigil.intake.tables.treatments import PrescriptionsReader
from rxvigil.intake.tables.workbook import is_workbook, sheets_of
from rxvigil.knowledge.lookup import Vocabulary

MOST_ROWS: Final = 1_000_000
"""Rows gathered in memory, about 1 GB; longer tables are sorted on disk."""
TABLE_ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")

_READERS: Final[dict[str, type[Reader[Any]]]] = {
    "results": ResultsReader,
    "panels": PanelsReader,
    "prescriptions": PrescriptionsReader,
    "conditions": ConditionsReader,
    "allergies": AllergiesReader,
    "immunisations": ImmunisationsReader,
    "genotypes": GenotypesReader,
    "patients": PatientsReader,
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row on its way to a record. `order` is where it comes in a sorted stream, `whose` the record's id."""

    order: str
    whose: str
    reader: Reader[Any]
    row: Row
    spare: tuple[str, ...]
    """Columns of its file that the mapping does not use."""
    complaint: str = ""
    """Why its patient id could not be used."""


@dataclass(frozen=True)
class _Source:
    """One file and the reader of its table."""

    path: Path
    reader: Reader[Any]
    mapping: Mapping
    used: frozenset[str] | None
    """Columns of the file that any table of the mapping uses; none where an earlier source counts the others."""

    def check(self) -> None:
        """Raises `UnreadableInput` for a header that the mapping does not fit."""
        self.reader.check(open_sheet(self.path, self.mapping, self.reader.table).header)

    def entries(self) -> Iterator[_Entry]:
        """The rows, each with whose it is."""
        sheet = open_sheet(self.path, self.mapping, self.reader.table)
        spare = () if self.used is None else tuple(name for name in sheet.header.columns if name not in self.used)
        last = ""
        for row in sheet.rows:
            if self.mapping.rows_are_people:
                yield _Entry("", f"row {row.line}", self.reader, row, spare)
                continue
            patient = row.cell(self.reader.patient)
            complaint = unusable(patient)
            whose = f"no usable id: {row.source} line {row.line}" if complaint else patient
            last = last if complaint else patient
            yield _Entry(last, whose, self.reader, row, spare, complaint)


def read_tables(path: Path, mapping: Path, vocabulary: Vocabulary) -> Iterator[Record]:
    """One record per patient, in order of first appearance (of patient id where the mapping says `sorted`).

    `path` is a file, or the folder that holds the files of the mapping. Mapping and headers are checked before the
    first record is handed out. Raises `UnreadableInput`.
    """
    file = load_mapping(mapping, vocabulary)
    sources = _sources(path, file, vocabulary)
    for source in sources:
        source.check()
    spare = _spare_files(path, sources)
    simulated = file.mapping.simulated
    return (_record(whose, entries, spare, simulated) for whose, entries in _grouped(sources, file.mapping))


def table_files(path: Path, mapping: Path, vocabulary: Vocabulary) -> tuple[Path, ...]:
    """The files that `read_tables` reads, each once. Raises `UnreadableInput`."""
    file = load_mapping(mapping, vocabulary)
    return tuple(dict.fromkeys(source.path for source in _sources(path, file, vocabulary)))


def _sources(path: Path, file: MappingFile, vocabulary: Vocabulary) -> list[_Source]:
    context = Context(file, Cells(file.mapping), finder_for(vocabulary))
    pairs = [
        (found, _READERS[table.holds](table, number, context))
        for number, table in enumerate(file.mapping.tables)
        for found in _files_of(table, number, path, file)
    ]
    used: dict[tuple[Path, str | None], frozenset[str]] = {}
    for found, reader in pairs:
        place = (found, reader.table.sheet)
        used[place] = used.get(place, frozenset()) | reader.used
    return [
        _Source(found, reader, file.mapping, used.pop((found, reader.table.sheet), None)) for found, reader in pairs
    ]


def _files_of(table: Table, number: int, path: Path, file: MappingFile) -> list[Path]:
    """The files a table is in. A pattern that matches none is an error: a renamed export must not fall silent."""
    if path.is_dir():
        found = sorted(one for one in path.iterdir() if table.file and fnmatchcase(one.name, table.file))
    else:
        found = [path] if table.file is None or fnmatchcase(path.name, table.file) else []
    if file.mapping.rows_are_people and len(found) > 1:
        raise UnreadableInput("the mapping has no patient id, and several files match", str(path), "read one at a time")
    if not found:
        place = file.document.place(("tables", number, "file"))
        what = f"there is no file '{table.file}', which the mapping names ({place})"
        raise UnreadableInput(what if table.file else f"the mapping does not name a file ({place})", str(path), _CHECK)
    return found


_CHECK: Final = "name the file, or the folder that holds all files of the mapping"


def _spare_files(path: Path, sources: list[_Source]) -> tuple[str, ...]:
    """Tables in the folder, and sheets of the workbooks, that the mapping does not read: said in every record, for they
    may be about anybody."""
    read = {source.path.name for source in sources}
    near = path.iterdir() if path.is_dir() else ()
    files = sorted(one.name for one in near if one.suffix.lower() in TABLE_ENDINGS and one.name not in read)
    return (*files, *_spare_sheets(sources))


def _spare_sheets(sources: list[_Source]) -> Iterator[str]:
    books = sorted({source.path for source in sources if is_workbook(source.path)})
    for book in books:
        there = sheets_of(book)
        read = {source.reader.table.sheet or next(iter(there)) for source in sources if source.path == book}
        for name, hidden in there.items():
            if name not in read:
                yield f"{book.name}, {'hidden ' if hidden else ''}sheet {name}"


def _grouped(sources: list[_Source], mapping: Mapping) -> Iterator[tuple[str, list[_Entry]]]:
    if mapping.rows_are_people:
        for same in zip(*(source.entries() for source in sources), strict=True):
            yield same[0].whose, list(same)
    elif mapping.sorted:
        merged = heapq.merge(*(_in_order(source.entries()) for source in sources), key=attrgetter("order"))
        for _, together in groupby(merged, key=attrgetter("order")):
            yield from _by_person(together).items()
    else:
        every = (entry for source in sources for entry in source.entries())
        yield from _gathered(every)


def _by_person(entries: Iterable[_Entry]) -> dict[str, list[_Entry]]:
    people: dict[str, list[_Entry]] = {}
    for entry in entries:
        people.setdefault(entry.whose, []).append(entry)
    return people


def _in_order(entries: Iterator[_Entry]) -> Iterator[_Entry]:
    last = ""
    for entry in entries:
        if entry.order < last:
            raise UnreadableInput(
                "the rows are not sorted by patient id", entry.row.place, "sort the file, or remove `sorted: true`"
            )
        last = entry.order
        yield entry


def _gathered(entries: Iterator[_Entry]) -> Iterator[tuple[str, list[_Entry]]]:
    """By person in order of first appearance; in order of the id where there are too many for memory."""
    first = list(islice(entries, MOST_ROWS + 1))
    if len(first) <= MOST_ROWS:
        yield from _by_person(first).items()
        return
    ordered = in_order_on_disk(chain(first, entries), attrgetter("whose"), _is_shared)
    del first
    for whose, together in groupby(ordered, key=attrgetter("whose")):
        yield whose, list(together)


def _is_shared(part: Any) -> bool:
    return isinstance(part, Reader | Header)


def _record(whose: str, entries: list[_Entry], spare_files: tuple[str, ...], simulated: bool) -> Record:
    tray = Tray(whose, simulated)
    for entry in entries:
        _read_row(entry, tray)
    for name in spare_files:
        tray.gathering.unread(f"file {name}, not in the mapping")
    return tray.record()


def _read_row(entry: _Entry, tray: Tray) -> None:
    reader, row = entry.reader, entry.row
    where = Origin(source=row.source, place="row", line=row.line)
    if reader.LIST is not None:
        tray.gathering.there_is(reader.LIST)
    if entry.complaint:
        why = f"{entry.complaint}: this row could be anybody's"
        tray.gathering.add(NotUnderstood(origin=where, what="patient id", why=why))
    for remark in row.remarks:
        tray.gathering.add(NotUnderstood(origin=where, what="row", why=remark))
    if row.ragged:
        tray.gathering.add(NotUnderstood(origin=where, what="row", why=row.ragged, affects=reader.affects()))
        return
    reader.read(row, tray)
    for column in entry.spare:
        if row.cell(column):
            tray.gathering.unread(f"{row.source}, column {column}")
