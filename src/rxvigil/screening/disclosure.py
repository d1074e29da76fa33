"""Small numbers that could point at somebody are hidden, and no sum gives them away.

Counts of 1 to 7 are hidden and all others are rounded to the nearest 5, as OpenSAFELY asks of everything it releases
and as NHS England does with counts below national level. Rounding protects against differences between tables; where
a single row of a breakdown is hidden, the next smallest is hidden too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rxvigil.reports.measures import Breakdown, Figure
from rxvigil.screening.statistics import wilson

MOST_HIDDEN: Final = 7
ROUNDED_TO: Final = 5
SAYS: Final = (
    "Counts of 1 to 7 are hidden, and so is a numerator whose rest is 1 to 7; all others are rounded to the nearest 5, "
    "and proportions and intervals are worked out from the rounded counts. Where one row of a breakdown would be "
    "hidden alone, the next smallest is hidden too. Sources: OpenSAFELY, Applying statistical disclosure control "
    "(https://docs.opensafely.org/sdc/) and Updated disclosure control guidance; NHS Digital, Disclosure control "
    "methodology for Hospital Episode Statistics and Emergency Care Data Set (from September 2018)."
)
EXACT: Final = (
    "EXACT NUMBERS, for the people who look after these patients. Small numbers are not hidden: not for publication, "
    "not to be sent on."
)


@dataclass(frozen=True)
class Counted:
    """A proportion as it was counted."""

    label: str
    numerator: int
    denominator: int


def figure(counted: Counted, *, exact: bool) -> Figure:
    """One figure that stands alone, such as the whole."""
    return _figure(counted) if exact else _protected(counted, _hide_denominator(counted), _hide_numerator(counted))


def breakdown(by: str, rows: Sequence[Counted], *, exact: bool, parts: bool = True) -> Breakdown:
    """A breakdown; `parts`: its rows sum to a whole that is shown somewhere."""
    if exact:
        return Breakdown(by=by, rows=tuple(map(_figure, rows)), parts=parts)
    denominators = _not_alone([_hide_denominator(one) for one in rows], rows, lambda one: one.denominator, parts)
    numerators = [_hide_numerator(one) or hidden for one, hidden in zip(rows, denominators, strict=True)]
    numerators = _not_alone(numerators, rows, lambda one: one.numerator, parts)
    protected = (_protected(*one) for one in zip(rows, denominators, numerators, strict=True))
    return Breakdown(by=by, rows=tuple(protected), parts=parts)


def _hide_denominator(one: Counted) -> bool:
    return _small(one.denominator)


def _hide_numerator(one: Counted) -> bool:
    """Also where few are left over: who is not counted would be pointed at."""
    return _small(one.numerator) or _small(one.denominator - one.numerator)


def _small(number: int) -> bool:
    return 1 <= number <= MOST_HIDDEN


def _not_alone(hidden: list[bool], rows: Sequence[Counted], size: Callable[[Counted], int], parts: bool) -> list[bool]:
    """One hidden number could be worked out from the whole and the others: a second one is hidden with it."""
    if not parts or sum(hidden) != 1:
        return hidden
    shown = [(size(one), nth) for nth, one in enumerate(rows) if not hidden[nth] and size(one)]
    more = min(shown)[1] if shown else None
    return [one or nth == more for nth, one in enumerate(hidden)]


def _protected(one: Counted, no_denominator: bool, no_numerator: bool) -> Figure:
    if no_denominator:
        return Figure(label=one.label, numerator=None, denominator=None)
    if no_numerator:
        return Figure(label=one.label, numerator=None, denominator=rounded(one.denominator))
    return _figure(Counted(one.label, rounded(one.numerator), rounded(one.denominator)))


def rounded(number: int) -> int:
    """To the nearest multiple of 5."""
    return ROUNDED_TO * ((number + ROUNDED_TO // 2) // ROUNDED_TO)


def _figure(one: Counted) -> Figure:
    if not one.denominator:
        return Figure(label=one.label, numerator=one.numerator, denominator=0)
    low, high = wilson(one.numerator, one.denominator)
    share = one.numerator / one.denominator
    return Figure(
        label=one.label,
        numerator=one.numerator,
        denominator=one.denominator,
        proportion=round(share, 4),
        low=round(low, 4),
        high=round(high, 4),
    )
