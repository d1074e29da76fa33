"""What the clocks of a population are worked out from, made by the evaluator of one patient; and what it answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from backends import load, run

from rxvigil.cohort.baseline import baseline
from rxvigil.cohort.choice import choices, conditions_asked
from rxvigil.cohort.clocks import clocks
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.given import Given
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.steps import Steps
from rxvigil.engine import Wanted
from rxvigil.engine.ask_drugs import is_active
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
    words = question.book.vocabulary
    states = {person_number(one.patient.id): State(one, question.on, words) for one in question.records}
    load(con, tables_of(question.records, words))
    rows = run(con, _Plan(question, states), frozenset(OUTPUTS))
    return {name: sorted((tuple(row.values()) for row in rows[name]), key=str) for name in OUTPUTS}


class _Plan:
    """The steps, over tables that the evaluator of one patient has filled."""

    def __init__(self, question: Question, states: dict[int, State]) -> None:
        asked = sorted(conditions_asked(question.book, question.wanted, question.drugs), key=str)
        columns = {one: f"condition_{number}" for number, one in enumerate(asked)}
        state = _state(question, states, columns)
        others = (_courses(states), _doses(states, question.drugs), _newest(states))
        self.given, self.steps = (state, *others), Steps()
        context = Context(fact_tables(), question.on, question.book.vocabulary)
        rows, (courses, doses, newest) = state.table(), (one.table() for one in others)

        def ask(condition: str, drug: str | None) -> Any:
            return rows[columns[condition, drug]].cast("int8")

        args = (context, question.book, question.wanted)
        chosen = choices(*args, rows, courses, ask, self.steps)
        clocks(*args, rows, chosen, courses, doses, newest, ask, self.steps)
        baseline(*args, chosen, rows, newest, ask, self.steps)


def _state(question: Question, states: dict[int, State], columns: dict[tuple[str, str | None], str]) -> Given:
    words = question.book.vocabulary
    conditions = [(compile_condition(parse(text), words), drug) for text, drug in columns]
    flags = ["results_listed"]
    flags += [column(drug, part) for drug in question.drugs for part in ("has_current", "unread")]
    flags += [column("specialty", name) for name in sorted(words.specialties)]
    shape = (("person", "whole"), *((name, "flag") for name in flags), *((name, "whole") for name in columns.values()))
    rows: list[Row] = []
    for person, state in states.items():
        row: list[Any] = [person, state.has_list("results")]
        for drug in question.drugs:
            mentioned = any(one.drug == drug for one in state.record.prescriptions)
            row += [bool(state.exposure(drug).current) if mentioned else None, drug in state.unread]
        row += [name in specialties(state) for name in sorted(words.specialties)]
        rows.append((*row, *(condition(state, drug).truth for condition, drug in conditions)))
    return Given("state", shape, tuple(rows))


def _courses(states: dict[int, State]) -> Given:
    found = [
        (person, drug, exposure.active, exposure.start, bool(exposure.current))
        for person, state in states.items()
        for drug in sorted({one.drug for one in state.record.prescriptions})
        for exposure in (state.exposure(drug),)
    ]
    shape = (("person", "whole"), ("drug", "text"), ("active", "whole"), ("start", "day"), ("has_current", "flag"))
    return Given("courses", shape, tuple(found))


def _doses(states: dict[int, State], drugs: tuple[str, ...]) -> Given:
    shape = (("person", "whole"), ("drug", "text"), ("since", "day"), ("next_since", "day"))
    return Given(
        "dose_steps", (*shape, ("dose_low", "number"), ("dose_high", "number")), tuple(_dose_steps(states, drugs))
    )


def _newest(states: dict[int, State]) -> Given:
    found = [
        (person, analyte, max(one.when.first for one in series))
        for person, state in states.items()
        for analyte, series in state.series.items()
        if series
    ]
    return Given("newest", (("person", "whole"), ("analyte", "text"), ("day", "day")), tuple(found))


def _dose_steps(states: dict[int, State], drugs: tuple[str, ...]) -> Iterable[Row]:
    for person, state in states.items():
        for drug in drugs:
            steps = state.exposure(drug).steps
            for step, after in zip(steps, (*steps[1:], None), strict=False):
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
