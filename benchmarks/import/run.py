"""Megabytes a second from FHIR NDJSON to Parquet: rxvigil import, DuckDB's own copy, and fhir.resources.

    python -m benchmarks.import.run [--patients 4000] [--rounds 3] [--peer-lines 3000] [--output RESULTS.md]

`import` is a word of Python's own: the module is named only on the command line, and imports nothing of its folder.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.assess.measuring import load, machine
from rxvigil.facts import show_day

HERE: Final = Path(__file__).parent
_TARGET_COPY: Final = 0.5
_TARGET_PEER: Final = 50

COPY: Final = """
import duckdb, sys
duckdb.sql(f\"\"\"
copy (
  select subject.reference as patient, id, status, code.coding[1].system as system, code.coding[1].code as code,
    effectiveDateTime as "when", valueQuantity.value as value, valueQuantity.unit as unit
  from read_json('{sys.argv[1]}', format = 'newline_delimited', columns = {{
    id: 'VARCHAR', status: 'VARCHAR', subject: 'STRUCT(reference VARCHAR)', effectiveDateTime: 'VARCHAR',
    code: 'STRUCT(coding STRUCT(system VARCHAR, code VARCHAR, display VARCHAR)[], "text" VARCHAR)',
    valueQuantity: 'STRUCT("value" DOUBLE, unit VARCHAR, "system" VARCHAR, code VARCHAR, comparator VARCHAR)'}})
) to '{sys.argv[2]}' (format parquet, compression zstd)
\"\"\")
"""
"""Seven elements of every Observation, as they stand: no patient's order, no units, no codes understood, no hash."""

PEER: Final = """
import sys
from fhir.resources.R4B.observation import Observation
for line in open(sys.argv[1], 'rb'):
    Observation.model_validate_json(line)
"""
"""Model classes alone: nothing is done with what they hold."""


STAGES: Final = """
import json, sys, time
from pathlib import Path
from rxvigil.intake.bulk import import_fhir, sources_at
from rxvigil.knowledge import load_rule_book
words = load_rule_book(None, None).vocabulary
ends = {"start": time.process_time()}
def note(stage, done, whole):
    ends[stage] = time.process_time()
import_fhir(sources_at(Path(sys.argv[1])), Path(sys.argv[2]), words, workers=1, progress=note)
ends["end"] = time.process_time()
print(json.dumps(ends))
"""
"""Processor seconds at the end of each stage."""


@dataclass
class Side:
    """Something that is timed on a number of bytes."""

    name: str
    size: int
    run: Callable[[], None]
    walls: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)

    @property
    def speed(self) -> float:
        """MB a second by the clock."""
        return self.size / 1e6 / median(self.walls)

    @property
    def work(self) -> float:
        """MB a second of processor."""
        return self.size / 1e6 / median(self.processors)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        before = load()
        sides, results, most = measure(options, Path(folder))
        spent = stages(Path(folder))
        text = "\n".join((*page(options, sides, results, most, (before, load())), *where(spent, results))) + "\n"
    options.output.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--patients", type=int, default=4000, help="simulated patients (default 4000)")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds, after one to warm up (default 3)")
    parser.add_argument("--peer-lines", type=int, default=3000, help="lines for fhir.resources, which is slow")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="the page to write")
    return parser.parse_args(arguments)


def measure(options: argparse.Namespace, folder: Path) -> tuple[list[Side], int, float]:
    """Every side in turns; the number of results, and the most memory of a process of ours in MB."""
    source, results = material(options.patients, folder)
    observations = source / "Observation.ndjson"
    size = sum(one.stat().st_size for one in source.iterdir())
    few = folder / "few.ndjson"
    with observations.open("rb") as file:
        few.write_bytes(b"".join(line for line, _ in zip(file, range(options.peer_lines), strict=False)))
    store, python = folder / "store", sys.executable

    def ours(workers: int) -> Callable[[], None]:
        def run() -> None:
            shutil.rmtree(store, ignore_errors=True)
            _do([python, "-m", "rxvigil.cli", "import", str(source), str(store), "--workers", str(workers)])

        return run

    def copy(threads: int) -> Callable[[], None]:
        program = COPY.replace("import duckdb, sys", f"import duckdb, sys\nduckdb.sql('set threads = {threads}')")
        return lambda: _do([python, "-c", program, str(observations), str(folder / "out.parquet")])

    sides = [
        Side("rxvigil import, 2 processes", size, ours(2)),
        Side("rxvigil import, 1 process", size, ours(1)),
        Side("DuckDB, NDJSON to Parquet, 2 threads", observations.stat().st_size, copy(2)),
        Side("DuckDB, NDJSON to Parquet, 1 thread", observations.stat().st_size, copy(1)),
        Side("fhir.resources, model classes alone", few.stat().st_size, lambda: _do([python, "-c", PEER, str(few)])),
    ]
    for number in range(options.rounds + 1):
        for side in sides[number % len(sides) :] + sides[: number % len(sides)]:
            _time(side, warm=number > 0)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return sides, results, most


def stages(folder: Path) -> dict[str, float]:
    """Processor seconds of one process by stage; the lowest of three runs of each."""
    best: dict[str, float] = {}
    for _ in range(3):
        shutil.rmtree(folder / "store", ignore_errors=True)
        command = [sys.executable, "-c", STAGES, str(folder / "clinic"), str(folder / "store")]
        ends = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        begun = 0.0
        for name, end in ends.items():
            best[name] = min(best.get(name, end - begun), end - begun)
            begun = end
    return best


def where(spent: dict[str, float], results: int) -> Iterator[str]:
    """Where the processor time goes."""
    names = {
        "start": "start of Python, rule book",
        "hashing": "hashing",
        "sorting by patient": "reading the lines: sorted by patient, plain results into columns, all of it compressed",
        "reading": "records, facts in order, Parquet",
        "end": "putting in place",
    }
    yield "\n## Where the processor time goes\n"
    yield "One process, the lowest of three runs.\n"
    yield "| | s | microseconds a result |"
    yield "|---|---|---|"
    for name, seconds in spent.items():
        yield f"| {names[name]} | {seconds:.2f} | {seconds * 1e6 / results:.1f} |"


def material(patients: int, folder: Path) -> tuple[Path, int]:
    """A simulated clinic, its results and the people they are of."""
    from rxvigil.knowledge import load_rule_book
    from rxvigil.simulation import ready, write_clinic

    book = load_rule_book(None, None)
    clinic = ready(book, 7, date(2022, 3, 1), date(2026, 3, 1))
    return (folder / "clinic"), write_clinic(clinic, book, folder / "clinic", patients)


def _do(command: list[str]) -> None:
    if command[1:3] == ["-m", "rxvigil.cli"]:
        command[1:3] = ["-c", "from rxvigil.cli import main; main()"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _time(side: Side, *, warm: bool) -> None:
    used = os.times()
    begun = time.perf_counter()
    side.run()
    wall = time.perf_counter() - begun
    now = os.times()
    if warm:
        side.walls.append(wall)
        processor = now.children_user + now.children_system - used.children_user - used.children_system
        side.processors.append(processor)


def page(
    options: argparse.Namespace, sides: list[Side], results: int, most: float, loads: tuple[float, float]
) -> Iterator[str]:
    """The page, line by line."""
    two, one, copied, copied_alone, peer = sides
    today = show_day(datetime.now(UTC).date())
    yield "# Importing a population: results\n"
    yield (
        f"Measured {today} by `python -m benchmarks.import.run --patients {options.patients} --rounds {options.rounds} "
        f"--peer-lines {options.peer_lines}`.\nWhat is compared, and how, is in [the README](README.md).\n"
    )
    yield f"- Machine: {machine()}."
    yield f"- Load of the machine before and after: {loads[0]:.1f} and {loads[1]:.1f}."
    if max(loads[0], 0) > 0.5:
        yield "  **The machine did other work meanwhile: all wall times are too long. Trust only the ratios.**"
    yield f"- rxvigil {version('rxvigil')}, DuckDB {version('duckdb')}, fhir.resources {version('fhir.resources')}."
    yield f"- {options.patients:,} simulated patients, {results:,} results, {two.size / 1e6:,.0f} MB of NDJSON.\n"
    yield "| | MB | wall s (lowest) | processor s | MB a second | resources a second |"
    yield "|---|---|---|---|---|---|"
    each = copied.size / max(results, 1)
    for side in sides:
        yield (
            f"| {side.name} | {side.size / 1e6:,.0f} | {median(side.walls):.2f} ({min(side.walls):.2f}) "
            f"| {median(side.processors):.2f} | {side.speed:,.1f} | {side.speed * 1e6 / each:,.0f} |"
        )
    yield f"\nMost memory of a process: {most:,.0f} MB. Whole commands, with their start; medians in turns.\n"
    yield "## Ratios\n"
    yield (
        f"- Of the speed of DuckDB's copy on 2 cores: {two.speed / copied.speed:.0%} (target {_TARGET_COPY:.0%}); "
        f"on 1: {one.speed / copied_alone.speed:.0%}."
    )
    yield (
        f"- The same by seconds of processor, which other work on the machine disturbs less: two processes "
        f"{two.work / copied.work:.0%}; one {one.work / copied_alone.work:.0%}."
    )
    yield (
        f"- Times as fast as fhir.resources (target {_TARGET_PEER}): {two.speed / peer.speed:.0f}; "
        f"one process {one.speed / peer.speed:.0f}; by seconds of processor {two.work / peer.work:.0f} and "
        f"{one.work / peer.work:.0f}."
    )


if __name__ == "__main__":
    sys.exit(main())
