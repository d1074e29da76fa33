"""From a workbook (.xlsx) to the rows of one of its sheets, as text a person would read off the screen.

A date that the spreadsheet knows as one needs no stated form. A formula gives the value it had when the file was saved;
one that was never worked out stays a formula, and is listed. What a spreadsheet hides or merges is said of the row.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from warnings import catch_warnings, simplefilter
from xml.parsers import expat

from rxvigil.errors import RxvigilError, UnreadableInput
from rxvigil.facts import When, on_day
from rxvigil.intake.tables.textfile import Row, Sheet, header_of

MOST_COLUMNS: Final = 1000
MOST_TEXT: Final = 400_000_000
"""Bytes that the texts of a workbook may unpack to: they are held in memory."""
_MOST_SHEET: Final = 20_000_000_000
_MOST_UNPACKED: Final = 300
"""How many times its packed size a part of a workbook may unpack to; real ones reach about 60."""
_SMALL: Final = 50_000_000
_OLD: Final = b"\xd0\xcf\x11\xe0"
"""Beginning of the older .xls, and of a workbook under a password."""
_LONGEST_BLOCK: Final = 10_000
"""Rows of one block of merged cells that are looked at."""
_ZEROS: Final = re.compile(r"^0+$")
_ROUNDED: Final = 1e15
"""A spreadsheet keeps 15 digits: a longer number stands for many."""
_REFERENCE: Final = re.compile(r"^([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?$")


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook, or something that only a spreadsheet opens."""
    try:
        with path.open("rb") as file:
            beginning = file.read(4)
        if beginning == _OLD:
            return True
        return beginning == b"PK\x03\x04" and "xl/workbook.xml" in zipfile.ZipFile(path).namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def sheets_of(path: Path) -> dict[str, bool]:
    """The names of the sheets in order, and whether one is hidden. Raises `UnreadableInput`."""
    book = _opened(path, values=True)
    try:
        return {one.title: one.sheet_state != "visible" for one in book.worksheets}
    finally:
        book.close()


def open_workbook(path: Path, sheet: str | None, header_row: int, decimal: str) -> Sheet:
    """The header and the rows of a sheet; the only one where none is named. Raises `UnreadableInput`."""
    book = _opened(path, values=True)
    name = _chosen(book, path, sheet)
    source = f"{path.name}, sheet {name}"
    rows = _rows(book, path, name, source, decimal)
    first = next((one for one in rows if one.line >= header_row), None)
    if first is None or not any(cell.strip() for cell in first.cells):
        do = "say in the mapping which row holds the names of the columns: `header_row: 5`"
        raise UnreadableInput(f"row {header_row} holds no names of columns", source, do)
    header = header_of(first.cells, source)
    return Sheet(header, (one.under(header) for one in rows if any(map(str.strip, one.cells))))


def filled_at_the_top(path: Path, sheet: str, rows: int) -> dict[int, int]:
    """How many cells are filled in each of the first rows that are not blank. Raises `UnreadableInput`."""
    book = _opened(path, values=True)
    lines = islice(_rows(book, path, sheet, f"{path.name}, sheet {sheet}", "."), rows)
    counts = {one.line: sum(bool(cell.strip()) for cell in one.cells) for one in lines}
    return {line: count for line, count in counts.items() if count}


class _Line(NamedTuple):
    """One row of the sheet."""

    line: int
    cells: list[str]
    dates: dict[int, When]
    remarks: tuple[str, ...]

    def under(self, header: Any) -> Row:
        cells = self.cells[: header.width] + [""] * (header.width - len(self.cells))
        beside = any(cell.strip() for cell in self.cells[header.width :])
        remarks = (*self.remarks, "it has cells beside the table, under no heading") if beside else self.remarks
        return Row(header, self.line, cells, self.dates, remarks)


def _chosen(book: Any, path: Path, sheet: str | None) -> str:
    there = [one.title for one in book.worksheets]
    if sheet is not None and sheet in there:
        return sheet
    names = ", ".join(f"'{name}'" for name in there)
    if sheet is not None:
        raise UnreadableInput(f"there is no sheet '{sheet}'", path.name, f"its sheets are {names}")
    if len(there) != 1:
        raise UnreadableInput("it has several sheets", path.name, f"say which in the mapping: `sheet:` one of {names}")
    return str(there[0])


def _rows(values: Any, path: Path, name: str, source: str, decimal: str) -> Iterator[_Line]:
    marks = _marks(path, str(values[name]._worksheet_path).lstrip("/"), source)
    formulas = _opened(path, values=False) if marks.formulas else None
    try:
        texts = _Texts(decimal)
        written = formulas[name] if formulas is not None else None
        yield from _lines(values[name], written, texts, marks, source)
    except RxvigilError:
        raise
    except Exception as problem:  # what openpyxl says of a damaged sheet may be anything, and may quote it
        raise _damaged(source, problem) from None
    finally:
        values.close()
        if formulas is not None:
            formulas.close()


def _lines(sheet: Any, written: Any, texts: "_Texts", marks: "_Marks", source: str) -> Iterator[_Line]:
    sheet.reset_dimensions()
    others: Iterator[Any] = iter(())
    if written is not None:
        written.reset_dimensions()
        others = written.iter_rows()
    for line, row in enumerate(sheet.iter_rows(), start=1):
        beside = next(others, ())
        if len(row) > MOST_COLUMNS:
            do = "check that this is a table, and delete what stands far to the right"
            raise UnreadableInput(f"a row is more than {MOST_COLUMNS:,} columns wide", f"{source}, row {line}", do)
        cells: list[str] = []
        dates: dict[int, When] = {}
        for index, cell in enumerate(row):
            text, when = texts.read(cell, beside[index] if index < len(beside) else None)
            text, when = marks.filled(line, index, text, when)
            cells.append(text)
            if when is not None:
                dates[index] = when
        yield _Line(line, cells, dates, marks.remarks(line))


class _Texts:
    """Cells as text."""

    def __init__(self, decimal: str) -> None:
        self._decimal = decimal

    def read(self, cell: Any, written: Any) -> tuple[str, When | None]:
        """The text of a cell, and the day it is where the spreadsheet knows it as one."""
        value = cell.value
        if value is None:
            formula = getattr(written, "data_type", None) == "f"
            return ("=a formula that was never worked out" if formula else "", None)
        if isinstance(value, bool):
            return ("TRUE" if value else "FALSE", None)
        if isinstance(value, datetime):
            return _moment(value)
        if isinstance(value, date):
            return value.isoformat(), on_day(value)
        if isinstance(value, time):
            return value.isoformat(), None
        if isinstance(value, int | float):
            return self._number(value, str(cell.number_format or "")), None
        return str(value), None

    def _number(self, value: float, shape: str) -> str:
        """As it is kept, not as it is rounded for the screen; but with the zeros before an id, and with percent."""
        if abs(value) >= _ROUNDED:
            return f"{value:.6E}"
        if _ZEROS.match(shape) and value == int(value):
            return f"{int(value):0{len(shape)}d}"
        percent = "%" in shape
        number = round(value * 100, 10) if percent else value
        text = str(int(number)) if number == int(number) else repr(float(number))
        return text.replace(".", self._decimal) + ("%" if percent else "")


def _moment(value: datetime) -> tuple[str, When | None]:
    """Midnight is how a spreadsheet keeps a day."""
    day = on_day(value.date())
    if value.time() == time():
        return value.date().isoformat(), day
    return value.isoformat(sep=" ", timespec="seconds"), When(day.first, day.last, "instant", value)


# --- what only the file itself says: hidden rows, merged cells, formulas


class _Merged(NamedTuple):
    """One block of merged cells, counted from 0 (columns) and 1 (rows)."""

    left: int
    top: int
    right: int
    bottom: int


class _Marks:
    """What is said about rows outside their cells; asked of one row after another."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.formulas = False
        self._down: dict[int, list[_Merged]] = {}
        self._above: dict[int, tuple[str, When | None]] = {}
        self._across: set[int] = set()

    def merge(self, block: _Merged) -> None:
        """Cells merged downwards all say what the first says; across columns nobody knows which column is meant."""
        if block.left == block.right:
            self._down.setdefault(block.left, []).append(block)
        else:
            self._across.update(range(block.top, min(block.bottom, block.top + _LONGEST_BLOCK) + 1))

    def settle(self) -> None:
        """All blocks are known: those that come first are asked first."""
        for blocks in self._down.values():
            blocks.sort(key=lambda block: block.top, reverse=True)

    def filled(self, line: int, index: int, text: str, when: When | None) -> tuple[str, When | None]:
        """The text of a cell, or of the first of the cells it is merged with."""
        blocks = self._down.get(index)
        while blocks and blocks[-1].bottom < line:
            blocks.pop()
        if not blocks or line < blocks[-1].top:
            return text, when
        if line == blocks[-1].top:
            self._above[index] = (text, when)
        return self._above.get(index, (text, when))

    def remarks(self, line: int) -> tuple[str, ...]:
        """What a person should know of a row."""
        found = ["it is hidden in the spreadsheet, and was read all the same"] if line in self.hidden else []
        if line in self._across:
            found.append("cells of it are merged across columns: what stands in the first may be meant for all")
        return tuple(found)


def _marks(path: Path, part: str, source: str) -> _Marks:
    """Read once through the sheet's own text, without building anything."""
    marks = _Marks()
    parser = expat.ParserCreate()

    def element(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row" and attributes.get("hidden") in ("1", "true") and attributes.get("r", "").isdecimal():
            marks.hidden.add(int(attributes["r"]))
        elif tag == "f":
            marks.formulas = True
        elif tag == "mergeCell" and (block := _block(attributes.get("ref", ""))) is not None:
            marks.merge(block)

    def declared(*_: object) -> None:
        raise UnreadableInput("the workbook declares entities, which no spreadsheet does", source, "do not use it")

    parser.StartElementHandler = element
    parser.EntityDeclHandler = declared
    try:
        with zipfile.ZipFile(path) as packed, packed.open(part) as text:
            parser.ParseFile(text)
    except (OSError, zipfile.BadZipFile, expat.ExpatError, KeyError, EOFError) as problem:
        raise _damaged(source, problem) from None
    marks.settle()
    return marks


def _block(reference: str) -> _Merged | None:
    shape = _REFERENCE.match(reference)
    if shape is None or shape.group(3) is None:
        return None
    left, top, right, bottom = shape.groups()
    return _Merged(_column(left), int(top), _column(right), int(bottom))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


# --- opening


def _opened(path: Path, *, values: bool) -> Any:
    """The workbook, read row by row. Raises `UnreadableInput`."""
    import openpyxl

    _weighed(path)
    try:
        with catch_warnings():
            simplefilter("ignore")  # styles and validations that openpyxl leaves out
            return openpyxl.load_workbook(path, read_only=True, data_only=values, keep_links=False)
    except Exception as problem:  # what openpyxl says of a damaged file may be anything
        raise _damaged(path.name, problem) from None


def _weighed(path: Path) -> None:
    """That nothing in the file unpacks to what no workbook does."""
    do = "save it as .xlsx without a password, or as CSV"
    try:
        with path.open("rb") as file:
            if file.read(4) == _OLD:
                raise UnreadableInput("it is an older .xls, or protected by a password", path.name, do)
        with zipfile.ZipFile(path) as packed:
            parts: Iterable[zipfile.ZipInfo] = packed.infolist()
    except (OSError, zipfile.BadZipFile) as problem:
        raise _damaged(path.name, problem) from None
    for one in parts:
        most = _MOST_SHEET if one.filename.startswith("xl/worksheets/") else MOST_TEXT
        if one.file_size > min(most, max(_SMALL, _MOST_UNPACKED * one.compress_size)):
            raise UnreadableInput("it unpacks to far more than workbooks do, and was not read", path.name, do)


def _damaged(where: str, problem: Exception) -> UnreadableInput:
    do = "open it in a spreadsheet, check it, and save it again as .xlsx or CSV"
    return UnreadableInput(f"the workbook cannot be read ({type(problem).__name__})", where, do)
