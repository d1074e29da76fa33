"""The words that text, page and FHIR share."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sample import FINDINGS, sample_assessment
from rxvigil.engine.assessment import ActionShown, CourseShown, Missing
from rxvigil.reports import words


class TestClean:
    """Records hold characters that hide, reorder or command; a reader sees that something was there."""

    def test_an_escape_sequence_cannot_reach_a_terminal(self) -> None:
        assert words.clean("aza\x1b[31m") == "aza\N{REPLACEMENT CHARACTER}[31m"

    def test_a_text_cannot_begin_a_line_of_its_own(self) -> None:
        assert words.clean("50 mg\r\nSTOP nothing") == "50 mg  STOP nothing"

    @given(st.text())
    def test_nothing_unprintable_is_left_and_nothing_is_dropped(self, text: str) -> None:
        cleaned = words.clean(text)
        rest = cleaned.replace("\N{NO-BREAK SPACE}", "")  # visible as a blank, and not printable to Python
        assert rest.isprintable() or not rest.isascii()
        assert len(cleaned) == len(text)
        assert "\n" not in cleaned
        assert words.clean(cleaned) == cleaned

    def test_letters_of_any_language_stay(self) -> None:
        assert words.clean("Łódź µmol/L ×10⁹ 血小板") == "Łódź µmol/L ×10⁹ 血小板"


class TestDoses:
    def test_a_weekly_drug_is_spoken_of_by_the_week(self) -> None:
        course = CourseShown(drug="methotrexate", name="Methotrexate", dose_mg_per_day=(15 / 7, 15 / 7), per="week")
        assert words.course_dose(course) == "15 mg/week (mg/kg not known)"

    def test_a_range_stays_a_range(self) -> None:
        course = CourseShown(
            drug="azathioprine",
            name="Azathioprine",
            start="2025-06-02",
            dose_mg_per_day=(50, 100),
            dose_mg_per_kg_per_day=(0.7, 1.4),
        )
        assert words.course_line(course) == "Azathioprine 50 to 100 mg/day (0.7 to 1.4 mg/kg/day), since 2 Jun 2025"

    def test_what_is_not_known_is_said(self) -> None:
        course = CourseShown(drug="azathioprine", name="Azathioprine")
        assert words.course_line(course) == "Azathioprine dose not known, start not known"


def test_a_verb_is_as_firm_as_its_source() -> None:
    assert words.verb_says("stop", "must") == "stop"
    assert words.verb_says("stop", "consider") == "consider stopping"
    assert words.when_to_act(ActionShown("stop", "Stop.", "this week", "should")) == "This week (should)"


def test_tests_that_are_late_come_first_and_unknown_ones_before_those_in_date() -> None:
    ordered = words.tests_in_order(sample_assessment())
    assert [test.status for test in ordered] == ["overdue", "due", "cannot say", "in date"]


@pytest.mark.parametrize("length", [20, 160, 161, 400])
def test_a_headline_is_never_too_long_and_says_when_it_was_cut(length: int) -> None:
    text = ("blood " * 80)[:length]
    short = words.headline(text)
    assert len(short) <= 160
    assert short == text or short.endswith(" …")


class TestNotes:
    def test_the_status_of_a_protocol_stands_with_each_finding_by_its_first_sentence(self) -> None:
        status = "Replaced in November 2025. The new numbers have not been read."
        assessment = sample_assessment()
        protocol = msgspec.structs.replace(assessment.protocols[0], status=status)
        assessment = msgspec.structs.replace(assessment, protocols=(protocol,))
        finding = msgspec.structs.replace(FINDINGS[1], notes=("Grade 2.", status))
        assert words.notes_once(finding, assessment) == (
            "Replaced in November 2025. More under “Protocols followed”.",
            "Grade 2.",
        )


class TestGaps:
    def test_a_gap_that_the_sentence_already_tells_is_not_told_again(self) -> None:
        finding = msgspec.structs.replace(
            FINDINGS[4],
            says="Weight: no result in the record. Not answered: dose too high.",
            missing=(Missing("Weight", "no result in the record", "weigh the patient"),),
        )
        assert words.further_gaps(finding) == []

    def test_things_missing_for_one_reason_are_told_together(self) -> None:
        reason, remedy = "a medicine could not be read", "read the medicine list"
        finding = msgspec.structs.replace(
            FINDINGS[4], missing=(Missing("warfarin", reason, remedy), Missing("allopurinol", reason, remedy))
        )
        assert words.further_gaps(finding) == [
            "Warfarin, allopurinol: a medicine could not be read. To settle it: read the medicine list."
        ]


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "https://a b", 'https://a"onclick', None])
def test_only_a_plain_web_address_may_become_a_link(text: str | None) -> None:
    assert not words.is_address(text)
    assert words.is_address("https://www.sps.nhs.uk/monitorings/azathioprine-monitoring/")


def test_every_tier_and_every_mark_is_explained() -> None:
    assert set(words.TIERS) == set(words.TIER_MEANS)
    assert set(words.MARK_MEANS) == {"verified", "secondary", "derived", "house", "memory"}


def test_a_source_that_would_read_the_same_is_named_once() -> None:
    (source,) = FINDINGS[0].sources
    noted = msgspec.structs.replace(source, note="the formula of the second value")
    elsewhere = msgspec.structs.replace(source, where="section 8")
    assert len(words.sources_once((source, noted, elsewhere))) == 2
