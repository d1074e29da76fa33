"""When the next blood test is due.

A schedule is a list of phases, one after another from the first dose. After a test the next one is due one interval on;
where a denser phase begins before that, it is due one interval of that phase after the phase began. A test is overdue
one seventh of its interval after its latest day: a day for a weekly test, two for a fortnightly one.

The days below are counted by hand. Most examples are of neutrophils alone.
"""

from datetime import date

import pytest
from engine.small_book import assess, book_of

from rxvigil.engine import Assessment
from rxvigil.engine.assessment import DueTest, Finding

PROTOCOL = """
kind: protocol
id: monitoring/azathioprine/local
title: Local protocol
body: St Elsewhere
applies: {drugs: [azathioprine]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
schedule:
  - id: blood-tests
    panel: {all: [neutrophils]}
    source: SOURCE
"""
STANDARD = """
    phases:
      - {every: 2 weeks, until: {dose_stable_for: 6 weeks}}
      - {every: 1 month, for: 3 months}
      - {every: 12 weeks}
"""
"""As BSR 2017 has it."""
OLD_COURSE = "azathioprine 100 mg/d from 2025-01-01"
"""Long in its last phase by the end of 2025: stable from 12 Feb, monthly until 12 May, then every 12 weeks."""


def assessed(plan: str, *facts: str, on: str = "2026-03-01") -> Assessment:
    return assess(book_of(PROTOCOL + plan), *facts, on=on)


def line(plan: str, *facts: str, on: str = "2026-03-01", test: str = "neutrophils") -> DueTest:
    """What the page says of one test."""
    return next(one for one in assessed(plan, *facts, on=on).next_tests if one.test == test)


def due(plan: str, *facts: str, on: str = "2026-03-01", test: str = "neutrophils") -> date | None:
    return line(plan, *facts, on=on, test=test).due


def status(plan: str, *facts: str, on: str = "2026-03-01", test: str = "neutrophils") -> str:
    return line(plan, *facts, on=on, test=test).status


def results_on(*days: str) -> tuple[str, ...]:
    return tuple(f"neutrophils 3.1 10*9/L on {day}" for day in days)


def finding(assessment: Assessment, cause: str) -> Finding | None:
    return next((one for one in assessment.findings if one.cause == cause), None)


# ---------------------------------------------------------------------------------------------- interval and grace

FORTNIGHTLY = "    phases: [{every: 2 weeks}]"


def test_the_first_test_is_due_one_interval_after_the_first_dose() -> None:
    assert due(FORTNIGHTLY, "azathioprine 50 mg/d from 2026-02-20") == date(2026, 3, 6)


def test_after_a_test_the_next_is_due_one_interval_on() -> None:
    assert due(FORTNIGHTLY, OLD_COURSE, *results_on("2026-02-20")) == date(2026, 3, 6)
    assert due(FORTNIGHTLY, OLD_COURSE, *results_on("2026-02-06", "2026-02-20")) == date(2026, 3, 6)


@pytest.mark.parametrize(
    ("on", "says"),
    [("2026-03-05", "in date"), ("2026-03-06", "due"), ("2026-03-08", "due"), ("2026-03-09", "overdue")],
)
def test_it_is_due_on_its_day_and_overdue_after_a_seventh_of_the_interval(on: str, says: str) -> None:
    assert status(FORTNIGHTLY, OLD_COURSE, *results_on("2026-02-20"), on=on) == says


def test_months_are_months_of_the_calendar() -> None:
    monthly, quarterly = "    phases: [{every: 1 month}]", "    phases: [{every: 3 months}]"
    assert due(monthly, OLD_COURSE, *results_on("2026-01-31")) == date(2026, 2, 28)
    assert due(quarterly, OLD_COURSE, *results_on("2025-11-30")) == date(2026, 2, 28)
    assert due("    phases: [{every: 12 weeks}]", OLD_COURSE, *results_on("2025-11-30")) == date(2026, 2, 22)


def test_a_range_is_due_at_its_lower_end_and_overdue_after_its_upper() -> None:
    """Every 1 to 3 months: from 1 January on, but late only after 1 March and the grace of three months, 13 days."""
    shown = line("    phases: [{every: 1 to 3 months}]", OLD_COURSE, *results_on("2025-12-01"))
    assert (shown.due, shown.overdue_after) == (date(2026, 1, 1), date(2026, 3, 14))
    assert shown.status == "due"


def test_the_grace_is_the_same_in_short_and_long_months() -> None:
    """Three months are 13 weeks and give 13 days: whoever is tested two days later is not late any earlier."""
    quarterly = "    phases: [{every: 3 months}]"
    for day in ("2025-11-28", "2025-11-30"):
        shown = line(quarterly, OLD_COURSE, *results_on(day))
        assert (shown.due, shown.overdue_after) == (date(2026, 2, 28), date(2026, 3, 13))


def test_a_test_before_the_first_dose_does_not_start_the_clock() -> None:
    assert due(FORTNIGHTLY, "azathioprine 50 mg/d from 2026-02-20", *results_on("2026-02-10")) == date(2026, 3, 6)


def test_the_page_says_why_then() -> None:
    assert line(STANDARD, OLD_COURSE, *results_on("2026-02-20")).because == "every 12 weeks"
    young = "azathioprine 50 mg/d from 2026-02-20"
    assert line(STANDARD, young).because == "every 2 weeks until the dose has been stable for 6 weeks"


# ---------------------------------------------------------------------------------------------------------- phases

WEEKLY_FIRST = "    phases: [{every: 1 week, for: 8 weeks}, {every: 3 months}]"
SINCE_SEPTEMBER = "azathioprine 100 mg/d from 2025-09-01"
"""Eight weeks of weekly tests end on 27 October 2025."""


def test_a_phase_lasts_as_long_as_it_says() -> None:
    assert due(WEEKLY_FIRST, SINCE_SEPTEMBER, *results_on("2025-10-20")) == date(2025, 10, 27)
    assert due(WEEKLY_FIRST, SINCE_SEPTEMBER, *results_on("2025-10-27")) == date(2026, 1, 27)


def test_the_interval_in_force_at_a_test_leads_to_the_next() -> None:
    """The day before the phase ends, a week still leads to a test: nothing loosens by itself."""
    assert due(WEEKLY_FIRST, SINCE_SEPTEMBER, *results_on("2025-10-26")) == date(2025, 11, 2)


def test_until_the_dose_is_stable() -> None:
    """Started on 1 June at one dose: stable for six weeks on 13 July; monthly until 13 October; then every 12 weeks."""
    june = "azathioprine 100 mg/d from 2025-06-01"
    assert due(STANDARD, june, *results_on("2025-07-01")) == date(2025, 7, 15)
    assert due(STANDARD, june, *results_on("2025-07-13")) == date(2025, 8, 13)
    assert due(STANDARD, june, *results_on("2025-10-13")) == date(2026, 1, 5)


def test_each_step_of_dose_begins_the_six_weeks_anew() -> None:
    """Raised on 22 June: stable on 3 August, so on 13 July tests are still fortnightly."""
    june = ("azathioprine 50 mg/d from 2025-06-01", "azathioprine 100 mg/d from 2025-06-22")
    assert due(STANDARD, *june, *results_on("2025-07-13")) == date(2025, 7, 27)
    assert due(STANDARD, *june, *results_on("2025-08-03")) == date(2025, 9, 3)


def test_a_renewal_at_the_same_dose_changes_nothing() -> None:
    renewed = ("azathioprine 100 mg/d from 2025-01-01 to 2025-11-30", "azathioprine 100 mg/d from 2025-12-01")
    assert due(STANDARD, *renewed, *results_on("2025-12-20")) == date(2026, 3, 14)


def test_a_schedule_may_come_to_an_end() -> None:
    """Monthly for three months, then none: after 1 September no test is asked for, done or not."""
    ending = "    phases: [{every: 1 month, for: 3 months}, {stop: true}]"
    june = "azathioprine 100 mg/d from 2025-06-01"
    assert status(ending, june, on="2025-08-30") == "overdue"
    assert status(ending, june, on="2025-09-01") == "not required"
    assert line(ending, june).because == "the protocol asks for no further tests"


# ------------------------------------------------------------------------------------------------------ fixed days

AT_WEEKS = "    phases: [{at: [2 weeks, 4 weeks, 8 weeks, 12 weeks], for: 12 weeks}, {every: 3 months}]"
JANUARY = "azathioprine 50 mg/d from 2026-01-05"
"""Weeks 2, 4, 8 and 12 are 19 January, 2 February, 2 March and 30 March 2026."""


def test_fixed_days_are_counted_from_the_first_dose_not_from_the_last_test() -> None:
    assert due(AT_WEEKS, JANUARY) == date(2026, 1, 19)
    assert due(AT_WEEKS, JANUARY, *results_on("2026-01-21")) == date(2026, 2, 2)
    assert due(AT_WEEKS, JANUARY, *results_on("2026-01-21", "2026-02-04")) == date(2026, 3, 2)


def test_a_test_answers_a_fixed_day_from_half_way_after_the_one_before() -> None:
    """Half-way from the first dose to week 2 is 12 January; from week 2 to week 4, 26 January."""
    assert due(AT_WEEKS, JANUARY, *results_on("2026-01-11")) == date(2026, 1, 19)
    assert due(AT_WEEKS, JANUARY, *results_on("2026-01-12")) == date(2026, 2, 2)
    assert due(AT_WEEKS, JANUARY, *results_on("2026-01-25")) == date(2026, 2, 2)
    assert due(AT_WEEKS, JANUARY, *results_on("2026-01-26")) == date(2026, 3, 2)


def test_after_the_last_fixed_day_the_next_phase_begins() -> None:
    """Half-way from week 8 to week 12 is 16 March. Three months count from the end of the twelve weeks, 30 March."""
    assert due(AT_WEEKS, JANUARY, *results_on("2026-03-16"), on="2026-04-10") == date(2026, 6, 30)
    assert due(AT_WEEKS, JANUARY, *results_on("2026-04-08"), on="2026-04-10") == date(2026, 7, 8)


# -------------------------------------------------------------------------------------------------- change of dose

RAISED = ("azathioprine 50 mg/d from 2025-01-01", "azathioprine 100 mg/d from 2025-12-01")
LOWERED = ("azathioprine 100 mg/d from 2025-01-01", "azathioprine 50 mg/d from 2025-12-01")


def on_increase(then: str, phases: str, event: str = "dose-increase") -> str:
    return f"{STANDARD}    on: [{{event: {event}, phases: {phases}, then: {then}, source: SOURCE}}]\n"


FORTNIGHTLY_AGAIN = on_increase("resume", "[{every: 2 weeks, until: {dose_stable_for: 6 weeks}}]")


def test_resume_sets_a_denser_stretch_on_top_and_then_goes_on_as_before() -> None:
    """Raised on 1 December: fortnightly until stable for six weeks, 12 January; then every 12 weeks again."""
    assert due(STANDARD, *RAISED, *results_on("2025-11-20")) == date(2026, 2, 12)
    assert due(FORTNIGHTLY_AGAIN, *RAISED, *results_on("2025-11-20")) == date(2025, 12, 15)
    assert due(FORTNIGHTLY_AGAIN, *RAISED, *results_on("2026-01-10")) == date(2026, 1, 24)
    assert due(FORTNIGHTLY_AGAIN, *RAISED, *results_on("2026-01-12")) == date(2026, 4, 6)


def test_a_single_test_may_be_set_in() -> None:
    """'Two weeks after each increase': 15 December, and nothing else changes."""
    once = on_increase("resume", "[{at: [2 weeks], for: 2 weeks}]")
    assert due(once, *RAISED, *results_on("2025-11-20")) == date(2025, 12, 15)
    assert due(once, *RAISED, *results_on("2025-12-15")) == date(2026, 3, 9)


def test_restart_begins_the_whole_schedule_again() -> None:
    """From 1 December: fortnightly until 12 January, then monthly for three months - not every 12 weeks at once."""
    again = on_increase("restart", "[]")
    assert due(again, *RAISED, *results_on("2025-12-20")) == date(2026, 1, 3)
    assert due(again, *RAISED, *results_on("2026-01-12")) == date(2026, 2, 12)


def test_only_the_change_that_is_named_counts() -> None:
    assert due(on_increase("restart", "[]"), *LOWERED, *results_on("2025-12-20")) == date(2026, 3, 14)
    assert due(on_increase("restart", "[]", "dose-decrease"), *LOWERED, *results_on("2025-12-20")) == date(2026, 1, 3)
    assert due(on_increase("restart", "[]", "dose-change"), *LOWERED, *results_on("2025-12-20")) == date(2026, 1, 3)


@pytest.mark.parametrize("then", ["restart", "resume"])
def test_a_change_of_dose_does_not_make_good_a_test_that_was_missed(then: str) -> None:
    """Last tested on 1 August, due on 24 October. A dose raised in December does not give time until Christmas."""
    plan = on_increase(then, "[{every: 2 weeks, for: 6 weeks}]")
    shown = line(plan, *RAISED, *results_on("2025-08-01"), on="2025-12-03")
    assert (shown.due, shown.status) == (date(2025, 10, 24), "overdue")


AT_WEEKS_AGAIN = AT_WEEKS + "\n    on: [{event: dose-change, phases: [], then: restart, source: SOURCE}]\n"
"""As SPS has it for gastroenterology: 'after started or dose changed', at 2, 4, 8 and 12 weeks."""
TWO_CHANGES = (
    "azathioprine 50 mg/d from 2025-09-01", "azathioprine 100 mg/d from 2025-12-01",
    "azathioprine 150 mg/d from 2025-12-08", *results_on("2025-09-15", "2025-09-29", "2025-10-27"),
)  # fmt: skip
"""Weeks 2, 4 and 8 were done, week 12 (24 November) was missed. A week between the changes has no fixed day in it."""


def test_a_second_change_of_dose_soon_after_the_first_does_not_make_good_a_fixed_day_that_was_missed() -> None:
    """The body asks for more tests after a change of dose; nowhere does it say that a missed one need not be done."""
    once = [fact for fact in TWO_CHANGES if "150 mg" not in fact]
    for facts, on in ((once, "2025-12-03"), (TWO_CHANGES, "2025-12-10")):
        shown = line(AT_WEEKS_AGAIN, *facts, on=on)
        assert (shown.due, shown.overdue_after, shown.status) == (date(2025, 11, 24), date(2025, 11, 28), "overdue")


def test_once_it_was_done_the_days_of_the_last_change_of_dose_are_asked_for() -> None:
    """Week 2 counts from 8 December, not from 1 December; half-way to it is 15 December."""
    assert due(AT_WEEKS_AGAIN, *TWO_CHANGES, *results_on("2025-12-10"), on="2025-12-10") == date(2025, 12, 22)
    assert due(AT_WEEKS_AGAIN, *TWO_CHANGES, *results_on("2025-12-15"), on="2025-12-16") == date(2026, 1, 5)


def test_only_a_stop_ends_a_schedule_however_often_it_begins_again() -> None:
    """Week 16 (22 December) of a schedule that stops then was missed. A change of dose before it keeps the test of
    week 4 late; a change after it begins anew, and what was missed before the stop is no longer wanted."""
    stopping = AT_WEEKS_AGAIN.replace("2 weeks, 4 weeks, 8 weeks, 12 weeks], for: 12 weeks", "4 weeks, 16 weeks]")
    stopping = stopping.replace("every: 3 months", "stop: true")
    first, *_ = TWO_CHANGES
    before = ("azathioprine 100 mg/d from 2025-12-15", "azathioprine 150 mg/d from 2025-12-20")
    assert due(stopping, first, *before, on="2026-01-02") == date(2025, 9, 29)
    after = ("azathioprine 100 mg/d from 2025-12-29", "azathioprine 150 mg/d from 2026-01-05")
    assert due(stopping, first, *after, on="2026-01-07") == date(2026, 2, 2)
    assert status(stopping, first, *after, on="2026-05-01") == "not required"


def test_the_page_names_the_change() -> None:
    said = line(FORTNIGHTLY_AGAIN, *RAISED, *results_on("2025-12-20"), on="2025-12-21").because
    assert said.startswith("every 2 weeks until the dose has been stable for 6 weeks, after the dose change of")


# -------------------------------------------------------------------------------------------------------- modifiers

PARTNER = """    modifiers:
      - {id: with-leflunomide, when: leflunomide.active, every: 1 month, says: with leflunomide, source: SOURCE}
"""
MONTHLY_WITH_LEFLUNOMIDE = STANDARD + PARTNER
LEFLUNOMIDE = "leflunomide 20 mg/d from 2025-03-01"


def test_a_risk_shortens_the_lasting_interval() -> None:
    assert due(MONTHLY_WITH_LEFLUNOMIDE, OLD_COURSE, *results_on("2026-02-20")) == date(2026, 5, 15)
    assert due(MONTHLY_WITH_LEFLUNOMIDE, OLD_COURSE, LEFLUNOMIDE, *results_on("2026-02-20")) == date(2026, 3, 20)


def test_it_leaves_denser_opening_phases_alone_unless_it_says_from_start() -> None:
    young = ("azathioprine 50 mg/d from 2026-02-10", "leflunomide 20 mg/d from 2025-03-01")
    assert due(MONTHLY_WITH_LEFLUNOMIDE, *young) == date(2026, 2, 24)
    weekly = STANDARD + PARTNER.replace("every: 1 month", "every: 1 week, from_start: true")
    assert due(weekly, *young) == date(2026, 2, 17)


def test_a_risk_never_loosens() -> None:
    sparser = STANDARD + PARTNER.replace("every: 1 month", "every: 6 months")
    assert due(sparser, OLD_COURSE, LEFLUNOMIDE, *results_on("2026-02-20")) == date(2026, 5, 15)


def test_what_loosens_says_so_and_must_be_shown_to_hold() -> None:
    sparser = STANDARD + PARTNER.replace("every: 1 month", "every: 6 months, loosens: true")
    doubtful = "leflunomide 20 mg/d from 2025-03-01"
    assert due(sparser, OLD_COURSE, LEFLUNOMIDE, *results_on("2026-02-20")) == date(2026, 8, 20)
    assert due(sparser, OLD_COURSE, "unreadable leflunomide", *results_on("2026-02-20")) == date(2026, 5, 15)
    assert due(sparser, OLD_COURSE, f"{doubtful} to 2025-12-01", *results_on("2026-02-20")) == date(2026, 5, 15)


def test_a_risk_that_nobody_knows_leaves_the_day_open_where_it_decides() -> None:
    """A medicine that could not be read may be leflunomide: six weeks after the last test the monthly one would be
    late and the 12-weekly one not. Two weeks after it, both are in date."""
    assert (
        status(MONTHLY_WITH_LEFLUNOMIDE, OLD_COURSE, "unreadable any-drug", *results_on("2026-01-15")) == "cannot say"
    )
    assert status(MONTHLY_WITH_LEFLUNOMIDE, OLD_COURSE, "unreadable any-drug", *results_on("2026-02-15")) == "in date"


# ------------------------------------------------------------------------------------- what the record does not say


def test_without_a_start_only_what_is_certain_is_said() -> None:
    """Started nobody knows when: later than 12 weeks and their grace after a test it is late in any phase; within two
    weeks it is in date in any phase; between the two it depends."""
    unknown = "azathioprine 100 mg/d"
    assert status(STANDARD, unknown, *results_on("2025-11-20")) == "overdue"
    assert status(STANDARD, unknown, *results_on("2026-02-20")) == "in date"
    assert status(STANDARD, unknown, *results_on("2026-01-20")) == "cannot say"
    assert status(STANDARD, unknown) == "cannot say"


def test_what_is_missing_is_named_with_what_would_settle_it() -> None:
    asked = finding(
        assessed(STANDARD, "azathioprine 100 mg/d", *results_on("2026-01-20")), "when the next tests are due"
    )
    assert asked is not None
    assert asked.tier == "CANNOT SAY"
    assert asked.missing[0].why == "the record does not say when it began"
    assert asked.missing[0].settles == "find the start date"


def test_a_dose_that_is_not_recorded_cannot_be_called_stable() -> None:
    """Two weeks are long past, 12 weeks are not: whether the test is late depends on doses that nobody wrote down."""
    undosed = "azathioprine from 2025-01-01"
    assert status(STANDARD, undosed, *results_on("2026-01-20")) == "cannot say"
    assert status(STANDARD, undosed, *results_on("2026-02-25")) == "in date"
    assert status(STANDARD, undosed, *results_on("2025-11-20")) == "overdue"


def test_nobody_knows_which_tests_are_wanted_while_nobody_knows_whether_the_drug_is_taken() -> None:
    """The prescription ended on a day that was not recorded, and another entry for the drug could not be read."""
    shown = line(STANDARD, f"{OLD_COURSE} to 2026-02-01", "unreadable azathioprine", *results_on("2025-11-20"))
    assert shown.status == "cannot say"


# --------------------------------------------------------------------------------------------------- several clocks

TWO_CLOCKS = """
    phases: [{every: 12 weeks}]
  - id: kidney
    panel: {any: [[creatinine, egfr]]}
    phases: [{every: 6 months}]
    strength: consider
    source: SOURCE
"""


def test_each_schedule_has_its_own_clock() -> None:
    facts = (OLD_COURSE, *results_on("2026-01-10"), "creatinine 70 umol/L on 2025-10-01")
    assert due(TWO_CLOCKS, *facts) == date(2026, 4, 4)
    assert due(TWO_CLOCKS, *facts, test="creatinine|egfr") == date(2026, 4, 1)


def test_one_of_several_tests_will_do_where_the_panel_says_so() -> None:
    shown = line(TWO_CLOCKS, OLD_COURSE, "egfr 80 mL/min/{1.73_m2} on 2025-12-01", test="creatinine|egfr")
    assert (shown.name, shown.due) == ("Creatinine or eGFR", date(2026, 6, 1))


def test_a_panel_counts_as_done_when_all_of_it_was_done_on_one_day() -> None:
    counts = "    phases: [{every: 12 weeks}]\n"
    plan = counts + "  - {id: count, panel: {all: [full-blood-count]}, phases: [{every: 12 weeks}], source: SOURCE}"
    most = ("haemoglobin 130 g/L on 2026-01-10", "white-cells 6 10*9/L on 2026-01-10", *results_on("2026-01-10"))
    assert line(plan, OLD_COURSE, *most, test="full-blood-count").last is None
    platelets = "platelets 250 10*9/L on 2026-01-10"
    assert line(plan, OLD_COURSE, *most, platelets, test="full-blood-count").last == date(2026, 1, 10)


def test_a_schedule_kept_to_some_patients_asks_nothing_of_others() -> None:
    only = "    phases: [{every: 12 weeks}]\n    only_if: psoriasis.present\n"
    assert status(only, OLD_COURSE, "condition psoriasis since 2019") == "overdue"
    assert status(only, OLD_COURSE) == "not required"
    assert status(only, OLD_COURSE, "no list conditions") == "cannot say"


# ---------------------------------------------------------------------------------------------------------- findings


def test_an_overdue_test_is_to_be_acted_on_and_a_due_one_to_be_known() -> None:
    late = finding(assessed(STANDARD, OLD_COURSE, *results_on("2025-11-20")), "blood tests overdue")
    assert late is not None
    assert (late.tier, late.action.verb, late.action.urgency) == ("ACT", "test", "this week")
    assert late.says == "Neutrophils are overdue: they were due on 12 Feb 2026 (last 20 Nov 2025; every 12 weeks)."
    # 12 February and 12 days of grace end on 24 February; 1 March is five days later.
    assert late.late_days == 5
    coming = finding(assessed(STANDARD, OLD_COURSE, *results_on("2025-12-05")), "blood tests due")
    assert coming is not None
    assert (coming.tier, coming.action.urgency) == ("KNOW", "soon")


def test_a_test_that_is_only_to_be_considered_is_never_more_than_worth_knowing() -> None:
    assessment = assessed(TWO_CLOCKS, OLD_COURSE, *results_on("2026-02-20"))
    late = finding(assessment, "suggested tests overdue")
    assert finding(assessment, "blood tests overdue") is None
    assert late is not None
    assert (late.tier, late.action.strength) == ("KNOW", "consider")


def test_tests_more_than_twice_as_often_as_asked_are_pointed_out() -> None:
    """Four in a row with less than six weeks between them, all in the 12-weekly phase."""
    often = results_on("2025-11-10", "2025-12-15", "2026-01-20", "2026-02-20")
    said = finding(assessed(STANDARD, OLD_COURSE, *often), "tests more often than asked")
    assert said is not None
    assert said.tier == "KNOW"
    assert "10 Nov 2025, 15 Dec 2025, 20 Jan 2026, 20 Feb 2026" in said.says
    one_gap_is_longer = results_on("2025-11-01", "2025-12-15", "2026-01-20", "2026-02-20")
    assert finding(assessed(STANDARD, OLD_COURSE, *one_gap_is_longer), "tests more often than asked") is None


def test_a_test_never_done_is_late_from_the_first_interval_on() -> None:
    shown = line(STANDARD, "azathioprine 50 mg/d from 2026-02-01")
    assert (shown.due, shown.status, shown.last) == (date(2026, 2, 15), "overdue", None)


def test_a_schedule_or_risk_that_nobody_has_read_at_a_source_asks_for_nothing_and_is_shown() -> None:
    memory = "{ref: house, where: nowhere, mark: memory, checked: 2026-11-22}"
    unread = PROTOCOL.replace("SOURCE", memory) + STANDARD
    assessment = assess(book_of(unread), OLD_COURSE, *results_on("2025-08-01"))
    assert assessment.next_tests == ()
    shown = next(one for one in assessment.explained if one.rule == "monitoring/azathioprine/local#blood-tests")
    assert (shown.outcome, shown.why.partition(":")[0]) == ("not asked", "unverified")
    risk = MONTHLY_WITH_LEFLUNOMIDE.replace("leflunomide, source: SOURCE", f"leflunomide, source: {memory}")
    assert due(risk, OLD_COURSE, LEFLUNOMIDE, *results_on("2026-02-20")) == date(2026, 5, 15)
