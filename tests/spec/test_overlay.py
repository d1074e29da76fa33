"""A site's own changes: whole fields of named rules, each with its reason; the difference is kept and shown.

What a body said is not a local matter: sources, ids and marks cannot be changed, and what a site writes is checked as
strictly as what is shipped.
"""

from pathlib import Path

import pytest
from engine.small_book import assess, documents_of

from rxvigil.errors import RuleBookError
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build
from rxvigil.knowledge.overlay import with_overlay

AZA = "azathioprine 100 mg/d from 2025-01-01"
PROTOCOL = """
kind: protocol
id: monitoring/azathioprine/body
title: Azathioprine
body: A body
applies: {drugs: [azathioprine]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
schedule:
  - {id: blood-tests, panel: {all: [neutrophils]}, phases: [{every: 12 weeks}], source: SOURCE}
thresholds:
  - id: neutrophils-low
    kind: threshold
    when: neutrophils.latest < 1.6 10*9/L
    tier: act
    cause: neutrophils low
    says: Neutrophils are low.
    action: {verb: stop, says: Contact the specialist., urgency: today, strength: should}
    source: SOURCE
"""
HEAD = "kind: overlay\nsite: St Elsewhere\nby: J. Smith, lead pharmacist\non: 2026-10-01\nchanges:\n"
STRICTER = """
  - rule: monitoring/azathioprine/body#neutrophils-low
    set: {when: neutrophils.latest < 2.0 10*9/L}
    because: agreed locally, minutes of 3 Sep 2026
"""


@pytest.fixture
def overlaid(tmp_path: Path):
    """The rule book with an overlay of these changes."""

    def overlaid(changes: str, head: str = HEAD) -> RuleBook:
        path = tmp_path / "overlay.yaml"
        path.write_text(head + changes, encoding="utf-8")
        return with_overlay(documents_of(PROTOCOL), path)

    return overlaid


def neutrophils_low(book: RuleBook, value: str) -> list[tuple[str, ...]]:
    """The notes of the finding, where there is one."""
    found = assess(book, AZA, f"neutrophils {value} 10*9/L on 2026-02-20").findings
    return [one.notes for one in found if one.cause == "neutrophils low"]


# --------------------------------------------------------------------------------------------------- what it does


def test_the_rule_reads_as_the_site_wants_it(overlaid) -> None:
    assert neutrophils_low(build(documents_of(PROTOCOL)), "1.8") == []
    assert len(neutrophils_low(overlaid(STRICTER), "1.8")) == 1


def test_the_finding_says_what_was_changed_by_whom_from_what_and_why(overlaid) -> None:
    ((note,),) = neutrophils_low(overlaid(STRICTER), "1.8")
    assert note == (
        "changed by St Elsewhere: when was 'neutrophils.latest < 1.6 10*9/L', is 'neutrophils.latest < 2.0 10*9/L' "
        "(agreed locally, minutes of 3 Sep 2026)"
    )


def test_the_page_names_the_overlay_whatever_was_found(overlaid) -> None:
    shown = assess(overlaid(STRICTER), "neutrophils 3.1 10*9/L on 2026-02-20").book
    assert shown.overlay == "St Elsewhere, by J. Smith, lead pharmacist"
    assert len(shown.changes) == 1


def test_a_changed_book_is_another_book(overlaid) -> None:
    """The digest names exactly the knowledge that answered."""
    plain = build(documents_of(PROTOCOL))
    assert overlaid(STRICTER).digest != plain.digest
    assert overlaid(STRICTER).digest == overlaid(STRICTER).digest


def test_schedules_can_be_changed_too(overlaid) -> None:
    denser = """
  - rule: monitoring/azathioprine/body#blood-tests
    set: {phases: [{every: 4 weeks}]}
    because: the laboratory's capacity allows it
"""
    (line,) = assess(overlaid(denser), AZA, "neutrophils 3.1 10*9/L on 2026-02-20").next_tests
    assert line.due is not None
    assert line.due.isoformat() == "2026-03-20"


def test_a_later_change_of_the_same_field_shows_each_step(overlaid) -> None:
    twice = STRICTER + STRICTER.replace("2.0", "1.8").replace("minutes of 3 Sep", "minutes of 4 Oct")
    changes = overlaid(twice).overlay.changes
    assert [(one.was, one.now) for one in changes] == [
        ("neutrophils.latest < 1.6 10*9/L", "neutrophils.latest < 2.0 10*9/L"),
        ("neutrophils.latest < 2.0 10*9/L", "neutrophils.latest < 1.8 10*9/L"),
    ]


# ---------------------------------------------------------------------------------------------------- what it may not


def refused(overlaid, changes: str, head: str = HEAD) -> RuleBookError:
    with pytest.raises(RuleBookError) as problem:
        overlaid(changes, head)
    return problem.value


@pytest.mark.parametrize("field", ["source", "id", "kind", "cause"])
def test_what_a_body_said_is_not_a_local_matter(overlaid, field: str) -> None:
    problem = refused(overlaid, STRICTER.replace("when: neutrophils.latest < 2.0 10*9/L", f"{field}: anything"))
    assert problem.what == f"'{field}' cannot be changed by a site"
    assert problem.where.endswith("overlay.yaml:7")
    assert "a site may set: action, every, modifiers" in problem.do


def test_a_rule_that_does_not_exist_is_an_error_with_its_line(overlaid) -> None:
    problem = refused(overlaid, STRICTER.replace("#neutrophils-low", "#neutrophils-lwo"))
    assert problem.what == "there is no rule 'monitoring/azathioprine/body#neutrophils-lwo'"
    assert problem.where.endswith("overlay.yaml:7")


def test_a_change_without_a_reason_is_refused(overlaid) -> None:
    problem = refused(overlaid, STRICTER.partition("    because")[0])
    assert "because" in problem.what


def test_so_is_an_overlay_that_nobody_signs(overlaid) -> None:
    assert "by" in refused(overlaid, STRICTER, HEAD.replace("by: J. Smith, lead pharmacist\n", "")).what


@pytest.mark.parametrize(
    ("condition", "because"),
    [
        ("neutrophils.latest < 2.0", "'' is not a unit of neutrophils"),
        ("neutrofils.latest < 2.0 10*9/L", "'neutrofils' is not in the vocabulary"),
        ("neutrophils.latest < 2000 10*9/L", "outside the plausible limits"),
        ("neutrophils.latest <", "expected a number"),
    ],
)
def test_a_sites_condition_is_checked_like_a_shipped_one(overlaid, condition: str, because: str) -> None:
    problem = refused(overlaid, STRICTER.replace("neutrophils.latest < 2.0 10*9/L", condition))
    assert because in problem.what


def test_the_files_it_changes_are_left_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text(HEAD + STRICTER, encoding="utf-8")
    documents = documents_of(PROTOCOL)
    before = build(documents).digest
    assert with_overlay(documents, path).digest != before
    assert build(documents).digest == before
