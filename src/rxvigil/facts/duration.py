"""Lengths of time as protocols write them. Weeks are never turned into months, nor months into days:
"every 12 weeks" and "every 3 months" fall on different days, and a body that wrote one did not write the other.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, cast

import msgspec

CalendarUnit = Literal["day", "week", "month", "year"]

_SHAPE = re.compile(r"^(\d+)\s*(days?|weeks?|months?|years?)$")


class Duration(msgspec.Struct, frozen=True):
    """A whole number of calendar units."""

    count: int
    unit: CalendarUnit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    def after(self, start: date) -> date:
        """The day this long after `start`; a month ends on its last day where the day does not exist."""
        return _after(self, start)

    def before(self, end: date) -> date:
        """The day this long before `end`."""
        return _before(self, end)

    @property
    def nominal_days(self) -> float:
        """About how many days: only for comparing lengths and for grace, never for due dates."""
        return self.count * {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}[self.unit]


class DurationRange(msgspec.Struct, frozen=True):
    """An interval a source gives as a range ("every 2 to 3 months"): due at `low`, overdue after `high`."""

    low: Duration
    high: Duration

    @property
    def rhythm(self) -> str:
        """How often, in words: 'every week', 'every 2 to 3 months'."""
        return f"every {self.low.unit}" if self.low == self.high and self.low.count == 1 else f"every {self}"

    def __str__(self) -> str:
        if self.low == self.high:
            return str(self.low)
        return f"{self.low.count} to {self.high}" if self.low.unit == self.high.unit else f"{self.low} to {self.high}"


@lru_cache(maxsize=512)
def parse_duration(text: str) -> Duration:
    """Read "6 weeks", "1 month", "90 days". Raises `ValueError` for anything else."""
    shape = _SHAPE.match(text.strip())
    if shape is None:
        raise ValueError(f"'{text}' is not a length of time; write for example '2 weeks', '3 months', '90 days'")
    return Duration(int(shape.group(1)), cast(CalendarUnit, shape.group(2).rstrip("s")))


@lru_cache(maxsize=512)
def parse_range(text: str) -> DurationRange:
    """Read "2 weeks" or "2 to 3 months"."""
    low, separator, high = text.partition(" to ")
    if not separator:
        same = parse_duration(text)
        return DurationRange(same, same)
    upper = parse_duration(high)
    lower = parse_duration(low if not low.strip().isdigit() else f"{low} {upper.unit}")
    if lower.nominal_days > upper.nominal_days:
        raise ValueError(f"'{text}' runs backwards: its lower end is longer than its upper end")
    return DurationRange(lower, upper)


@lru_cache(maxsize=4096)
def _after(length: Duration, start: date) -> date:
    if length.unit == "day":
        return start + timedelta(days=length.count)
    if length.unit == "week":
        return start + timedelta(weeks=length.count)
    return _shift_months(start, length.count * (12 if length.unit == "year" else 1))


@lru_cache(maxsize=4096)
def _before(length: Duration, end: date) -> date:
    if length.unit in ("day", "week"):
        return end - (_after(length, end) - end)
    return _shift_months(end, -length.count * (12 if length.unit == "year" else 1))


def _shift_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
