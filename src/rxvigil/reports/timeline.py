"""What the charts and the tables beside them show: chosen once, so that both always show the same.

Values are the engine's own series (with what it calculates from other results), so a reader sees the numbers that
the rules saw.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Literal

from rxvigil.engine.assessment import Assessment
from rxvigil.engine.series import results_by_analyte
from rxvigil.engine.wording import amount, number
from rxvigil.facts import NotUnderstood, Record, Result, show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.reports.action_lines import ActionLine, BandEdge, action_lines, band_edges, expected_every, spoken_of
from rxvigil.reports.medicines import Strip, strips

GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Blood count", ("neutrophils", "white-cells", "platelets", "haemoglobin", "mcv")),
    ("Liver", ("alt", "ast", "bilirubin", "albumin")),
    ("Kidney", ("creatinine", "egfr")),
    ("Thiopurine metabolites", ("tgn", "mmp", "mmp-tgn-ratio")),
)
"""Analytes usually read, in their usual order; others are drawn only where a finding rests on one."""

_USUAL: Final = tuple(key for _, keys in GROUPS for key in keys)
LOOK_BACK: Final = timedelta(days=3 * 365)
"""Longer histories are cut here, and the page says how many results were left out: older counts rarely change what is
done today. A result that a finding rests on is always shown."""

LOOK_AHEAD: Final = timedelta(days=90)
"""A planned drug is drawn when it begins within this time; later plans are in the table only."""


@dataclass(frozen=True)
class Point:
    """One result as it is drawn and tabled."""

    first: date
    last: date
    when: str
    value: float
    bound: Literal["exact", "below", "above"]
    preliminary: bool
    figure: str
    """As it stands in a column headed by the unit."""
    shown: str
    """With its unit."""
    flag: Literal["", "low", "high"]
    """Against the laboratory's own range for this very result."""
    crossed: tuple[ActionLine, ...]
    """The action lines it is certainly beyond."""

    @property
    def dated(self) -> str:
        """Its day or month, inside a sentence."""
        return f"{'on' if self.first == self.last else 'in'} {self.when}"


@dataclass(frozen=True)
class RangeRun:
    """The laboratory's range, and the days it was printed beside results."""

    start: date
    end: date
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Panel:
    """One analyte over time."""

    analyte: str
    name: str
    unit: str
    points: tuple[Point, ...]
    unread: tuple[date, ...]
    """Days of results that could not be read and may belong here."""
    lines: tuple[ActionLine, ...]
    edges: tuple[BandEdge, ...]
    ranges: tuple[RangeRun, ...]
    runs: tuple[tuple[Point, ...], ...]
    """Points joined by a line; between two runs nothing was measured for more than twice the expected time."""
    expected: str
    """The time between two results, as the protocol writes it."""
    summary: str
    gaps: str
    """Long times without a result, in words; empty where there is none."""
    unread_says: str


@dataclass(frozen=True)
class Group:
    """Panels that are read together."""

    title: str
    panels: tuple[Panel, ...]

    @property
    def shared_gaps(self) -> str:
        """The gaps, where all panels have the same: said once."""
        gaps = {panel.gaps for panel in self.panels}
        return gaps.pop() if len(gaps) == 1 else ""


@dataclass(frozen=True)
class Timeline:
    """Everything drawn over one shared time axis."""

    start: date
    end: date
    on: date
    groups: tuple[Group, ...]
    strips: tuple[Strip, ...]
    left_out: int
    """Results of the charted analytes from before `start`."""

    @property
    def expected(self) -> str:
        """The time between two results that a line bridges twice of."""
        return " or ".join(dict.fromkeys(panel.expected for group in self.groups for panel in group.panels))


def timeline(assessment: Assessment, record: Record, book: RuleBook) -> Timeline:
    """Choose what to draw for this patient on this date."""
    series = results_by_analyte(record, assessment.on, book.vocabulary)
    numeric = {key: [one for one in found if one.value is not None] for key, found in series.items()}
    charted = [key for key in _wanted(assessment, book, numeric) if numeric.get(key)]
    lanes = strips(assessment, record, book.vocabulary)
    start = _start(assessment, lanes, [numeric[key] for key in charted])
    shown = {key: [one for one in numeric[key] if one.when.last >= start] for key in charted}
    panels = {key: _panel(key, shown[key], assessment, record, book) for key in charted if shown[key]}
    return Timeline(
        start=start,
        end=min(max((assessment.on, *(lane.last_day for lane in lanes))), assessment.on + LOOK_AHEAD),
        on=assessment.on,
        groups=_grouped(panels),
        strips=lanes,
        left_out=sum(len(numeric[key]) - len(shown[key]) for key in charted),
    )


def _wanted(assessment: Assessment, book: RuleBook, numeric: dict[str, list[Result]]) -> list[str]:
    """Analytes worth drawing, in the order they are usually read."""
    cited = _cited_ids(assessment)
    rested_on = {key for key, found in numeric.items() if any(one.id in cited for one in found)}
    spoken = spoken_of(assessment, book)
    wanted = {
        key
        for key in numeric
        if key in book.vocabulary.analytes
        and book.vocabulary.analytes[key].specimen != "body"
        and (key in rested_on or (key in spoken and key in _USUAL))
    }
    return [key for key in _USUAL if key in wanted] + sorted(wanted.difference(_USUAL))


def _cited_ids(assessment: Assessment) -> frozenset[str]:
    return frozenset(fact.id for finding in assessment.findings for fact in finding.because)


def _start(assessment: Assessment, lanes: tuple[Strip, ...], charted: Iterable[list[Result]]) -> date:
    """The earliest thing to show, at most `LOOK_BACK` before the date unless a finding rests on something older. What
    began before is drawn from the left edge."""
    cited = _cited_ids(assessment)
    days = [(one.when.first, one.id in cited) for found in charted for one in found]
    furthest = min([assessment.on - LOOK_BACK, *(day for day, rested_on in days if rested_on)])
    begun = [day for day, _ in days] + [span.start for lane in lanes for span in lane.spans if span.start]
    return min((day for day in begun if day >= furthest), default=assessment.on - timedelta(days=365))


def _grouped(panels: dict[str, Panel]) -> tuple[Group, ...]:
    others = ("Other tests", tuple(key for key in panels if key not in _USUAL))
    groups = ((title, tuple(panels[key] for key in keys if key in panels)) for title, keys in (*GROUPS, others))
    return tuple(Group(title, found) for title, found in groups if found)


def _panel(key: str, series: list[Result], assessment: Assessment, record: Record, book: RuleBook) -> Panel:
    words = book.vocabulary
    lines = action_lines(key, series, assessment, book)
    points = tuple(_point(result, lines, words) for result in series)
    every = expected_every(key, assessment, book)
    longest = timedelta(days=2 * every.nominal_days)
    runs = _runs(points, longest)
    unread = _unread(key, record, words.analytes[key].parts, assessment.on)
    dated = tuple(sorted(entry.when.first for entry in unread if entry.when))
    return Panel(
        analyte=key,
        name=words.show(key),
        unit=words.unit_shown(key),
        points=points,
        unread=dated,
        lines=lines,
        edges=band_edges(key, assessment, book),
        ranges=_ranges(series),
        runs=runs,
        expected=str(every),
        summary=_summary(series[-1], points, words.analytes[key].decimals),
        gaps=_gaps(runs, assessment.on, longest),
        unread_says=_unread_says(len(unread)),
    )


def _point(result: Result, lines: tuple[ActionLine, ...], words: Vocabulary) -> Point:
    value, when = result.value or 0.0, result.when
    return Point(
        first=when.first,
        last=when.last,
        when=str(when),
        value=value,
        bound=_bound(result),
        preliminary=result.preliminary,
        figure=f"{result.comparator}{number(value, words.analytes[result.analyte].decimals)}",
        shown=amount(result, words),
        flag=_flag(result, value),
        crossed=tuple(line for line in lines if line.crossed_by(result)),
    )


def _bound(result: Result) -> Literal["exact", "below", "above"]:
    if not result.comparator:
        return "exact"
    return "below" if result.comparator in ("<", "<=") else "above"


def _flag(result: Result, value: float) -> Literal["", "low", "high"]:
    limits = result.reference
    if limits is None:
        return ""
    if limits.low is not None and value < limits.low:
        return "low"
    if limits.high is not None and value > limits.high:
        return "high"
    return ""


def _runs(points: tuple[Point, ...], longest: timedelta) -> tuple[tuple[Point, ...], ...]:
    runs: list[list[Point]] = []
    for point in points:
        if runs and point.first - runs[-1][-1].last <= longest:
            runs[-1].append(point)
        else:
            runs.append([point])
    return tuple(tuple(run) for run in runs)


def _ranges(series: list[Result]) -> tuple[RangeRun, ...]:
    """Stretches of results that came with the same range; a result without one interrupts nothing."""
    runs: list[RangeRun] = []
    for result in series:
        if result.reference is None:
            continue
        low, high, day = result.reference.low, result.reference.high, result.when
        if runs and (runs[-1].low, runs[-1].high) == (low, high):
            runs[-1] = RangeRun(runs[-1].start, day.last, low, high)
        else:
            runs.append(RangeRun(day.first, day.last, low, high))
    return tuple(runs)


def _unread(key: str, record: Record, parts: tuple[str, ...], on: date) -> list[NotUnderstood]:
    """What could not be read and may have been this analyte, or a part it is calculated from."""
    names = {key, *parts}
    return [
        entry
        for entry in record.not_understood
        if names.intersection(entry.affects) and (entry.when is None or entry.when.first <= on)
    ]


def _summary(newest: Result, points: tuple[Point, ...], decimals: int) -> str:
    """The chart in words, for those who do not see it and for those in a hurry."""
    latest = points[-1]
    sentences = [f"Latest {latest.shown} {latest.dated}{_against_range(newest, latest, decimals)}."]
    sentences += [f"It is {line.says}: {line.do} ({', '.join(line.bodies)})." for line in latest.crossed]
    if len(points) > 1:
        low, high = min(points, key=lambda point: point.value), max(points, key=lambda point: point.value)
        span = f"from {low.figure} to {high.figure}" if low.figure != high.figure else f"all {low.figure}"
        sentences.append(f"{len(points)} results since {points[0].when}, {span}.")
    return " ".join(sentences)


def _gaps(runs: tuple[tuple[Point, ...], ...], on: date, longest: timedelta) -> str:
    sentences = [
        f"No result between {show_day(before[-1].last)} and {show_day(after[0].first)}."
        for before, after in pairwise(runs)
    ]
    last = runs[-1][-1].last
    if on - last > longest:
        sentences.append(f"No result since {show_day(last)}.")
    return " ".join(sentences)


def _unread_says(unread: int) -> str:
    return f"{unread} result{'s' if unread > 1 else ''} could not be read." if unread else ""


def _against_range(result: Result, point: Point, decimals: int) -> str:
    limits = result.reference
    if limits is None:
        return " (the laboratory's range was not given)"
    low = number(limits.low, decimals) if limits.low is not None else None
    high = number(limits.high, decimals) if limits.high is not None else None
    written = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"
    place = {"low": "below", "high": "above", "": "within"}[point.flag]
    return f", {place} the laboratory's range ({written})"
