"""A measured enzyme activity (TPMT in red cells): its group by the ranges that the laboratory printed beside it.

Every laboratory has its own unit and limits, so a number means something only beside its own ranges.
"""

from typing import NamedTuple

from rxvigil.genetics import read_activity
from rxvigil.intake.reading import Doubt, Finder, Measured, clean
from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.vocabulary import Analyte


class Printed(NamedTuple):
    """What a laboratory printed beside a number."""

    ranges: str = ""
    """'deficient <10; intermediate 10-25; normal 26-50; high >50'."""
    low: float | None = None
    high: float | None = None
    """Ends of its reference interval, in the unit of the value."""
    groups: frozenset[str] = frozenset()
    """Groups that its interpretation names in words."""


def is_activity(finder: Finder, analyte: Analyte) -> bool:
    """Whether the analyte is the activity of a gene's enzyme."""
    return _file(finder, analyte) is not None


def activity_group(
    finder: Finder, analyte: Analyte, value: float, comparator: str, unit: str, printed: Printed
) -> Measured | Doubt:
    """The one group that the number and the interpretation allow together, or why there is none."""
    knowledge = _file(finder, analyte)
    if knowledge is None:
        return Doubt("it is no activity that is known", (analyte.key,))
    reading = read_activity(
        value, unit, printed.ranges, low=printed.low, high=printed.high, comparator=comparator, knowledge=knowledge
    )
    by_number: frozenset[str] = reading.groups
    groups = by_number & printed.groups if by_number and printed.groups else by_number or printed.groups
    if len(groups) == 1:
        return Measured(None, "", next(iter(groups)), clean(f"{comparator}{value:g} {unit}"))
    if by_number and printed.groups and not groups:
        return Doubt("its ranges and its interpretation say different things", (analyte.key,))
    why = " or ".join(sorted(groups)) if groups else reading.why_not
    return Doubt(f"what its number means is not certain: {why}", (analyte.key,))


def _file(finder: Finder, analyte: Analyte) -> ActivityFile | None:
    files = finder.vocabulary.activities.values()
    return next((one for one in files if analyte.key == f"{one.gene}-activity"), None)
