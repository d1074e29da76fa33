"""The charts: one small one per analyte and one of strips, all over the same days."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from rxvigil.reports.drawing import INK, QUIET, WIDTH, Days, Layer, Pen, draw
from rxvigil.reports.medicines import Span, Strip
from rxvigil.reports.timeline import Panel, RangeRun, Timeline

PANEL_HEIGHT: Final = 88
DOSE_HEIGHT, LANE_HEIGHT = 44, 22
LETTER: Final = 6.2
"""About the width of a letter of a label, for deciding what fits."""

BAND, SERIES, ACTION, DRUG, PAPER = "#e7e4f0", "#2f4858", "#9b1c31", "#8a5a00", "#ffffff"
_DOT: Final[Layer] = {"type": "point", "size": 36, "stroke": SERIES, "strokeWidth": 1.6, "opacity": 1}
_RING: Final[Layer] = {"type": "point", "size": 150, "stroke": ACTION, "strokeWidth": 1.6, "opacity": 1}
_CROSS: Final[Layer] = {
    "type": "point", "shape": "M-.5,-.5L.5,.5M.5,-.5L-.5,.5", "size": 200, "stroke": ACTION, "strokeWidth": 2.4,
    "yOffset": 8, "opacity": 1,
}  # fmt: skip
_SHAPES: Final = {"exact": "circle", "below": "triangle-down", "above": "triangle-up"}


def panel_svg(panel: Panel, shown: Timeline) -> str:
    """One analyte: the laboratory's range as a band, action lines with their words, joined results."""
    bottom, top = _edges(panel)
    pen = Pen(Days(shown.start, shown.end), PANEL_HEIGHT, bottom, top)
    layers = [
        *(_band(pen, run, start, end) for run, start, end in _stretches(panel, shown)),
        _review_day(pen, shown.on),
        *_action_lines(pen, panel),
        *_results(pen, panel),
        *_margin(pen, panel),
    ]
    return draw(
        pen,
        layers,
        f"chart-{panel.analyte}",
        f"{panel.name} over time",
        " ".join(part for part in (panel.summary, panel.gaps, panel.unread_says) if part),
    )


def strips_svg(shown: Timeline) -> str:
    """Doses as steps, interacting drugs as bars, genotype and events as marks; each lane named at its right."""
    height = sum(_height(strip) for strip in shown.strips)
    pen = Pen(Days(shown.start, shown.end), height, height, 0, numbered=False)
    layers, top = [_review_day(pen, shown.on)], 0
    for strip in shown.strips:
        layers += _lane(pen, strip, top)
        top += _height(strip)
    return draw(pen, layers, "chart-medicines", "Medicines, genotype and events over time", _strips_in_words(shown))


def _strips_in_words(shown: Timeline) -> str:
    return " ".join(
        f"{strip.name}: {'; '.join(_span_in_words(strip, one) for one in strip.spans)}." for strip in shown.strips
    )


def _span_in_words(strip: Strip, span: Span) -> str:
    return span.days if strip.kind == "mark" else f"{span.shown}, {span.days}"


def _review_day(pen: Pen, on: date) -> Layer:
    return pen.upright(on, {"type": "rule", "color": QUIET, "strokeDash": [2, 3]})


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


def _band(pen: Pen, run: RangeRun, start: date, end: date) -> Layer:
    low = pen.bottom if run.low is None else run.low
    high = pen.top if run.high is None else run.high
    return pen.marks(
        {"type": "rect", "color": BAND}, [{"x": pen.days.at(start), "x2": pen.days.at(end), "y": low, "y2": high}]
    )


def _action_lines(pen: Pen, panel: Panel) -> Iterator[Layer]:
    """Action lines dashed, the edges of published bands dotted; from edge to edge."""
    for line in panel.lines:
        row = {"x": 0, "x2": pen.days.length, "y": line.at, "y2": line.at}
        yield pen.marks({"type": "rule", "color": ACTION, "strokeDash": [6, 3], "strokeWidth": 1.4}, [row])
    for edge in panel.edges:
        row = {"x": 0, "x2": pen.days.length, "y": edge.at, "y2": edge.at}
        yield pen.marks({"type": "rule", "color": QUIET, "strokeDash": [1.5, 3], "strokeWidth": 1.2}, [row])


def _margin(pen: Pen, panel: Panel) -> Iterator[Layer]:
    """The words of the action lines and the newest value, each at its height, moved apart where they would touch."""
    newest = panel.points[-1]
    labels = [(line.at, f"{line.says}: {line.do}", {"color": ACTION}) for line in panel.lines]
    labels += [(edge.at, edge.says, {"color": QUIET}) for edge in panel.edges]
    labels.append((newest.value, f"{newest.figure} {newest.dated}", {"fontWeight": "bold"}))
    labels.sort(key=lambda label: label[0])
    heights = _apart([at for at, *_ in labels], (pen.top - pen.bottom) * 14 / pen.height, pen.top)
    for height, (_, words, style) in zip(heights, labels, strict=True):
        yield pen.text(pen.days.length, height, words, dx=8, **style)


def _apart(heights: list[float], least: float, top: float) -> list[float]:
    """Ascending heights with at least this much between them, the highest no higher than the top edge."""
    for index in range(1, len(heights)):
        heights[index] = max(heights[index], heights[index - 1] + least)
    highest = top
    for index in reversed(range(len(heights))):
        heights[index] = min(heights[index], highest)
        highest = heights[index] - least
    return heights


def _results(pen: Pen, panel: Panel) -> Iterator[Layer]:
    at = pen.days.at
    for run in panel.runs:
        rows = [{"x": at(point.first), "y": point.value} for point in run]
        yield pen.marks({"type": "line", "color": SERIES, "strokeWidth": 1.6}, rows)
    vague = [one for one in panel.points if one.first != one.last]
    rows = [{"x": at(one.first), "x2": at(one.last), "y": one.value, "y2": one.value} for one in vague]
    yield pen.marks({"type": "rule", "color": SERIES, "strokeWidth": 3}, rows)
    points = [
        {"x": at(one.first), "y": one.value, "shape": _SHAPES[one.bound], "fill": PAPER if one.preliminary else SERIES}
        for one in panel.points
    ]
    yield pen.marks(_DOT, points, shape="shape", fill="fill")
    rings = [{"x": at(one.first), "y": one.value} for one in panel.points if one.crossed]
    yield pen.marks(_RING, rings)
    yield pen.marks(_CROSS, [{"x": at(day), "y": pen.top} for day in panel.unread])


def _height(strip: Strip) -> int:
    return DOSE_HEIGHT if strip.kind == "dose" else LANE_HEIGHT


def _lane(pen: Pen, strip: Strip, top: int) -> Iterator[Layer]:
    middle = top + _height(strip) / 2
    for span in strip.spans:
        yield from _mark(pen, span, middle) if strip.kind == "mark" else _bar(pen, strip, span, top)
    yield pen.text(pen.days.length, middle, strip.name, dx=8)


def _mark(pen: Pen, span: Span, middle: float) -> Iterator[Layer]:
    """A diamond on its day, hollow at the left edge where the day is not recorded; the day stands beside it."""
    at = pen.days.at(span.start) if span.start else 0
    diamond = {"type": "point", "shape": "diamond", "size": 70, "stroke": DRUG, "fill": DRUG if span.start else PAPER}
    yield pen.marks(diamond | {"opacity": 1}, [{"x": at, "y": middle}])
    late = at > pen.days.length / 2
    yield pen.text(at, middle, span.days, align="right" if late else "left", dx=-9 if late else 9, color=QUIET)


def _bar(pen: Pen, strip: Strip, span: Span, top: int) -> Iterator[Layer]:
    """A dose is as high as it is large; one that is not known is hollow and dashed."""
    start = pen.days.at(span.start) if span.start else 0
    end = pen.days.at(span.end) if span.end else pen.days.length
    bottom, full = top + _height(strip) - 3, _height(strip) - 6
    colour = SERIES if strip.kind == "dose" else DRUG
    look: Layer = (
        {"fill": colour, "stroke": PAPER} if span.known else {"fill": PAPER, "stroke": colour, "strokeDash": [4, 2]}
    )
    rows = [{"x": start, "x2": end, "y": bottom, "y2": bottom - full * span.height}]
    yield pen.marks({"type": "rect", "opacity": 1} | look, rows)
    if (end - start) / pen.days.length * WIDTH > len(span.shown) * LETTER + 8:
        yield pen.text(start, bottom - 8, span.shown, dx=5, color=PAPER if span.known else INK)
