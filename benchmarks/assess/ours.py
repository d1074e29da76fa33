"""The rxvigil side: the same bundles through intake and engine, in process."""

import time
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.assess.measuring import STAGES, Pass
from rxvigil.engine import Evaluator
from rxvigil.engine.assessment import Assessment
from rxvigil.facts import Record
from rxvigil.intake import record_from_resources
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build, knowledge_files, read_knowledge
from rxvigil.knowledge.yamlfile import read_document

RULES: Final = Path(__file__).parent / "rules"
QUESTIONS: Final = ("neutrophils-low", "neutrophils-falling", "full-blood-count")
_TRUTHS: Final[dict[str, bool | None]] = {"fires": True, "silent": False, "cannot say": None}

Answers = dict[str, list[bool | None]]


def questions_book() -> RuleBook:
    """The three questions of rules/ over the shipped vocabulary."""
    vocabulary = [read_document(path, name) for path, name in knowledge_files() if name.startswith("vocabulary/")]
    return build([*vocabulary, *read_knowledge(RULES)])


def shipped_book() -> RuleBook:
    """The whole rule book."""
    return build(read_knowledge())


def record_in(bundle: dict[str, list[dict[str, dict[str, object]]]], book: RuleBook) -> Record:
    """The record of a decoded Bundle."""
    return record_from_resources([entry["resource"] for entry in bundle["entry"]], book.vocabulary)


class Ours:
    """An evaluator and the patients it is timed on, each as the bytes of a Bundle."""

    def __init__(self, name: str, book: RuleBook, patients: Sequence[bytes], on: date) -> None:
        self.name = name
        self.book = book
        self._evaluator = Evaluator(book)
        self._patients = patients
        self._on = on

    def assessments(self, *, explain: bool = False) -> Iterable[Assessment]:
        """Every patient's assessment."""
        for text in self._patients:
            yield self._evaluator.assess(record_in(msgspec.json.decode(text), self.book), self._on, explain=explain)

    def answers(self) -> Answers:
        """What the three questions answer for each patient, in the truth values of CQL."""
        return {one.patient.id: _answers(one) for one in self.assessments(explain=True)}

    def time(self) -> Pass:
        """One pass over all patients, from the bytes of each to its assessment."""
        stages: dict[str, list[int]] = {stage: [] for stage in STAGES}
        clock = time.perf_counter_ns
        before = time.process_time()
        for text in self._patients:
            begun = clock()
            bundle = msgspec.json.decode(text)
            decoded = clock()
            record = record_in(bundle, self.book)
            loaded = clock()
            self._evaluator.assess(record, self._on)
            evaluated = clock()
            stages["decode"].append(decoded - begun)
            stages["load"].append(loaded - decoded)
            stages["evaluate"].append(evaluated - loaded)
            stages["all"].append(evaluated - begun)
        return Pass(stages, time.process_time() - before)


def _answers(assessment: Assessment) -> list[bool | None]:
    """A test that is due but not yet overdue is not what the third question asks; who takes no azathioprine is not
    asked, which CQL answers with false."""
    outcomes = {one.rule.rpartition("#")[2]: one.outcome for one in assessment.explained}
    found = [_TRUTHS[outcomes.get(question, "silent")] for question in QUESTIONS]
    if found[2]:
        found[2] = any(one.test == "full-blood-count" and one.status == "overdue" for one in assessment.next_tests)
    return found
