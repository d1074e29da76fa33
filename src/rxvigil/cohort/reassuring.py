"""How far back a result counts, and whether the newest one may reassure: `engine.state.State.latest` over rows of a
person and an analyte."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.truth import holds
from rxvigil.engine.state import YEAR, fresh_for

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir


def start_of(drug: str) -> str:
    """The column of the day on which a drug was started."""
    return column("start", drug)


def near_of(drug: str | None) -> str:
    """The column that tells whether the newest result is near enough to count when a drug is asked about."""
    return column("near", drug) if drug else "near"


def reach_back(context: Context, this: str | None, row: "ir.Table") -> "ir.DateValue":
    """How far back a worrying value stands at least: to the start of the drug, or a year."""
    import ibis

    year = literal_day(context.on - YEAR)
    if this is None or start_of(this) not in row.columns:
        return year
    return ibis.least(ibis.coalesce(row[start_of(this)], year), year)


def oldest(context: Context, analyte: str) -> "date":
    """The oldest day on which a newest result counts whatever is taken."""
    return min(fresh_for(context.words, analyte).before(context.on), context.on - YEAR)


def standing(context: Context, analytes: Iterable[str], drugs: Iterable[str], row: "ir.Table") -> "ir.Table":
    """With columns that tell whether the newest result is near enough to count, for each drug that may be asked about,
    and why a reassuring value would not (a later one could not be read, it is preliminary, or it is stale)."""
    analytes = tuple(analytes)
    opens = _by_analyte({one: oldest(context, one) for one in analytes}, row)
    fresh = _by_analyte({one: fresh_for(context.words, one).before(context.on) for one in analytes}, row)
    unread = holds(row.undated == 1) | holds(row.until >= row.day)
    row = row.mutate(
        near=holds(row.day_last >= opens), doubt=unread | holds(row.preliminary == 1) | holds(row.day < fresh)
    )
    return row.mutate(**{near_of(drug): row.near | holds(row.day_last >= row[start_of(drug)]) for drug in drugs})


def _by_analyte(days: "dict[str, date]", row: "ir.Table") -> "ir.DateValue":
    """The day that goes with the analyte of each row; most analytes share theirs."""
    import ibis

    groups: dict[date, list[str]] = defaultdict(list)
    for analyte, day in days.items():
        groups[day].append(analyte)
    (usual, _), *others = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    branches = [(row.analyte.isin(sorted(mine)), literal_day(day)) for day, mine in others]
    return ibis.cases(*branches, else_=literal_day(usual)) if branches else literal_day(usual)


def is_doubtful(analyte: str, row: "ir.Table") -> "ir.BooleanValue":
    """Whether a reassuring value of an analyte that the state holds by itself would not count."""
    return holds(row[column(analyte, "doubt")])
