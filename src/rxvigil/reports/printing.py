"""Paragraphs, headings, words in the margin and lists of sources on a terminal: what every text report is made of.

Every line survives 40 columns, and text of the input is made visible first: an escape sequence in a name must not reach
the terminal.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from rxvigil.engine.assessment import Tier
from rxvigil.facts import show_day
from rxvigil.reports import words
from rxvigil.reports.citations import Cited

if TYPE_CHECKING:
    from rich.console import Console

NARROW: Final = 60
"""Below so many columns a table becomes blocks."""
LOOK: Final[dict[Tier, str]] = {"STOP": "bold red", "ACT": "bold yellow", "KNOW": "bold", "CANNOT SAY": "bold magenta"}
"""The style of a tier's word. Meaning never hangs on it: the word is always there."""


class Printer:
    """Prints one piece of text after another."""

    def __init__(self, console: "Console") -> None:
        self.console = console
        self.narrow = console.width < NARROW

    def blank(self) -> None:
        """An empty line."""
        self.console.print()

    def line(self, text: str, indent: int = 0, style: str = "") -> None:
        """One paragraph, every line of it indented."""
        from rich.padding import Padding
        from rich.text import Text

        self.console.print(
            Padding(Text(words.clean(text), style=style), (0, 0, 0, indent), expand=False), highlight=False
        )

    def heading(self, text: str) -> None:
        """A section's name, after a blank line."""
        self.blank()
        self.line(text.upper(), style="bold")

    def labelled(self, label: str, text: str, style: str = "") -> None:
        """A word in the margin with its paragraph beside it; below it where there is no room."""
        from rich.table import Table
        from rich.text import Text

        if self.narrow and len(label) > 6:
            self.line(label, style=style)
            self.line(text, indent=2)
            return
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=max(len(label), 5), no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_row(Text(words.clean(label), style=style), Text(words.clean(text)))
        self.console.print(grid, highlight=False)

    def sources(self, cited: Collection[Cited]) -> None:
        """Every publication by its number, with the places that were used, and what their marks mean."""
        if cited:
            self.heading("Sources")
        marks: dict[str, None] = {}
        for one in cited:
            old = f" Superseded by {one.superseded_by}." if one.superseded_by else ""
            self.line(f"[{one.number}] {one.title}, {one.body}.{old}")
            if one.url:
                self.line(one.url, indent=4)
            for place in one.places:
                marks[place.mark] = None
                via = f"; read in {place.via}" if place.via else ""
                note = f"; {place.note}" if place.note else ""
                self.line(f"{place.where}: {place.mark}, checked {show_day(place.checked)}{via}{note}", indent=4)
        for mark in marks:
            self.line(f"{mark}: {words.MARK_MEANS.get(mark, 'not explained')}.")
