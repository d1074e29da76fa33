"""Results that lie too close together for a few columns to hold: their patients are left to the evaluator of one
patient. A row is a person and an analyte."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import after
from rxvigil.cohort.truth import holds
from rxvigil.engine.ask_results import APART

if TYPE_CHECKING:
    import ibis.expr.types as ir


def crowded(count: int, row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Several results of one day among the last few, of which each is asked about."""
    days = [row[f"last_day_{nth}"] for nth in range(count + 1)]
    yield from (holds(later == earlier) for later, earlier in zip(days, days[1:], strict=False))


def close(atom: Atom, kept: "Sequence[ir.BooleanValue]", row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Results that are closer than a trend's steps may be: which of them count depends on all later ones. `kept`: of
    the newest exact numbers, one more than the steps need, those that are not too old to count."""
    apart = atom.length("apart") or APART
    days = [row[f"steps_day_{nth}"] for nth in range(len(kept))]
    for nth, counts in enumerate(kept[1:]):
        too_close = after(apart, days[nth + 1]) > days[nth]
        yield counts & holds(too_close if nth + 2 < len(kept) else days[nth + 1] == days[nth])


def unequal(row: "ir.Table") -> "ir.BooleanValue":
    """Several newest results of which only some are exact numbers, where a change is asked about."""
    return holds((row.results > 1) & (row.plain != row.results))


def inexact(windows: int, row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Earlier values that are no exact numbers, or, where none is in a window, several of one day before it."""
    several = holds(row.older_results > 1)
    for nth in range(windows):
        yield holds(row[f"inexact_{nth}"] > 0)
        yield several & row[f"least_{nth}"].isnull()
