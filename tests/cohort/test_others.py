"""Diagnoses, vaccines, symptoms, events, allergies, genes and the patient: a whole population is told what the
evaluator of one patient tells, atom by atom."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pytest
from backends import load, run
from hypothesis import given
from hypothesis import strategies as st
from property.patients import (
    ALLELES,
    BOOK,
    CONDITIONS,
    EVENTS,
    PHENOTYPES,
    SYMPTOMS,
    VACCINES,
    WORDS,
    conditions_of_the_book,
    examples,
    records,
)

from cohort.others import ALLERGIES, DAYS, VALUES, made_up
from rxvigil.casebook import read_cases
from rxvigil.cohort.atoms import Atom, atoms
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.others import OthersPart
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.steps import Steps
from rxvigil.engine.ask_results import Ask
from rxvigil.engine.choose import specialties
from rxvigil.engine.compiled import compile_book
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.genotype_findings import genotype_findings
from rxvigil.engine.state import State
from rxvigil.facts import Patient, Record
from rxvigil.knowledge.expression import Compare, Expression, Holds, OneOf, Term, Word, parse
from rxvigil.population import tables_of
from rxvigil.population.rows import person_number

SPECIALTIES = tuple(sorted(WORDS.specialties))
READY = compile_book(BOOK)
MINE = ("condition", "vaccine", "symptom", "gene", "event", "patient")
LENGTHS = ("3 days", "2 weeks", "1 month", "3 months", "10 months", "12 months", "2 years")


def _questions() -> dict[Atom, Ask]:
    """Every atom of this part that a rule of the shipped rule book asks, and every measure of every kind of subject,
    each with what the evaluator of one patient asks."""
    shipped = [atom for condition in conditions_of_the_book() for atom in _mine(condition)]
    made = [atom for text in _every_measure() for atom in _mine(parse(text))]
    return {atom: compile_condition(_condition(atom), WORDS) for atom in dict.fromkeys([*shipped, *made])}


def _mine(condition: Expression) -> Iterator[Atom]:
    for atom in atoms(condition, "azathioprine", WORDS):
        if WORDS.kind_of(atom.subject) in MINE or atom.measure == "allergy":
            yield atom


def _condition(atom: Atom) -> Expression:
    term = Term(atom.subject, atom.measure, atom.arguments)
    if atom.value is not None and atom.operator is not None:
        return Compare(term, atom.operator, atom.value)
    return OneOf(term, tuple(Word(one) for one in sorted(atom.wanted))) if atom.wanted else Holds(term)


def _every_measure() -> Iterator[str]:
    yield from (f"{key}.{measure}" for key in (*CONDITIONS, *_classes("condition")) for measure in ("present", "ever"))
    for key in (*VACCINES, *_classes("vaccine")):
        yield from (f"{key}.ever", f"{key}.planned", f"{key}.given(within: 2 years)")
    for number, key in enumerate((*SYMPTOMS, *_classes("symptom"))):
        yield from (f"{key}.reported", f"{key}.reported(within: {LENGTHS[number % len(LENGTHS)]})")
    for number, key in enumerate(EVENTS):
        yield from (f"{key}.present", f"{key}.planned", f"{key}.since(within: {LENGTHS[number % len(LENGTHS)]})")
    for kind, values in VALUES.items():
        yield from (f"{kind}.value = {value}" for value in values)
    for gene in ALLELES:
        yield from (f"{gene}.known", f"{gene}.phenotype in (poor, normal)")
        yield from (f"{gene}.phenotype = {group}" for group in PHENOTYPES)
    for limit in ("16 years", "18 years", "65 years", "12 months", "50 days"):
        yield from (f"patient.age {operator} {limit}" for operator in ("<", "<=", ">", ">=", "="))
    yield from ("patient.sex = female", "patient.sex in (male, other)")
    yield from (f"{key}.allergy" for key in ALLERGIES if key != "none-known")


def _classes(kind: str) -> list[str]:
    return sorted({name for entry in WORDS.concepts[kind].values() for name in entry.classes})


@dataclass(frozen=True)
class Compared:
    """How many answers agreed, and who was left to the evaluator of one patient."""

    agreed: int
    patients: int
    left: int
    reasons: Counter[str]


QUESTIONS = _questions()


def compare(con: Any, records_: Iterable[Record], on: date) -> Compared:
    """Ask both evaluators everything; any difference is an error that names it."""
    everybody = [_named(record, number) for number, record in enumerate(records_)]
    answers = told(con, everybody, on)
    why: Counter[str] = Counter()
    agreed = left = 0
    for record in everybody:
        row = answers[person_number(record.patient.id)]
        reasons = [name for name, flag in row.items() if name.startswith("singly: ") and flag]
        why.update(reasons)
        left += bool(reasons)
        agreed += 0 if reasons else _agree(record, on, row)
    return Compared(agreed, len(everybody), left, why)


def _agree(record: Record, on: date, row: dict[str, Any]) -> int:
    state = State(record, on, WORDS)
    for number, (atom, ask) in enumerate(QUESTIONS.items()):
        expected = ask(state, "azathioprine").truth
        assert row[f"atom_{number}"] == expected, f"{atom} on {on} of {record}"
    implied = {key for key in SPECIALTIES if row[column("specialty", key)]}
    assert implied == set(specialties(state)), record
    assert not list(genotype_findings(state, READY)), record
    return len(QUESTIONS) + len(SPECIALTIES)


def _named(record: Record, number: int) -> Record:
    patient = record.patient
    return Record(
        **{name: getattr(record, name) for name in record.__struct_fields__ if name not in ("patient", "denials")},
        patient=Patient(f"p{number}", patient.born, patient.sex, patient.died),
    )


@dataclass(frozen=True)
class Asked:
    """The steps that answer everything, as a database runs them."""

    steps: Steps
    given: tuple[Any, ...] = ()


@lru_cache(maxsize=8)
def _plan(on: date) -> Asked:
    context, steps = Context(fact_tables(), on, WORDS), Steps()
    part = OthersPart(context, tuple(QUESTIONS), SPECIALTIES)
    patients = context.facts.patients
    row = steps.add("state", patients.left_join(part.relation(steps), "person").drop("person_right"))
    answers: dict[str, Any] = {f"atom_{number}": part.truth(atom, row) for number, atom in enumerate(QUESTIONS)}
    flags: dict[str, Any] = {f"singly: {reason}": flag for reason, flag in part.singly(row)}
    flags |= {name: row[name] for name in (column("specialty", key) for key in SPECIALTIES)}
    steps.add("told", row.select("person", **answers, **flags))
    return Asked(steps)


def told(con: Any, everybody: list[Record], on: date) -> dict[int, dict[str, Any]]:
    """Person -> the truth of every atom, specialties and the reasons to be assessed singly."""
    load(con, tables_of(everybody, WORDS))
    return {row["person"]: row for row in run(con, _plan(on), frozenset({"told"}))["told"]}


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_agrees_with_the_evaluator_of_one_patient(duckdb: Any, on: date) -> None:
    found = compare(duckdb, made_up(250, on), on)
    print(found)
    assert found.agreed > 60_000
    assert found.left < found.patients / 3


@given(
    st.sampled_from(DAYS[:2]).flatmap(lambda on: st.tuples(st.just(on), st.lists(records(on), min_size=4, max_size=8)))
)
@examples(10)
def test_agrees_on_made_up_records(duckdb: Any, drawn: tuple[date, list[Record]]) -> None:
    on, everybody = drawn
    compare(duckdb, everybody, on)


def test_agrees_on_every_worked_patient(duckdb: Any) -> None:
    by_day: dict[date, list[Record]] = {}
    for worked in read_cases(BOOK):
        by_day.setdefault(worked.case.on or worked.cases.base.on, []).append(worked.record)
    for on, everybody in by_day.items():
        print(on, compare(duckdb, everybody, on))
