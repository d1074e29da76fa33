"""The counts of the last long comparison, kept for the page docs/reference/agreement.md."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from agreement.compare import Tally
from rxvigil.clock import today

COUNTS: Final = Path(__file__).with_name("counts.json")
_NAMES: Final = {
    "duckdb": "DuckDB, portable form", "duckdb-fast": "DuckDB, fast form", "postgres": "PostgreSQL 15",
    "spark": "Apache Spark",
}  # fmt: skip
_PACKAGES: Final = {"DuckDB": "duckdb", "ibis": "ibis-framework", "Apache Spark": "pyspark", "Hypothesis": "hypothesis"}


class Line(NamedTuple):
    """One database and what it was found to agree on."""

    name: str
    shipped: Tally
    """Of the shipped rule book and its worked patients."""
    books: int
    tally: Tally
    """Of rule books and patients made up at random."""


def keep(lines: list[Line], seed: int) -> None:
    """Write the counts down; `make docs` makes the page of them."""
    kept = {
        "on": today().isoformat(),
        "seed": seed,
        "with": [f"Python {platform.python_version()}", *(f"{name} {version(one)}" for name, one in _PACKAGES.items())],
        "databases": [_counts(line) for line in lines],
    }
    COUNTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _counts(line: Line) -> dict[str, object]:
    made_up = {"books": line.books, **_counted(line.tally), "left out": dict(line.tally.singly.most_common())}
    return {"name": _NAMES[line.name], "shipped": _counted(line.shipped), "made up": made_up}


def _counted(tally: Tally) -> dict[str, int]:
    return {
        "patients": tally.patients,
        "alone": tally.singly.total(),
        "agreed": tally.agreed,
        "answers": tally.answers,
        "findings": tally.findings,
        "differing": len(tally.disagreements),
    }
