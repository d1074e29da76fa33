"""Results that lie too close together, or differ too much in kind, for a few columns to hold: their patients are left
to the evaluator of one patient."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import after
from rxvigil.cohort.comparing import OWN
from rxvigil.cohort.newest import at
from rxvigil.cohort.part import column
from rxvigil.cohort.truth import holds
from rxvigil.engine.ask_results import APART

if TYPE_CHECKING:
    import ibis.expr.types as ir


def mixed(atoms: Collection[Atom], row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Several newest results of which some have a number, a category or a limit of their own and others have not, or
    another one, where an atom asks for it."""
    for atom in dict.fromkeys(one for one in atoms if one.measure == "latest"):
        several = holds(at(row, atom, "results") > 1)
        if atom.wanted:
            yield several & (_some(atom, "categories", row) | _differ(atom, "category_min", "category_max", row))
        elif atom.operator == "=":
            yield several
        elif atom.value is not None and (which := OWN.get(atom.value.unit)):
            differ = _some(atom, f"{which}s", row) | _differ(atom, which, f"{which}_other", row)
            yield several & (differ | _some(atom, "numbers", row))
        elif atom.value is not None and atom.value.value <= 0:
            yield several & _some(atom, "numbers", row)


def _some(atom: Atom, name: str, row: "ir.Table") -> "ir.BooleanValue":
    """Some of the newest results have it and some have not."""
    return holds((at(row, atom, name) > 0) & (at(row, atom, name) != at(row, atom, "results")))


def _differ(atom: Atom, one: str, other: str, row: "ir.Table") -> "ir.BooleanValue":
    return holds(at(row, atom, one) != at(row, atom, other))


def crowded(counts: Mapping[str, int], row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Several results of one day among the last few of an analyte, of which each is asked about."""
    for analyte, count in counts.items():
        days = [row[column(analyte, f"last_day_{nth}")] for nth in range(count + 1)]
        yield from (holds(later == earlier) for later, earlier in zip(days, days[1:], strict=False))


def close(atom: Atom, kept: "Sequence[ir.BooleanValue]", row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Results that are closer than a trend's steps may be: which of them count depends on all later ones. `kept`: of
    the newest exact numbers, one more than the steps need, those that are not too old to count."""
    apart = atom.length("apart") or APART
    days = [at(row, atom, f"steps_day_{nth}") for nth in range(len(kept))]
    for nth, counts in enumerate(kept[1:]):
        too_close = after(apart, days[nth + 1]) > days[nth]
        yield counts & holds(too_close if nth + 2 < len(kept) else days[nth + 1] == days[nth])


def unequal(analytes: Collection[str], row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Several newest results of which only some are exact numbers, where a change is asked about."""
    for analyte in sorted(analytes):
        results, plain = row[column(analyte, "results")], row[column(analyte, "plain")]
        yield holds((results > 1) & (plain != results))


def inexact(analytes: Collection[str], windows: int, row: "ir.Table") -> "Iterator[ir.BooleanValue]":
    """Earlier values that are no exact numbers, or, where none is in a window, several of one day before it."""
    for analyte in sorted(analytes):
        several = holds(row[column(analyte, "older_results")] > 1)
        for nth in range(windows):
            yield holds(row[column(analyte, f"inexact_{nth}")] > 0)
            yield several & row[column(analyte, f"least_{nth}")].isnull()
