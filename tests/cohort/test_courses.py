"""Courses, doses and what is asked of medicines: a whole population is told what the evaluator of one patient tells,
course by course, dose by dose, and atom by atom."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import pytest
from agreement.people import numbered, people
from agreement.questions import OPERATORS
from backends import load, run
from hypothesis import given
from hypothesis import strategies as st
from property.patients import DAYS, WORDS, conditions_of_the_book, examples

from cohort import courses_with_tests
from cohort.exposures import Exposures
from cohort.prescribed import ANALYTES, made_up
from rxvigil.casebook import read_cases
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.part import Context
from rxvigil.cohort.samples import OF_A_SAMPLE
from rxvigil.cohort.state import build_state
from rxvigil.cohort.steps import Steps
from rxvigil.cohort.truth import holds
from rxvigil.engine.ask_results import Ask
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.state import State
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import All, AnyOf, Compare, Expression, Holds, Not, OneOf, parse
from rxvigil.population import tables_of
from rxvigil.population.rows import person_number

MONITORED = tuple(sorted(key for key, drug in WORDS.drugs.items() if drug.monitored))
SUBJECTS = ("this", "allopurinol", "warfarin", "thiopurine", "xanthine-oxidase-inhibitor", "aminosalicylate")
LENGTHS = ("2 weeks", "6 weeks", "1 month", "3 months", "1 year")
DOSES = ("100 mg/d", "50 mg/d", "15 mg/wk", "0.1 g/d", "2 mg/kg/d", "1.5 mg/kg/d", "10 mg/kg/wk")


def _every_measure() -> Iterator[str]:
    for key in SUBJECTS:
        yield from (f"{key}.{measure}" for measure in ("active", "planned", "ever"))
        for measure in ("started", "stopped", "dose-increased"):
            yield from (f"{key}.{measure}(within: {length})" for length in LENGTHS[1::2])
        for operator in (*OPERATORS, "="):
            yield from (f"{key}.time-on {operator} {length}" for length in LENGTHS[::2])
            yield from (f"{key}.stable-for {operator} {length}" for length in LENGTHS[1:3])
            yield f"{key}.count {operator} 1"
            yield from (f"{key}.dose {operator} {dose}" for dose in DOSES)
    for analyte in ANALYTES[:2]:
        yield f"{analyte}.dose-changed-since"
        for operator in (*OPERATORS, "="):
            yield from (f"{analyte}.stable-at-sample {operator} {length}" for length in LENGTHS[:2])
            yield f"{analyte}.time-on-at-sample {operator} {LENGTHS[3]}"


def _questions() -> dict[tuple[str, str], Ask]:
    """Every term of the shipped rule book about a medicine or a sample, and every measure."""
    shipped = {str(one): one for condition in conditions_of_the_book() for one in _terms(condition)}
    asked = {(text, drug): one for text, one in shipped.items() for drug in _about(text)}
    asked |= {(text, "azathioprine"): parse(text) for text in _every_measure()}
    return {key: compile_condition(one, WORDS) for key, one in asked.items()}


def _terms(condition: Expression) -> Iterator[Expression]:
    """The terms of a condition, each with what it is compared with, that this part answers."""
    match condition:
        case All(items) | AnyOf(items):
            for item in items:
                yield from _terms(item)
        case Not(item):
            yield from _terms(item)
        case Holds(term) | Compare(term) | OneOf(term):
            of_drug = WORDS.kind_of(term.subject) == "drug" and term.measure != "allergy"
            if of_drug or term.measure in OF_A_SAMPLE:
                yield condition


def _about(text: str) -> tuple[str, ...]:
    several = text.startswith("this.") or any(name in text for name in OF_A_SAMPLE)
    return ("azathioprine", "methotrexate") if several else ("azathioprine",)


QUESTIONS = _questions()


@dataclass(frozen=True)
class Compared:
    """How many courses, steps of dose and answers agreed, and who was left to the evaluator of one patient."""

    courses: int
    steps: int
    answers: int
    patients: int
    left: int
    reasons: Counter[str]


def compare(con: Any, everybody: Iterable[Record], on: date, mentioned: frozenset[str] | None = None) -> Compared:
    """Ask both evaluators everything; any difference is an error that names it. `mentioned`: drugs, analytes and keys
    of entries that nobody could read, where the plan is told which there are."""
    asked = numbered([msgspec.structs.replace(one, denials=()) for one in everybody])
    load(con, tables_of(asked, WORDS))
    rows = run(con, _plan(on, mentioned), frozenset({"courses", "dose_steps", "told"}))
    told = {row["person"]: row for row in rows["told"]}
    exposures = Exposures.of(rows)
    counts, why = Counter[str](), Counter[str]()
    for record in asked:
        person, state = person_number(record.patient.id), State(record, on, WORDS)
        counts += exposures.same(state, MONITORED)
        reasons = [name for name in told[person] if name.startswith("singly: ") and told[person][name]]
        why.update(reasons)
        counts["left"] += bool(reasons)
        counts["answers"] += 0 if reasons else _same_answers(state, told[person])
    return Compared(counts["courses"], counts["steps"], counts["answers"], len(asked), counts["left"], why)


def _same_answers(state: State, row: dict[str, Any]) -> int:
    for number, ((text, drug), ask) in enumerate(QUESTIONS.items()):
        assert row[f"atom_{number}"] == ask(state, drug).truth, f"{text} of {drug}: {state.record}"
    return len(QUESTIONS)


@dataclass(frozen=True)
class Asked:
    """The steps that answer everything, as a database runs them."""

    steps: Steps
    given: tuple[Any, ...] = ()


@lru_cache(maxsize=8)
def _plan(on: date, mentioned: frozenset[str] | None) -> Asked:
    steps = Steps()
    questions = [(text, drug, False) for text, drug in QUESTIONS]
    monitored = tuple(drug for drug in MONITORED if mentioned is None or drug in mentioned)
    context = Context(fact_tables(), on, WORDS, mentioned=mentioned)
    state = build_state(context, questions, monitored, frozenset(), steps)
    answers: dict[str, Any] = {f"atom_{nth}": state.ask(text, drug) for nth, (text, drug) in enumerate(QUESTIONS)}
    flags = {f"singly: {reason}": holds(flag) for reason, flag in state.left_to_the_engine()}
    steps.add("told", state.table.select("person", **answers, **flags))
    return Asked(steps)


def _pool(on: date, count: int) -> list[Record]:
    return [made(seed, on) for seed in range(count) for made in (made_up, courses_with_tests.made_up)]


@pytest.mark.parametrize("on", DAYS[:2], ids=str)
def test_agrees_with_the_evaluator_of_one_patient(duckdb: Any, on: date) -> None:
    found = compare(duckdb, _pool(on, 300), on)
    print(found)
    assert found.answers > 100_000
    assert found.courses > 400
    assert found.left < found.patients / 20


@pytest.mark.parametrize(
    "mentioned",
    [{"azathioprine"}, {"allopurinol", "any-drug"}, {"thiopurine"}, set()],
    ids=lambda one: "+".join(sorted(one)),
)
def test_of_drugs_that_nobody_mentions_no_more_is_known_than_of_others(duckdb: Any, mentioned: set[str]) -> None:
    """Whatever tests they had: of those, everything is on file."""
    on = DAYS[0]
    chosen = [one for one in _pool(on, 400) if _keys(one) <= mentioned]
    tested = {result.analyte for one in chosen for result in one.results}
    found = compare(duckdb, chosen, on, frozenset(mentioned | tested))
    assert found.patients > 20


def _keys(record: Record) -> set[str]:
    unread = (key for one in record.not_understood for key in one.affects)
    return {*(one.drug for one in record.prescriptions), *unread}


@given(
    st.sampled_from(DAYS[:2]).flatmap(lambda on: st.tuples(st.just(on), st.lists(people(on), min_size=4, max_size=8)))
)
@examples(4)
def test_agrees_on_made_up_records(duckdb: Any, drawn: tuple[date, list[Record]]) -> None:
    on, everybody = drawn
    compare(duckdb, everybody, on)


def test_agrees_on_every_worked_patient(duckdb: Any, book: RuleBook) -> None:
    by_day: dict[date, list[Record]] = defaultdict(list)
    for worked in read_cases(book):
        by_day[worked.case.on or worked.cases.base.on].append(worked.record)
    for on, everybody in by_day.items():
        print(on, compare(duckdb, everybody, on))
