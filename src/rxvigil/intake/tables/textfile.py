"""From the bytes of a delimited file to numbered rows.

Nothing is repaired: a file that is not what its mapping says is refused with the line where that shows. Messages
name the place and never the content, which may be about a patient.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from rxvigil.errors import UnreadableInput
from rxvigil.facts import When
from rxvigil.intake.tables.parts import DELIMITERS, Layout

LONGEST_LINE: Final = 1_000_000
"""Bytes. No row of results is that long: it is a damaged file, and reading on would only fill the memory."""

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file by name; `twice` are the names that stand over more than one of them."""

    source: str
    columns: dict[str, int]
    width: int
    twice: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with the line of the file it began on."""

    header: Header
    line: int
    cells: list[str]
    dates: dict[int, When] = field(default_factory=dict)
    """Cells that a spreadsheet knows as days, by their place in the row."""
    remarks: tuple[str, ...] = ()
    """What a person should know of the row, such as that a spreadsheet hides it."""

    @property
    def source(self) -> str:
        """Name of the file."""
        return self.header.source

    @property
    def place(self) -> str:
        """`file:line`, for messages and ids."""
        return f"{self.source}:{self.line}"

    @property
    def ragged(self) -> str:
        """What is wrong with the number of cells; empty where nothing is. Blank cells at the end are harmless."""
        surplus = any(cell.strip() for cell in self.cells[self.header.width :])
        if surplus or len(self.cells) < self.header.width:
            return f"the row has {len(self.cells)} cells and the header {self.header.width}: columns may be shifted"
        return ""

    def cell(self, column: str) -> str:
        """The text under a column without blanks around it; empty where the row stops short of it."""
        index = self.header.columns[column]
        return self.cells[index].strip() if index < len(self.cells) else ""

    def date(self, column: str) -> When | None:
        """The day under a column, where a spreadsheet knows it as one."""
        return self.dates.get(self.header.columns[column])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file opened for reading: its header, and its rows one after the other."""

    header: Header
    rows: Iterator[Row]


def open_textfile(path: Path, layout: Layout, header_row: int = 1) -> Sheet:
    """Read the header; the rows follow when asked for. Raises `UnreadableInput`."""
    numbered = _numbered(path, layout)
    first = next((one for one in numbered if one[0] >= header_row), None)
    if first is None:
        raise UnreadableInput("the file is empty", path.name, "check the export; it should begin with a header row")
    header = header_of(first[1], path.name)
    return Sheet(header, (Row(header, line, cells) for line, cells in numbered if any(map(str.strip, cells))))


def header_of(cells: list[str], source: str) -> Header:
    """The columns that the cells of a header row name; one without a name is called by its number."""
    width = max((position for position, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    names = [cell.strip() or f"column {position}" for position, cell in enumerate(cells[:width], start=1)]
    columns: dict[str, int] = {}
    for index, name in enumerate(names):
        columns.setdefault(name, index)
    return Header(source, columns, len(names), frozenset(name for name in names if names.count(name) > 1))


def _numbered(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not wholly blank, with the line it began on."""
    try:
        with path.open("rb") as file:
            yield from _parsed(file, path.name, layout)
    except OSError as problem:
        raise UnreadableInput(f"cannot be read: {problem.strerror}", str(path), "check the path") from None


def _parsed(file: BinaryIO, source: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    lines = _lines(file, source, layout.encoding)
    reader = csv.reader(lines, delimiter=DELIMITERS[layout.delimiter], strict=True)
    while True:
        began = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise UnreadableInput(
                f"not a readable row: {problem}", f"{source}:{began}", "look for a quotation mark that is not closed"
            ) from None
        if cells:
            yield began, cells


def _lines(file: BinaryIO, source: str, encoding: str) -> Iterator[str]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        place = f"{source}:{number}"
        if len(raw) > LONGEST_LINE:
            raise UnreadableInput(
                f"the line is longer than {LONGEST_LINE:,} bytes", place, "check that this is a table"
            )
        yield _decoded(raw, number, place, encoding)


def _decoded(raw: bytes, number: int, place: str, encoding: str) -> str:
    if b"\0" in raw or (number == 1 and raw.startswith(_UTF16_MARKS)):
        raise UnreadableInput("the file holds NUL bytes or is UTF-16", place, "save it as CSV in UTF-8")
    if number == 1:
        raw = raw.removeprefix(_UTF8_MARK)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableInput(
            f"the line is not {encoding}", place, "state its encoding in the mapping, for example `encoding: cp1252`"
        ) from None
