"""The page of results."""

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median
from typing import Final

from benchmarks.assess.measuring import (
    Pass,
    Process,
    machine,
    per_processor_second,
    per_second,
    percentile,
    ratios,
    undisturbed,
)
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook

Passes = dict[str, list[Pass]]
Commands = dict[str, list[Process]]

_BUSY: Final = 0.5
"""Load from before the measurement above which the page warns."""
_TARGETS: Final = {"rxvigil --help": 0.3, "rxvigil assess patient.json": 1.5}
_LONG_TARGET: Final = 5


@dataclass(frozen=True)
class Agreement:
    """How many answers are the same on both sides, of how many, and how often each truth value is given."""

    same: int
    all: int
    counts: dict[bool | None, int]


@dataclass(frozen=True)
class Findings:
    """What was measured."""

    command: str
    load: tuple[float, float]
    peer_versions: str
    book: RuleBook
    questions: str
    whole: str
    peer: str
    passes: Passes
    long: Passes
    long_facts: int
    agreement: Agreement
    commands: Commands


def page(found: Findings) -> str:
    """All of it, as Markdown."""
    parts = (_head(found), _side_by_side(found), _ratios(found), _long(found), _commands(found))
    return "".join(f"{line}\n" for part in parts for line in part)


def _head(found: Findings) -> Iterator[str]:
    rules = sum(1 for _ in found.book.rules())
    same = found.agreement
    yield "# Assessing one patient: results"
    yield ""
    yield f"Measured {show_day(datetime.now(UTC).date())} by `{found.command}`."
    yield "What is compared, and how, is in [the README](../README.md)."
    yield ""
    yield f"- Machine: {machine()}; one thread on each side."
    yield f"- Load of the machine before and after: {found.load[0]:.1f} and {found.load[1]:.1f}."
    if found.load[0] > _BUSY:
        yield "  **The machine did other work meanwhile: all wall times are too long. Trust only the ratios.**"
    yield f"- Ours: rxvigil {version('rxvigil')}, Python {platform.python_version()},"
    yield f"  rule book {found.book.digest[:12]} ({rules} rules, {len(found.book.protocols)} protocols)."
    yield f"- Theirs: {found.peer_versions}."
    yield f"- Answers to the three questions that are the same on both sides: {same.same} of {same.all}"
    yield f"  ({same.counts[True]} yes, {same.counts[False]} no, {same.counts[None]} cannot say)."
    yield ""


def _side_by_side(found: Findings) -> Iterator[str]:
    sides = [found.passes[name] for name in (found.questions, found.whole, found.peer)]
    count, rounds = sides[0][0].patients, len(sides[0])
    yield f"## {count} patients of 22 or 23 resources, {rounds} rounds in turns"
    yield ""
    yield from _table(
        ["", found.questions, found.whole, f"{found.peer}, three questions"],
        [
            ["patients per second, from bytes to answer", *(f"{per_second(one):,.0f}" for one in sides)],
            ["the same per processor second", *(f"{per_processor_second(one):,.0f}" for one in sides)],
            *(
                [f"{words}, p50 / p99 ms", *(_spread(one, stage) for one in sides)]
                for stage, words in (
                    ("all", "one patient"),
                    ("decode", "of which decoding JSON"),
                    ("load", "of which intake (CQL: loading the bundle)"),
                    ("evaluate", "of which evaluating"),
                )
            ),
            ["one patient at their best round, p50 / p99 ms", *(_best(one) for one in sides)],
        ],
    )
    yield "p50 and p99 are over all patients of all rounds, disturbances included; the last line takes each patient's"
    yield "best round. cql-execution loads lazily: what intake does beforehand, it does while evaluating, so only the"
    yield "lines from bytes to answer compare like with like."
    yield ""


def _ratios(found: Findings) -> Iterator[str]:
    yield "## How many times as many patients per second as cql-execution"
    yield ""
    rows = []
    for name in (found.questions, found.whole):
        ours, theirs = found.passes[name], found.passes[found.peer]
        rows.append([name, _times(ratios(ours, theirs)), _times(ratios(ours, theirs, processor=True))])
    yield from _table(["from bytes to answer", "by the clock", "by processor time"], rows)
    yield "Median of the rounds, lowest and highest in brackets. The whole rule book answers every rule that may"
    yield "concern the patient, with reasons and sources; cql-execution answers the three questions in both lines."
    yield ""


def _long(found: Findings) -> Iterator[str]:
    passes = next(iter(found.long.values()))
    yield f"## {passes[0].patients} records of {found.long_facts} facts, whole rule book"
    yield ""
    yield from _table(
        ["ms per patient", "p50 / p99 as met", "p50 / p99 at best round"],
        [
            ["evaluating", _spread(passes, "evaluate"), _best(passes, "evaluate")],
            ["intake", _spread(passes, "load"), _best(passes, "load")],
            ["decoding JSON", _spread(passes, "decode"), _best(passes, "decode")],
        ],
    )
    yield f"Target: p99 of evaluating below {_LONG_TARGET} ms."
    yield ""


def _commands(found: Findings) -> Iterator[str]:
    yield f"## Whole commands, {len(next(iter(found.commands.values())))} runs each in turns"
    yield ""
    rows = [_command(name, runs) for name, runs in found.commands.items()]
    yield from _table(["command", "wall s (lowest)", "processor s (lowest)", "target s"], rows)
    yield "Medians, lowest in brackets; a new process each time, files in the disk cache. `python -c pass` is the"
    yield "floor."


def _command(name: str, runs: list[Process]) -> list[str]:
    failed = [run.code for run in runs if run.code]
    target = f"{_TARGETS[name]:g}" if name in _TARGETS else ""
    if failed:
        return [f"`{name}`", f"failed with code {failed[0]}", "", target]
    return [
        f"`{name}`",
        *(_seconds(times) for times in zip(*((run.wall, run.processor) for run in runs), strict=True)),
        target,
    ]


def _seconds(times: tuple[float, ...]) -> str:
    return f"{median(times):.2f} ({min(times):.2f})"


def _spread(passes: list[Pass], stage: str) -> str:
    return f"{percentile(passes, stage, 0.5):.2f} / {percentile(passes, stage, 0.99):.2f}"


def _best(passes: list[Pass], stage: str = "all") -> str:
    return f"{undisturbed(passes, stage, 0.5):.2f} / {undisturbed(passes, stage, 0.99):.2f}"


def _times(found: list[float]) -> str:
    return f"{median(found):.1f} ({min(found):.1f} to {max(found):.1f})"


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""
