"""What is drawn and tabled: the same results in both, gaps as gaps, nothing that could not be read forgotten."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sample import ON, origin, sample_assessment, sample_record
from reports.sample_book import sample_book
from rxvigil.facts import Dose, NotUnderstood, Prescription, Record, Result, on_day, parse_when
from rxvigil.reports.flowsheet import flowsheet
from rxvigil.reports.timeline import LOOK_BACK, Panel, Timeline, timeline


def shown(record: Record | None = None) -> Timeline:
    return timeline(sample_assessment(), record or sample_record(), sample_book())


def panel(found: Timeline, analyte: str) -> Panel:
    return next(one for group in found.groups for one in group.panels if one.analyte == analyte)


def count(day: str | date, value: float, **more: Any) -> Result:
    when = parse_when(day) if isinstance(day, str) else on_day(day)
    return Result(
        id=f"n{day}",
        analyte="neutrophils",
        when=when,
        origin=origin("Observation/1"),
        value=value,
        **more,
    )


def only(*results: Result, **more: Any) -> Record:
    return msgspec.structs.replace(sample_record(), results=results, not_understood=(), genotypes=(), **more)


class TestWhatIsDrawn:
    def test_analytes_come_grouped_and_in_their_usual_order(self) -> None:
        assert [(group.title, [one.analyte for one in group.panels]) for group in shown().groups] == [
            ("Blood count", ["neutrophils", "white-cells", "platelets", "haemoglobin", "mcv"]),
            ("Liver", ["alt", "albumin"]),
            ("Kidney", ["creatinine"]),
            ("Thiopurine metabolites", ["tgn", "mmp"]),
        ]

    def test_what_no_rule_and_no_finding_speaks_of_is_left_out(self) -> None:
        bare = msgspec.structs.replace(sample_assessment(), findings=(), protocols=())
        assert timeline(bare, sample_record(), sample_book()).groups == ()

    def test_a_result_after_the_date_is_not_shown(self) -> None:
        found = panel(shown(only(count("2026-02-20", 1.4), count("2026-03-02", 5.0))), "neutrophils")
        assert [point.figure for point in found.points] == ["1.4"]

    def test_history_is_cut_after_three_years_and_the_page_can_say_so(self) -> None:
        found = shown(only(count("2019-01-01", 5.0), count("2026-02-20", 1.4)))
        assert found.left_out == 1
        assert found.start >= ON - LOOK_BACK

    def test_the_axis_begins_where_something_is_to_be_seen(self) -> None:
        """A drug taken for ten years does not push a year of results to the right edge."""
        old = Prescription(id="a", drug="azathioprine", origin=origin("x"), status="active", start=parse_when("2015"))
        found = shown(only(count("2025-06-01", 5.0), count("2026-02-20", 1.4), prescriptions=(old,), symptoms=()))
        assert found.start == date(2025, 6, 1)

    def test_a_result_that_a_finding_rests_on_is_never_cut(self) -> None:
        old = msgspec.structs.replace(count("2019-01-01", 5.0), id="neutrophils-2026-02-20")
        assert shown(only(old)).start == date(2019, 1, 1)


class TestGaps:
    """The protocol asks for 12 weeks; more than 24 weeks between two results is a gap."""

    @pytest.mark.parametrize(("days", "runs"), [(167, 1), (168, 1), (169, 2)])
    def test_a_line_joins_results_up_to_twice_the_expected_time(self, days: int, runs: int) -> None:
        late = date(2026, 2, 20)
        found = panel(shown(only(count(late - timedelta(days=days), 4.0), count(late, 4.0))), "neutrophils")
        assert len(found.runs) == runs

    def test_a_gap_is_said_in_words(self) -> None:
        assert panel(shown(), "neutrophils").gaps == "No result between 11 Aug 2025 and 2 Feb 2026."
        assert panel(shown(), "creatinine").gaps == "No result since 11 Aug 2025."

    def test_a_gap_that_a_whole_group_shares_is_said_once(self) -> None:
        assert shown().groups[0].shared_gaps == "No result between 11 Aug 2025 and 2 Feb 2026."


class TestSummary:
    def test_it_says_the_newest_value_against_range_and_action_line(self) -> None:
        assert panel(shown(), "neutrophils").summary == (
            "Latest 1.4 ×10⁹/L on 20 Feb 2026, below the laboratory's range (2 to 7.5). It is below 1.6: withhold "
            "(British Society for Rheumatology). 8 results since 28 May 2025, from 1.4 to 4.8."
        )

    def test_values_that_never_changed_are_not_a_range(self) -> None:
        found = panel(shown(only(count("2026-01-01", 4.0), count("2026-02-01", 4.0))), "neutrophils")
        assert found.summary.endswith("2 results since 1 Jan 2026, all 4.")

    def test_a_month_stays_a_month_and_a_bound_stays_a_bound(self) -> None:
        assert panel(shown(), "mmp").summary == (
            "Latest <300 pmol/8×10⁸ red cells in Feb 2026 (the laboratory's range was not given)."
        )


class TestUnread:
    def test_a_result_that_could_not_be_read_stands_on_its_day_in_chart_and_table(self) -> None:
        found = shown()
        assert panel(found, "neutrophils").unread == (date(2026, 2, 25),)
        newest = flowsheet(found.groups[0])[0]
        assert newest.when == "25 Feb 2026"
        assert newest.cells[0][0].remarks == ("could not be read",)
        assert newest.cells[1] == ()

    def test_one_without_a_day_is_counted_in_words(self) -> None:
        undated = NotUnderstood(origin=origin("x"), what="w", why="y", affects=("neutrophils",))
        record = msgspec.structs.replace(sample_record(), not_understood=(undated,))
        assert panel(shown(record), "neutrophils").unread_says == "1 result could not be read."


class TestMedicines:
    def test_doses_are_the_steps_the_rules_see(self) -> None:
        strip = shown().strips[0]
        assert [(span.shown, span.days) for span in strip.spans] == [
            ("50 mg/day", "2 Jun 2025 to 30 Jun 2025"),
            ("100 mg/day", "1 Jul 2025 to 31 Aug 2025"),
            ("150 mg/day", "1 Sep 2025, continuing"),
        ]
        assert [round(span.height, 2) for span in strip.spans] == [0.33, 0.67, 1.0]

    def test_a_drug_a_finding_rests_on_has_its_bar_and_others_have_none(self) -> None:
        other = Prescription(
            id="p", drug="methotrexate", origin=origin("x"), status="active", start=parse_when("2026-01-01")
        )
        record = sample_record()
        record = msgspec.structs.replace(record, prescriptions=(*record.prescriptions, other))
        assert [strip.name for strip in shown(record).strips if strip.kind == "drug"] == ["Allopurinol"]

    def test_genotype_always_and_symptoms_that_matter_have_their_marks(self) -> None:
        assert [strip.name for strip in shown().strips if strip.kind == "mark"] == [
            "NUDT15: normal",
            "Sore throat reported 26 Feb 2026",
        ]

    def test_what_is_not_known_is_said_and_drawn_hollow(self) -> None:
        vague = Prescription(id="aza", drug="azathioprine", origin=origin("x"), status="active")
        (span,) = shown(only(count("2026-02-20", 1.4), prescriptions=(vague,))).strips[0].spans
        assert (span.known, span.shown, span.days) == (False, "dose not known", "start not recorded, continuing")

    def test_a_planned_drug_is_planned(self) -> None:
        planned = Prescription(
            id="allopurinol-1",
            drug="allopurinol",
            origin=origin("x"),
            status="planned",
            start=parse_when("2026-03-10"),
            dose=Dose(100, 100),
        )
        found = shown(only(count("2026-02-20", 1.4), prescriptions=(planned,)))
        (strip,) = (one for one in found.strips if one.kind == "drug")
        assert strip.spans[0].days == "planned from 10 Mar 2026"
        assert found.end == date(2026, 3, 10)

    def test_an_earlier_course_is_shown_before_the_present_one(self) -> None:
        def course(key: str, start: str, end: str | None) -> Prescription:
            return Prescription(
                id=key, drug="azathioprine", origin=origin("x"), status="ended" if end else "active",
                start=parse_when(start), end=parse_when(end) if end else None, dose=Dose(50, 50), product="a",
            )  # fmt: skip

        earlier, present = course("a", "2024-01-01", "2024-06-01"), course("b", "2025-09-01", None)
        strip = shown(only(count("2026-02-20", 1.4), prescriptions=(present, earlier))).strips[0]
        assert [span.days for span in strip.spans] == ["1 Jan 2024 to 1 Jun 2024", "1 Sep 2025, continuing"]


_DAYS = st.dates(ON - timedelta(days=900), ON)


@given(st.lists(st.tuples(_DAYS, st.integers(1, 120)), min_size=1, max_size=40, unique_by=lambda one: one[0]))
def test_the_table_holds_exactly_the_results_of_the_chart(results: list[tuple[date, int]]) -> None:
    found = shown(only(*(count(day, value / 10) for day, value in results)))
    drawn = sorted((point.when, point.figure) for point in panel(found, "neutrophils").points)
    tabled = sorted((row.when, cell.figure) for row in flowsheet(found.groups[0]) for cell in row.cells[0])
    assert drawn == tabled
    assert len(drawn) == len(results)


@given(st.lists(_DAYS, min_size=1, max_size=40, unique=True))
def test_runs_are_the_points_in_order_and_break_nowhere_else(days: list[date]) -> None:
    found = panel(shown(only(*(count(day, 4.0) for day in days))), "neutrophils")
    assert [point for run in found.runs for point in run] == list(found.points)
    assert [point.first for point in found.points] == sorted(days)
    for run in found.runs:
        assert all(
            later.first - earlier.last <= timedelta(weeks=24) for earlier, later in zip(run, run[1:], strict=False)
        )
