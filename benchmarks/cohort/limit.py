"""The limit: a bare DuckDB query over the same Parquet files that only finds, for each patient and analyte, the latest
value and its day, the last one before azathioprine, and whether the last three fell. No rule, no doubt, no schedule.

    python -m benchmarks.cohort.limit STORE

Prints what it counted as JSON, so that nothing of it can be left out unseen.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.cohort.population import ON
from rxvigil.population.store import Store

_FOUND: Final = """
    WITH starts AS (
        SELECT person, min(start_first) AS start
        FROM read_parquet({prescriptions}, hive_partitioning = false) WHERE drug = 'azathioprine' GROUP BY person
    )
    SELECT person, analyte, max_by(value, when_first, 3) AS newest, max(when_first) AS latest,
        max_by(value, when_first) FILTER (when_first <= start) AS baseline
    FROM read_parquet({results}, hive_partitioning = false) JOIN starts USING (person)
    WHERE when_first <= DATE '{on}' GROUP BY person, analyte
"""
_COUNTED: Final = """
    SELECT count(*) AS series, count(*) FILTER (newest[1] < newest[2] AND newest[2] < newest[3]) AS falling,
        round(sum(newest[1]), 2) AS latest, count(baseline) AS baselines, max(latest)::VARCHAR AS newest
    FROM ({found})
"""


def limit(store: Store, memory: str = "4GB") -> dict[str, Any]:
    """What was counted, by one query over all files, on two threads and with the memory that a screen allows DuckDB."""
    import duckdb

    files = {table: [str(path) for bucket in store.buckets for path in store.tables(bucket)[table]] for table in
             ("prescriptions", "results")}  # fmt: skip
    with duckdb.connect(config={"memory_limit": memory, "threads": 2}) as con:
        con.execute("SET preserve_insertion_order = false")
        found = con.execute(_COUNTED.format(found=_FOUND.format(**files, on=ON)))
        (counts,) = found.fetchall()
        return dict(zip([column[0] for column in found.description], counts, strict=True))


if __name__ == "__main__":
    print(json.dumps(limit(Store.open(Path(sys.argv[1])))))
