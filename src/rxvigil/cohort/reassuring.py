"""How far back a result counts, and whether the newest one may reassure: `engine.state.State.latest` over columns."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.truth import holds
from rxvigil.engine.state import YEAR, fresh_for

if TYPE_CHECKING:
    import ibis.expr.types as ir


def reach_back(context: Context, this: str | None, row: "ir.Table") -> "ir.DateValue":
    """How far back a worrying value stands at least: to the start of the drug, or a year."""
    import ibis

    year = literal_day(context.on - YEAR)
    if this is None or column(this, "start") not in row.columns:
        return year
    return ibis.least(ibis.coalesce(row[column(this, "start")], year), year)


def is_there(atom: Atom, row: "ir.Table") -> "ir.BooleanValue":
    """Whether there is a newest result within reach."""
    near = row[column(atom.subject, "near")]
    if atom.this is None or column(atom.this, "start") not in row.columns:
        return near
    return near | holds(row[column(atom.subject, "day_last")] >= row[column(atom.this, "start")])


def is_doubtful(analyte: str, row: "ir.Table") -> "ir.BooleanValue":
    """Whether a reassuring value would not count."""
    return row[column(analyte, "doubt")]


def standing(context: Context, analytes: Iterable[str], row: "ir.Table") -> "dict[str, ir.BooleanValue]":
    """Columns that the two questions above read: whether the newest result is near enough without any course, and why a
    reassuring value would not count (a later one could not be read, it is preliminary, or it is stale)."""
    found: dict[str, ir.BooleanValue] = {}
    for analyte in analytes:
        fresh = literal_day(fresh_for(context.words, analyte).before(context.on))
        day, last = row[column(analyte, "day")], row[column(analyte, "day_last")]
        opens = literal_day(min(fresh_for(context.words, analyte).before(context.on), context.on - YEAR))
        unread = holds(row[column(analyte, "undated")] == 1) | holds(row[column(analyte, "until")] >= day)
        stale = holds(row[column(analyte, "preliminary")] == 1) | holds(day < fresh)
        found[column(analyte, "near")] = holds(last >= opens)
        found[column(analyte, "doubt")] = unread | stale
    return found
