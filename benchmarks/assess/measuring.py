"""How the sides are measured: passes over the same patients in turns, medians, ratios within a round.

A machine that does other work disturbs wall times. So the sides take turns within each round, in an order that moves on
from round to round; ratios are taken within a round; and processor time, which waiting does not touch, stands beside.
"""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, Protocol

STAGES: Final = ("decode", "load", "evaluate", "all")


@dataclass(frozen=True)
class Pass:
    """One pass over all patients: nanoseconds of each patient by stage, and processor seconds of the whole pass."""

    stages: dict[str, list[int]]
    processor: float

    @property
    def wall(self) -> float:
        """Seconds from the first byte to the last answer."""
        return sum(self.stages["all"]) / 1e9

    @property
    def patients(self) -> int:
        return len(self.stages["all"])


class Side(Protocol):
    """Something that can be timed."""

    name: str

    def time(self) -> Pass: ...


def in_turns(sides: Sequence[Side], rounds: int, say: Callable[[str], None]) -> dict[str, list[Pass]]:
    """That many timed rounds after one to warm up; in each, every side makes one pass."""
    passes: dict[str, list[Pass]] = {side.name: [] for side in sides}
    for number in range(rounds + 1):
        first = number % len(sides)
        for side in (*sides[first:], *sides[:first]):
            found = side.time()
            kind = f"round {number}" if number else "warm-up"
            say(f"  {kind}: {side.name}: {found.patients / found.wall:.0f} patients/s")
            if number:
                passes[side.name].append(found)
    return passes


def per_second(passes: list[Pass]) -> float:
    """Patients per second of wall time, median of the rounds."""
    return median(one.patients / one.wall for one in passes)


def per_processor_second(passes: list[Pass]) -> float:
    """Patients per second of processor time (all threads), median of the rounds."""
    return median(one.patients / one.processor for one in passes)


def percentile(passes: list[Pass], stage: str, part: float) -> float:
    """Milliseconds per patient as met in all rounds, disturbances included."""
    return ranked([one for found in passes for one in found.stages[stage]], part) / 1e6


def undisturbed(passes: list[Pass], stage: str, part: float) -> float:
    """The same over each patient's best round: what differs between patients, without what else the machine did."""
    return ranked([min(times) for times in zip(*(found.stages[stage] for found in passes), strict=True)], part) / 1e6


def ranked(times: Sequence[float], part: float) -> float:
    """The value below which that part of the times lies (nearest rank)."""
    return sorted(times)[min(len(times) - 1, int(part * len(times)))]


def ratios(ours: list[Pass], theirs: list[Pass], *, processor: bool = False) -> list[float]:
    """How many times as many patients per second, round by round."""

    def cost(one: Pass) -> float:
        return (one.processor if processor else one.wall) / one.patients

    return [cost(peer) / cost(mine) for mine, peer in zip(ours, theirs, strict=True)]


@dataclass(frozen=True)
class Process:
    """One run of a command: seconds by the clock and of processor, and how it ended."""

    wall: float
    processor: float
    code: int


def run_command(command: list[str]) -> Process:
    """Run to the end with its output thrown away."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        begun = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (0, 1, 2)]
        process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        _, status, used = os.wait4(process, 0)
        return Process(time.perf_counter() - begun, used.ru_utime + used.ru_stime, os.waitstatus_to_exitcode(status))
    finally:
        os.close(nowhere)


def machine() -> str:
    """The machine in one line."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory = next((int(line.split()[1]) >> 20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return f"{cpu}, {os.cpu_count()} cores, {memory} GB, {os.uname().sysname} {os.uname().release}"


def load() -> float:
    """Processes that wanted a processor in the last minute, on average."""
    return os.getloadavg()[0]


def _lines(path: str) -> list[str]:
    found = Path(path)
    return found.read_text().splitlines() if found.exists() else []


def as_json(passes: dict[str, list[Pass]]) -> str:
    """Every single time, for whoever wants to judge them otherwise."""
    return json.dumps(
        {name: [{"processor": one.processor, **one.stages} for one in found] for name, found in passes.items()}
    )
