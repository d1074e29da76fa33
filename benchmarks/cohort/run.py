"""`rxvigil screen` beside a bare query over the same files, at several sizes, on other databases, beside cql-execution.

    python -m benchmarks.cohort.run [--people 1000000] [--rounds 3] [--growth-to 10000000] [--steps] [--quick]

The people are made up (population.py). PostgreSQL is measured where RXVIGIL_POSTGRES names a database, Spark where
there is Java, cql-execution where `make bench-tools` has installed it. What is left out is listed on the page.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.assess import peer
from benchmarks.assess.measuring import load
from benchmarks.cohort import questions
from benchmarks.cohort.page import Findings, page
from benchmarks.cohort.sides import Questions, Side, Size
from benchmarks.cohort.watching import watched
from rxvigil.population.store import Store

HERE: Final = Path(__file__).parent
ON: Final = "2026-03-01"
SMALLEST: Final = 10_000
_PROGRAM: Final = str(Path(sys.executable).with_name("rxvigil"))
_TWO_CORES: Final = {"PYSPARK_SUBMIT_ARGS": "--master local[2] --driver-memory 4g pyspark-shell"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page."""
    options = _options(arguments)
    os.environ |= _TWO_CORES
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = measure(options, Path(folder))
    options.output.write_text(page(found), encoding="utf-8")
    say(f"written: {options.output}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cohort.run", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--people", type=int, default=1_000_000, help="made-up people (default 1000000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds at most of each size (default 3)")
    parser.add_argument("--seconds", type=int, default=120, help="a size begins no round later than this (default 120)")
    parser.add_argument("--growth-to", type=int, default=0, help="measure growth up to so many people, 10 GB at 1e7")
    parser.add_argument("--backends", type=int, default=SMALLEST, help="people for Spark and PostgreSQL; 0: neither")
    parser.add_argument("--bundles", type=int, default=300, help="people for cql-execution; 0: not measured")
    parser.add_argument("--steps", action="store_true", help="also which steps of the plan take longest, on one share")
    parser.add_argument("--quick", action="store_true", help="a look: 20000 people, one round, no other backend")
    parser.add_argument("--folder", type=Path, help="where stores are made and removed (default: temporary files)")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="the page to write")
    options = parser.parse_args(arguments)
    if options.quick:
        options.people, options.rounds, options.backends, options.bundles = 2 * SMALLEST, 1, 0, 100
    return options


def measure(options: argparse.Namespace, folder: Path) -> Findings:
    """Everything the page shows. Stores of the sizes that nothing else needs go at once."""
    before = load()
    main_store = folder / "people"
    found = Findings(command=_command(options), people=options.people, load=(before, before))
    for people in _sizes(options.people, options.growth_to):
        store = main_store if people == options.people else folder / f"people-{people}"
        _make(store, people)
        found.sizes.append(_size(store, people, options))
        if people == SMALLEST and options.backends == SMALLEST:
            found.backends, found.absent = _backends(store, people)
        if store != main_store:
            shutil.rmtree(store)
    if not options.backends:
        found.absent = ["Apache Spark and PostgreSQL were not measured: they were not asked for (`--backends`)."]
    elif not found.backends:
        _make(folder / "few", options.backends)
        found.backends, found.absent = _backends(folder / "few", options.backends)
    if options.steps:
        found.steps = _output([sys.executable, "-m", "benchmarks.cohort.steps", str(main_store)])
    if options.bundles:
        found.questions = _questions(main_store, options, folder)
    found.load = (before, load())
    return found


def _command(options: argparse.Namespace) -> str:
    more = f" --growth-to {options.growth_to}" if options.growth_to else ""
    sizes = f"--people {options.people} --rounds {options.rounds} --backends {options.backends}"
    return f"python -m benchmarks.cohort.run {sizes} --bundles {options.bundles}{more}"


def _sizes(people: int, growth_to: int) -> list[int]:
    """From the smallest by tens to the largest, with the size that is asked for."""
    largest = max(people, growth_to)
    tens = [SMALLEST * 10**power for power in range(10) if SMALLEST * 10**power <= largest]
    return sorted({*tens, people})


def _make(store: Path, people: int) -> None:
    say(f"making up {people:,} people")
    _output([sys.executable, "-m", "benchmarks.cohort.population", str(store), "--people", str(people)])


def _size(store: Path, people: int, options: argparse.Namespace) -> Size:
    """One size: the limit and the screens, in turns."""
    found = Size(
        people,
        facts=sum(path.stat().st_size for path in store.rglob("*.parquet")),
        limit=Side("bare DuckDB query", [sys.executable, "-m", "benchmarks.cohort.limit", str(store)]),
        plan=Side("rxvigil screen --explain 0", [*_screen(store), "--explain", "0"]),
        whole=Side("rxvigil screen", _screen(store)) if people == options.people else None,
    )
    _in_turns(found.sides, options.rounds, options.seconds)
    return found


def _screen(store: Path) -> list[str]:
    return [_PROGRAM, "screen", str(store), "--on", ON, "--again"]


def _in_turns(sides: Sequence[Side], rounds: int, seconds: float) -> None:
    """In each round every side once, in an order that moves on; the first round is timed too, as it is for a user. No
    round begins after so many seconds."""
    begun = time.perf_counter()
    for number in range(rounds):
        if number and time.perf_counter() - begun > seconds:
            return
        first = number % len(sides)
        for side in (*sides[first:], *sides[:first]):
            _run(side)


def _run(side: Side) -> None:
    used = watched(side.command)
    if used.code:
        raise SystemExit(f"ended with {used.code}: {' '.join(side.command)}")
    side.runs.append(used)
    say(f"  {side.name}: {used.wall:.1f} s by the clock, {used.processor:.1f} of processor, {used.megabytes:.0f} MB")


def _backends(store: Path, people: int) -> tuple[list[Side], list[str]]:
    """The same plan elsewhere, once each; and why not, where it is not there."""
    base = [*_screen(store), "--explain", "0"]
    sides, absent = [Side("DuckDB", [*base, "--backend", "duckdb"])], []
    if shutil.which("java") and importlib.util.find_spec("pyspark"):
        sides.append(Side("Apache Spark, local[2]", [*base, "--backend", "spark"]))
    else:
        absent.append("Apache Spark was not measured: there is no Java, or pyspark is not installed (`make java`).")
    if url := os.environ.get("RXVIGIL_POSTGRES"):
        sides.append(Side("PostgreSQL", [*base, "--backend", "postgres", "--url", url]))
    else:
        absent.append("PostgreSQL was not measured: RXVIGIL_POSTGRES does not name a database.")
    say(f"{people:,} people on each backend:")
    for side in sides:
        side.people = people
        _run(side)
        side.made = _digest(store)
    return sides, absent


def _digest(store: Path) -> str:
    """Of the findings of the only screen of a store."""
    from hashlib import sha256

    (file,) = store.glob("findings/*/findings.parquet")
    return sha256(file.read_bytes()).hexdigest()


def _questions(store: Path, options: argparse.Namespace, folder: Path) -> Questions | str:
    """The three questions, of everybody by us and of some by cql-execution, in turns."""
    if reason := peer.unavailable():
        return f"cql-execution was not measured: {reason}."
    rules = questions.write_rules(folder / "rules")
    people = min(options.bundles, options.people)
    bundles = questions.write_bundles(Store.open(store), people, folder / "bundles.ndjson")
    ours = Side("rxvigil screen, three questions", [*_screen(store), "--explain", "0", "--rules", str(rules)])
    say(f"three questions of {options.people:,} people, and of {people:,} by cql-execution:")
    with peer.Peer(peer.translate(folder / "monitoring.json"), bundles, questions.bundles.ON) as cql:
        answers, passes = cql.answers(), []
        for _ in range(options.rounds):
            passes.append(cql.time())
            _run(ours)
    same = questions.agreed(answers, questions.found_by(Store.open(store), people))
    return Questions(options.people, ours, passes, same, peer.versions())


def _output(command: list[str]) -> str:
    """What a command prints. A process of its own keeps this one small: what it holds is counted as its children's."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def say(line: str) -> None:
    """What is going on, for whoever waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
