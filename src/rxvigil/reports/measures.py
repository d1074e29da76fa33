"""What was measured of a population: every number with its numerator, denominator, definition and interval."""

from datetime import date
from typing import Final

import msgspec

from rxvigil.facts import show_day

SCHEMA: Final = "rxvigil.measures/1"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One proportion. What is hidden, because few people are meant, is null."""

    label: str
    numerator: int | None
    denominator: int | None
    proportion: float | None = None
    low: float | None = None
    """Lower end of the 95 % interval (Wilson)."""
    high: float | None = None


class Breakdown(msgspec.Struct, frozen=True, kw_only=True):
    """A measure by one property of the patients."""

    by: str
    rows: tuple[Figure, ...]
    parts: bool = True
    """Everybody is in one row only, so that the rows sum to the whole."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How long until something happened, in days."""

    events: int | None
    """Of how many it was measured; null where these are few."""
    median: int | None = None
    low: int | None = None
    high: int | None = None
    """95 % interval of the median; null where it lies beyond the days looked at."""
    looked_at: int = 0
    """For how many days each was followed at least."""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure, with all that is needed to check it or to repeat it."""

    id: str
    title: str
    means: str
    """The definition: who is counted, and of whom."""
    numerator: str
    denominator: str
    source: str
    url: str = ""
    whole: Figure | None = None
    breakdowns: tuple[Breakdown, ...] = ()
    waiting: Waiting | None = None
    notes: tuple[str, ...] = ()


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured of a store as of a date."""

    schema: str = SCHEMA
    on: date
    jurisdiction: str
    simulated: str = ""
    """What must be said where patients do not exist; '' where nobody is simulated."""
    patients: int
    measures: tuple[Measure, ...]
    disclosure: str
    """How small numbers are treated, and by which source."""
    exact: bool = False
    intervals: str
    notes: tuple[str, ...] = ()
    book: str
    overlay: str = ""
    version: str


def percent(value: float | None) -> str:
    """A proportion for people."""
    return "hidden" if value is None else f"{100 * value:.1f} %"


def interval(figure: Figure) -> str:
    """The 95 % interval for people."""
    return f"{100 * figure.low:.1f} to {100 * figure.high:.1f} %" if figure.low is not None and figure.high else ""


def label(found: Breakdown, row: Figure) -> str:
    """What a row is of; a month as people write it."""
    if found.by != "month":
        return row.label
    return show_day(date.fromisoformat(f"{row.label}-01")).removeprefix("1 ")


def count(value: int | None) -> str:
    """A count for people."""
    return "hidden" if value is None else f"{value:,}"


def shown(figure: Figure) -> str:
    """A proportion with its interval in a sentence."""
    if figure.denominator == 0:
        return "nobody to measure"
    if figure.proportion is None:
        return f"hidden, because few people are meant ({count(figure.numerator)} of {count(figure.denominator)})"
    of = f"{count(figure.numerator)} of {count(figure.denominator)}"
    return f"{percent(figure.proportion)} ({of}; 95 % interval {interval(figure)})"


def waited(waiting: Waiting) -> str:
    """A median in a sentence."""
    if waiting.events is None:
        return "hidden, because few people are meant"
    if not waiting.events:
        return "nothing to measure"
    beyond = f"more than {waiting.looked_at} days"
    median = beyond if waiting.median is None else f"{waiting.median} days"
    low = beyond if waiting.low is None else f"{waiting.low}"
    high = beyond if waiting.high is None else f"{waiting.high} days"
    return f"median {median} (95 % interval {low} to {high}; {waiting.events:,} results)"


def headline(made: Measures) -> str:
    """What this is, in a sentence."""
    return f"Monitoring of {count(made.patients)} patients as of {show_day(made.on)}, {len(made.measures)} measures."


def colophon(made: Measures) -> str:
    """Which knowledge was used."""
    overlay = f", overlay {made.overlay}" if made.overlay else ""
    return f"Rule book {made.book}{overlay}, jurisdiction {made.jurisdiction}, rxvigil {made.version}."
