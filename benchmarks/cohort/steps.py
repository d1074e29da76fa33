"""Where a screen's time goes: processor seconds before, in and after the steps of the plan on one share of a store.

    python -m benchmarks.cohort.steps STORE [--share 0] [--top 10] [--rules FOLDER]

Patients whom the plan leaves to the evaluator of one patient, and rows that are opened with it, are not among it.
"""

import argparse
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.cohort.population import ON
from rxvigil.cohort.plan import make_plan
from rxvigil.engine import Wanted
from rxvigil.knowledge import load_rule_book
from rxvigil.population.store import Store
from rxvigil.screening.databases import database, written_out
from rxvigil.screening.parts import by_plan, keep_part
from rxvigil.screening.shares import keys_on_file, shares_of
from rxvigil.screening.told import OUTPUTS

_CREATED: Final = re.compile(r'CREATE (?:OR REPLACE )?TEMP TABLE "(\w+)"')


@dataclass
class Times:
    """Processor seconds by what was done, in the order in which it was done."""

    seconds: dict[str, float] = field(default_factory=dict)

    def of(self, name: str, work: Callable[[], Any]) -> Any:
        """Do it, and note what it took."""
        before = _processor()
        done = work()
        self.seconds[name] = self.seconds.get(name, 0) + _processor() - before
        return done

    @property
    def all(self) -> float:
        return sum(self.seconds.values())


@dataclass(frozen=True)
class Breakdown:
    """Of one share: what comes before and after the queries, and every step of the plan."""

    patients: int
    stages: Times
    steps: Times
    letters: dict[str, int]
    """Step -> length of its query."""
    megabytes: float
    """Most memory of the process."""


class _Watched:
    """A DuckDB connection that notes what making each table takes."""

    def __init__(self, con: Any, steps: Times) -> None:
        self._con = con
        self._steps = steps

    def execute(self, query: str, *more: Any) -> Any:
        made = _CREATED.match(query)
        if made is None:
            return self._con.execute(query, *more)
        return self._steps.of(made[1], lambda: self._con.execute(query, *more))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def breakdown(store: Store, number: int, scratch: Path, rules: Path | None = None) -> Breakdown:
    """Screen one share as `rxvigil screen` does."""
    stages, steps = Times(), Times()
    book = stages.of("reading the rule book", lambda: load_rule_book(rules))
    keys = stages.of("asking what is on file", lambda: keys_on_file(store))
    plan = stages.of("making the plan", lambda: make_plan(book, Wanted(), ON, fast=True, on_file=keys).only(OUTPUTS))
    written = stages.of("writing its queries", lambda: written_out(plan, "duckdb"))
    monitored = frozenset(key for key, one in book.vocabulary.drugs.items() if one.monitored)
    with database("duckdb", None, scratch) as found:
        vars(found)["_con"] = _Watched(vars(found)["_con"], steps)
        part = stages.of(
            "answers into columns", lambda: by_plan(found, written, monitored, store, shares_of(store)[number])
        )
    stages.seconds["answers into columns"] -= steps.all
    stages.of("keeping the files of the share", lambda: keep_part(part, scratch / "part"))
    stages.seconds["steps of the plan"] = steps.all
    letters = {name: len(query) for name, query in written.queries}
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Breakdown(part.patients, stages, steps, letters, most)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def lines(found: Breakdown, top: int) -> Iterator[str]:
    """The breakdown as Markdown."""
    yield f"One share of {found.patients:,} patients, {len(found.letters)} steps, at most {found.megabytes:,.0f} MB.\n"
    yield "| stage | processor s | of all |"
    yield "|---|---|---|"
    for name, seconds in sorted(found.stages.seconds.items(), key=lambda one: -one[1]):
        yield f"| {name} | {seconds:.2f} | {seconds / found.stages.all:.0%} |"
    yield f"\n| step (the {top} that take longest) | processor s | of all steps | letters of its query |"
    yield "|---|---|---|---|"
    for name, seconds in sorted(found.steps.seconds.items(), key=lambda one: -one[1])[:top]:
        share = seconds / max(found.steps.all, 1e-9)
        yield f"| {name} | {seconds:.2f} | {share:.0%} | {found.letters.get(name, 0):,} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a breakdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cohort.steps", description=__doc__.partition("\n")[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--share", type=int, default=0)
    parser.add_argument("--rules", type=Path, help="folder of another rule book")
    parser.add_argument("--top", type=int, default=10, help="how many steps to show")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.store) as scratch:
        found = breakdown(Store.open(options.store), options.share, Path(scratch), options.rules)
    print("\n".join(lines(found, options.top)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
