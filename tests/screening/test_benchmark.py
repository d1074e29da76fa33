"""The made-up population of benchmarks/cohort: a store like any other, and what is measured on it is what it says."""

import importlib
import json
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rxvigil.engine import Evaluator, Wanted
from rxvigil.engine.series import results_by_analyte
from rxvigil.facts import Record
from rxvigil.intake import record_from_resources
from rxvigil.knowledge import load_rule_book
from rxvigil.knowledge.book import RuleBook
from rxvigil.population.store import Store
from rxvigil.screening import Request, Screen, Setup, screen
from rxvigil.screening.one_by_one import told

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 200

sys.path.insert(0, str(ROOT))  # the benchmarks stand beside the package, not in it
population = importlib.import_module("benchmarks.cohort.population")
limit = importlib.import_module("benchmarks.cohort.limit")
questions = importlib.import_module("benchmarks.cohort.questions")
sides = importlib.import_module("benchmarks.cohort.sides")
steps = importlib.import_module("benchmarks.cohort.steps")
watching = importlib.import_module("benchmarks.cohort.watching")
pages = importlib.import_module("benchmarks.cohort.page")


@pytest.fixture(scope="module")
def made_up(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A small one, in two buckets."""
    store: Store = population.make_store(tmp_path_factory.mktemp("made-up") / "a.store", PEOPLE, book.vocabulary, 100)
    return store


@pytest.fixture(scope="module")
def people(made_up: Store) -> list[Record]:
    return list(made_up.records())


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the three questions."""
    folder: Path = questions.write_rules(tmp_path_factory.mktemp("rules"))
    return folder


def test_everybody_has_azathioprine_and_twenty_results(people: list[Record]) -> None:
    assert len(people) == PEOPLE
    assert {len(one.results) for one in people} == {population.RESULTS}
    assert all(any(drug.drug == "azathioprine" for drug in one.prescriptions) for one in people)


def test_it_says_that_it_is_made_up(made_up: Store, people: list[Record]) -> None:
    assert [one.name for brought in made_up.imports for one in brought.files] == [population.MADE_UP]
    assert all(one.patient.id.startswith("made-up-") for one in people)


def test_it_has_what_makes_a_clinic_hard(people: list[Record]) -> None:
    results = [result for one in people for result in one.results]
    doses = Counter(sum(drug.drug == "azathioprine" for drug in one.prescriptions) for one in people)

    assert {result.comparator for result in results} == {"", "<"}
    assert {result.preliminary for result in results} == {True, False}
    assert any(one.not_understood for one in people)
    assert doses.keys() == {1, 2}
    assert any(drug.dose is None for one in people for drug in one.prescriptions)


def test_a_smaller_population_is_the_beginning_of_a_larger(made_up: Store, book: RuleBook, tmp_path: Path) -> None:
    few = population.make_store(tmp_path / "few.store", 10, book.vocabulary)

    assert all(one == made_up.record(one.patient.id) for one in few.records())


def test_the_plan_and_the_evaluator_of_one_patient_say_the_same_of_everybody(made_up: Store, book: RuleBook) -> None:
    setup = Setup(made_up.path, book, Wanted("UK"), population.ON)
    planned = rows(screen(made_up, setup, Request(explain=0, workers=1)))
    asked = rows(screen(made_up, setup, Request(backend="engine", workers=1)))

    assert planned.keys() == asked.keys()
    assert {who: told(found) for who, found in planned.items()} == {who: told(found) for who, found in asked.items()}


def rows(made: Screen) -> dict[str, list[dict[str, Any]]]:
    """The findings of a screen by patient."""
    from pyarrow import parquet

    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in parquet.read_table(made.folder / "findings.parquet").to_pylist():
        found[row["patient"]].append(row)
    return found


def test_the_bare_query_finds_latest_baseline_and_trend(made_up: Store, people: list[Record], book: RuleBook) -> None:
    by_analyte = [(one, results_by_analyte(one, population.ON, book.vocabulary)) for one in people]
    series = [(one, values) for one, found in by_analyte for values in found.values() if values]
    newest = [[result.value or 0.0 for result in reversed(values)][:3] for _, values in series]

    counted = limit.limit(made_up)

    assert counted.series == len(series)
    assert counted.latest == pytest.approx(sum(values[0] for values in newest))
    assert counted.falling == sum(len(values) == 3 and values[0] < values[1] < values[2] for values in newest)
    assert counted.baselines == sum(any(one.when.first <= began(who) for one in values) for who, values in series)


def began(record: Record) -> date:
    return min(one.start.first for one in record.prescriptions if one.drug == "azathioprine" and one.start)


def test_the_bundles_for_the_peer_answer_the_questions_as_the_store_does(
    made_up: Store, people: list[Record], small_book: Path
) -> None:
    book = load_rule_book(small_book)
    evaluator = Evaluator(book, Wanted())
    made_up.require(book.vocabulary)
    answers: Counter[tuple[str, bool]] = Counter()
    for record in people:
        resources = [entry["resource"] for entry in json.loads(json.dumps(questions.bundle(record)))["entry"]]
        again = record_from_resources(resources, book.vocabulary)
        mine, its = (evaluator.assess(one, population.ON) for one in (record, again))
        assert [(one.rule, one.tier) for one in mine.findings] == [(one.rule, one.tier) for one in its.findings]
        assert [(one.test, one.status) for one in mine.next_tests] == [(one.test, one.status) for one in its.next_tests]
        answers.update((one.rule, True) for one in mine.findings)

    assert len(answers) > 1, "agreement says little where nothing is found"


def test_what_the_screen_answers_is_compared_with_the_peer_by_patient_and_question(
    made_up: Store, people: list[Record], small_book: Path
) -> None:
    book = load_rule_book(small_book)
    screen(made_up, Setup(made_up.path, book, Wanted(), population.ON), Request(explain=0, workers=1, again=True))
    evaluator = Evaluator(book, Wanted())

    answered = {one.patient.id: of_engine(evaluator, one) for one in people}

    assert questions.agreed(answered, questions.found_by(made_up, PEOPLE)) == (3 * PEOPLE, 3 * PEOPLE)
    assert {truth for given in answered.values() for truth in given} == {True, False}
    assert questions.agreed({"made-up-0": [True, True, True]}, {})[0] == 0


def of_engine(evaluator: Evaluator, record: Record) -> list[bool | None]:
    """Which of the questions the evaluator of one patient answers with yes."""
    found = evaluator.assess(record, population.ON)
    fired = {rule.rpartition("#")[2] for one in found.findings if one.tier != "CANNOT SAY"
             for rule in (one.rule, *one.also)}  # fmt: skip
    late = any(one.status == "overdue" for one in found.next_tests)
    return ["neutrophils-low" in fired, "neutrophils-falling" in fired, late]


def test_the_time_of_every_step_is_told(made_up: Store, small_book: Path, tmp_path: Path) -> None:
    found = steps.breakdown(made_up, 0, tmp_path, small_book)

    assert found.patients == PEOPLE
    assert found.letters.keys() <= found.steps.seconds.keys()
    assert any(line.startswith("| state |") for line in steps.lines(found, 100))


BURN = """
import time
while time.process_time() < 0.8:
    pass
print("done", flush=True)
time.sleep(4)
"""
LEAVE = f"""
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {BURN!r}], stdout=subprocess.PIPE).stdout.readline()
time.sleep(2)
os._exit(0)
"""


def test_a_command_is_counted_with_the_processes_that_it_leaves_behind() -> None:
    used = watching.watched([sys.executable, "-c", LEAVE])

    assert used.code == 0
    assert used.processor > 0.7
    assert used.wall > 2


def test_growth_is_the_exponent_of_the_number_of_people() -> None:
    def size(people: int, seconds: float) -> Any:
        side = sides.Side("", [], [watching.Used(seconds, seconds, 100, 0)])
        return sides.Size(people, 1, side, side)

    linear = [size(10**power, 3e-5 * 10**power) for power in range(4, 7)]
    square = [size(10**power, 1e-9 * 10 ** (2 * power)) for power in range(4, 7)]

    assert sides.slope(linear) == pytest.approx(1)
    assert sides.slope(square) == pytest.approx(2)
    assert [further for _, further, _ in sides.steps_up(linear)][1:] == pytest.approx([30, 30])
    assert "At most linear: met" in page_of(linear)
    assert "At most linear: **not met**" in page_of(square)


def page_of(measured: list[Any]) -> str:
    text: str = pages.page(pages.Findings(command="a command", people=10**6, load=(0, 0), sizes=measured))
    return text
