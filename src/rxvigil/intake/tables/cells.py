"""Reading single cells of a row as the mapping says: texts, dates, numbers, words with few meanings."""

import re
from typing import Final, TypeVar

from rxvigil.errors import UnreadableInput
from rxvigil.facts import When, on_day
from rxvigil.intake.reading import Coding, Doubt
from rxvigil.intake.tables.dates import OUT_OF_RANGE, AmbiguousDate, in_range, read_date
from rxvigil.intake.tables.mapping import Mapping
from rxvigil.intake.tables.parts import CellText, DateCell, Named, Numbers, SampleDate, Words, fold
from rxvigil.intake.tables.textfile import Row

Word = TypeVar("Word", bound=str)

_NUMBER: Final = re.compile(
    r"^([<>=≤≥]*\s*[-+]?)([.,]?\d[\d.,']*(?:[ \u00a0]\d{3}(?!\d))*(?:[.,]\d+)?)(.*)$", re.DOTALL
)
_SERIAL: Final = re.compile(r"[1-6]\d{4}(?:\.\d+)?")
_A_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
_COUNT: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


AN_ERROR: Final = "the cell holds an error of the spreadsheet, not a value"
_ERRORS: Final = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)


def is_error(text: str) -> bool:
    """Whether a spreadsheet wrote this in the place of a value."""
    return text.startswith("#") and text.upper() in _ERRORS


class Cells:
    """Reads cells; knows the mapping's dates, numbers and words for 'no value'."""

    def __init__(self, mapping: Mapping) -> None:
        self._forms = mapping.dates
        self._numbers = mapping.numbers
        self._missing = frozenset(mapping.missing)

    def text(self, column: str | None, row: Row) -> str:
        """The text of a cell; empty where there is none, or a word that the mapping says means none."""
        text = row.cell(column) if column is not None else ""
        return "" if text in self._missing else text

    def stated(self, part: CellText | None, row: Row) -> str:
        """A text that may be a constant of the mapping."""
        if part is None:
            return ""
        return part.constant or self.text(part.column, row)

    def date(self, part: DateCell | None, row: Row) -> When | Doubt | None:
        """The date, none where the cell is blank, or why it cannot be read."""
        return self._date(part.column, part.format, row) if part is not None else None

    def sampled(self, part: SampleDate, row: Row) -> When | Doubt:
        """When a sample was taken; a result without a date cannot be used."""
        if part.nominal is not None:
            return on_day(part.nominal)
        found = self._date(part.column, part.format, row)
        return found if found is not None else Doubt("it has no date", ())

    def _date(self, column: str | None, forms: tuple[str, ...], row: Row) -> When | Doubt | None:
        """Raises `UnreadableInput` for a date with two readings: that is a gap in the mapping, which every row
        shares, and not a slip in one cell."""
        text = self.text(column, row)
        if not text:
            return None
        if column is not None and (day := row.date(column)) is not None:
            return day if in_range(day) else Doubt(OUT_OF_RANGE, ())
        if is_error(text):
            return Doubt(AN_ERROR, ())
        if _SERIAL.fullmatch(text):
            return Doubt("it is a number, as spreadsheets count days; give the column the form of a date", ())
        try:
            return read_date(text, forms or self._forms)
        except AmbiguousDate as problem:
            raise UnreadableInput(
                f"{problem} (column '{column}')",
                row.place,
                "state how dates are written, for example `dates: DD/MM/YYYY`, or a format for this column alone",
            ) from None
        except ValueError as problem:
            return Doubt(str(problem), ())

    def word(self, part: Words[Word], row: Row) -> Word | Doubt:
        """The meaning of a word. One that the mapping does not list is a doubt."""
        if part.constant is not None:
            return part.constant
        written = self.text(part.column, row)
        meaning = part.words.get(fold(written))
        if meaning is not None:
            return meaning
        which = f"the word under '{part.column}'" if written else f"the blank under '{part.column}'"
        return Doubt(f"the mapping does not say what {which} means", ())

    def coding(self, part: Named, row: Row) -> tuple[list[Coding], str]:
        """The code with its system, and the name."""
        name = self.text(part.name, row)
        display = self.text(part.display, row)
        code = self.text(part.code, row).removeprefix(part.prefix or "")
        if not code or part.system is None:
            return ([Coding("", "", display)] if display else []), name
        if isinstance(part.system, str):
            return [Coding(part.system, code, display)], name
        system = self.word(part.system, row)
        return [Coding("other" if isinstance(system, Doubt) else system, code, display)], name

    def meaning(self, part: Named, row: Row) -> str | None:
        """What the mapping itself says this row's code or name means."""
        if part.constant is not None:
            return part.constant
        by_code = part.means.get(self.text(part.code, row).removeprefix(part.prefix or ""))
        return by_code or part.means.get(self.text(part.name, row))

    def number(self, text: str) -> str | Doubt:
        """A written value with its number as 1234.5; what surrounds the number stays. No sign is guessed."""
        if text.startswith(("=", "@")) and not text.startswith(("=<", "=>")):
            return Doubt("it is a spreadsheet formula, not a value", ())
        if is_error(text):
            return Doubt(AN_ERROR, ())
        if _A_DAY.match(text):
            return Doubt("it is a date, not a value: spreadsheets make one of what looks like it (5-7)", ())
        shape = _NUMBER.match(text)
        if shape is None:
            return text
        before, number, after = shape.groups()
        plain = _plain(number, self._numbers)
        if plain is None:
            return Doubt("its number is not written as the mapping says numbers are", ())
        return f"{before}{plain}{after}"

    def count(self, column: str | None, row: Row) -> float | None:
        """A plain number under a column, or none."""
        text = self.number(self.text(column, row))
        return float(text) if isinstance(text, str) and _COUNT.fullmatch(text) else None


def _plain(number: str, numbers: Numbers) -> str | None:
    decimal = re.escape(numbers.decimal)
    separator = "[ \u00a0]" if numbers.thousands == " " else re.escape(numbers.thousands or "")
    grouped = rf"\d{{1,3}}(?:{separator}\d{{3}})+(?:{decimal}\d+)?"
    if not re.fullmatch(rf"\d+(?:{decimal}\d*)?|{decimal}\d+", number):
        if numbers.thousands is None or not re.fullmatch(grouped, number):
            return None
        number = re.sub(separator, "", number)
    return number.replace(numbers.decimal, ".").removesuffix(".")
