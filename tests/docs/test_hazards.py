"""The hazard log: every hazard has a control, every control a test that is there, every rule its worked patients."""

import ast
import copy
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from docs.blocks import ROOT
from rxvigil import Evaluator, RuleBook, RxvigilError, read_patient, to_html, to_text
from rxvigil.casebook import Runner, WorkedCase, missing_cases, read_cases, record_of
from rxvigil.engine import Assessment
from rxvigil.facts import Record
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.overlay import with_overlay
from rxvigil.knowledge.yamlfile import Document, read_document
from rxvigil.samples import samples

HAZARDS: list[dict[str, Any]] = read_document(ROOT / "safety" / "hazards.yaml").data["hazards"]
FIELDS = {"id", "hazard", "causes", "harm", "controls", "left"}
LOW = "monitoring/azathioprine/bsr-2017#neutrophils-low"
MARCH = date(2026, 3, 2)


def each(hazard: dict[str, Any], what: str) -> list[str]:
    """Every test or rule that the controls of a hazard name."""
    return [one for control in hazard["controls"] for one in control.get(what, ())]


@pytest.fixture(scope="module")
def cases(book: RuleBook) -> list[WorkedCase]:
    return list(read_cases(book))


@pytest.fixture(scope="module")
def stable(book: RuleBook) -> Record:
    return read_patient(samples()[0].path, book.vocabulary)


@pytest.fixture(scope="module")
def assessment(evaluator: Evaluator, stable: Record) -> Assessment:
    return evaluator.assess(stable, MARCH)


def test_the_log_is_numbered_without_a_gap() -> None:
    assert [hazard["id"] for hazard in HAZARDS] == [f"H-{number:02}" for number in range(1, len(HAZARDS) + 1)]


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_a_hazard_has_causes_harm_controls_and_what_is_left(hazard: dict[str, Any]) -> None:
    assert hazard.keys() == FIELDS
    assert all(hazard[field] for field in FIELDS)
    for control in hazard["controls"]:
        assert control.keys() <= {"does", "test", "rule"}
        assert control["test"], f"{hazard['id']}: nothing tests that {control['does']}"


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_every_test_that_a_control_names_is_there(hazard: dict[str, Any]) -> None:
    for name in each(hazard, "test"):
        path, _, test = name.partition("::")
        assert (ROOT / path).is_file(), f"{hazard['id']}: {path} is not there"
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, name


def test_every_rule_that_guards_a_hazard_has_its_worked_patients(book: RuleBook, cases: list[WorkedCase]) -> None:
    assert missing_cases(book, cases) == []
    guards = {rule for hazard in HAZARDS for rule in each(hazard, "rule")}
    runner = Runner(book)
    for rule in guards:
        verdicts = [runner.judge(case) for case in cases if case.rule == rule]
        assert {one.expected for one in verdicts} == {"fires", "silent", "cannot-say"}, rule
        assert all(one.holds for one in verdicts), rule


def changed(edit: Any) -> list[Document]:
    """The shipped knowledge with one edit to the entry of the low neutrophils of BSR 2017."""
    documents = [Document(one.name, copy.deepcopy(one.data), one.lines) for one in read_knowledge()]
    home, _, name = LOW.partition("#")
    protocol = next(one.data for one in documents if one.data.get("id") == home)
    edit(next(rule for rule in protocol["thresholds"] if rule["id"] == name))
    return documents


def test_a_value_without_a_source_does_not_load() -> None:
    with pytest.raises(RxvigilError, match="source"):
        build(changed(lambda rule: rule.pop("source")))


def test_a_value_that_nobody_has_read_never_fires(book: RuleBook) -> None:
    unread = build(changed(lambda rule: rule.update(source={**rule["source"], "mark": "memory"})))
    facts = ("azathioprine 150 mg/d from 2025-06-01", "neutrophils 1.4 10*9/L on 2026-02-20")
    outcomes = {}
    for one in (book, unread):
        record = record_of(facts, "female born 1980", one.vocabulary)
        explained = Evaluator(one).assess(record, MARCH, explain=True).explained
        outcomes[one.digest] = next(answer.outcome for answer in explained if answer.rule == LOW)
    assert outcomes == {book.digest: "fires", unread.digest: "not asked"}


def test_a_stable_patient_has_nothing_to_act_on(assessment: Assessment) -> None:
    assert [one for one in assessment.findings if one.tier in ("STOP", "ACT")] == []
    assert assessment.courses, "an empty record would prove nothing"


def test_an_overlay_is_shown_and_must_name_a_rule_that_exists(tmp_path: Path, stable: Record) -> None:
    overlay = tmp_path / "site.yaml"
    text = (
        f"kind: overlay\nsite: Somewhere\nby: Somebody\non: 2026-01-01\nchanges:\n"
        f"  - rule: {LOW}\n    set: {{when: neutrophils.latest < 2.0 10*9/L}}\n    because: agreed\n"
    )
    overlay.write_text(text, encoding="utf-8")
    changes = Evaluator(with_overlay(read_knowledge(), overlay)).assess(stable, MARCH).book.changes
    assert len(changes) == 1
    assert all(part in changes[0] for part in (LOW, "1.6", "2.0"))
    overlay.write_text(text.replace("neutrophils-low", "neutrophils-lower"), encoding="utf-8")
    with pytest.raises(RxvigilError, match="there is no rule"):
        with_overlay(read_knowledge(), overlay)


def test_what_people_read_states_the_intended_use(assessment: Assessment, stable: Record, book: RuleBook) -> None:
    page = StringIO()
    to_text(assessment, explain=False, console=Console(file=page, width=100))
    for shown in (page.getvalue(), to_html(assessment, stable, book)):
        assert "not a certified medical device" in " ".join(shown.split())


def test_a_drug_without_a_protocol_says_so(evaluator: Evaluator, book: RuleBook) -> None:
    drugs = book.vocabulary.drugs
    covered = {drug for protocol in book.protocols.values() for drug in protocol.applies.drugs}
    bare = sorted(key for key, drug in drugs.items() if drug.monitored and key not in covered)
    for drug in bare:
        record = record_of([f"{drug} 20 mg/d from 2025-06-01"], "female born 1980", book.vocabulary)
        findings = evaluator.assess(record, MARCH).findings
        assert any(one.tier == "CANNOT SAY" and "no monitoring protocol" in one.says for one in findings), drug
