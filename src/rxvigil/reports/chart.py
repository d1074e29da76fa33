"""The charts: one small one per analyte and one of strips, all over the same days."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from rxvigil.reports.drawing import INK, QUIET, WIDTH, Days, Look, Pen, draw
from rxvigil.reports.medicines import Span, Strip
from rxvigil.reports.timeline import Panel, RangeRun, Timeline

PANEL_HEIGHT: Final = 88
DOSE_HEIGHT, LANE_HEIGHT = 44, 22
LETTER: Final = 6.6
"""About the width of a letter of a label, for deciding what fits."""

BAND, SERIES, ACTION, DRUG, PAPER = "#e7e4f0", "#2f4858", "#9b1c31", "#8a5a00", "#ffffff"
_SHAPES: Final = {"exact": "circle", "below": "down", "above": "up"}


def panel_svg(panel: Panel, shown: Timeline) -> str:
    """One analyte: the laboratory's range as a band, action lines with their words, joined results."""
    bottom, top = _edges(panel)
    pen = Pen(Days(shown.start, shown.end), PANEL_HEIGHT, bottom, top)
    bands = (_band(pen, run, start, end) for run, start, end in _stretches(panel, shown))
    marks = [
        _review_day(pen, shown.on),
        *_level_lines(pen, panel),
        *_results(pen, panel),
        *_margin(pen, panel),
    ]
    says = " ".join(part for part in (panel.summary, panel.gaps, panel.unread_says) if part)
    return draw(pen, marks, f"chart-{panel.analyte}", f"{panel.name} over time", says, behind=bands)


def strips_svg(shown: Timeline) -> str:
    """Doses as steps, interacting drugs as bars, genotype and events as marks; each lane named at its right."""
    height = sum(_height(strip) for strip in shown.strips)
    pen = Pen(Days(shown.start, shown.end), height, height, 0, numbered=False)
    marks, top = [_review_day(pen, shown.on)], 0
    for strip in shown.strips:
        marks += _lane(pen, strip, top)
        top += _height(strip)
    return draw(pen, marks, "chart-medicines", "Medicines, genotype and events over time", _strips_in_words(shown))


def _strips_in_words(shown: Timeline) -> str:
    lanes = ((strip.name, "; ".join(_in_words(strip, span) for span in strip.spans)) for strip in shown.strips)
    return " ".join(f"{name}: {spans}." for name, spans in lanes)


def _in_words(strip: Strip, span: Span) -> str:
    return span.days if strip.kind == "mark" else f"{span.shown}, {span.days}"


def _review_day(pen: Pen, on: date) -> str:
    at = pen.days.at(on)
    return pen.line([(at, pen.bottom), (at, pen.top)], Look(stroke=QUIET, dash="2 3"))


def _edges(panel: Panel) -> tuple[float, float]:
    """From below the lowest to above the highest thing drawn; from nought unless that would flatten the curve."""
    values = [point.value for point in panel.points] + [line.at for line in panel.lines]
    values += [edge.at for edge in panel.edges]
    values += [end for run in panel.ranges for end in (run.low, run.high) if end is not None]
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or abs(high) * 0.12 or 1.0
    return (0.0 if 0 <= low < high * 0.6 else low - room), high + room


def _stretches(panel: Panel, shown: Timeline) -> Iterator[tuple[RangeRun, date, date]]:
    """Each printed range with the days it is drawn for: until the next one, and out to both edges."""
    later = [run.start for run in panel.ranges[1:]]
    yield from zip(panel.ranges, [shown.start, *later], [*later, date.max], strict=False)


def _band(pen: Pen, run: RangeRun, start: date, end: date) -> str:
    low = pen.bottom if run.low is None else run.low
    high = pen.top if run.high is None else run.high
    return pen.rectangle(pen.days.at(start), pen.days.at(end), low, high, Look(fill=BAND))


def _level_lines(pen: Pen, panel: Panel) -> Iterator[str]:
    """Action lines dashed, the edges of published bands dotted; from side to side."""
    for line in panel.lines:
        yield pen.line([(0, line.at), (pen.days.length, line.at)], Look(stroke=ACTION, width=1.4, dash="6 3"))
    for edge in panel.edges:
        yield pen.line([(0, edge.at), (pen.days.length, edge.at)], Look(stroke=QUIET, width=1.2, dash="1.5 3"))


def _margin(pen: Pen, panel: Panel) -> Iterator[str]:
    """The words of the lines and the newest value, each at its height, moved apart where they would touch."""
    newest = panel.points[-1]
    labels = [(line.at, f"{line.says}: {line.do}", ACTION) for line in panel.lines]
    labels += [(edge.at, edge.says, QUIET) for edge in panel.edges]
    labels.append((newest.value, f"{newest.figure} {newest.dated}", INK))
    labels.sort(key=lambda label: label[0])
    heights = _apart([at for at, *_ in labels], (pen.top - pen.bottom) * 14 / pen.height, pen.top)
    for height, (_, words, colour) in zip(heights, labels, strict=True):
        yield pen.text(pen.days.length, height, words, aside=8, colour=colour, bold=colour == INK)


def _apart(heights: list[float], least: float, top: float) -> list[float]:
    """Ascending heights with at least this much between them, the highest no higher than the top edge."""
    for index in range(1, len(heights)):
        heights[index] = max(heights[index], heights[index - 1] + least)
    highest = top
    for index in reversed(range(len(heights))):
        heights[index] = min(heights[index], highest)
        highest = heights[index] - least
    return heights


def _results(pen: Pen, panel: Panel) -> Iterator[str]:
    """Lines first, then a mark per result: hollow where preliminary, ringed where beyond an action line, drawn out
    over the month where only the month is known."""
    at = pen.days.at
    for run in panel.runs:
        if len(run) > 1:
            yield pen.line([(at(point.first), point.value) for point in run], Look(stroke=SERIES, width=1.6))
    for point in panel.points:
        if point.first != point.last:
            yield pen.line(
                [(at(point.first), point.value), (at(point.last), point.value)], Look(stroke=SERIES, width=3)
            )
        fill = PAPER if point.preliminary else SERIES
        yield pen.symbol(_SHAPES[point.bound], at(point.first), point.value, Look(fill, SERIES, 1.6))
        if point.crossed:
            yield pen.symbol("ring", at(point.first), point.value, Look(stroke=ACTION, width=1.6))
    for day in panel.unread:
        yield pen.symbol("cross", at(day), pen.top, Look(stroke=ACTION, width=2.4), down=8)


def _height(strip: Strip) -> int:
    return DOSE_HEIGHT if strip.kind == "dose" else LANE_HEIGHT


def _lane(pen: Pen, strip: Strip, top: int) -> Iterator[str]:
    middle = top + _height(strip) / 2
    for span in strip.spans:
        yield from _mark(pen, span, middle) if strip.kind == "mark" else _bar(pen, strip, span, top)
    yield pen.text(pen.days.length, middle, strip.name, aside=8)


def _mark(pen: Pen, span: Span, middle: float) -> Iterator[str]:
    """A diamond on its day, hollow at the left edge where the day is not recorded; the day stands beside it."""
    at = pen.days.at(span.start) if span.start else 0
    yield pen.symbol("diamond", at, middle, Look(DRUG if span.start else PAPER, DRUG))
    yield pen.text(at, middle, span.days, aside=-9 if at > pen.days.length / 2 else 9, colour=QUIET)


def _bar(pen: Pen, strip: Strip, span: Span, top: int) -> Iterator[str]:
    """A dose is as high as it is large; one that is not known is hollow and dashed."""
    start = pen.days.at(span.start) if span.start else 0
    end = pen.days.at(span.end) if span.end else pen.days.length
    bottom, full = top + _height(strip) - 3, _height(strip) - 6
    colour = SERIES if strip.kind == "dose" else DRUG
    look = Look(fill=colour, stroke=PAPER) if span.known else Look(PAPER, colour, dash="4 2")
    yield pen.rectangle(start, end, bottom, bottom - full * span.height, look)
    if (end - start) / pen.days.length * WIDTH > len(span.shown) * LETTER + 8:
        yield pen.text(start, bottom - 8, span.shown, aside=5, colour=PAPER if span.known else INK)
