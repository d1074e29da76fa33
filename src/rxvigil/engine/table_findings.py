"""Findings from decision tables, such as the metabolite tables: one row is advice, several are an open question."""

from dataclasses import replace
from typing import NamedTuple

from rxvigil.engine.assessment import ActionShown, Explained, Finding, Missing
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.findings import RANK, TIERS, action_shown, sources_shown, stated
from rxvigil.engine.kleene import UNKNOWN, YES, no
from rxvigil.engine.state import State
from rxvigil.engine.tables import LOOK_BACK, Reading, axis_subject, read_table
from rxvigil.engine.templates import fill
from rxvigil.engine.wording import listed, show
from rxvigil.knowledge.rules import DecisionTable, Row


def table_findings(
    table: DecisionTable, state: State, this: str, ready: CompiledBook
) -> tuple[list[Finding], list[Explained]]:
    """What the table says; nothing where none of its values was measured within the last year, or where every row
    that is possible gives way to a rule that fires."""
    if not _measured(table, state):
        why = f"not measured within 12 months: {listed(state.words.show(one) for one in _subjects(table))}"
        return [], [Explained(f"{table.id}#{row.id}", "silent", why) for row in table.rows]
    reading = read_table(table, state, this)
    ways = {row.id: _way(row, state, this, ready) for row in reading.rows}
    certain = len(reading.rows) + len(reading.gaps) == 1
    unsure = reading.doubts if all(row.tier == "know" for row in reading.rows) else ()
    if certain and reading.rows and (unsure := (*reading.methods, *unsure)):
        certain, reading = False, replace(reading, missing=unsure)
    explained = [_explain(table, row, reading, certain, ways.get(row.id), state) for row in table.rows]
    left = tuple(row for row in reading.rows if not ways[row.id].rule)
    if reading.rows and not left and not reading.gaps:
        return [], explained
    if certain and reading.rows:
        return [_row(table, left[0], reading, ways[left[0].id].missing, state, this, ready)], explained
    if certain:
        return [_gap(table, reading, state, ready)], explained
    given_way = tuple(dict.fromkeys(way.why for way in ways.values() if way.rule))
    return [_several(table, replace(reading, rows=left), given_way, state, ready)], explained


class _Way(NamedTuple):
    """The rule that a row gives way to, where one fires; what is missing to know, where it cannot be said."""

    rule: str = ""
    why: str = ""
    missing: tuple[Missing, ...] = ()


def _way(row: Row, state: State, this: str, ready: CompiledBook) -> _Way:
    missing: list[Missing] = []
    for name in row.gives_way_to:
        rule = ready.topics[name]
        answer = rule.when(state, this) if this in rule.drugs and not rule.never else no()
        if answer.truth == YES:
            return _Way(name, rule.rule.cause)
        missing += answer.missing if answer.truth == UNKNOWN else ()
    return _Way(missing=tuple(dict.fromkeys(missing)))


def _measured(table: DecisionTable, state: State) -> bool:
    opens = LOOK_BACK.before(state.on)
    return any(one.when.last >= opens for subject in _subjects(table) for one in state.series.get(subject, ()))


def _subjects(table: DecisionTable) -> tuple[str, ...]:
    return tuple(dict.fromkeys(axis_subject(axis)[0] for axis in table.axes))


def _explain(
    table: DecisionTable, row: Row, reading: Reading, certain: bool, way: _Way | None, state: State
) -> Explained:
    rule = f"{table.id}#{row.id}"
    if row not in reading.rows:
        values = ", ".join(show(fact, state.words).says for fact in reading.because)
        return Explained(rule, "silent", f"the values lie elsewhere in the table: {values}")
    if way and way.rule:
        return Explained(rule, "silent", f"the values may lie in this row, which gives way to {way.rule}: {way.why}")
    if certain:
        return Explained(rule, "fires", "the values lie in this row")
    return Explained(rule, "cannot say", "; ".join(gap.why for gap in reading.missing) or "several rows are possible")


def _row(
    table: DecisionTable,
    row: Row,
    reading: Reading,
    missing: tuple[Missing, ...],
    state: State,
    this: str,
    ready: CompiledBook,
) -> Finding:
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
        missing=missing,
        attest=row.attest,
        notes=(*reading.notes, *table.notes),
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
        notes=(*reading.notes, *table.notes),
        would_be="ACT",
    )


def _readings(count: int) -> str:
    return "1 reading is" if count == 1 else f"{count} readings are"


def _several(
    table: DecisionTable, reading: Reading, given_way: tuple[str, ...], state: State, ready: CompiledBook
) -> Finding:
    readings = " / ".join(dict.fromkeys(row.action.says for row in reading.rows)) or "none with advice"
    beside = f" Others are not given: see the finding on {listed(given_way)}." if given_way else ""
    worst = min((TIERS[row.tier] for row in reading.rows), key=RANK.__getitem__, default=None)
    wanted = "; ".join(dict.fromkeys(f"{gap.what} ({gap.why})" for gap in reading.missing))
    settles = "; ".join(dict.fromkeys(gap.settles for gap in reading.missing)) or "discuss with the specialist"
    return Finding(
        rule=table.id,
        kind="metabolites",
        tier="CANNOT SAY",
        cause="metabolite pattern open",
        says=f"{_readings(len(reading.rows))} possible; what decides is {wanted}. They are: {readings}{beside}",
        action=ActionShown("ask", f"{settles[:1].upper()}{settles[1:]}.", "soon", "should"),
        because=tuple(show(fact, state.words) for fact in reading.because),
        sources=sources_shown((table.rows[0].source,), ready.book, state.on, table.review_by),
        missing=reading.missing,
        notes=(*reading.notes, *table.notes),
        would_be=worst,
        unanswered=tuple(f"{table.id}#{row.id}" for row in reading.rows),
    )
