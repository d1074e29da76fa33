"""A pen for small charts: marks at days and heights become SVG text.

Our own, because it was measured: the drawing library (vl-convert 1.9) ends the whole process on a control character
in a label, which a record may well hold; it needs a second to start and half a second per page; and its layout asks
the machine for fonts. Here the same record gives the same bytes on every machine, in a millisecond, and no text is
measured.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil, floor, log10
from typing import Final

from rxvigil.facts import show_day
from rxvigil.reports.words import clean

WIDTH: Final = 472
LEFT, RIGHT, ABOVE, BELOW = 56, 232, 8, 22
"""Room around the plot: numbers at its left, words at its right, months below."""

INK, QUIET, GRID = "#22252b", "#565b63", "#e2ded6"


@dataclass(frozen=True)
class Days:
    """The shared time axis: days counted from its left end."""

    start: date
    end: date

    @property
    def length(self) -> int:
        """A little longer than the time shown, so that the newest mark is whole."""
        return max(round((self.end - self.start).days * 1.02), 1)

    def at(self, day: date) -> int:
        """A day's place, held inside the axis."""
        return min(max((day - self.start).days, 0), self.length)

    def ticks(self) -> dict[int, str]:
        """First days of months with their labels, every so many months that they fit."""
        months = self.length / 30.4
        every = next((step for step in (1, 2, 3, 6, 12, 24) if months / step <= 7), 60)
        first = self.start.year * 12 + self.start.month
        starts = (date(number // 12, number % 12 + 1, 1) for number in range(first, first + round(months) + 1))
        chosen = (day for day in starts if (day.month - 1 + 12 * day.year) % every == 0 and day <= self.end)
        return {self.at(day): show_day(day).removeprefix("1 ") for day in chosen}


@dataclass(frozen=True)
class Look:
    """How a mark is drawn."""

    fill: str = "none"
    stroke: str = "none"
    width: float = 1.0
    dash: str = ""

    def __str__(self) -> str:
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        line = f' stroke="{self.stroke}" stroke-width="{self.width:g}"{dash}' if self.stroke != "none" else ""
        return f'fill="{self.fill}"{line}'


@dataclass(frozen=True)
class Pen:
    """Draws on one chart. `bottom` and `top` are the values at its lower and upper edge."""

    days: Days
    height: int
    bottom: float
    top: float
    numbered: bool = True

    def x(self, at: float) -> float:
        """Days to points."""
        return LEFT + WIDTH * at / self.days.length

    def y(self, value: float) -> float:
        """A value to points, from the top."""
        return ABOVE + self.height * (self.top - value) / (self.top - self.bottom)

    def rectangle(self, start: float, end: float, low: float, high: float, look: Look) -> str:
        """From day to day and from value to value."""
        left, upper, lower = self.x(start), min(self.y(low), self.y(high)), max(self.y(low), self.y(high))
        size = f'width="{_short(self.x(end) - left)}" height="{_short(lower - upper)}"'
        return f'<rect x="{_short(left)}" y="{_short(upper)}" {size} {look}/>'

    def line(self, points: Iterable[tuple[float, float]], look: Look) -> str:
        """Through days and values, in order."""
        path = "L".join(f"{_short(self.x(at))} {_short(self.y(value))}" for at, value in points)
        return f'<path d="M{path}" {look}/>'

    def symbol(self, shape: str, at: float, value: float, look: Look, down: float = 0) -> str:
        """One of `SYMBOLS` on a day and value, moved `down` by so many points."""
        place = f"translate({_short(self.x(at))} {_short(self.y(value) + down)})"
        return f'<path d="{SYMBOLS[shape]}" transform="{place}" {look}/>'

    def text(
        self, at: float, value: float, words: str, *, aside: float = 0, colour: str = INK, bold: bool = False
    ) -> str:
        """Words beside a place: to its right, or to its left where `aside` is negative."""
        anchor = ' text-anchor="end"' if aside < 0 else ""
        weight = ' font-weight="bold"' if bold else ""
        place = f'x="{_short(self.x(at) + aside)}" y="{_short(self.y(value) + 4)}"'
        return f'<text {place} fill="{colour}"{anchor}{weight}>{escape(clean(words))}</text>'

    def axes(self) -> str:
        """Months below with their upright lines, numbers at the left with their level ones."""
        months = "".join(self._month(at, label) for at, label in self.days.ticks().items())
        numbers = "".join(map(self._number, levels(self.bottom, self.top))) if self.numbered else ""
        edge = self.line([(0, self.top), (0, self.bottom), (self.days.length, self.bottom)], Look(stroke=QUIET))
        return f"{months}{numbers}{edge}"

    def _month(self, at: int, label: str) -> str:
        upright = self.line([(at, self.bottom), (at, self.top)], Look(stroke=GRID))
        foot = f'x="{_short(self.x(at))}" y="{ABOVE + self.height + 15}"'
        return f'{upright}<text {foot} fill="{QUIET}" font-size="11" text-anchor="middle">{label}</text>'

    def _number(self, value: float) -> str:
        level = self.line([(0, value), (self.days.length, value)], Look(stroke=GRID))
        place = f'x="{LEFT - 6}" y="{_short(self.y(value) + 4)}"'
        return f'{level}<text {place} fill="{QUIET}" font-size="11" text-anchor="end">{value:g}</text>'


SYMBOLS: Final = {
    "circle": "M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0",
    "ring": "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0",
    "down": "M-4.2-3.2h8.4L0 4.4z",
    "up": "M-4.2 3.2h8.4L0-4.4z",
    "cross": "M-4-4 4 4M4-4-4 4",
    "diamond": "M0-5.5 4.5 0 0 5.5-4.5 0z",
}
"""Shapes around a point; they tell marks apart without colour."""


def levels(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between two values, no more than `most`."""
    size = 10.0 ** floor(log10((high - low) / most))
    step = next(size * times for times in (1, 2, 5, 10, 20) if (high - low) / (size * times) <= most)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def draw(pen: Pen, marks: Iterable[str], name: str, title: str, says: str, behind: Iterable[str] = ()) -> str:
    """The chart as SVG text, `behind` under its grid, with a title and a description for those who cannot see it; its
    ids begin with `name`."""
    width, height = LEFT + WIDTH + RIGHT, ABOVE + pen.height + BELOW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-size="11.5" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(clean(title))}</title><desc id="{name}-desc">{escape(clean(says))}</desc>'
        f"{''.join(behind)}{pen.axes()}{''.join(marks)}</svg>"
    )


def _short(value: float) -> str:
    """A coordinate to a tenth of a point."""
    return f"{round(value, 1):g}"
