"""Findings from decision tables, such as the metabolite tables: one row is advice, several are an open question."""

from dataclasses import replace
from typing import Final

from rxvigil.engine.assessment import ActionShown, Explained, Finding
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.findings import RANK, TIERS, action_shown, sources_shown, stated
from rxvigil.engine.state import State
from rxvigil.engine.tables import Reading, axis_subject, read_table
from rxvigil.engine.templates import fill
from rxvigil.engine.wording import listed, show
from rxvigil.facts import Duration
from rxvigil.knowledge.rules import DecisionTable, Row

LOOK_BACK: Final = Duration(12, "month")
"""House: metabolites older than this say nothing about today's dose."""


def table_findings(
    table: DecisionTable, state: State, this: str, ready: CompiledBook
) -> tuple[list[Finding], list[Explained]]:
    """What the table says; nothing where none of its values was measured within the last year."""
    if not _measured(table, state):
        why = f"not measured within 12 months: {listed(state.words.show(one) for one in _subjects(table))}"
        return [], [Explained(f"{table.id}#{row.id}", "silent", why) for row in table.rows]
    reading = read_table(table, state, this)
    certain = len(reading.rows) + len(reading.gaps) == 1
    if certain and reading.doubts and all(row.tier == "know" for row in reading.rows):
        certain, reading = False, replace(reading, missing=reading.doubts)
    explained = [_explain(table, row, reading, certain, state) for row in table.rows]
    if certain and reading.rows:
        return [_row(table, reading.rows[0], reading, state, this, ready)], explained
    if certain:
        return [_gap(table, reading, state, ready)], explained
    return [_several(table, reading, state, ready)], explained


def _measured(table: DecisionTable, state: State) -> bool:
    opens = LOOK_BACK.before(state.on)
    return any(one.when.last >= opens for subject in _subjects(table) for one in state.series.get(subject, ()))


def _subjects(table: DecisionTable) -> tuple[str, ...]:
    return tuple(dict.fromkeys(axis_subject(axis)[0] for axis in table.axes))


def _explain(table: DecisionTable, row: Row, reading: Reading, certain: bool, state: State) -> Explained:
    rule = f"{table.id}#{row.id}"
    if row not in reading.rows:
        values = ", ".join(show(fact, state.words).says for fact in reading.because)
        return Explained(rule, "silent", f"the values lie elsewhere in the table: {values}")
    if certain:
        return Explained(rule, "fires", "the values lie in this row")
    return Explained(rule, "cannot say", "; ".join(gap.why for gap in reading.missing) or "several rows are possible")


def _row(table: DecisionTable, row: Row, reading: Reading, state: State, this: str, ready: CompiledBook) -> Finding:
    return Finding(
        rule=f"{table.id}#{row.id}",
        kind="metabolites",
        tier=TIERS[row.tier],
        cause=row.cause,
        says=fill(row.says, state, this),
        action=action_shown(row.action, state, this),
        because=tuple(show(fact, state.words) for fact in reading.because),
        sources=sources_shown((row.source,), ready.book, state.on, table.review_by),
        disagrees=stated(row.disagrees, ready.book),
        attest=row.attest,
        notes=table.notes,
    )


def _gap(table: DecisionTable, reading: Reading, state: State, ready: CompiledBook) -> Finding:
    return Finding(
        rule=table.id,
        kind="metabolites",
        tier="CANNOT SAY",
        cause="metabolite pattern without published advice",
        says=reading.gaps[0].says,
        action=ActionShown("discuss", "Discuss with the specialist; the table gives no advice.", "soon", "should"),
        because=tuple(show(fact, state.words) for fact in reading.because),
        sources=sources_shown((table.rows[0].source,), ready.book, state.on, table.review_by),
        notes=table.notes,
        would_be="ACT",
    )


def _readings(count: int) -> str:
    return "1 reading is" if count == 1 else f"{count} readings are"


def _several(table: DecisionTable, reading: Reading, state: State, ready: CompiledBook) -> Finding:
    readings = " / ".join(row.action.says for row in reading.rows)
    worst = min((TIERS[row.tier] for row in reading.rows), key=RANK.__getitem__, default=None)
    wanted = "; ".join(dict.fromkeys(f"{gap.what} ({gap.why})" for gap in reading.missing))
    settles = "; ".join(dict.fromkeys(gap.settles for gap in reading.missing)) or "discuss with the specialist"
    return Finding(
        rule=table.id,
        kind="metabolites",
        tier="CANNOT SAY",
        cause="metabolite pattern open",
        says=f"{_readings(len(reading.rows))} possible; what decides is {wanted}. They are: {readings}",
        action=ActionShown("ask", f"{settles[:1].upper()}{settles[1:]}.", "soon", "should"),
        because=tuple(show(fact, state.words) for fact in reading.because),
        sources=sources_shown((table.rows[0].source,), ready.book, state.on, table.review_by),
        missing=reading.missing,
        notes=table.notes,
        would_be=worst,
        unanswered=tuple(f"{table.id}#{row.id}" for row in reading.rows),
    )
