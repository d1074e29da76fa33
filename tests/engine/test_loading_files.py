"""Knowledge files that cannot be loaded: file, line, and what is wrong."""

from pathlib import Path

import pytest

from engine.small_book import HOUSE, documents_of
from rxvigil.errors import RuleBookError
from rxvigil.knowledge.lint import lint
from rxvigil.knowledge.loader import build
from rxvigil.knowledge.yamlfile import parse_document

RULES = """kind: rules
id: always/example
title: Example
review_by: 2027-11-30
rules:
  - id: neutrophils-low
    kind: threshold
    applies: {drugs: [azathioprine]}
    when: neutrophils.latest < 1.6 10*9/L
    tier: act
    cause: neutrophils low
    says: "Neutrophils {neutrophils.latest} are low while taking {this}."
    action: {verb: stop, says: Contact the specialist., urgency: today, strength: should}
    source: SOURCE
"""


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "bad.yaml:3", "the key 'a' stands twice"),
        ("a: [1, 2\n", "bad.yaml:2", "not valid YAML"),
        ("a: 2026-02-30\n", "bad.yaml:1", "'2026-02-30' is not a date"),
    ],
)
def test_a_file_must_be_clean_yaml(text: str, where: str, says: str) -> None:
    with pytest.raises(RuleBookError) as problem:
        parse_document(text, "bad.yaml")
    assert (problem.value.where, says in problem.value.what) == (where, True)


def test_yes_no_on_and_off_stay_words() -> None:
    """In YAML 1.1 they are truth values, and Norway (NO) is false."""
    assert parse_document("a: [yes, no, on, off, NO, true]", "x").data == {"a": ["yes", "no", "on", "off", "NO", True]}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("kind: rules", "kind: rule", 1, "'kind' is 'rule'"),
        ("    tier: act", "    teir: act", 6, "rules.0.tier: Field required (and 1 more in this file)"),
        ("    tier: act", "    tier: urgent", 10, "rules.0.tier: Input should be 'stop', 'act' or 'know'"),
        ("id: always/example", "id: Always Example", 2, "id: String should match pattern"),
    ],
)
def test_an_error_in_the_shape_of_a_file_has_its_line(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(RuleBookError) as problem:
        build(documents_of(RULES.replace(old, new)))
    assert problem.value.where == f"file-1.yaml:{line}"
    assert says in problem.value.what


def test_what_is_defined_twice_does_not_load() -> None:
    with pytest.raises(RuleBookError, match="'always/example' is defined twice"):
        build(documents_of(RULES, RULES))


def test_lint_shows_every_problem_at_once_and_goes_on_after_a_bad_file(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "shape.yaml").write_text(RULES.replace("    tier: act", "    tier: urgent"), encoding="utf-8")
    (tmp_path / "names.yaml").write_text(RULES.replace("SOURCE", HOUSE), encoding="utf-8")
    said = lint(tmp_path)
    assert {one.place.partition(":")[0] for one in said} == {"broken.yaml", "shape.yaml", "names.yaml"}
    assert all(one.what and one.do for one in said)


def test_an_empty_folder_is_no_rule_book(tmp_path: Path) -> None:
    with pytest.raises(RuleBookError, match="there is no knowledge file"):
        lint(tmp_path)
