"""The page of results."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median
from typing import Final

from benchmarks.assess.measuring import machine
from rxvigil.facts import show_day

_BUSY: Final = 0.5
"""Load from before the measurement above which the page warns."""
_TARGET: Final = 100_000


@dataclass
class Side:
    """Something that is timed: its commands, and what each round took."""

    name: str
    samples: int
    commands: list[list[str]]
    walls: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    @property
    def per_minute(self) -> float:
        """Samples per minute by the clock, both genes."""
        return 60 * self.samples / median(self.walls)

    @property
    def per_processor_minute(self) -> float:
        """The same by processor time, which other work on the machine disturbs less."""
        return 60 * self.samples / median(self.processors)


@dataclass(frozen=True)
class Findings:
    """What was measured."""

    command: str
    load: tuple[float, float]
    records: int
    sizes: dict[str, int]
    sides: list[Side]
    peer: Side | str


def page(found: Findings) -> str:
    """Markdown."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Findings) -> Iterator[str]:
    whole, bare, tenth, rich, bare_rich = found.sides
    yield "# Calling TPMT and NUDT15: results\n"
    yield f"Measured {show_day(datetime.now(UTC).date())} by `{found.command}`."
    yield "What is compared, and how, is in [the README](README.md).\n"
    yield f"- Machine: {machine()}; one process, one thread."
    yield f"- Load of the machine before and after: {found.load[0]:.1f} and {found.load[1]:.1f}."
    if found.load[0] > _BUSY:
        yield "  **The machine did other work meanwhile: all wall times are too long. Trust only the ratios.**"
    yield f"- rxvigil {version('rxvigil')}, Python {platform.python_version()}."
    megabytes = {name: size / 1e6 for name, size in found.sizes.items()}
    yield (
        f"- Files: {found.records} records of both genes, bgzip, no index: {whole.samples} samples "
        f"({megabytes['plain']:.1f} MB), {tenth.samples} samples ({megabytes['tenth']:.1f} MB), the same with depth, "
        f"quality and likelihoods in every cell ({megabytes['rich']:.1f} MB).\n"
    )
    yield (
        "| | samples | wall s (lowest) | processor s | most memory MB | samples per minute, both genes "
        "| per processor minute |"
    )
    yield "|---|---|---|---|---|---|---|"
    for side in (*found.sides, *([found.peer] if isinstance(found.peer, Side) else [])):
        yield (
            f"| {side.name} | {side.samples} | {median(side.walls):.2f} ({min(side.walls):.2f}) | "
            f"{median(side.processors):.2f} | {median(side.megabytes):.0f} | {side.per_minute:,.0f} | "
            f"{side.per_processor_minute:,.0f} |"
        )
    yield f"\nTarget: {_TARGET:,} samples per minute on 2 cores. Medians of {len(whole.walls)} rounds in turns.\n"
    if isinstance(found.peer, str):
        yield f"{found.peer}\n"
    yield "## Ratios\n"
    yield "By processor time, but for the target.\n"
    yield f"- Times the target, by the clock: {whole.per_minute / _TARGET:.1f}."
    shares = f"{_share(whole, bare)} % with genotypes only, {_share(rich, bare_rich)} % with full cells"
    yield f"- Of the speed of the bare pass: {shares}."
    more = f"{_per_sample(tenth, whole):.2f} kB, from {tenth.samples} to {whole.samples} samples"
    yield f"- Memory for each further sample: {more}."
    if isinstance(found.peer, Side):
        times = f"{_times(tenth, found.peer):,.0f}; a part of its time is its start"
        yield f"- Times as many samples per minute as PyPGx: {times}."


def _share(side: Side, bare: Side) -> int:
    return round(100 * side.per_processor_minute / bare.per_processor_minute)


def _times(side: Side, other: Side) -> float:
    return side.per_processor_minute / other.per_processor_minute


def _per_sample(few: Side, many: Side) -> float:
    return 1024 * (median(many.megabytes) - median(few.megabytes)) / max(1, many.samples - few.samples)
