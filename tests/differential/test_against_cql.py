"""The same three questions, asked by rxvigil and by an independent engine for the Clinical Quality Language.

The questions are in benchmarks/assess: as rules in rules/azathioprine.yaml, as CQL in monitoring.cql. Both sides read
the same simulated FHIR bundles, and both answer in three values: yes, no, cannot say. The CQL is run by cql-execution,
the interpreter that quality measures in the United States are tested with; it shares no line of code with rxvigil.
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENTS = 30
QUESTIONS = ("neutrophils low", "neutrophils falling", "full blood count overdue")

sys.path.insert(0, str(ROOT))  # the benchmarks stand beside the package, not in it
bundles = importlib.import_module("benchmarks.assess.bundles")
ours = importlib.import_module("benchmarks.assess.ours")
peer = importlib.import_module("benchmarks.assess.peer")

Answers = dict[str, list[bool | None]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Answers, Answers]]:
    """What rxvigil and cql-execution answer for each of the patients."""
    if reason := peer.unavailable():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("cql")
    text = bundles.ndjson(PATIENTS)
    (folder / "bundles.ndjson").write_bytes(text)
    mine = ours.Ours("rxvigil", ours.questions_book(), text.splitlines(), bundles.ON).answers()
    with peer.Peer(peer.translate(folder / "elm.json"), folder / "bundles.ndjson", bundles.ON) as cql:
        yield mine, cql.answers()


@pytest.mark.parametrize(("number", "question"), list(enumerate(QUESTIONS)), ids=QUESTIONS)
def test_both_engines_give_each_patient_the_same_answer(
    asked: tuple[Answers, Answers], number: int, question: str
) -> None:
    mine, theirs = asked

    assert mine.keys() == theirs.keys()
    assert {who: answers[number] for who, answers in mine.items()} == {
        who: answers[number] for who, answers in theirs.items()
    }, question


def test_the_patients_are_worth_asking_about(asked: tuple[Answers, Answers]) -> None:
    """Agreement says little where everybody gets the same answer."""
    _, theirs = asked
    given = [{answers[number] for answers in theirs.values()} for number in range(len(QUESTIONS))]

    assert given[0] == {True, False, None}
    assert given[1] == {True, False, None}
    assert given[2] == {True, False}


def test_the_bundles_are_what_the_benchmark_says_they_are() -> None:
    made: list[dict[str, Any]] = list(bundles.bundles(PATIENTS))

    assert {len(bundle["entry"]) for bundle in made} == {22, 23}
    for bundle in made:
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        assert kinds.count("Observation") == 20


def test_the_same_seed_makes_the_same_bundles() -> None:
    assert bundles.ndjson(3) == bundles.ndjson(3)
    assert bundles.ndjson(3) != bundles.ndjson(3, seed=1)
