"""The day at which an answer about a length of time turns: compared with it, a column of days needs no arithmetic."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from rxvigil.facts import Duration

_NEAR: Final = timedelta(days=5)
"""Months of different lengths, and leap days, move the turning day by less than this."""


def last_reached(length: Duration, on: date) -> date:
    """The last day on which something may have begun that has lasted so long on a date."""
    return _last(lambda day: length.after(day) <= on, length.before(on))


def last_passed(length: Duration, on: date) -> date:
    """The last day on which something may have begun that has lasted longer on a date."""
    return _last(lambda day: length.after(day) < on, length.before(on))


def last_aged(years: int, on: date) -> date:
    """The last birthday of those who have completed so many years on a date."""

    def completed(born: date) -> bool:
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) >= years

    return _last(completed, Duration(years, "year").before(on))


def _last(holds: Callable[[date], bool], near: date) -> date:
    """The last day of which something holds that holds of every day before it."""
    day = near + _NEAR
    while not holds(day):
        day -= timedelta(days=1)
    return day
