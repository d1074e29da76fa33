"""The results of the charts as tables: one row per day, newest first, one column per analyte."""

from dataclasses import dataclass
from datetime import date

from rxvigil.facts import show_day
from rxvigil.reports.timeline import Group, Point


@dataclass(frozen=True)
class Cell:
    """One result with what is to be said of it, in words; without a figure it could not be read."""

    figure: str
    remarks: tuple[str, ...] = ()
    beyond: bool = False


@dataclass(frozen=True)
class Row:
    """The results of one day (or month, where the record knows no better); no cell means not measured."""

    when: str
    cells: tuple[tuple[Cell, ...], ...]


def flowsheet(group: Group) -> tuple[Row, ...]:
    """The rows of one group of charts: the same results that are drawn, and the same that could not be read."""
    columns = [_cells(panel.points, panel.unread) for panel in group.panels]
    whens = {when for column in columns for when in column}
    return tuple(
        Row(shown, tuple(tuple(column.get((day, shown), ())) for column in columns))
        for day, shown in sorted(whens, reverse=True)
    )


def _cells(points: tuple[Point, ...], unread: tuple[date, ...]) -> dict[tuple[date, str], list[Cell]]:
    found: dict[tuple[date, str], list[Cell]] = {}
    for point in points:
        found.setdefault((point.first, point.when), []).append(_cell(point))
    for day in unread:
        found.setdefault((day, show_day(day)), []).append(Cell("", ("could not be read",)))
    return found


def _cell(point: Point) -> Cell:
    actions = dict.fromkeys(line.do for line in point.crossed)
    remarks = [point.flag, *actions, "preliminary" if point.preliminary else ""]
    return Cell(point.figure, tuple(remark for remark in remarks if remark), bool(point.crossed))
