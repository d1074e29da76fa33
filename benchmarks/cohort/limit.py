"""The limit: a bare DuckDB query over the same Parquet files that only finds, for each patient and analyte, the latest
value and its day, the last one before azathioprine, and whether the last three fell. No rule, no doubt, no schedule.

    python -m benchmarks.cohort.limit STORE

Prints what it counted as JSON, so that nothing of it can be left out unseen.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.cohort.population import ON
from rxvigil.population.store import Store

_READ: Final = ("prescriptions", "results")
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


@dataclass(frozen=True)
class Counted:
    """What was found."""

    series: int = 0
    falling: int = 0
    latest: float = 0.0
    """Sum of the latest values."""
    baselines: int = 0
    newest: str = ""
    """Day of the newest result."""

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            self.series + other.series,
            self.falling + other.falling,
            self.latest + other.latest,
            self.baselines + other.baselines,
            max(self.newest, other.newest),
        )


def limit(store: Store) -> Counted:
    """What was counted, bucket by bucket as a screen goes, which takes less time and memory than one query over all."""
    import duckdb

    total = Counted()
    with duckdb.connect(config={"memory_limit": "4GB", "threads": 2}) as con:
        con.execute("SET preserve_insertion_order = false")
        for bucket in store.buckets:
            files = {name: list(map(str, paths)) for name, paths in store.tables(bucket).items() if name in _READ}
            total += Counted(*con.execute(_COUNTED.format(found=_FOUND.format(**files, on=ON))).fetchall()[0])
    return total


if __name__ == "__main__":
    print(json.dumps(asdict(limit(Store.open(Path(sys.argv[1]))))))
