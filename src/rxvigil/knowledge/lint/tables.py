"""Decision tables: bands that neither overlap nor leave a gap, rows that answer every combination exactly once."""

import re
from collections.abc import Iterator
from itertools import product

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import Holds, parse
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Applies, Axis, DecisionTable, Row

_NUMBER = r"\d+(?:\.\d+)?"
_BETWEEN = re.compile(rf"^({_NUMBER}) to ({_NUMBER})$")
_OPEN = re.compile(rf"^(<=|>=|<|>) ?({_NUMBER})$")
Interval = tuple[float, bool, float, bool]
"""Low end, whether it is in, high end, whether it is in."""


def check_table(table: DecisionTable, words: Vocabulary) -> Iterator[str]:
    """Everything wrong with a table, each in a sentence."""
    for axis in table.axes:
        yield from _check_axis(axis, words)
    names = {axis.name: {band.name for band in axis.bands} for axis in table.axes}
    for when in (*(row.when for row in table.rows), *(gap.when for gap in table.gaps)):
        for axis_name, bands in when.items():
            unknown = set(bands) - names.get(axis_name, set())
            if axis_name not in names or unknown:
                yield f"'{axis_name}: {', '.join(sorted(unknown) or bands)}' is not an axis and band of the table"
    known = {method for axis in table.axes for method in _methods(axis, words)}
    yield from (f"'{one}' is not a method of its analytes" for one in table.methods if one not in known)
    yield from _check_cover(table)


def check_way(row: Row, book: RuleBook) -> Iterator[str]:
    """Every rule that a row gives way to that is not there, or that may stay silent although its condition holds."""
    topics = {f"{topic}#{rule.id}": rule for topic, file in book.topics.items() for rule in file.rules}
    for one in row.gives_way_to:
        rule = topics.get(one)
        if rule is None:
            yield f"row '{row.id}' gives way to '{one}', which is no rule"
        elif rule.unless or rule.during != "course" or _restricted(rule.applies):
            yield f"row '{row.id}' gives way to '{one}', which is not asked of every course: then nobody would speak"


def _restricted(applies: Applies) -> bool:
    return any((applies.only_if, applies.jurisdictions, applies.except_in, applies.specialties, applies.together))


def _methods(axis: Axis, words: Vocabulary) -> Iterator[str]:
    expression = parse(axis.of)
    if isinstance(expression, Holds) and expression.term.subject in words.analytes:
        yield from words.analytes[expression.term.subject].methods


def _check_axis(axis: Axis, words: Vocabulary) -> Iterator[str]:
    expression = parse(axis.of)
    if not isinstance(expression, Holds) or words.kind_of(expression.term.subject) not in ("analyte", "event"):
        yield f"axis '{axis.name}': '{axis.of}' is not one term of an analyte or event"
        return
    subject = expression.term.subject
    if axis.unit and words.factor(subject, axis.unit) is None:
        yield f"axis '{axis.name}': '{axis.unit}' is not a unit of {subject}"
    intervals: list[tuple[Interval, str]] = []
    for band in axis.bands:
        if (band.range is None) == (band.category is None):
            yield f"axis '{axis.name}', band '{band.name}': give either a range or a category"
        elif band.range is not None:
            interval = read_interval(band.range)
            if interval is None:
                yield f"axis '{axis.name}', band '{band.name}': '{band.range}' is not a range"
            else:
                intervals.append((interval, band.name))
    yield from _check_line(axis.name, sorted(intervals))


def read_interval(text: str) -> Interval | None:
    """'< 235' -> (-inf, False, 235, False); none where the text is not a range."""
    between, open_ = _BETWEEN.match(text), _OPEN.match(text)
    if between:
        return (float(between.group(1)), True, float(between.group(2)), True)
    if open_ is None:
        return None
    value, included = float(open_.group(2)), "=" in open_.group(1)
    if open_.group(1)[0] == "<":
        return (float("-inf"), False, value, included)
    return (value, included, float("inf"), False)


def _check_line(axis: str, intervals: list[tuple[Interval, str]]) -> Iterator[str]:
    """The whole line from nought up is covered once."""
    if not intervals:
        return
    if intervals[0][0][0] > 0 or (intervals[0][0][0] == 0 and not intervals[0][0][1]):
        yield f"axis '{axis}': nothing covers values below {intervals[0][0][0]:g}"
    if intervals[-1][0][2] != float("inf"):
        yield f"axis '{axis}': nothing covers values above {intervals[-1][0][2]:g}"
    for ((_, _, end, end_in), first), ((begin, begin_in, _, _), second) in zip(intervals, intervals[1:], strict=False):
        if begin < end or (begin == end and begin_in and end_in):
            yield f"axis '{axis}': bands '{first}' and '{second}' overlap"
        elif begin > end or not (begin_in or end_in):
            yield f"axis '{axis}': no band holds the values between '{first}' and '{second}' (at {end:g})"


def _check_cover(table: DecisionTable) -> Iterator[str]:
    axes = [[(axis.name, band.name) for band in axis.bands] for axis in table.axes]
    for combination in product(*axes):
        cell = dict(combination)
        answers = [row.id for row in table.rows if _covers(row.when, cell)]
        answers += ["a gap" for gap in table.gaps if _covers(gap.when, cell)]
        shown = ", ".join(f"{axis} {band}" for axis, band in cell.items())
        if not answers:
            yield f"no row and no declared gap answers {shown}"
        elif len(answers) > 1:
            yield f"{shown} is answered more than once: {', '.join(answers)}"
    yield from (f"row '{row.id}' can never hold" for row in table.rows if not all(row.when.values()))


def _covers(when: dict[str, tuple[str, ...]], cell: dict[str, str]) -> bool:
    return all(cell.get(axis) in bands for axis, bands in when.items())
