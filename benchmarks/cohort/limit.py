"""The limit: one bare DuckDB query over the same Parquet that only finds, for each patient and analyte, the latest value,
the one before treatment, and whether the last three fell. No rule, no doubt, no unit, no schedule.

    python -m benchmarks.cohort.limit STORE
"""

import sys
import time
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.cohort.population import ON
from rxvigil.population.store import Store

QUERY: Final = """
    WITH starts AS (
        SELECT person, min(start_first) AS start FROM read_parquet('{prescriptions}') WHERE drug = 'azathioprine' GROUP BY ALL
    )
    SELECT person, analyte, max_by(value, when_first, 3) AS newest, max(when_first) AS latest,
           max_by(value, when_first) FILTER (when_first <= start) AS before
    FROM read_parquet('{results}') JOIN starts USING (person)
    WHERE when_first <= DATE '{on}' GROUP BY ALL
"""
COUNT: Final = """
    SELECT count(*), count(*) FILTER (newest[1] < newest[2] AND newest[2] < newest[3]), sum(newest[1]), count(before)
    FROM ({query})
"""


def limit(store: Store) -> tuple[float, tuple[object, ...]]:
    """Seconds, and what was counted, so that nothing can be left out unseen."""
    query = QUERY.format(results=store.glob("results"), prescriptions=store.glob("prescriptions"), on=ON)
    with duckdb.connect() as con:
        begin = time.perf_counter()
        found = con.execute(COUNT.format(query=query)).fetchall()
        return time.perf_counter() - begin, found[0]


if __name__ == "__main__":
    print(limit(Store.open(Path(sys.argv[1]))))
