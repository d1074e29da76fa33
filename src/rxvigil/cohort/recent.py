"""The last few results of an analyte, for questions about a series: falls, rises, a value confirmed by repeats, changes
against an earlier value."""

from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import before, literal_day
from rxvigil.cohort.newest import max_by
from rxvigil.cohort.part import Context
from rxvigil.engine.state import YEAR
from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

OF_EACH: Final = ("day", "value", "low", "high", "upper", "lower")


def last_few(rows: "ir.Table", count: int, fast: bool) -> "ir.Table":
    """(person, analyte, day_0, value_0 ..., day_1 ...): the newest `count` results, newest first; null where there are
    fewer. Those of one day stand in no particular order: who asks must look at the days."""
    import ibis

    if fast:
        whole = ibis.struct({name: rows[name] for name in OF_EACH})
        found = rows.group_by("person", "analyte").aggregate(few=max_by(whole, rows.day, count))
        columns = {f"{name}_{nth}": found.few[nth][name] for nth in range(count) for name in OF_EACH}
        return found.select("person", "analyte", **columns)
    order = [rows.day.desc(), rows.moment.desc(), rows.id]
    rows = rows.mutate(nth=ibis.row_number().over(group_by=[rows.person, rows.analyte], order_by=order))
    rows = rows.filter(rows.nth < count)
    return rows.group_by("person", "analyte").aggregate(
        **{f"{name}_{nth}": rows[name].max(where=rows.nth == nth) for nth in range(count) for name in OF_EACH}
    )


def earlier(rows: "ir.Table", newest: "ir.Table", overs: tuple[Duration, ...]) -> "ir.Table":
    """(person, analyte, older_value, older_plain, older_results, and for each window its least and greatest value and
    how many of its values are not exact): results with a value that are certainly older than the newest, those of
    earlier moments of one day among them. `older_results`: how many are of the last day with any."""
    mine = newest.select("person", "analyte", last_day="day", last_moment="moment")
    rows = rows.inner_join(mine, ["person", "analyte"])
    certainly = (rows.day < rows.last_day) | ((rows.day == rows.last_day) & (rows.moment < rows.last_moment))
    older = rows.filter(rows.value.notnull() & certainly)
    found = older.group_by("person", "analyte").aggregate(older_day=older.day.max(), **_windows(older, overs))
    last = older.inner_join(found.select("person", "analyte", "older_day"), ["person", "analyte"])
    last = last.filter(last.day == last.older_day)
    last = last.group_by("person", "analyte").aggregate(
        older_value=last.value.max(), older_plain=last.plain.min(), older_results=last.count()
    )
    return found.inner_join(last, ["person", "analyte"])


def _windows(older: "ir.Table", overs: tuple[Duration, ...]) -> "dict[str, ir.Value]":
    import ibis

    windows: dict[str, ir.Value] = {}
    for number, over in enumerate(overs):
        inside = older.day_last >= before(over, older.last_day)
        windows |= {
            f"least_{number}": older.value.min(where=inside),
            f"most_{number}": older.value.max(where=inside),
            f"inexact_{number}": ibis.ifelse(inside & (older.plain == 0), 1, 0).sum(),
        }
    return windows


def before_start(rows: "ir.Table", courses: "ir.Table", drug: str) -> "ir.Table":
    """(person, analyte, base_value, base_plain, base_results): the last result with a value in the year up to the start
    of the course of a drug, and how many there are of that moment."""
    import ibis

    starts = courses.filter((courses.drug == drug) & courses.start.notnull()).select("person", "start")
    rows = rows.filter(rows.value.notnull()).inner_join(starts, "person")
    opens = (rows.start - ibis.interval(days=YEAR.days)).cast("date")
    rows = rows.filter((rows.day_last >= opens) & (rows.day_last <= rows.start))
    order = [rows.day.desc(), ibis.coalesce(rows.moment, -(1 << 62)).desc()]
    rows = rows.mutate(nth=ibis.rank().over(group_by=[rows.person, rows.analyte], order_by=order))
    rows = rows.filter(rows.nth == 0)
    return rows.group_by("person", "analyte").aggregate(
        base_value=rows.value.max(), base_plain=rows.plain.min(), base_results=rows.count()
    )


def vague(context: Context, analytes: frozenset[str]) -> "ir.Table":
    """Those with a result of these analytes that is dated only to a month or a year, and may count."""
    rows = context.facts.results
    on = literal_day(context.on)
    unclear = rows.when_precision.isin(("year", "month")) & (rows.when_first <= on)
    rows = rows.filter(rows.analyte.isin(sorted(analytes)), unclear)
    return rows.group_by("person").aggregate(results_vague=rows.count())
