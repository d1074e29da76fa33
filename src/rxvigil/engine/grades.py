"""Severity grades with their version. They are printed beside a finding; nothing ever fires on a grade."""

from typing import Literal, cast

from rxvigil.engine.kleene import YES
from rxvigil.engine.numbers import Range, compare, of_result
from rxvigil.facts import Result
from rxvigil.knowledge.expression import Operator
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import GradeRow, Grading

Baseline = Literal["normal", "abnormal"]


def grade(result: Result, grading: Grading, words: Vocabulary, baseline: Result | None = None) -> str | None:
    """The grade of a result in words ('CTCAE 5.0 grade 3'), none where it has none or the scale cannot say.

    `baseline` is the result before treatment; without one, rows for a normal baseline apply, as the scales say
    for the usual case, and boundaries in multiples of baseline are passed over.
    """
    state: Baseline = "abnormal" if baseline is not None and _raised(baseline) else "normal"
    grades = [
        number
        for row in grading.rows
        if row.analyte == result.analyte and row.when_baseline in ("any", state)
        for number in _reached(row, result, words, baseline)
    ]
    return f"{grading.version} grade {max(grades)}" if grades else None


def _raised(baseline: Result) -> bool:
    """An abnormal baseline, as the scales mean it, is one above the laboratory's own limit."""
    measured, own = of_result(baseline), baseline.reference
    return measured is not None and own is not None and own.high is not None and compare(measured, ">", own.high) == YES


def _reached(row: GradeRow, result: Result, words: Vocabulary, baseline: Result | None) -> list[str]:
    measured = of_result(result)
    if measured is None:
        return []
    return [
        number
        for number, boundary in row.grades.items()
        if any(_beyond(measured, part.strip(), result, words, baseline) for part in boundary.split(" or "))
    ]


def _beyond(measured: Range, boundary: str, result: Result, words: Vocabulary, baseline: Result | None) -> bool:
    operator, value, unit = split_boundary(boundary)
    limit = _limit(value, unit, result, words, baseline)
    return limit is not None and compare(measured, operator, limit) == YES


def split_boundary(boundary: str) -> tuple[Operator, float, str]:
    """'< 1.5 10*9/L' -> ('<', 1.5, '10*9/L'). Raises `ValueError`."""
    operator, number, *unit = boundary.split(maxsplit=2)
    if operator not in ("<", "<=", ">", ">="):
        raise ValueError(f"'{boundary}' does not begin with <, <=, > or >=")
    return cast(Operator, operator), float(number), unit[0] if unit else ""


def _limit(value: float, unit: str, result: Result, words: Vocabulary, baseline: Result | None) -> float | None:
    own = result.reference
    if unit == "xULN":
        return own.high * value if own and own.high is not None else None
    if unit == "xLLN":
        return own.low * value if own and own.low is not None else None
    if unit == "xbaseline":
        return baseline.value * value if baseline and baseline.value is not None else None
    factor = words.factor(result.analyte, unit)
    return None if factor is None else value * float(factor)
