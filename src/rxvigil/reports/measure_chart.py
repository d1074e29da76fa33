"""Charts of measures: a share over months, and shares side by side, each with its 95 % interval."""

from collections.abc import Iterator
from datetime import date
from html import escape
from typing import Final

from rxvigil.reports.drawing import ABOVE, BELOW, GRID, INK, LEFT, QUIET, RIGHT, WIDTH, Days, Look, Pen, draw
from rxvigil.reports.measures import Breakdown, Figure, interval, percent
from rxvigil.reports.words import clean

_HEIGHT: Final = 150
_SERIES: Final = "#2f4858"
_PAPER: Final = "#ffffff"
_ROW: Final = 22
_NAMES: Final = 190
_LETTERS: Final = 27
"""About so many letters of a name fit beside its row."""
_BAR: Final = 380


def over_months(found: Breakdown, name: str, title: str, mark: str = "") -> str:
    """Shares of the first days of months (rows labelled YYYY-MM), with intervals as upright bars. A month that is
    hidden or has nobody leaves a gap. `mark`: a word that a chart taken out of its page must still bear."""
    points = [(date.fromisoformat(f"{row.label}-01"), row) for row in found.rows]
    days = Days(points[0][0], max(points[-1][0], points[0][0].replace(year=points[0][0].year + 1)))
    pen = Pen(days, _HEIGHT, 0, 100)
    marks = [*_marks(pen, points), *_marked(mark, "end", LEFT + WIDTH + RIGHT - 4, ABOVE + _HEIGHT + BELOW)]
    return draw(pen, marks, name, title, _in_words(found))


def _marks(pen: Pen, points: list[tuple[date, Figure]]) -> Iterator[str]:
    for run in _runs(points):
        if len(run) > 1:
            line = [(pen.days.at(day), 100 * share) for day, share in run]
            yield pen.line(line, Look(stroke=_SERIES, width=1.6))
    for day, row in points:
        if row.proportion is not None and row.low is not None and row.high is not None:
            at = pen.days.at(day)
            yield pen.line([(at, 100 * row.low), (at, 100 * row.high)], Look(stroke=_SERIES, width=1.2))
            yield pen.symbol("circle", at, 100 * row.proportion, Look(_SERIES, _PAPER))
    day, row = points[-1]
    if row.proportion is not None:
        yield pen.text(pen.days.length, 100 * row.proportion, percent(row.proportion), aside=8, bold=True)


def _runs(points: list[tuple[date, Figure]]) -> list[list[tuple[date, float]]]:
    """Stretches of months that are shown: no line is drawn across a gap."""
    runs: list[list[tuple[date, float]]] = [[]]
    for day, row in points:
        if row.proportion is None:
            runs.append([])
        else:
            runs[-1].append((day, row.proportion))
    return [run for run in runs if run]


def side_by_side(found: Breakdown, name: str, title: str, mark: str = "") -> str:
    """One line for each row: the share as a dot, its interval as a bar, from 0 to 100 %. `mark` as above."""
    height = _ROW * len(found.rows) + 26
    width = _NAMES + _BAR + 90
    rows = "".join(_row(row, place) for place, row in enumerate(found.rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-size="11.5" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(clean(title))}</title>'
        f'<desc id="{name}-desc">{escape(clean(_in_words(found)))}</desc>{_axis(height - 22)}{rows}'
        f"{''.join(_marked(mark, 'start', 4, height))}</svg>"
    )


def _marked(mark: str, anchor: str, x: float, height: float) -> Iterator[str]:
    """In the lower corner in which nothing else stands: right of months, left of shares, under the names."""
    if mark:
        yield f'<text x="{x:g}" y="{height - 7:g}" text-anchor="{anchor}" fill="{INK}">{escape(mark)}</text>'


def _axis(bottom: int) -> str:
    marks = []
    for share in (0, 25, 50, 75, 100):
        x = _NAMES + _BAR * share / 100
        marks.append(f'<path d="M{x:g} 0L{x:g} {bottom}" stroke="{GRID}" fill="none"/>')
        foot = f'x="{x:g}" y="{bottom + 15}" font-size="11" text-anchor="middle" fill="{QUIET}"'
        marks.append(f"<text {foot}>{share} %</text>")
    return "".join(marks)


def _row(row: Figure, place: int) -> str:
    middle = _ROW * place + _ROW // 2
    label = row.label if len(row.label) <= _LETTERS else f"{row.label[: _LETTERS - 1]}…"
    named = f'<text x="{_NAMES - 8}" y="{middle + 4}" text-anchor="end" fill="{INK}">{escape(clean(label))}</text>'
    if row.proportion is None or row.low is None or row.high is None:
        says = "nobody" if row.denominator == 0 else "hidden"
        return f'{named}<text x="{_NAMES + 4}" y="{middle + 4}" fill="{QUIET}">{says}</text>'
    low, high, at = (_NAMES + _BAR * value for value in (row.low, row.high, row.proportion))
    line = f'<path d="M{low:.1f} {middle}L{high:.1f} {middle}" stroke="{_SERIES}" stroke-width="2" fill="none"/>'
    dot = f'<circle cx="{at:.1f}" cy="{middle}" r="4" fill="{_SERIES}" stroke="{_PAPER}"/>'
    figure = f'<text x="{_NAMES + _BAR + 8}" y="{middle + 4}" fill="{INK}">{percent(row.proportion)}</text>'
    return f"{named}{line}{dot}{figure}"


def _in_words(found: Breakdown) -> str:
    """For those who cannot see it; the table beside holds the counts."""
    told = (f"{row.label}: {percent(row.proportion)}{_between(row)}" for row in found.rows)
    return f"By {found.by}. {'; '.join(told)}."


def _between(row: Figure) -> str:
    return f" ({interval(row)})" if row.proportion is not None else ""
