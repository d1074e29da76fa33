"""What can be told of a table by looking at its beginning: encoding, delimiter, how dates are written.

Only for the draft of a mapping, which a person then confirms; reading itself sniffs nothing.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from rxvigil.errors import UnreadableInput
from rxvigil.intake.reading import clean
from rxvigil.intake.tables.dates import date_form, read_date
from rxvigil.intake.tables.parts import DELIMITERS, Layout
from rxvigil.intake.tables.textfile import Header, Row, open_textfile
from rxvigil.intake.tables.workbook import filled_at_the_top, is_workbook, open_workbook, sheets_of

ROWS_LOOKED_AT: Final = 500
_TOP: Final = 30
"""Rows among which the header of a sheet is looked for."""
_FORMS: Final = tuple(
    day + clock
    for day in (
        "DD/MM/YYYY", "MM/DD/YYYY", "D/M/YYYY", "M/D/YYYY", "DD.MM.YYYY", "D.M.YYYY", "DD-MM-YYYY", "MM-DD-YYYY",
        "DD-MMM-YYYY", "D-MMM-YYYY", "D MMM YYYY", "YYYY/MM/DD", "YYYYMMDD",
    )
    for clock in ("", " hh:mm", " hh:mm:ss")
)  # fmt: skip


@dataclass(frozen=True)
class Glimpse:
    """The beginning of a table."""

    name: str
    layout: Layout
    header: Header
    rows: tuple[Row, ...]
    sheet: str = ""
    """Name of the sheet, in a workbook."""
    header_row: int = 1

    @property
    def columns(self) -> str:
        """The names of the columns on one line, for comments."""
        return ", ".join(clean(name) for name in self.header.columns)

    def words(self, column: str) -> list[str]:
        """The different texts under a column, sorted."""
        return sorted({row.cell(column) for row in self.rows})

    def dates(self, column: str) -> list[str]:
        """The different texts under a column that no spreadsheet already knows as days."""
        return sorted({row.cell(column) for row in self.rows if row.date(column) is None})


def glimpses(path: Path) -> list[Glimpse]:
    """Every table of a file: one, or as many as a workbook has sheets. Raises `UnreadableInput`."""
    if not is_workbook(path):
        return [glimpse(path)]
    found = [_look_at_sheet(path, name) for name, hidden in sheets_of(path).items() if not hidden]
    tables = [one for one in found if one is not None]
    if not tables:
        do = "show the sheet that holds the table, or name it in the mapping yourself"
        raise UnreadableInput("no sheet that can be seen holds a table", path.name, do)
    return tables


def _look_at_sheet(path: Path, name: str) -> Glimpse | None:
    """The header is guessed to be the first row that is nearly as full as the fullest of the beginning."""
    filled = filled_at_the_top(path, name, _TOP)
    if not filled:
        return None
    fullest = max(filled.values())
    row = next(line for line, count in filled.items() if 5 * count >= 3 * fullest)
    sheet = open_workbook(path, name, row, ".")
    return Glimpse(path.name, Layout(), sheet.header, tuple(islice(sheet.rows, ROWS_LOOKED_AT)), name, row)


def glimpse(path: Path) -> Glimpse:
    """Look at the first rows, with the delimiter that makes the widest header. Raises `UnreadableInput` for what is
    no table in any of our encodings."""
    problems: list[UnreadableInput] = []
    widest: Glimpse | None = None
    for encoding in ("utf-8", "cp1252"):
        for delimiter in DELIMITERS:
            try:
                seen = _look(path, Layout.model_validate({"encoding": encoding, "delimiter": delimiter}))
            except UnreadableInput as problem:
                problems.append(problem)
                continue
            if widest is None or seen.header.width > widest.header.width:
                widest = seen
        if widest is not None:
            return widest
    raise problems[0]


def _look(path: Path, layout: Layout) -> Glimpse:
    sheet = open_textfile(path, layout)
    return Glimpse(path.name, layout, sheet.header, tuple(islice(sheet.rows, ROWS_LOOKED_AT)))


def forms_that_fit(texts: list[str]) -> list[str] | None:
    """Every way of writing dates that reads all of the texts; none where plain ISO 8601 does."""
    filled = [text for text in texts if text]
    try:
        for text in filled:
            read_date(text, ())
    except ValueError:
        return [form for form in _FORMS if all(date_form(form).read(text) for text in filled)]
    return None
