"""Dates as a mapping states them: `DD/MM/YYYY`, `D-MMM-YYYY`, `YYYYMMDD hh:mm`; ISO 8601 where nothing is stated.

05/03/2026 is the fifth of March or the third of May. Which one is never guessed: without a stated form it is
refused. Two-digit years are not read.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Final

from rxvigil.facts import When, parse_when

_FIRST_YEAR, _LAST_YEAR = 1850, 2199
"""Years outside are slips of the pen; within them no eight digits are both YYYYMMDD and DDMMYYYY."""
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TOKENS: Final = {
    "YYYY": r"(?P<year>\d{4})",
    "MMM": rf"(?P<name>{'|'.join(MONTHS)})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{2})",
    "D": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
}
_TOKEN: Final = re.compile("|".join(_TOKENS))
_SLASHED: Final = re.compile(r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?!\d)")
_BLANK_BEFORE_CLOCK: Final = re.compile(r"^(\d{4}-\d{2}-\d{2}) (?=\d{2}:)")


class AmbiguousDate(ValueError):
    """A date that has two readings, and no stated form that says which."""


OUT_OF_RANGE: Final = f"the date lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}"


def in_range(when: When) -> bool:
    """Whether a day lies in the years that are believed."""
    return _FIRST_YEAR <= when.first.year <= _LAST_YEAR


@dataclass(frozen=True)
class DateForm:
    """One stated way of writing dates."""

    written: str
    shape: re.Pattern[str]

    def read(self, text: str) -> When | None:
        """The date, or none where the text is not written like this or names a day that does not exist."""
        found = self.shape.match(text)
        if found is None:
            return None
        part = found.groupdict()
        if not _FIRST_YEAR <= int(part["year"]) <= _LAST_YEAR:
            return None
        month = MONTHS.index(part["name"].lower()) + 1 if part.get("name") else part.get("month")
        day = part.get("day")
        clock = f"T{part['hour']}:{part['minute']}:{part.get('second') or '00'}" if part.get("hour") else ""
        steps = [part["year"], *(f"{int(step):02d}" for step in (month, day) if step is not None)]
        try:
            return parse_when("-".join(steps) + clock)
        except ValueError:
            return None


@cache
def date_form(written: str) -> DateForm:
    """A stated form. Raises `ValueError` where it cannot be one."""
    tokens = _TOKEN.findall(written)
    pattern, last = "", 0
    for token in _TOKEN.finditer(written):
        pattern += re.escape(written[last : token.start()]) + _TOKENS[token.group()]
        last = token.end()
    pattern += re.escape(written[last:])
    kinds = [token[0] for token in tokens]
    if "YYYY" not in tokens or len(set(kinds)) != len(kinds) or ("D" in kinds and "M" not in kinds):
        raise ValueError(
            f"'{written}' is not a date form; write for example YYYY-MM-DD, DD/MM/YYYY, D-MMM-YYYY, YYYYMMDD hh:mm"
        )
    if ("h" in kinds) != ("m" in kinds) or ("h" in kinds and "D" not in kinds):
        raise ValueError(f"'{written}' states part of a time; write hh:mm or hh:mm:ss after a whole date")
    return DateForm(written, re.compile(f"^{pattern}$", re.IGNORECASE | re.ASCII))


def contradiction(forms: tuple[str, ...]) -> str:
    """The first two forms that read one text as two different days ("DD/MM/YYYY and MM/DD/YYYY"), or nothing."""
    for one, other in combinations(forms, 2):
        if _outline(one) == _outline(other) and _order(one) != _order(other):
            return f"{one} and {other}"
    return ""


def read_date(text: str, forms: tuple[str, ...]) -> When:
    """A date in one of the stated forms, or in ISO 8601 where none is stated.

    Raises `AmbiguousDate` for a date that could be two days, and `ValueError` for anything else; neither message
    quotes the text.
    """
    if forms:
        for form in forms:
            found = date_form(form).read(text)
            if found is not None:
                return found
        raise ValueError(f"the date is not a day written as {' or '.join(forms)}")
    if _SLASHED.match(text):
        raise AmbiguousDate("the date could be day/month or month/day")
    try:
        return parse_when(_BLANK_BEFORE_CLOCK.sub(r"\1T", text))
    except ValueError:
        raise ValueError("the date is not a day written as YYYY-MM-DD") from None


def _outline(form: str) -> str:
    return _TOKEN.sub(lambda token: token.group() if token.group() in ("YYYY", "MMM") else "#", form)


def _order(form: str) -> list[str]:
    return [token[0] for token in _TOKEN.findall(form)]
