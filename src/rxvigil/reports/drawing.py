"""Turning marks at days and heights into SVG text, by Vega-Lite.

Every coordinate is ours (days from the left edge, fixed margins, no automatic layout), because what a layout engine
chooses depends on the fonts and the time zone of the machine it runs on, and the same record must give the same
bytes everywhere. The specification is written as Vega-Lite's own JSON: a library that only writes that JSON costs more
than a second at start.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any, Final

from rxvigil.facts import show_day

WIDTH: Final = 472
MARGIN: Final = {"left": 56, "right": 232, "top": 8, "bottom": 22}
INK, QUIET, GRID = "#22252b", "#565b63", "#e2ded6"

Layer = dict[str, Any]
Row = dict[str, Any]

_TEXT: Final[Layer] = {
    "type": "text",
    "fontSize": 11.5,
    "color": INK,
    "align": "left",
    "baseline": "middle",
    "limit": 0,
}
_AXIS: Final[Layer] = {
    "title": None, "labelOverlap": False, "labelLimit": 0, "labelBound": False, "labelFlush": False,
    "labelFontSize": 11, "labelColor": QUIET, "gridColor": GRID, "domainColor": QUIET, "tickColor": QUIET,
}  # fmt: skip


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
        every = next((step for step in (1, 2, 3, 6, 12) if months / step <= 9), 24)
        first = self.start.year * 12 + self.start.month
        starts = (date(number // 12, number % 12 + 1, 1) for number in range(first, first + round(months) + 1))
        chosen = (day for day in starts if (day.month - 1 + 12 * day.year) % every == 0 and day <= self.end)
        return {self.at(day): show_day(day).removeprefix("1 ") for day in chosen}


@dataclass(frozen=True)
class Pen:
    """Makes the marks of one chart. `bottom` and `top` are the values at its lower and upper edge."""

    days: Days
    height: int
    bottom: float
    top: float
    numbered: bool = True

    def marks(self, mark: Layer, rows: Iterable[Row], **encoding: str) -> Layer:
        """One mark per row, at its `x` and `y` (and `x2`, `y2`); `encoding` takes a look from a row as it stands."""
        looks = {name: {"field": field, "type": "nominal", "scale": None} for name, field in encoding.items()}
        places = {"x": self._x(), "y": self._y(), "x2": {"field": "x2"}, "y2": {"field": "y2"}}
        values = list(rows)
        if not any("x2" in row for row in values):
            del places["x2"], places["y2"]
        return {"data": {"values": values}, "mark": mark, "encoding": places | looks}

    def text(self, x: float, y: float, words: str, **style: Any) -> Layer:
        """Words at a place."""
        layer = self.marks(_TEXT | style, [{"x": x, "y": y, "words": words}])
        layer["encoding"]["text"] = {"field": "words", "type": "nominal"}
        return layer

    def upright(self, day: date, mark: Layer) -> Layer:
        """A rule from bottom to top on one day."""
        at = self.days.at(day)
        return self.marks(mark, [{"x": at, "x2": at, "y": self.bottom, "y2": self.top}])

    def _x(self) -> Layer:
        ticks = self.days.ticks()
        labels = "".join(f"datum.value == {at} ? '{label}' : " for at, label in ticks.items()) + "''"
        scale = {"domain": [0, self.days.length], "nice": False, "zero": False}
        axis = _AXIS | {"values": list(ticks), "labelExpr": labels}
        return {"field": "x", "type": "quantitative", "scale": scale, "axis": axis}

    def _y(self) -> Layer:
        scale = {"domain": [self.bottom, self.top], "nice": False, "zero": False}
        axis = _AXIS | {"tickCount": 4} if self.numbered else None
        return {"field": "y", "type": "quantitative", "scale": scale, "axis": axis}


def draw(pen: Pen, layers: list[Layer], name: str, title: str, says: str) -> str:
    """The chart as SVG text, with a title and a description for those who cannot see it; its ids begin with `name`."""
    import vl_convert

    specification = {
        "width": WIDTH,
        "height": pen.height,
        "padding": MARGIN,
        "autosize": {"type": "none"},
        "layer": layers,
        "background": None,
        "config": {"aria": False, "font": "inherit", "view": {"stroke": None}},
    }
    return _named(_own_ids(_NOISE.sub("", vl_convert.vegalite_to_svg(specification)), name), name, title, says)


_NOISE: Final = re.compile(r' (?:role|aria-[a-z]+|xmlns:xlink|version|pointer-events|font-family)="[^"]*"')
_NUMBERED: Final = re.compile(r'(?<=["#(])(clip|gradient)\d+(?=[")])')


def _own_ids(svg: str, name: str) -> str:
    """Ids that count within this drawing, not over every drawing the process has made."""
    seen: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        return seen.setdefault(found.group(), f"{name}-{found.group(1)}-{len(seen)}")

    return _NUMBERED.sub(renamed, svg)


def _named(svg: str, name: str, title: str, says: str) -> str:
    head, _, rest = svg.partition(">")
    labelled = f'{head} role="img" aria-labelledby="{name}-title {name}-desc">'
    return (
        f'{labelled}<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(says)}</desc>{rest}'
    )
