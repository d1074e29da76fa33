"""The terminal report: the point in five lines, whole on forty columns, meaning without colour."""

import re
from io import StringIO
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from reports.sample import FINDINGS, hostile, sample_assessment
from rxvigil.engine.assessment import SCHEMA, Assessment, BookShown, Finding
from rxvigil.facts import Patient
from rxvigil.reports.text import to_text


def printed(assessment: Assessment, width: int = 80, explain: bool = False, **console: Any) -> str:
    page = StringIO()
    to_text(assessment, explain, Console(file=page, width=width, **console))
    return page.getvalue()


def joined(text: str) -> str:
    """The report as one line: how it wraps is another test's business."""
    return " ".join(text.split())


def nothing_found() -> Assessment:
    return msgspec.structs.replace(sample_assessment(), findings=())


def test_a_clinician_gets_the_point_in_the_first_five_lines() -> None:
    first = joined("\n".join(printed(sample_assessment()).splitlines()[:5]))
    assert "Patient Q17-204" in first
    assert "as of 1 Mar 2026" in first
    assert "Azathioprine 150 mg/day" in first
    assert "One thing to stop now" in first
    assert "STOP Allopurinol" in first


def test_findings_come_in_the_order_in_which_they_need_somebody() -> None:
    text = printed(sample_assessment())
    places = [
        text.index(words)
        for words in ("STOP  ", "ACT   Neutrophils", "ACT   ALT", "CANNOT SAY could be STOP", "KNOW  ")
    ]
    assert places == sorted(places)


def test_each_finding_says_when_what_why_and_by_whose_word() -> None:
    text = joined(printed(sample_assessment()))
    assert "Today (should): Withhold azathioprine and speak to the specialist team." in text
    assert "First rule out: Viral infection; Another medicine that lowers neutrophils" in text
    assert "Because: Neutrophils 1.4 ×10⁹/L on 20 Feb 2026 [Observation/neutrophils-2026-02-20 (maria.json)]" in text
    assert "Compare SPS mercaptopurine page: Acts below 2.0 ×10⁹/L. (verified)" in text
    assert "Source [2] British Society for Rheumatology, table 2 (secondary); superseded by" in text


def test_what_cannot_be_said_comes_with_what_would_settle_it() -> None:
    text = joined(printed(sample_assessment()))
    assert "? Whether the dose is within 1 to 3 mg/kg/day cannot be said. To settle it: Weigh the patient." in text
    assert "Weight: no result in the record. To settle it: weigh the patient." in text


def test_what_was_not_understood_is_named_with_its_place() -> None:
    text = joined(printed(sample_assessment()))
    assert (
        "Neutrophils result: it has no unit (25 Feb 2026) at Observation/neutrophils-2026-02-25 (maria.json, line 31)"
        in text
    )
    assert "No rule knows results code 8302-2 (Body height), seen 3 times." in text


def test_a_superseded_protocol_and_an_overdue_review_are_said() -> None:
    text = joined(printed(sample_assessment()))
    assert "Status: Superseded in November 2025" in text
    assert "review of this value overdue" in text
    assert "Gap: The 2025 thresholds were not found." in text
    assert "Changed by Northfield clinic: ALT limit 100 U/L" in text


def test_sources_are_numbered_once_and_their_marks_explained() -> None:
    text = printed(sample_assessment())
    numbers = re.findall(r"^\[(\d+)\]", text, re.MULTILINE)
    assert numbers == ["1", "2", "3"]
    assert {int(number) for number in re.findall(r"Source \[(\d+)\]", text)} == {1, 2, 3}
    assert "secondary: read in a page that restates it" in joined(text)


class TestExplain:
    def test_every_rule_is_listed_with_its_answer_and_why(self) -> None:
        text = joined(printed(sample_assessment(), explain=True))
        for one in sample_assessment().explained:
            assert f"{one.outcome.upper()}: {one.rule} because {one.why}" in text
        assert "asked: platelets.latest < 140 10*9/L" in text

    def test_without_it_nothing_of_the_kind_is_printed(self) -> None:
        assert "EVERY RULE" not in printed(sample_assessment())


class TestNothingToDo:
    def test_silence_with_open_questions_is_not_called_reassuring(self) -> None:
        only_open = msgspec.structs.replace(
            sample_assessment(), findings=tuple(f for f in FINDINGS if f.tier == "CANNOT SAY")
        )
        assert "2 could not be answered: not a reassurance" in joined(printed(only_open))

    def test_silence_with_every_question_answered_says_so(self) -> None:
        assert "every rule that was asked could be answered" in joined(printed(nothing_found()))

    def test_a_bare_assessment_can_be_printed(self) -> None:
        bare = Assessment(
            schema=SCHEMA,
            patient=Patient("1"),
            on=sample_assessment().on,
            book=BookShown("d", 0),
            jurisdiction="UK",
            summary="No monitored drug is recorded.",
        )
        text = joined(printed(bare))
        assert "date of birth not recorded" in text
        assert "No blood-monitored medicine was found" in text
        assert "No monitoring protocol applies." in text


class TestTerminals:
    @pytest.mark.parametrize("width", [40, 59, 60, 80, 120])
    def test_no_line_is_wider_than_the_terminal(self, width: int) -> None:
        for explain in (False, True):
            lines = printed(sample_assessment(), width, explain).splitlines()
            assert max(cell_len(line) for line in lines) <= width

    @pytest.mark.parametrize("width", [40, 80])
    def test_no_word_is_lost_to_a_narrow_terminal(self, width: int) -> None:
        def letters(text: str) -> str:
            return re.sub(r"[\s─]", "", text)

        wide, narrow = (letters(printed(nothing_found(), columns)) for columns in (200, width))
        for test in sample_assessment().next_tests:
            assert letters(test.because) in wide
        assert letters("Status: Superseded in November 2025 by the 2025 guideline") in narrow
        assert letters("Rule book 5f3c1d0a9b8e") in narrow

    def test_without_colour_the_words_are_the_same(self) -> None:
        plain = printed(sample_assessment(), no_color=True)
        coloured = printed(sample_assessment(), force_terminal=True, color_system="truecolor", _environ={})
        assert "\x1b[" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain

    def test_no_color_in_the_environment_is_respected(self) -> None:
        text = printed(sample_assessment(), force_terminal=True, _environ={"NO_COLOR": "1", "TERM": "xterm-256color"})
        assert re.findall(r"\x1b\[[0-9;]*3[0-7][0-9;]*m", text) == []

    def test_nothing_is_ever_green(self) -> None:
        text = printed(nothing_found(), force_terminal=True, color_system="standard", _environ={})
        assert "\x1b[32m" not in text
        assert "\x1b[1;32m" not in text


def test_text_from_a_record_commands_no_terminal_and_begins_no_line() -> None:
    text = printed(hostile()[0], explain=True, no_color=True)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>alert(1)</script>" in joined(text)


@settings(max_examples=25, deadline=None)
@given(says=st.text(min_size=1, max_size=300), width=st.integers(30, 120))
def test_any_sentence_fits_any_terminal(says: str, width: int) -> None:
    finding: Finding = msgspec.structs.replace(FINDINGS[1], says=says, notes=(says,))
    lines = printed(
        msgspec.structs.replace(sample_assessment(), findings=(finding,)), width, no_color=True
    ).splitlines()
    assert max(cell_len(line) for line in lines) <= width
