"""Dates as the record states them: a year, a month, a day, or an instant with its local day.

A date known only to the month must not silently become the first of the month, so `When` keeps the first and
the last day it can mean. An instant keeps its own offset: the *local* day is the day on the clock where the
blood was taken, not the day in UTC.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime
from typing import Literal

import msgspec

Precision = Literal["year", "month", "day", "instant"]

_SHAPE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class When(msgspec.Struct, frozen=True, order=True):
    """A point in time with the precision it was stated in; `first` and `last` bound the local day."""

    first: date
    last: date
    precision: Precision
    instant: datetime | None = None

    @property
    def sort_key(self) -> tuple[date, float]:
        """Order by local day, then by instant; a bare day sorts before the instants of that day. An instant without
        an offset is taken for UTC: what the machine's own zone is must not change an order."""
        if self.instant is None:
            return (self.first, float("-inf"))
        instant = self.instant if self.instant.tzinfo else self.instant.replace(tzinfo=UTC)
        return (self.first, instant.timestamp())

    @property
    def iso(self) -> str:
        """The local day as ISO 8601 writes it, no more precise than it is known: 2026, 2026-03, 2026-03-05."""
        return self.first.isoformat()[: {"year": 4, "month": 7}.get(self.precision, 10)]

    def __str__(self) -> str:
        if self.precision == "year":
            return str(self.first.year)
        if self.precision == "month":
            return f"{_MONTHS[self.first.month - 1]} {self.first.year}"
        return show_day(self.first)


def show_day(day: date) -> str:
    """A day as people read it, without ambiguity: 5 Mar 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def on_day(day: date) -> When:
    """A `When` known to the day."""
    return When(day, day, "day")


def parse_when(text: str) -> When:
    """Read an ISO 8601 / FHIR date, dateTime or instant.

    Raises `ValueError` saying what is wrong; a date that does not exist (2026-02-30) is an error, not a guess.
    """
    shape = _SHAPE.match(text.strip())
    if shape is None:
        raise ValueError(f"'{text[:40]}' is not a date; expected YYYY, YYYY-MM, YYYY-MM-DD or a date with a time")
    year, month, day, clock = shape.groups()
    if clock:
        moment = datetime.fromisoformat(text.strip())
        return When(moment.date(), moment.date(), "instant", moment)
    if day:
        return on_day(date(int(year), int(month), int(day)))
    if month:
        last = monthrange(int(year), int(month))[1]
        return When(date(int(year), int(month), 1), date(int(year), int(month), last), "month")
    return When(date(int(year), 1, 1), date(int(year), 12, 31), "year")
