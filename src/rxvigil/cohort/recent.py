"""The last few results of an analyte, for questions about a series: falls, rises, a value confirmed by repeats, changes
against an earlier value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rxvigil.cohort.calendar import before, literal_day
from rxvigil.cohort.newest import KEY, max_by, where
from rxvigil.cohort.part import Context
from rxvigil.engine.state import YEAR
from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps


def last_few(rows: "ir.Table", names: Sequence[str], count: int, fast: bool) -> "ir.Table":
    """(person, analyte, and of each column named its values in the newest `count` results: name_0, name_1 ...), newest
    first; null where there are fewer. Those of one day stand in no particular order: who asks must look at the days.
    The columns named are never null."""
    import ibis

    if fast:
        found = rows.group_by(KEY).aggregate(**{name: max_by(rows[name], rows.day, count) for name in names})
        return found.select(*KEY, **{f"{name}_{nth}": found[name][nth] for nth in range(count) for name in names})
    order = [rows.day.desc(), rows.moment.desc(), rows.id]
    rows = rows.mutate(nth=ibis.row_number().over(group_by=[rows.person, rows.analyte], order_by=order))
    rows = rows.filter(rows.nth < count)
    return rows.group_by(KEY).aggregate(
        **{f"{name}_{nth}": where(rows.nth == nth, rows[name]).max() for nth in range(count) for name in names}
    )


def earlier(rows: "ir.Table", newest: "ir.Table", overs: tuple[Duration, ...], steps: "Steps") -> "ir.Table":
    """(person, analyte, older_value, older_plain, older_results, and for each window its least and greatest value and
    how many of its values are not exact): results with a value that are certainly older than the newest, those of
    earlier moments of one day among them. `older_results`: how many are of the last day with any."""
    mine = newest.select(*KEY, last_day="day", last_moment="moment")
    rows = rows.filter(rows.value.notnull()).inner_join(mine, KEY)
    certainly = (rows.day < rows.last_day) | ((rows.day == rows.last_day) & (rows.moment < rows.last_moment))
    older = rows.filter(certainly).select(*KEY, "day", "day_last", "value", "plain", "last_day")
    older = steps.add("older_results", older)
    found = steps.add(
        "older_windows", older.group_by(KEY).aggregate(older_day=older.day.max(), **_windows(older, overs))
    )
    last = older.inner_join(found.select(*KEY, day="older_day"), [*KEY, "day"])
    last = last.group_by(KEY).aggregate(
        older_value=last.value.max(), older_plain=last.plain.min(), older_results=last.count()
    )
    return found.inner_join(last, KEY)


def _windows(older: "ir.Table", overs: tuple[Duration, ...]) -> "dict[str, ir.Value]":
    import ibis

    windows: dict[str, ir.Value] = {}
    for number, over in enumerate(overs):
        inside = older.day_last >= before(over, older.last_day)
        values = where(inside, older.value)
        windows |= {
            f"least_{number}": values.min(),
            f"most_{number}": values.max(),
            f"inexact_{number}": ibis.ifelse(inside & (older.plain == 0), 1, 0).sum(),
        }
    return windows


def before_start(rows: "ir.Table", courses: "ir.Table", drug: str) -> "ir.Table":
    """(person, analyte, base_value, base_plain, base_results): the last result with a value in the year up to the start
    of the course of a drug, and how many there are of that moment."""
    import ibis

    starts = courses.filter((courses.drug == drug) & courses.start.notnull()).select("person", "start")
    rows = rows.filter(rows.value.notnull()).inner_join(starts, "person")
    opens = before(Duration(YEAR.days, "day"), rows.start)
    rows = rows.filter((rows.day_last >= opens) & (rows.day_last <= rows.start))
    order = [rows.day.desc(), ibis.coalesce(rows.moment, -(1 << 62)).desc()]
    rows = rows.mutate(nth=ibis.rank().over(group_by=[rows.person, rows.analyte], order_by=order))
    rows = rows.filter(rows.nth == 0)
    return rows.group_by(KEY).aggregate(
        base_value=rows.value.max(), base_plain=rows.plain.min(), base_results=rows.count()
    )


def vague(context: Context, analytes: frozenset[str]) -> "ir.Table":
    """Those with a result of these analytes that is dated only to a month or a year, and may count."""
    rows = context.facts.results
    on = literal_day(context.on)
    unclear = rows.when_precision.isin(("year", "month")) & (rows.when_first <= on)
    rows = rows.filter(rows.analyte.isin(sorted(analytes)), unclear)
    return rows.group_by("person").aggregate(results_vague=rows.count())
