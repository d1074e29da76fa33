"""Paragraphs, headings and words in the margin on a terminal: what every text report is made of.

Every line survives 40 columns, and text of the input is made visible first: an escape sequence in a name must not reach
the terminal.
"""

from typing import TYPE_CHECKING, Final

from rxvigil.reports import words

if TYPE_CHECKING:
    from rich.console import Console

NARROW: Final = 60
"""Below so many columns a table becomes blocks."""


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
