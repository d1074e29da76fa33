"""A rehearsal on a terminal and as a table."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rxvigil.reports import rehearsal as say
from rxvigil.reports.printing import Printer
from rxvigil.reports.rehearsal import Rehearsal
from rxvigil.reports.spreadsheets import Value, to_csv

if TYPE_CHECKING:
    from rich.console import Console

HEADINGS: Final = (
    "Patient",
    "Simulated",
    "Practice",
    "Cause",
    "Before",
    "After",
    "Change",
    "Rule",
    "What",
    "What to do",
)
_SHOWN: Final = 100


def rehearsal_to_text(made: Rehearsal, console: "Console") -> None:
    """Print the comparison: counts, rules, then the changes."""
    report = Printer(console)
    if made.simulated:
        report.line(made.simulated, style="bold")
    report.line(say.headline(made), style="bold")
    for line in say.turned(made):
        report.line(line)
    report.line("Nothing of this is kept as a screen.")
    report.heading("Patients by tier, before and after")
    for tier, before, after in say.tallies(made):
        report.line(f"{tier}: {before:,}, then {after:,} ({after - before:+,})", indent=2)
    if made.rules:
        report.heading("By rule")
    for one in made.rules:
        report.line(f"{one.rule}: {one.comes:,} come, {one.goes:,} go, {one.changes:,} change tier", indent=2)
    if made.unanswered:
        report.heading("Rules that cannot be answered for more, or for fewer, patients")
    for rule, more in made.unanswered.items():
        report.line(f"{rule}: {more:+,}", indent=2)
    _changes(report, made)
    report.blank()
    for line in colophon(made):
        report.line(line)


def _changes(report: Printer, made: Rehearsal) -> None:
    if made.changes:
        report.heading("Patient by patient")
    for one in made.changes[:_SHOWN]:
        made_up = " (simulated)" if one.simulated else ""
        report.line(f"{one.patient}{made_up}: {one.cause}: {say.kind(one)} ({one.rule})", indent=2)
    if len(made.changes) > _SHOWN:
        report.line(f"and {len(made.changes) - _SHOWN:,} more: --format csv lists all", indent=2)


def rehearsal_to_csv(made: Rehearsal) -> bytes:
    """Every change as a row, formula-safe."""
    return to_csv(HEADINGS, _rows(made))


def _rows(made: Rehearsal) -> Iterator[list[Value]]:
    for one in made.changes:
        yield [
            one.patient, "simulated" if one.simulated else "", one.practice, one.cause, one.before or "",
            one.after or "", say.kind(one), one.rule, one.says, one.action,
        ]  # fmt: skip


def colophon(made: Rehearsal) -> Iterator[str]:
    """Which two rule books were compared."""
    for name, side in (("Before", made.before), ("After", made.after)):
        overlay = f", overlay {side.overlay}" if side.overlay else ""
        yield f"{name}: rule book {side.book}{overlay}, {side.rules} rules."
    yield f"Jurisdiction {made.jurisdiction}, rxvigil {made.version}."
