"""Decision tables: in which bands do this patient's values lie, and which rows can that be?"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from rxvigil.engine.ask_results import limit_of
from rxvigil.engine.assays import notes_on_methods, other_methods
from rxvigil.engine.assessment import Missing
from rxvigil.engine.kleene import NO, Fact
from rxvigil.engine.numbers import Range, compare, of_result
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside
from rxvigil.facts import Duration, Event, Result
from rxvigil.knowledge.expression import Amount, Holds, Operator, parse
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Axis, Band, DecisionTable, Gap, Row

LOOK_BACK: Final = Duration(12, "month")
"""House: metabolites, and a response to treatment, older than this say nothing about today's dose."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows and gaps that the values allow. One row and no gap: an answer."""

    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...]
    because: tuple[Fact, ...]
    missing: tuple[Missing, ...]
    doubts: tuple[Missing, ...] = ()
    """Why the values themselves may not reassure: stale, preliminary, or a newer one could not be read."""
    methods: tuple[Missing, ...] = ()
    """Results not shown to be made by a method for which the table's limits hold: then no row is certain."""
    notes: tuple[str, ...] = ()
    """What the results say of their method, where the table names none."""


def read_table(table: DecisionTable, state: State, this: str) -> Reading:
    """Every row that is possible given what is known; an axis that is not known allows all its bands."""
    allowed: dict[str, set[str]] = {}
    because: list[Fact] = []
    missing: list[Missing] = []
    doubts: dict[Missing, None] = {}
    for axis in table.axes:
        bands, facts, gap = _bands(axis, state, this)
        doubts.update(dict.fromkeys(_doubt(axis, state, this) if facts else ()))
        allowed[axis.name] = bands
        because.extend(facts)
        missing.extend([gap] if gap else [])
    cells = [dict(zip(allowed, cell, strict=True)) for cell in product(*allowed.values())]
    rows = tuple(row for row in table.rows if any(covers(row.when, cell) for cell in cells))
    gaps = tuple(gap for gap in table.gaps if any(covers(gap.when, cell) for cell in cells))
    settled = len(rows) + len(gaps) == 1
    results = list(dict.fromkeys(fact for fact in because if isinstance(fact, Result)))
    return Reading(
        rows,
        gaps,
        tuple(because),
        () if settled else tuple(missing),
        tuple(doubts),
        other_methods(table, results, state.words),
        notes_on_methods(table, results, state.words),
    )


def covers(when: dict[str, tuple[str, ...]], cell: dict[str, str]) -> bool:
    """Whether a row's condition holds for one combination of bands."""
    return all(cell[axis] in bands for axis, bands in when.items())


def axis_subject(axis: Axis) -> tuple[str, str]:
    """Subject and measure of an axis, from its term ('tgn.latest')."""
    return _term(axis.of)


@lru_cache(maxsize=256)
def _term(text: str) -> tuple[str, str]:
    expression = parse(text)
    if not isinstance(expression, Holds):
        raise ValueError(f"'{text}' is not a single term")
    return expression.term.subject, expression.term.measure


def _bands(axis: Axis, state: State, this: str) -> tuple[set[str], list[Fact], Missing | None]:
    subject, _ = axis_subject(axis)
    if state.words.kind_of(subject) == "event":
        return _category_bands(axis, subject, state)
    found = state.latest(subject, this)
    results = [one for one in found.results if one.value is not None or one.category]
    if not results:
        return {band.name for band in axis.bands}, [], found.doubt
    allowed = {band.name for band in axis.bands for one in results if _may_lie_in(one, band, axis, state.words)}
    everywhere = allowed or {band.name for band in axis.bands}
    gap = None if len(everywhere) == 1 else found.doubt or Missing(
        state.words.show(subject), "its value leaves more than one reading", "repeat the test"
    )  # fmt: skip
    return everywhere, list(results), gap


def _doubt(axis: Axis, state: State, this: str) -> tuple[Missing, ...]:
    subject, _ = axis_subject(axis)
    doubt = state.latest(subject, this).doubt if state.words.kind_of(subject) == "analyte" else None
    return (doubt,) if doubt else ()


def _category_bands(axis: Axis, subject: str, state: State) -> tuple[set[str], list[Fact], Missing | None]:
    stated = [one for one in state.record.events if one.kind == subject and one.value]
    stated = [one for one in stated if one.start is None or one.start.first <= state.on]
    name, why = state.words.show(subject), "not recorded"
    if stated:
        newest = max(stated, key=lambda one: (one.start.first if one.start else state.on, one.id))
        bands = {band.name for band in axis.bands if band.category == newest.value}
        if bands and _recent(newest, state):
            return bands, [newest], None
        why = f"last recorded on {newest.start}" if newest.start else why
    return {band.name for band in axis.bands}, [], Missing(name, why, f"record {inside(name)}")


def _recent(stated: Event, state: State) -> bool:
    return stated.start is None or stated.start.last >= LOOK_BACK.before(state.on)


def _may_lie_in(result: Result, band: Band, axis: Axis, words: Vocabulary) -> bool:
    if band.range is None:
        return result.category == band.category
    if result.category:
        nothing = result.category == "undetectable" and not any(one.category == "undetectable" for one in axis.bands)
        return nothing and _inside(Range(0, 0), band.range, result.analyte, axis, words)
    measured = of_result(result)
    return measured is not None and _inside(measured, band.range, result.analyte, axis, words)


def _inside(measured: Range, text: str, analyte: str, axis: Axis, words: Vocabulary) -> bool:
    return all(
        compare(measured, operator, limit) != NO for operator, limit in _limits(text, analyte, axis.unit or "", words)
    )


def _limits(text: str, analyte: str, unit: str, words: Vocabulary) -> tuple[tuple[Operator, float], ...]:
    return tuple(
        (operator, limit_of(Amount(value, unit), analyte, words).value if unit else value)
        for operator, value in band_limits(text)
    )


@lru_cache(maxsize=512)
def band_limits(text: str) -> tuple[tuple[Operator, float], ...]:
    """'< 235' -> below 235; '235 to 450' -> from 235 to 450, both ends in. Raises `ValueError`."""
    low, separator, high = text.partition(" to ")
    if separator:
        return ((">=", float(low)), ("<=", float(high)))
    for operator in ("<=", ">=", "<", ">"):
        if text.startswith(operator):
            return ((operator, float(text[len(operator) :])),)
    raise ValueError(f"'{text}' is not a range; write '< 235', '235 to 450' or '> 450'")
