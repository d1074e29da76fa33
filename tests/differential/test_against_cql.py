"""The same three questions, asked by rxvigil and by an independent engine for the Clinical Quality Language.

The questions are in benchmarks/assess: as rules in rules/azathioprine.yaml, as CQL in monitoring.cql. All sides read
the same simulated FHIR bundles, and all answer in three values: yes, no, cannot say. The CQL is run by cql-execution,
the interpreter that quality measures in the United States are tested with; it shares no line of code with rxvigil.
rxvigil answers twice: patient by patient, and with the plan of a population.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from backends import load, run
from simulated_bundles import simulated

from rxvigil.cohort.plan import make_plan
from rxvigil.engine import Wanted
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import person_number, tables_of

ROOT = Path(__file__).resolve().parents[2]
PATIENTS = 30
SIMULATED = 60
QUESTIONS = ("neutrophils low", "neutrophils falling", "full blood count overdue")

sys.path.insert(0, str(ROOT))  # the benchmarks stand beside the package, not in it
bundles = importlib.import_module("benchmarks.assess.bundles")
ours = importlib.import_module("benchmarks.assess.ours")
peer = importlib.import_module("benchmarks.assess.peer")

Answers = dict[str, list[bool | None]]


class Asked(NamedTuple):
    """What each of the three answers for each of the patients."""

    engine: Answers
    plan: Answers
    cql: Answers


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, duckdb: Any) -> Asked:
    """The patients that the benchmark makes up, with a question to each of them that is hard."""
    if reason := peer.unavailable():
        pytest.skip(reason)
    return ask(bundles.ndjson(PATIENTS).splitlines(), tmp_path_factory.mktemp("cql"), duckdb)


@pytest.fixture(scope="module")
def asked_of_a_clinic(tmp_path_factory: pytest.TempPathFactory, duckdb: Any, book: RuleBook) -> Asked:
    """The patients of a simulated clinic, with years of tests."""
    if reason := peer.unavailable():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("clinic")
    return ask(simulated(book, folder / "fhir", SIMULATED, bundles), folder, duckdb)


def ask(patients: list[bytes], folder: Path, duckdb: Any) -> Asked:
    """The three questions, asked three times of the same bundles."""
    (folder / "bundles.ndjson").write_bytes(b"".join(text + b"\n" for text in patients))
    book = ours.questions_book()
    engine = ours.Ours("rxvigil", book, patients, bundles.ON).answers()
    records = [ours.record_in(json.loads(text), book) for text in patients]
    with peer.Peer(peer.translate(folder / "elm.json"), folder / "bundles.ndjson", bundles.ON) as cql:
        return Asked(engine, planned(records, book, duckdb), cql.answers())


def planned(records: list[Record], book: RuleBook, con: Any) -> Answers:
    """What the plan of a population answers, in the truth values of CQL; who is not asked is answered with no. Those
    whom it leaves to the evaluator of one patient (falls among results closer than three days) are left out."""
    load(con, tables_of(records, book.vocabulary))
    rows = run(con, make_plan(book, Wanted(), bundles.ON))
    singly = {one["person"] for one in rows["singly"]}
    outcomes = {(one["person"], one["rule"].rpartition("#")[2]): one["outcome"] for one in rows["answers"]}
    late = {one["person"] for one in rows["clocks"] if one["test"] == "full-blood-count" and one["status"] == "overdue"}
    truths: dict[int | None, bool | None] = {None: False, 1: None, 2: True}
    found: Answers = {}
    for record in records:
        person = person_number(record.patient.id)
        if person in singly:
            continue
        first, second = (truths[outcomes.get((person, rule))] for rule in ours.QUESTIONS[:2])
        found[record.patient.id] = [first, second, person in late]
    return found


EVERY_QUESTION = pytest.mark.parametrize(("number", "question"), list(enumerate(QUESTIONS)), ids=QUESTIONS)


@EVERY_QUESTION
@pytest.mark.parametrize("patients", ["asked", "asked_of_a_clinic"])
def test_all_give_each_patient_the_same_answer(
    patients: str, number: int, question: str, request: pytest.FixtureRequest
) -> None:
    found: Asked = request.getfixturevalue(patients)
    cql = {who: answers[number] for who, answers in found.cql.items()}

    assert {who: answers[number] for who, answers in found.engine.items()} == cql, question
    assert {who: answers[number] for who, answers in found.plan.items()} == {who: cql[who] for who in found.plan}
    assert len(found.plan) > len(cql) / 2


def test_the_patients_are_worth_asking_about(asked: Asked) -> None:
    """Agreement says little where everybody gets the same answer."""
    given = [{answers[number] for answers in asked.cql.values()} for number in range(len(QUESTIONS))]

    assert given[0] == {True, False, None}
    assert given[1] == {True, False, None}
    assert given[2] == {True, False}


def test_the_clinic_is_worth_asking_about(asked_of_a_clinic: Asked) -> None:
    given = [{answers[number] for answers in asked_of_a_clinic.cql.values()} for number in range(len(QUESTIONS))]

    assert len(asked_of_a_clinic.cql) == SIMULATED
    assert all(len(answers) > 1 for answers in given)


def test_the_bundles_are_what_the_benchmark_says_they_are() -> None:
    made: list[dict[str, Any]] = list(bundles.bundles(PATIENTS))

    assert {len(bundle["entry"]) for bundle in made} == {22, 23}
    for bundle in made:
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        assert kinds.count("Observation") == 20


def test_the_same_seed_makes_the_same_bundles() -> None:
    assert bundles.ndjson(3) == bundles.ndjson(3)
    assert bundles.ndjson(3) != bundles.ndjson(3, seed=1)
