"""What the clocks of a population are worked out from, made by the evaluator of one patient; and what it answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from backends import load

from rxvigil.cohort.baseline import baseline
from rxvigil.cohort.choice import choices, conditions_asked
from rxvigil.cohort.clocks import clocks
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.steps import Steps
from rxvigil.engine import Wanted
from rxvigil.engine.choose import ASSUMED, choose, combinations, in_place, specialties
from rxvigil.engine.compiled import compile_book, compile_condition
from rxvigil.engine.kleene import NO, YES
from rxvigil.engine.monitoring import Clock, open_clocks
from rxvigil.engine.monitoring import clocks as clocks_of_one
from rxvigil.engine.monitoring_findings import baseline as baseline_of_one
from rxvigil.engine.state import State
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import parse
from rxvigil.population import tables_of
from rxvigil.population.rows import person_number

Row = tuple[Any, ...]
OUTPUTS: Final = ("choices", "clocks", "baseline")


@dataclass(frozen=True)
class Question:
    """Patients, a rule book as a site uses it, and a date."""

    records: tuple[Record, ...]
    book: RuleBook
    wanted: Wanted
    on: date

    @property
    def drugs(self) -> tuple[str, ...]:
        return tuple(sorted(key for key, drug in self.book.vocabulary.drugs.items() if drug.monitored))


def answered(question: Question, con: Any) -> dict[str, list[Row]]:
    """The rows of choices, clocks and baseline tests, as the relations tell them."""
    from backends import run

    states = {
        person_number(one.patient.id): State(one, question.on, question.book.vocabulary) for one in question.records
    }
    plan = _Plan(question, con, states)
    rows = run(con, plan, frozenset(OUTPUTS))
    return {name: sorted((tuple(row.values()) for row in rows[name]), key=str) for name in OUTPUTS}


class _Plan:
    """The steps, over tables that the evaluator of one patient has filled."""

    def __init__(self, question: Question, con: Any, states: dict[int, State]) -> None:
        self.steps, self.given = Steps(), ()
        asked = sorted(conditions_asked(question.book, question.wanted, question.drugs), key=str)
        columns = {one: f"condition_{number}" for number, one in enumerate(asked)}
        tables = {name: _arrow(rows, shape) for name, (rows, shape) in _inputs(question, states, columns).items()}
        facts = tables_of(question.records, question.book.vocabulary)
        load_named(con, tables, facts)
        import ibis

        made = {
            name: ibis.table(ibis.schema(shape), name=name)
            for name, (_, shape) in _inputs(question, {}, columns).items()
        }
        context = Context(fact_tables(), question.on, question.book.vocabulary)
        state = made["state"]

        def ask(condition: str, drug: str | None) -> Any:
            return state[columns[condition, drug]]

        args = (context, question.book, question.wanted)
        chosen = choices(*args, state, made["courses"], ask, self.steps)
        clocks(*args, state, chosen, made["courses"], made["dose_steps"], made["newest"], ask, self.steps)
        baseline(*args, chosen, state, made["newest"], ask, self.steps)


def load_named(con: Any, tables: dict[str, Any], facts: dict[str, Any]) -> None:
    load(con, facts)
    for name, table in tables.items():
        if con.name == "duckdb":
            con.con.register("arriving", table)
            con.con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM arriving')
            con.con.unregister("arriving")
        elif con.name == "pyspark":
            con._session.createDataFrame(table).createOrReplaceTempView(name)
        else:
            con.drop_table(name, force=True)
            con.create_table(name, table)


def _arrow(rows: Sequence[Row], shape: dict[str, str]) -> Any:
    import ibis
    import pyarrow as pa

    schema = ibis.schema(shape).to_pyarrow()
    values = zip(*rows, strict=True) if rows else [()] * len(shape)
    return pa.Table.from_arrays(
        [pa.array(one, field.type) for one, field in zip(values, schema, strict=True)], schema=schema
    )


def _inputs(
    question: Question, states: dict[int, State], columns: dict[tuple[str, str | None], str]
) -> dict[str, tuple[list[Row], dict[str, str]]]:
    book = question.book
    names = tuple(sorted(book.vocabulary.specialties))
    flags = [column(drug, part) for drug in question.drugs for part in ("has_current", "unread")]
    state_shape = {"person": "int64", "results_listed": "boolean", **dict.fromkeys(flags, "boolean")}
    state_shape |= dict.fromkeys((column("specialty", name) for name in names), "boolean")
    state_shape |= dict.fromkeys(columns.values(), "int8")
    conditions = [(compile_condition(parse(text), book.vocabulary), drug) for text, drug in columns]
    rows = []
    for person, state in states.items():
        implied = specialties(state)
        row: list[Any] = [person, state.has_list("results")]
        for drug in question.drugs:
            mentioned = any(one.drug == drug for one in state.record.prescriptions)
            row += [bool(state.exposure(drug).current) if mentioned else None, drug in state.unread]
        row += [name in implied for name in names]
        row += [condition(state, drug).truth for condition, drug in conditions]
        rows.append(tuple(row))
    return {
        "state": (rows, state_shape),
        "courses": (
            [
                (person, drug, exposure.active, exposure.start, bool(exposure.current))
                for person, state in states.items()
                for drug in sorted({one.drug for one in state.record.prescriptions})
                for exposure in (state.exposure(drug),)
            ],
            {"person": "int64", "drug": "string", "active": "int8", "start": "date", "has_current": "boolean"},
        ),
        "dose_steps": (
            list(_dose_steps(states, question.drugs)),
            {
                "person": "int64",
                "drug": "string",
                "since": "date",
                "next_since": "date",
                "dose_low": "float64",
                "dose_high": "float64",
            },
        ),
        "newest": (
            [
                (person, analyte, max(one.when.first for one in series))
                for person, state in states.items()
                for analyte, series in state.series.items()
                if series
            ],
            {"person": "int64", "analyte": "string", "day": "date"},
        ),
    }


def _dose_steps(states: dict[int, State], drugs: tuple[str, ...]) -> Iterable[Row]:
    for person, state in states.items():
        for drug in drugs:
            steps = state.exposure(drug).steps
            for step, after in zip(steps, [*steps[1:], None], strict=False):
                low, high = (step.dose.low, step.dose.high) if step.dose else (None, None)
                yield person, drug, step.since, after.since if after else None, low, high


# ------------------------------------------------------------------------------------------------------- one by one


def expected(question: Question) -> dict[str, list[Row]]:
    """The same rows, as the evaluator of one patient tells them."""
    ready = in_place(compile_book(question.book), question.wanted.jurisdiction or ASSUMED)
    found: dict[str, list[Row]] = {name: [] for name in OUTPUTS}
    for record in question.records:
        _one(record, question, ready, found)
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def _one(record: Record, question: Question, ready: Any, found: dict[str, list[Row]]) -> None:
    from rxvigil.engine.ask_drugs import is_active

    book, wanted = question.book, question.wanted
    state = State(record, question.on, book.vocabulary)
    person = person_number(record.patient.id)
    for drug in question.drugs:
        running = is_active(state, drug).truth if state.exposure(drug).current or drug in state.unread else NO
        if running == NO:
            continue
        choice = choose(drug, state, book, wanted)
        found["choices"].append((person, drug, choice.protocol.id if choice else None, running, False))
        if choice is None:
            continue
        protocol = choice.protocol
        lender = book.protocols.get(protocol.schedule_from.protocol) if protocol.schedule_from else None
        for one in (protocol, lender):
            if one is not None:
                told = clocks_of_one(drug, one, state, ready) if running == YES else open_clocks(drug, one, state, ())
                found["clocks"] += [_clock(person, clock, borrowed=one is not protocol) for clock in told]
        _, explained = baseline_of_one(drug, protocol, state, ready)
        for one_ in explained:
            outcome = {"fires": running, "cannot say": 1}.get(one_.outcome, 0)
            if outcome:
                found["baseline"].append((person, drug, one_.rule, outcome))
    for choice, taken in combinations(state, book, wanted):
        together = choice.protocol.applies.together
        drug = next((one for one in together if one in question.drugs), together[0])
        found["choices"].append((person, drug, choice.protocol.id, taken.truth, True))
        told = (
            clocks_of_one(drug, choice.protocol, state, ready)
            if taken.truth == YES
            else open_clocks(drug, choice.protocol, state, ())
        )
        found["clocks"] += [_clock(person, clock, borrowed=False) for clock in told]


def _clock(person: int, clock: Clock, *, borrowed: bool) -> Row:
    due, late = (clock.due.due, clock.due.overdue_after) if clock.due else (None, None)
    return (
        person, clock.drug, clock.protocol.id, clock.rule, "|".join(clock.requirement), clock.status, due, late,
        clock.last, clock.schedule.strength, bool(clock.often), borrowed,
    )  # fmt: skip
