"""Days of a population: the same days as for one patient, and days in what is told, not moments at midnight."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from rxvigil import cohort
from rxvigil.cohort.calendar import added, after, before, earlier
from rxvigil.facts import Duration

DAYS = [date(2023, 12, 1) + timedelta(days=nth) for nth in range(0, 830, 3)]
"""Two years and more, a leap day and the ends of many months among them."""
ENDS = [date(2024, 1, 31), date(2024, 2, 29), date(2025, 2, 28), date(2025, 12, 31)]
LENGTHS = [Duration(1, "day"), Duration(90, "day"), Duration(6, "week"), Duration(1, "month"), Duration(3, "month"),
           Duration(13, "month"), Duration(1, "year")]  # fmt: skip


@pytest.mark.parametrize("length", LENGTHS, ids=str)
def test_a_length_is_added_and_taken_away_as_for_one_day(length: Duration, duckdb: Any) -> None:
    days = ibis.memtable(pa.table({"day": [*DAYS, *ENDS]}))
    asked = days.select("day", after=after(length, days.day), before=before(length, days.day))
    for row in duckdb.to_pyarrow(asked).to_pylist():
        assert type(row["after"]) is date
        assert type(row["before"]) is date
        assert (row["after"], row["before"]) == (length.after(row["day"]), length.before(row["day"]))


def test_columns_of_months_and_days_give_days(duckdb: Any) -> None:
    """31 January and a month is the last of February; the days come after the months."""
    given = {"day": [date(2024, 1, 31), date(2025, 1, 31)], "months": [1, 1], "days": [0, 14]}
    rows = ibis.memtable(pa.table(given))
    asked = rows.select(later=added(rows.day, rows.months, rows.days), sooner=earlier(rows.day, rows.days))
    told = duckdb.to_pyarrow(asked.order_by("later"))
    assert told.to_pylist() == [
        {"later": date(2024, 2, 29), "sooner": date(2024, 1, 31)},
        {"later": date(2025, 3, 14), "sooner": date(2025, 1, 17)},
    ]


def test_nothing_else_makes_days_of_moments() -> None:
    """ibis leaves out a cast it takes for needless; `calendar.day_of` is the one place that knows."""
    files = sorted(Path(cohort.__file__).parent.glob("*.py"))
    casting = [one.name for one in files if '.cast("date")' in one.read_text() or ".interval(" in one.read_text()]
    assert casting == ["calendar.py"]
