"""Tables for spreadsheet programs, which take some text for formulas and run it.

A cell that begins with =, +, -, @ or a control character gets an apostrophe before it, as OWASP advises against CSV
injection; line breaks and hidden characters become visible marks. Numbers and days stay numbers and days.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from rxvigil.reports.words import clean

Value = str | int | float | date | None
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""https://owasp.org/www-community/attacks/CSV_Injection; the last four are the full-width forms, which some programs
read alike."""
_MOST_LETTERS: Final = 32_767
"""Of one cell of XLSX."""
_BOM: Final = "\ufeff"
_WIDEST: Final = 60


def safe(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    quoted = f"'{text}" if text.startswith(_DANGEROUS) or text.lstrip().startswith(_DANGEROUS) else text
    return clean(quoted)


def to_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Comma-separated, UTF-8 with a byte order mark so that spreadsheet programs read accents, lines ended by CR LF
    (RFC 4180)."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow([safe(one) for one in headings])
    writer.writerows([_written(value) for value in row] for row in rows)
    return (_BOM + page.getvalue()).encode()


def _written(value: Value) -> Any:
    if isinstance(value, str):
        return safe(value)
    return value.isoformat() if isinstance(value, date) else value


def to_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]], notes: Sequence[str] = ()) -> bytes:
    """A workbook with one sheet of typed cells and a fixed first row, and a sheet of notes. No cell is a formula. The
    same rows give the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(list(headings))
    for number, row in enumerate(rows, 2):
        for place, value in enumerate(row, 1):
            _put(sheet.cell(number, place), value)
    _laid_out(sheet, headings)
    about = book.create_sheet("About")
    for number, note in enumerate(notes, 1):
        _put(about.cell(number, 1), note)
    about.column_dimensions["A"].width = 120
    return _saved(book)


def _put(cell: Any, value: Value) -> None:
    """Text stays text whatever it begins with, letter for letter: the type of the cell says so, and its style that it
    stays so when it is edited."""
    if isinstance(value, str):
        cell.value = clean(value)[:_MOST_LETTERS]
        cell.data_type, cell.quotePrefix = "s", value.startswith(_DANGEROUS)
    elif value is not None:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "d mmm yyyy"


def _laid_out(sheet: Any, headings: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    for place, heading in enumerate(headings, 1):
        sheet.cell(1, place).font = Font(bold=True)
        letter = get_column_letter(place)
        longest = max((len(str(cell.value)) for cell in sheet[letter] if cell.value is not None), default=8)
        sheet.column_dimensions[letter].width = min(max(longest, len(heading)) + 2, _WIDEST)
        for cell in sheet[letter]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _saved(book: Any) -> bytes:
    """Without the moment of saving, which would differ each time."""
    import zipfile
    from datetime import UTC, datetime

    moment = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    book.properties.created = book.properties.modified = moment
    first, last = io.BytesIO(), io.BytesIO()
    book.save(first)
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(last, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _dated(content)
            new.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return last.getvalue()


def _dated(content: bytes) -> bytes:
    import re

    return re.sub(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", b"2000-01-01T00:00:00Z", content)
