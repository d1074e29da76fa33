"""Results: a whole population is told what the evaluator of one patient tells, atom by atom, in both forms."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest
from backends import load
from property.patients import BOOK, REFERENCES, VALUES, WORDS, conditions_of_the_book

from rxvigil.casebook import read_cases
from rxvigil.cohort.atoms import Atom, atoms
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.results import ResultsPart
from rxvigil.cohort.steps import Steps
from rxvigil.engine.ask_results import Ask
from rxvigil.engine.conditions import compile_condition
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
    "neutrophils.falls(times: 3, each: 10 %, apart: 10 days, within: 4 months)", "creatinine.rise(over: 7 days) > 20 %",
    "creatinine.rise(over: 12 months) > 26 umol/L", "albumin.fall(over: 3 months) >= 10 %", "mcv.rise-since-start > 10 %",
    "neutrophils.fall-since-start > 1 10*9/L", "alt.measured", "alt.measured(within: 6 weeks)", "neutrophils.measured(within: 3 months)",
)  # fmt: skip


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
        shapes = [text] * 60 + [f"{text}T09:00:00+02:00"] * 6 + [f"{text}T23:30:00-05:00"] * 3 + [text[:7]]
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


def answers(records: list[Record], on: date, fast: bool) -> tuple[dict[int, dict[str, Any]], list[Atom]]:
    """Every atom's truth for every person, and the reasons to leave them to the engine."""
    questions = list(_questions())
    con = ibis.duckdb.connect()
    load(con, tables_of(records, WORDS))
    states = [State(record, on, WORDS) for record in records]
    people = [person_number(record.patient.id) for record in records]
    starts = [state.exposure(DRUG).start for state in states]
    courses = pa.table(
        {"person": pa.array(people, pa.int64()), "drug": [DRUG] * len(people), "start": pa.array(starts, pa.date32())}
    )
    con.con.register("courses", courses)
    context, steps = Context(fact_tables(), on, WORDS, fast), Steps()
    part = ResultsPart(context, questions, frozenset(), ibis.table(COURSES, name="courses"))
    wide = part.relation(steps)
    assert wide is not None
    for step in steps:
        con.raw_sql(f"CREATE OR REPLACE TEMP TABLE {step.name} AS {ibis.to_sql(step.relation, dialect='duckdb')}")
    state = context.facts.patients.left_join(wide, "person").drop("person_right")
    begun = ibis.table(COURSES, name="courses").select("person", **{column(DRUG, "start"): "start"})
    state = state.left_join(begun, "person").drop("person_right")
    truths = {f"t{number}": part.truth(atom, state) for number, atom in enumerate(questions)}
    reasons = {f"s{number}": flag for number, (_, flag) in enumerate(part.singly(state))}
    told = ibis.to_sql(state.select("person", **truths, **reasons), dialect="duckdb")
    rows = con.con.sql(told).to_arrow_table().to_pylist()
    return {row["person"]: row for row in rows}, questions


@lru_cache(maxsize=1)
def worked() -> list[tuple[date, list[Record]]]:
    """Every worked patient, by the date of assessment."""
    by_day: dict[date, list[Record]] = {}
    for case in read_cases(BOOK):
        by_day.setdefault(case.on, []).append(case.record)
    return sorted(by_day.items())


def compared(records: list[Record], on: date, fast: bool) -> Counter[str]:
    """How many answers are the same; fails at the first that is not."""
    rows, questions = answers(records, on, fast)
    asks = _questions()
    count: Counter[str] = Counter()
    for record in records:
        row = rows[person_number(record.patient.id)]
        if any(value for name, value in row.items() if name.startswith("s")):
            count["singly"] += 1
            continue
        state = State(record, on, WORDS)
        for number, atom in enumerate(questions):
            expected = asks[atom](state, atom.this).truth
            assert row[f"t{number}"] == expected, (
                atom,
                on,
                record.results,
                record.not_understood,
                record.prescriptions,
            )
            count["agreed"] += 1
    return count


@pytest.mark.parametrize("fast", [False, True], ids=["portable", "fast"])
@pytest.mark.parametrize("on", DAYS, ids=str)
def test_made_up_results(on: date, fast: bool) -> None:
    count = compared([Draw(number, on).record(f"patient-{number}") for number in range(1500)], on, fast)
    assert count["agreed"] > 10_000
