"""Samples per minute for TPMT and NUDT15, and memory, from one multi-sample VCF: rxvigil, the limit, and PyPGx.

    python -m benchmarks.genotype.run [--samples 100000] [--rounds 5] [--peer-samples 100] [--output RESULTS.md]

PyPGx is run where the variable RXVIGIL_PYPGX names its command (see the README); otherwise it is skipped and the page
says so.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.assess.measuring import load
from benchmarks.genotype import material
from benchmarks.genotype.page import Findings, Side, page

HERE: Final = Path(__file__).parent
ON: Final = "2026-11-25"


@dataclass(frozen=True)
class Used:
    """One run of a command: seconds by the clock and of processor, and the most memory it held."""

    wall: float
    processor: float
    megabytes: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page."""
    options = _options(arguments)
    if reason := material.unavailable():
        say(reason)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options, Path(folder))
    options.output.write_text(page(found), encoding="utf-8")
    say(f"written: {options.output}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.genotype.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, default=100_000, help="samples of the large file (default 100000)")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds, after one to warm up (default 5)")
    parser.add_argument("--peer-samples", type=int, default=100, help="samples for PyPGx, which is slow (default 100)")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="the page to write")
    return parser.parse_args(arguments)


def measure(options: argparse.Namespace, folder: Path) -> Findings:
    """Everything the page shows."""
    before = load()
    small = max(1, options.samples // 10)
    plain, tenth, rich = (folder / f"{name}.vcf.gz" for name in ("plain", "tenth", "rich"))
    say("writing files:")
    records = material.write(plain, options.samples)
    material.write(tenth, small)
    material.write(rich, small, rich=True)
    sides = [
        Side("rxvigil genotype, genotypes only", options.samples, ours(plain, folder)),
        Side("unpack and split alone, the same file", options.samples, limit(plain)),
        Side("rxvigil genotype, a tenth of the samples", small, ours(tenth, folder)),
        Side("rxvigil genotype, a tenth, cells with depth and likelihoods", small, ours(rich, folder)),
        Side("unpack and split alone, that file", small, limit(rich)),
    ]
    in_turns(sides, options.rounds)
    return Findings(
        command=f"python -m benchmarks.genotype.run --samples {options.samples} --rounds {options.rounds} "
        f"--peer-samples {options.peer_samples}",
        load=(before, load()),
        records=records,
        sizes={path.stem.partition(".")[0]: path.stat().st_size for path in (plain, tenth, rich)},
        sides=sides,
        peer=peer(options.peer_samples, folder),
    )


def ours(file: Path, folder: Path) -> list[list[str]]:
    """The whole command, from the file to a table on disk."""
    program = str(Path(sys.executable).with_name("rxvigil"))
    target = str(folder / "calls.tsv")
    return [[program, "genotype", str(file), "--absent-is-reference", "--on", ON, "--format", "tsv", "-o", target]]


def limit(file: Path) -> list[list[str]]:
    """The bare pass."""
    return [[sys.executable, "-m", "benchmarks.genotype.limit", str(file)]]


def in_turns(sides: Sequence[Side], rounds: int) -> None:
    """That many timed rounds after one to warm up; in each, every side once."""
    for number in range(rounds + 1):
        for side in sides:
            used = run(side.commands)
            say(f"  {f'round {number}' if number else 'warm-up'}: {side.name}: {used.wall:.2f} s")
            if number:
                side.walls.append(used.wall)
                side.processors.append(used.processor)
                side.megabytes.append(used.megabytes)


def run(commands: list[list[str]]) -> Used:
    """Commands one after another in processes of their own, their output thrown away."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    begun, processor, memory = time.perf_counter(), 0.0, 0
    for command in commands:
        actions = [(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (0, 1)]
        process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        _, status, used = os.wait4(process, 0)
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(f"ended with {os.waitstatus_to_exitcode(status)}: {' '.join(command)}")
        processor += used.ru_utime + used.ru_stime
        memory = max(memory, used.ru_maxrss)
    os.close(nowhere)
    return Used(time.perf_counter() - begun, processor, memory / 1024)


def peer(samples: int, folder: Path) -> Side | str:
    """PyPGx on real, phased people (it then skips its phasing), once; or why not."""
    program = os.environ.get("RXVIGIL_PYPGX", "")
    if not Path(program).is_file():
        return "PyPGx was not measured: RXVIGIL_PYPGX does not name its command."
    import pysam

    commands = []
    for gene in material.GENES:
        file = folder / f"peer-{gene}.vcf.gz"
        material.write(file, samples, genes=(gene,))
        pysam.tabix_index(str(file), preset="vcf", force=True)
        target = folder / f"peer-{gene}"
        shutil.rmtree(target, ignore_errors=True)
        how = ["--variants", str(file), "--assembly", "GRCh38", "--do-not-plot-allele-fraction"]
        commands.append([program, "run-ngs-pipeline", gene, str(target), *how])
    side = Side(f"PyPGx 0.27.0, {samples} samples", samples, commands)
    say(f"  {side.name}")
    used = run(commands)
    side.walls.append(used.wall)
    side.processors.append(used.processor)
    side.megabytes.append(used.megabytes)
    return side


def say(line: str) -> None:
    """What is going on, for whoever waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
