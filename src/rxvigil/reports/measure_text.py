"""Measures on a terminal: each with its definition, its whole, and tables."""

from typing import TYPE_CHECKING

from rxvigil.reports import measures as say
from rxvigil.reports.measures import Breakdown, Measure, Measures
from rxvigil.reports.printing import Printer
from rxvigil.reports.words import clean

if TYPE_CHECKING:
    from rich.console import Console


def measures_to_text(made: Measures, console: "Console") -> None:
    """Print the measures."""
    report = _Report(console)
    if made.simulated:
        report.line(made.simulated, style="bold")
    report.line(say.headline(made), style="bold")
    report.line(made.disclosure)
    for note in made.notes:
        report.line(note, style="bold")
    for one in made.measures:
        report.measure(one)
    report.blank()
    report.line(made.intervals)
    report.line(say.colophon(made))


class _Report(Printer):
    """Prints one measure after another."""

    def measure(self, one: Measure) -> None:
        """A measure with its definition and its tables."""
        self.heading(one.title)
        self.line(one.means)
        self.line(f"Counted: {one.numerator}. Of: {one.denominator}.")
        if one.whole:
            self.line(say.shown(one.whole), style="bold")
        if one.waiting:
            self.line(say.waited(one.waiting), style="bold")
        for breakdown in one.breakdowns:
            self.table(breakdown)
        for note in one.notes:
            self.line(note)
        self.line(f"Definition: {one.source}")

    def table(self, found: Breakdown) -> None:
        """One breakdown; as blocks where a table would not fit."""
        from rich.table import Table

        if not found.rows:
            return
        if self.narrow:
            for row in found.rows:
                self.line(f"{found.by} {say.label(found, row)}: {say.shown(row)}", indent=2)
            return
        table = Table(box=None, pad_edge=False, title_justify="left")
        table.add_column(found.by.capitalize())
        for heading in ("Counted", "Of", "Share", "95 % interval"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in found.rows:
            share = say.percent(row.proportion) if row.denominator else "-"
            cells = (say.count(row.numerator), say.count(row.denominator), share, say.interval(row))
            table.add_row(clean(say.label(found, row)), *cells)
        self.blank()
        self.console.print(table, highlight=False)
