"""The worklist on a terminal: one block a patient, what to do first, everything else below it."""

from typing import TYPE_CHECKING

from rxvigil.reports import words
from rxvigil.reports import worklist as say
from rxvigil.reports.printing import LOOK, Printer
from rxvigil.reports.worklist import Entry, Item, Worklist

if TYPE_CHECKING:
    from rich.console import Console


def worklist_to_text(worklist: Worklist, console: "Console") -> None:
    """Print the worklist."""
    report = _Report(console)
    report.opening(worklist)
    for number, entry in enumerate(worklist.entries, 1):
        report.entry(number, entry, worklist)
    report.closing(worklist)


class _Report(Printer):
    """Prints one entry after another."""

    def opening(self, worklist: Worklist) -> None:
        """How many, of how many, and what is not on the list."""
        if worklist.simulated:
            self.line(worklist.simulated, style="bold")
        self.line(say.opening(worklist), style="bold")
        for filter_ in worklist.filters:
            self.line(f"Only: {filter_}.")
        for line in say.not_on_it(worklist):
            self.line(line)
        for note in worklist.notes:
            self.line(note, style="bold")

    def entry(self, number: int, entry: Entry, worklist: Worklist) -> None:
        """One patient."""
        self.blank()
        where = f", {entry.practice}" if entry.practice else ""
        made_up = " (simulated)" if entry.simulated else ""
        self.line(f"{number}. Patient {entry.patient}{made_up}{where}", style="bold")
        for course in entry.takes:
            self.line(course, indent=3)
        for item in entry.items:
            self.item(item, worklist)
        if entry.others:
            self.line(f"Also to do: {'; '.join(entry.others)}.", indent=3)
        if entry.open:
            self.line(f"Cannot say, and could matter as much: {'; '.join(entry.open)}.", indent=3)

    def item(self, item: Item, worklist: Worklist) -> None:
        """One cause."""
        self.labelled(f"   {item.tier}", say.lead(item), LOOK[item.tier])
        indent = 3 if self.narrow else 8
        self.line(say.to_do(item), indent, style="bold")
        if since := say.since(item):
            self.line(f"Since {since}.", indent)
        if item.because:
            self.line(f"Because: {'; '.join(item.because)}.", indent)
        for gap in item.missing:
            self.line(f"Missing: {gap}", indent)
        self.line(f"Source {say.source(item, worklist)}. Rule {item.rule}.", indent)

    def closing(self, worklist: Worklist) -> None:
        """What it is for, and which knowledge answered."""
        if worklist.publications:
            self.heading("Sources")
        for one in worklist.publications.values():
            self.line(f"[{one.number}] {one.title}, {one.body}.{f' {one.url}' if one.url else ''}")
        marks = {item.mark for entry in worklist.entries for item in entry.items if item.mark}
        for mark in sorted(marks):
            self.line(f"{mark}: {words.MARK_MEANS.get(mark, 'not explained')}.")
        self.blank()
        self.line(words.STRENGTH_MEANS)
        self.line(words.INTENDED_USE)
        self.line(colophon(worklist))


def colophon(worklist: Worklist) -> str:
    """Which knowledge answered."""
    overlay = f", overlay {worklist.overlay}" if worklist.overlay else ""
    return f"Rule book {worklist.book}{overlay}, jurisdiction {worklist.jurisdiction}, rxvigil {worklist.version}."
