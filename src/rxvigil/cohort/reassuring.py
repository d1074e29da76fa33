"""How far back a result counts, and whether the newest one may reassure: `engine.state.State.latest` over columns."""

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


def is_there(context: Context, atom: Atom, row: "ir.Table") -> "ir.BooleanValue":
    """Whether there is a newest result within reach."""
    import ibis

    fresh = literal_day(fresh_for(context.words, atom.subject).before(context.on))
    opens = ibis.least(reach_back(context, atom.this, row), fresh)
    return holds(row[column(atom.subject, "day_last")] >= opens)


def is_doubtful(context: Context, analyte: str, row: "ir.Table") -> "ir.BooleanValue":
    """Why a reassuring value would not count: a later one could not be read, it is preliminary, or it is stale."""
    fresh = literal_day(fresh_for(context.words, analyte).before(context.on))
    day = row[column(analyte, "day")]
    unread = holds(row[column(analyte, "undated")] == 1) | holds(row[column(analyte, "until")] >= day)
    return unread | holds(row[column(analyte, "preliminary")] == 1) | holds(day < fresh)
