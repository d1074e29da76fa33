"""The page of results."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median
from typing import Final

from benchmarks.assess.measuring import machine, per_processor_second, per_second
from benchmarks.cohort.sides import Questions, Side, Size, slope, steps_up
from rxvigil.facts import show_day

_BUSY: Final = 0.5
"""Load from before the measurement above which the page warns."""
_TIMES_THE_LIMIT: Final = 2
_GIGABYTES: Final = 6
_TIMES_CQL: Final = 5_000
_LINEAR: Final = 1.1
"""Exponent up to which growth is called linear."""


@dataclass
class Findings:
    """What was measured."""

    command: str
    people: int
    load: tuple[float, float]
    sizes: list[Size] = field(default_factory=list)
    backends: list[Side] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    questions: Questions | str = "cql-execution was not measured: it was not asked for."
    steps: str = ""

    @property
    def main(self) -> Size:
        """The size that was asked for."""
        return next(one for one in self.sizes if one.people == self.people)


def page(found: Findings) -> str:
    """All of it, as Markdown."""
    parts = (
        _head(found),
        _limit(found.main),
        _growth(found.sizes),
        _backends(found),
        _cql(found.questions),
        _steps(found),
    )
    return "".join(f"{line}\n" for part in parts for line in part)


def _head(found: Findings) -> Iterator[str]:
    main = found.main
    yield "# Screening a population: results\n"
    yield f"Measured {show_day(datetime.now(UTC).date())} by `{found.command}`."
    yield "What is compared, and how, is in [the README](README.md). **The people are made up: nobody of them exists.**"
    yield ""
    yield f"- Machine: {machine()}; DuckDB with two threads on both sides."
    yield f"- Load of the machine before and after: {found.load[0]:.1f} and {found.load[1]:.1f}."
    if max(found.load) > _BUSY:
        yield "  **The machine did other work meanwhile: all wall times are too long. Trust the processor seconds.**"
    yield f"- rxvigil {version('rxvigil')}, DuckDB {version('duckdb')}, Python {platform.python_version()}."
    yield f"- {main.people:,} people, {20 * main.people:,} results, {main.facts / 1e6:,.0f} MB of Parquet.\n"


def _limit(main: Size) -> Iterator[str]:
    yield f"## {main.people:,} people: the whole rule book, and the bare query\n"
    yield "| | wall s (lowest) | processor s | most memory MB | people a second by the clock | rounds |"
    yield "|---|---|---|---|---|---|"
    for side in main.sides:
        lowest = min(run.wall for run in side.runs)
        yield (
            f"| {side.name} | {side.wall:.1f} ({lowest:.1f}) | {side.processor:.1f} | {side.megabytes:,.0f} "
            f"| {main.people / side.wall:,.0f} | {len(side.runs)} |"
        )
    yield "\nWhole commands, with their start. `--explain 0`: without opening rows with the evaluator of one patient.\n"
    yield "| times the bare query | by the clock | by processor time | memory |"
    yield "|---|---|---|---|"
    for side in main.sides[1:]:
        yield f"| {side.name} | {' | '.join(f'{one:.1f}' for one in _times(side, main.limit))} |"
    yield ""
    yield from (f"- {_judged(side, main.limit)}" for side in main.sides[1:])
    yield ""


def _times(side: Side, limit: Side) -> tuple[float, float, float]:
    return (side.wall / limit.wall, side.processor / limit.processor, side.megabytes / limit.megabytes)


def _judged(side: Side, limit: Side) -> str:
    by_clock, by_processor, _ = _times(side, limit)
    worse = max(by_clock, by_processor)
    time = (
        "met"
        if worse <= _TIMES_THE_LIMIT
        else f"**not met**: {by_clock:.0f} times by the clock, {by_processor:.0f} by processor time"
    )
    gigabytes = side.megabytes / 1024
    memory = "met" if gigabytes < _GIGABYTES else "**not met**"
    return (
        f"`{side.name}`: at most {_TIMES_THE_LIMIT} times the time of the bare query: {time}. Under {_GIGABYTES} GB: "
        f"{memory} ({gigabytes:.1f} GB)."
    )


def _growth(sizes: list[Size]) -> Iterator[str]:
    yield "## Growth\n"
    yield "`rxvigil screen --explain 0` and the bare query, by processor time.\n"
    yield (
        "| people | wall s | processor s | µs a person | µs for each further person | exponent since the size before "
        "| most memory MB | bare query, processor s | MB | times |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for one, further, exponent in steps_up(sizes):
        plan, limit = one.plan, one.limit
        yield (
            f"| {one.people:,} | {plan.wall:.1f} | {plan.processor:.1f} | {1e6 * plan.processor / one.people:,.0f} "
            f"| {'' if further is None else f'{further:,.0f}'} | {'' if exponent is None else f'{exponent:.2f}'} "
            f"| {plan.megabytes:,.0f} | {limit.processor:.1f} | {limit.megabytes:,.0f} "
            f"| {plan.processor / limit.processor:.1f} |"
        )
    if len(sizes) > 1:
        grown = slope(sizes)
        last = list(steps_up(sizes))[-1][2] or 0.0
        linear = "met" if max(grown, last) <= _LINEAR else "**not met**"
        yield (
            f"\nSlope of processor time over people, on logarithms: {grown:.2f} over all sizes, {last:.2f} between the "
            f"last two (1 is linear; below it, a fixed part is spread over more people). At most linear: {linear}."
        )
    yield ""


def _backends(found: Findings) -> Iterator[str]:
    yield "## Other databases, the same plan\n"
    if found.backends:
        yield f"{found.backends[0].people:,} people, `--explain 0`, whole commands, once each.\n"
        yield "| | wall s | processor s | most memory MB | times DuckDB by processor time | the same findings |"
        yield "|---|---|---|---|---|---|"
        first = found.backends[0]
        for side in found.backends:
            same = "yes, the same bytes" if side.made == first.made else "**no**"
            yield (
                f"| {side.name} | {side.wall:.1f} | {side.processor:.1f} | {side.megabytes:,.0f} "
                f"| {side.processor / first.processor:.1f} | {same} |"
            )
        yield "\nOf PostgreSQL, the processor time is that of the client alone; the clock counts both.\n"
    yield from (f"{line}\n" for line in found.absent)


def _cql(found: Questions | str) -> Iterator[str]:
    yield "## Three questions, beside cql-execution\n"
    if isinstance(found, str):
        yield f"{found}\n"
        return
    clock, processor = per_second(found.passes), per_processor_second(found.passes)
    yield "| | people | people a second by the clock | by processor second |"
    yield "|---|---|---|---|"
    ours = (found.people / found.ours.wall, found.people / found.ours.processor)
    yield f"| {found.ours.name}, start included | {found.people:,} | {ours[0]:,.0f} | {ours[1]:,.0f} |"
    patients = found.passes[0].patients
    yield f"| cql-execution, from Bundle to answers, warm | {patients:,} | {clock:,.0f} | {processor:,.0f} |"
    evaluating = median(len(one.stages["evaluate"]) / (sum(one.stages["evaluate"]) / 1e9) for one in found.passes)
    yield f"| cql-execution, evaluating alone, warm | {patients:,} | {evaluating:,.0f} | |"
    times = (ours[0] / clock, ours[1] / processor)
    met = "met" if min(times) >= _TIMES_CQL else "**not met**"
    yield (
        f"\nTimes as many people a second: {times[0]:,.0f} by the clock, {times[1]:,.0f} by processor time. Target "
        f"{_TIMES_CQL:,}: {met}."
    )
    same, every = found.same
    yield f"Answers that are the same (yes, or not yes) of those {patients:,} people: {same:,} of {every:,}."
    yield f"{found.versions}.\n"


def _steps(found: Findings) -> Iterator[str]:
    if found.steps:
        yield "## Where the time goes\n"
        yield found.steps.rstrip()
