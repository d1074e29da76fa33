"""Results: a whole population is told what the evaluator of one patient tells, atom by atom, in both forms."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

import ibis
import pyarrow as pa
import pytest
from agreement.people import numbered
from backends import load
from hypothesis import given
from hypothesis import strategies as st
from property.patients import BOOK, REFERENCES, VALUES, WORDS, conditions_of_the_book, examples, records

from rxvigil.casebook import read_cases
from rxvigil.cohort.atoms import Atom, atoms
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.results import ResultsPart
from rxvigil.cohort.steps import Steps
from rxvigil.engine.ask_results import Ask
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.engine.state import State
from rxvigil.facts import (
    Bounds,
    NotUnderstood,
    Origin,
    Patient,
    Prescription,
    Record,
    Result,
    When,
    on_day,
    parse_when,
)
from rxvigil.knowledge.expression import Compare, Expression, Holds, OneOf, Term, Word, parse
from rxvigil.population import tables_of
from rxvigil.population.rows import person_number

DRUG = "azathioprine"
OF_A_SAMPLE = ("stable-at-sample", "time-on-at-sample", "dose-changed-since")
COURSES = {"person": "int64", "drug": "string", "start": "date"}
DAYS = (date(2026, 3, 1), date(2024, 2, 29))
MADE = (
    "neutrophils.latest < 1.6 10*9/L", "neutrophils.latest >= 2 10*9/L", "alt.latest > 3 xULN", "alt.latest <= 1 xULN",
    "platelets.latest < 1 xLLN", "platelets.latest = 150 10*9/L", "crp.latest > 5 mg/L", "hbsag.latest in (positive)",
    "not alt.latest > 2 xULN", "not neutrophils.latest >= 1.6 10*9/L", "neutrophils.last(times: 3) < 2 10*9/L",
    "alt.last(times: 2) >= 2 xULN", "neutrophils.falls(times: 2, each: 10 %)", "alt.rises(times: 3, each: 5 %)",
    "neutrophils.falls(times: 3, each: 10 %, apart: 10 days, within: 4 months)", "alt.measured",
    "creatinine.rise(over: 7 days) > 20 %", "creatinine.rise(over: 12 months) > 26 umol/L",
    "albumin.fall(over: 3 months) >= 10 %", "mcv.rise-since-start > 10 %", "alt.measured(within: 6 weeks)",
    "neutrophils.fall-since-start > 1 10*9/L", "neutrophils.measured(within: 3 months)",
)  # fmt: skip


@lru_cache(maxsize=1)
def _questions() -> dict[Atom, Ask]:
    found = [
        atom for condition in conditions_of_the_book() for proof in (False, True) for atom in _mine(condition, proof)
    ]
    found += [atom for text in MADE for atom in _mine(parse(text), False)]
    return {atom: compile_condition(_condition(atom), WORDS, proof=atom.proof) for atom in dict.fromkeys(found)}


def _mine(condition: Expression, proof: bool) -> Iterator[Atom]:
    for atom in atoms(condition, DRUG, WORDS, proof=proof):
        if WORDS.kind_of(atom.subject) == "analyte" and atom.measure not in OF_A_SAMPLE:
            yield atom


def _condition(atom: Atom) -> Expression:
    term = Term(atom.subject, atom.measure, atom.arguments)
    if atom.value is not None and atom.operator is not None:
        return Compare(term, atom.operator, atom.value)
    return OneOf(term, tuple(Word(one) for one in sorted(atom.wanted))) if atom.wanted else Holds(term)


class Draw:
    """Results of one patient, with every awkwardness they have."""

    def __init__(self, seed: int, on: date) -> None:
        self.random, self.on, self.number = Random(seed), on, 0

    def when(self) -> When:
        back = self.random.choice((-3, 0, 1, 2, 3, 6, 7, 8, 14, 28, 30, 42, 60, 90, 120, 180, 300, 364, 366, 400, 700))
        text = (self.on - timedelta(days=back + self.random.randrange(0, 2))).isoformat()
        moments = [f"{text}T{hour}" for hour in ("09:00:00+02:00", "09:00:00Z", "15:30:00+02:00", "23:30:00-05:00")]
        shapes = [text] * 40 + moments * 6 + [text[:7]]
        return parse_when(self.random.choice(shapes))

    def result(self) -> Result:
        self.number += 1
        analyte = self.random.choice(
            ("neutrophils", "alt", "platelets", "creatinine", "albumin", "crp", "mcv", *REFERENCES)
        )
        low, high = REFERENCES[analyte]
        value = self.random.choice(VALUES[analyte]) if self.random.random() < 0.97 else None
        return Result(
            id=f"r{self.random.randrange(100):02}-{self.number}",
            analyte=analyte,
            when=self.when(),
            origin=Origin("made-up", "row"),
            value=value,
            comparator=self.random.choice(("",) * 20 + ("<", "<=", ">", ">=")) if value is not None else "",
            category=None if value is not None else self.random.choice((None, "undetectable", "positive")),
            reference=Bounds(low, high) if self.random.random() < 0.8 and (low or high) else None,
            preliminary=self.random.random() < 0.1,
        )

    def category(self) -> Result:
        self.number += 1
        word = self.random.choice(("positive", "negative", "indeterminate"))
        origin = Origin("made-up", "row")
        return Result(id=f"c{self.number}", analyte="hbsag", when=self.when(), origin=origin, category=word)

    def unread(self) -> NotUnderstood:
        key = self.random.choice(("neutrophils", "alt", "creatinine", "hbsag"))
        when = self.random.choice((None, self.when()))
        return NotUnderstood(origin=Origin("made-up", "row"), what="a result", why="no unit", affects=(key,), when=when)

    def record(self, name: str) -> Record:
        start = self.on - timedelta(days=self.random.choice((10, 100, 300, 500, 900)))
        taken = Prescription(
            id="p", drug=DRUG, origin=Origin("made-up", "row"), status="active",
            start=None if self.random.random() < 0.1 else on_day(start),
        )  # fmt: skip
        results = tuple(self.result() for _ in range(self.random.randrange(12)))
        results += tuple(self.category() for _ in range(self.random.randrange(2)))
        lists = ("prescriptions", "results") if results or self.random.random() < 0.5 else ("prescriptions",)
        doubts = tuple(self.unread() for _ in range(self.random.choice((0, 0, 0, 1, 2))))
        return Record(
            patient=Patient(name), results=results, prescriptions=(taken,), lists=lists, not_understood=doubts
        )


class Asked(NamedTuple):
    """The questions of a date in one form, as SQL."""

    questions: list[Atom]
    steps: list[tuple[str, str]]
    told: str


@lru_cache(maxsize=8)
def asked(on: date, fast: bool) -> Asked:
    """Every atom's truth (t0 ...) and every reason to leave a patient to the engine (s0 ...), by person."""
    questions = list(_questions())
    context, steps, courses = Context(fact_tables(), on, WORDS, fast), Steps(), ibis.table(COURSES, name="courses")
    part = ResultsPart(context, questions, frozenset(), courses)
    state = context.facts.patients.left_join(part.relation(steps), "person").drop("person_right")
    begun = courses.select("person", **{column(DRUG, "start"): "start"})
    state = state.left_join(begun, "person").drop("person_right")
    truths = {f"t{number}": part.truth(atom, state) for number, atom in enumerate(questions)}
    reasons = {f"s{number}": flag for number, (_, flag) in enumerate(part.singly(state))}
    written = [(step.name, str(ibis.to_sql(step.relation, dialect="duckdb"))) for step in steps]
    told = str(ibis.to_sql(state.select("person", **truths, **reasons), dialect="duckdb"))
    return Asked(questions, written, told)


def answers(people: list[Record], on: date, fast: bool) -> tuple[dict[int, dict[str, Any]], list[Atom]]:
    """What is told of each person, and the questions."""
    con = ibis.duckdb.connect()
    load(con, tables_of(people, WORDS))
    persons = [person_number(record.patient.id) for record in people]
    starts = [State(record, on, WORDS).exposure(DRUG).start for record in people]
    courses = {
        "person": pa.array(persons, pa.int64()),
        "drug": [DRUG] * len(people),
        "start": pa.array(starts, pa.date32()),
    }
    con.con.register("courses", pa.table(courses))
    questions, steps, told = asked(on, fast)
    for name, sql in steps:
        con.raw_sql(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
    return {row["person"]: row for row in con.con.sql(told).to_arrow_table().to_pylist()}, questions


def compared(people: list[Record], on: date, fast: bool) -> Counter[str]:
    """How many answers are the same; fails at the first that is not."""
    rows, questions = answers(people, on, fast)
    asks = _questions()
    count: Counter[str] = Counter()
    for record in people:
        row = rows[person_number(record.patient.id)]
        if any(value for name, value in row.items() if name.startswith("s")):
            count["singly"] += 1
            continue
        state = State(record, on, WORDS)
        for number, atom in enumerate(questions):
            expected = asks[atom](state, atom.this).truth
            facts = (record.results, record.not_understood, record.prescriptions)
            assert row[f"t{number}"] == expected, (atom, on, *facts)
            count["agreed"] += 1
    return count


BOTH_FORMS = pytest.mark.parametrize("fast", [False, True], ids=["portable", "fast"])


@BOTH_FORMS
@pytest.mark.parametrize("on", DAYS, ids=str)
def test_made_up_results(on: date, fast: bool) -> None:
    count = compared([Draw(number, on).record(f"patient-{number}") for number in range(200)], on, fast)
    assert count["agreed"] > 10_000


@BOTH_FORMS
def test_worked_patients(fast: bool) -> None:
    cases = [one for one in read_cases(BOOK) if (one.case.on or one.cases.base.on) == DAYS[0]]
    count = compared(numbered([one.record for one in cases]), DAYS[0], fast)
    assert count["singly"] < len(cases) / 20
    assert count["agreed"] > 100_000


@BOTH_FORMS
@examples(2)
@given(batch=st.lists(records(DAYS[0]), min_size=30, max_size=30))
def test_records_with_every_awkwardness(fast: bool, batch: list[Record]) -> None:
    compared(numbered(batch), DAYS[0], fast)


_BEGUN = on_day(date(2025, 12, 1))


def _patient(name: str, *results: tuple[str, str, float | None, dict[str, Any]]) -> Record:
    """Somebody on azathioprine since 1 Dec 2025, with results: analyte, when, value, and more of each."""
    origin = Origin("made-up", "row")
    facts = tuple(
        Result(id=f"r{nth}", analyte=analyte, when=parse_when(when), origin=origin, value=value, **more)
        for nth, (analyte, when, value, more) in enumerate(results)
    )
    taken = Prescription(id="p", drug=DRUG, origin=origin, status="active", start=_BEGUN)
    return Record(patient=Patient(name), results=facts, prescriptions=(taken,), lists=("prescriptions", "results"))


@BOTH_FORMS
def test_a_rise_within_one_day_is_seen(fast: bool) -> None:
    """Creatinine of 60 umol/L in the morning and 90 in the evening is a rise of 50 %. Of two results of a bare day
    nobody knows which is the later one; 88 to 90 in eight weeks is no rise."""
    moments = [("creatinine", f"2026-02-27T{hour}:00:00Z", value, {}) for hour, value in (("08", 60.0), ("18", 90.0))]
    bare = [("creatinine", "2026-02-27", value, {}) for value in (60.0, 90.0)]
    before = ("creatinine", "2026-01-02", 88.0, {})
    people = [
        _patient("one day", *moments), _patient("one day and one before", before, *moments),
        _patient("bare", *bare), _patient("bare and one before", before, *bare),
    ]  # fmt: skip
    risen = next(atom for atom in _mine(parse("creatinine.rise(over: 7 days) > 20 %"), False))
    rows, questions = answers(people, DAYS[0], fast)
    told = [rows[person_number(one.patient.id)][f"t{questions.index(risen)}"] for one in people]
    assert told == [YES, YES, UNKNOWN, NO]
    assert compared(people, DAYS[0], fast)["singly"] == 0


@BOTH_FORMS
def test_a_number_beside_a_word_is_not_lost(fast: bool) -> None:
    """An ALT of 500 U/L alarms although another result of its day is only a word: told, or left to the evaluator."""
    range_ = {"reference": Bounds(None, 40.0)}
    word = {"category": "positive", **range_}
    compared([_patient("a", ("alt", "2026-02-27", 500.0, range_), ("alt", "2026-02-27", None, word))], DAYS[0], fast)


@BOTH_FORMS
def test_a_value_counts_though_undetectable_stands_beside_it(fast: bool) -> None:
    detected = ("neutrophils", "2026-02-27", 5.0, {"category": "undetectable"})
    assert compared([_patient("a", detected)], DAYS[0], fast)["singly"] == 0


@BOTH_FORMS
def test_clinics_are_told_by_columns(fast: bool) -> None:
    """What clinics have every day needs no evaluator of one patient: comparators, a test repeated on its day where no
    series is asked about, nothing at all."""
    people = [
        _patient("comparator", ("crp", "2026-02-20", 5.0, {"comparator": "<"})),
        _patient("repeated", ("crp", "2026-02-20", 4.0, {}), ("crp", "2026-02-20", 7.0, {})),
        _patient("nothing"),
    ]
    assert compared(people, DAYS[0], fast)["singly"] == 0
