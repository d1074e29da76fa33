"""Reading single cells of an OMOP row: days, moments, whole numbers."""

import re
from datetime import date
from functools import lru_cache
from typing import Final

from rxvigil.facts import When, on_day, parse_when
from rxvigil.intake.reading import Doubt

NO_DAY: Final = Doubt("it has no date", ())
_NOT_A_DAY: Final = Doubt("its date is not a day written as YYYY-MM-DD", ())
_SHAPE: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_MIDNIGHT: Final = re.compile(r"00:00(?::00(?:\.0+)?)?$")
_FIRST_YEAR, _LAST_YEAR = 1850, 2199
"""Years outside are slips of the pen."""
_COUNT: Final = re.compile(r"\d{1,6}(?:\.0*)?$")


@lru_cache(maxsize=100_000)
def day_in(text: str) -> When | Doubt | None:
    """The day, none where the cell is empty, or why it cannot be read. A time beside it is left out."""
    if not text:
        return None
    shape = _SHAPE.match(text)
    try:
        day = date.fromisoformat(shape.group(1)) if shape else None
    except ValueError:
        day = None
    return on_day(day) if day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR else _NOT_A_DAY


def moment_in(day: str, moment: str) -> When | Doubt:
    """When something was: the day of the date column, with the time beside it. Midnight stands for no time (ETLs fill
    it in), and a moment of another day than the date is left out: the date is what the model requires."""
    found = day_in(day)
    if not isinstance(found, When):
        return found or NO_DAY
    return _with_time(found, moment) if moment else found


@lru_cache(maxsize=100_000)
def _with_time(day: When, moment: str) -> When:
    shape = _SHAPE.match(moment)
    if shape is None or not shape.group(2) or _MIDNIGHT.match(shape.group(2)):
        return day
    try:
        found = parse_when(f"{shape.group(1)}T{shape.group(2)}{shape.group(3) or ''}")
    except ValueError:
        return day
    return found if found.first == day.first else day


def count_in(text: str) -> int | None:
    """A whole number, written with or without a decimal point; none for anything else."""
    return int(float(text)) if _COUNT.match(text) else None


def known(when: When | Doubt | None) -> When | None:
    """The day where it could be read."""
    return when if isinstance(when, When) else None
