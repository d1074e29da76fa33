"""The long comparison: `make agree N=100000`.

The shipped rule book is asked of its worked patients; then rule books and patients are made up from seeds. The
evaluator of one patient is compared with the plan of a population on every database, finding by finding. It stops at
the first thing that differs and prints the smallest rule book and patient that show it. The counts are kept for
docs/reference/agreement.md.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec
from backends import Unavailable, postgres_server, spark_session
from property.patients import BOOK

from agreement.compare import Tally
from agreement.page import Line, keep
from agreement.trial import Trial, trials
from agreement.worked import everybody, under_protocols
from rxvigil.engine import Wanted

BACKENDS = {"duckdb": 1, "duckdb-fast": 1, "postgres": 10, "spark": 200}
"""Every how many patients one is asked of this database: all of DuckDB, some of those that take longer."""
EVERY_SECONDS = 20


@dataclass
class Course:
    """One database on its way through the patients."""

    name: str
    con: Any
    wanted: int
    shipped: Tally = field(default_factory=Tally)
    tally: Tally = field(default_factory=Tally)
    books: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        return self.tally.patients + self.tally.singly.total() >= self.wanted

    def ask_shipped(self) -> None:
        """The shipped rule book, of its worked patients; on DuckDB under every protocol.
        Raises `Differing`."""
        rounds = under_protocols(BOOK)
        for one in (everybody(BOOK, Wanted()), *islice(rounds, None if self.name == "duckdb" else 2)):
            found = one.asked_of(self.con, fast=self.name == "duckdb-fast")
            self.shipped.add(found)
            if found.disagreements:
                raise Differing(
                    f"{self.name} differs under the shipped rule book, {one.wanted}:\n{found.disagreements[0]}"
                )
        print(f"{self.name}, shipped rule book: {self.shipped}", flush=True)

    def ask(self, trial: Trial) -> None:
        """Raises `Differing` at the first thing that differs."""
        begun = time.monotonic()
        fast = self.name == "duckdb-fast"
        try:
            found = trial.asked_of(self.con, fast=fast)
        except Exception as problem:
            raise Differing(f"the plan cannot be run: {_last_lines(problem)}", trial, trial) from problem
        self.seconds += time.monotonic() - begun
        self.books += 1
        self.tally.add(found)
        if found.disagreements:
            first = found.disagreements[0]
            print(f"\n{self.name} differs:\n{first}\nlooking for the smallest case ...", flush=True)
            raise Differing(str(first), trial, trial.smallest(self.con, first.patient, fast=fast))

    def __str__(self) -> str:
        asked = self.tally.patients + self.tally.singly.total()
        left = (self.wanted - asked) * self.seconds / asked if asked else 0
        return f"{self.name}: {asked:,} of {self.wanted:,} patients; {self.tally}; about {left / 60:.0f} minutes left"


class Differing(Exception):
    """What differs; of which trial, and the smallest one that still shows it, where the rule book is made up."""

    def __init__(self, what: str, trial: Trial | None = None, smallest: Trial | None = None) -> None:
        super().__init__(what)
        self.trial, self.smallest = trial, smallest


def main() -> int:
    """0: everything agrees; 1: something differs."""
    asked = _arguments()
    with ExitStack() as stack:
        courses = list(_courses(asked, stack))
        try:
            for course in courses:
                course.ask_shipped()
            _run(courses, asked)
        except Differing as problem:
            _report(problem, asked)
            return 1
    for course in courses:
        print(course)
    if asked.publish:
        keep([Line(one.name, one.shipped, one.books, one.tally) for one in courses], asked.seed)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000, help="how many patients DuckDB is asked about")
    parser.add_argument("--per-book", type=int, default=2_000, help="how many of them meet each rule book")
    parser.add_argument("--seed", type=int, default=1, help="what the first patients and books are made from")
    parser.add_argument("--backend", action="append", choices=sorted(BACKENDS), help="only this one; may be repeated")
    parser.add_argument("--publish", action="store_true", help="keep the counts for docs/reference/agreement.md")
    return parser.parse_args()


def _courses(asked: argparse.Namespace, stack: ExitStack) -> Iterator[Course]:
    import ibis

    servers = {"postgres": postgres_server, "spark": spark_session}
    for name in asked.backend or BACKENDS:
        server = servers[name]() if name in servers else nullcontext(ibis.duckdb.connect())
        try:
            con = stack.enter_context(server)
        except Unavailable as problem:
            print(f"{name} is left out: {problem}")
            continue
        share = 1 if asked.backend else BACKENDS[name]
        yield Course(name, con, max(asked.per_book, asked.patients // share))


def _run(courses: list[Course], asked: argparse.Namespace) -> None:
    said = time.monotonic()
    for trial in trials(asked.seed, asked.per_book):
        going = [course for course in courses if not course.done]
        if not going:
            return
        most = max(course.wanted for course in going)
        for course in going:
            if course.tally.patients * most <= max(one.tally.patients for one in going) * course.wanted:
                course.ask(trial)
        if time.monotonic() - said > EVERY_SECONDS:
            said = time.monotonic()
            print("\n".join(map(str, going)), flush=True)


def _report(problem: Differing, asked: argparse.Namespace) -> None:
    print(f"\nWhat differs: {problem}")
    if problem.trial is None or problem.smallest is None:
        return
    record = msgspec.json.format(msgspec.json.encode(problem.smallest.records[0]), indent=1).decode()
    print(f"\nThe smallest case (made up, nobody's record):\n\n{problem.smallest.setting}\n{record}")
    print(f"\nIt comes again with: --seed {problem.trial.seed} --per-book {asked.per_book}")


def _last_lines(problem: Exception) -> str:
    return "".join(traceback.format_exception(problem)[-3:])


if __name__ == "__main__":
    sys.exit(main())
