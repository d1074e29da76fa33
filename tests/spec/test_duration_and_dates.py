"""Lengths of time and dates, as records and protocols write them."""

from datetime import date

import pytest

from rxvigil.facts import on_day, parse_duration, parse_range, parse_when, show_day


def after(length: str, start: str) -> str:
    return parse_duration(length).after(date.fromisoformat(start)).isoformat()


def before(length: str, end: str) -> str:
    return parse_duration(length).before(date.fromisoformat(end)).isoformat()


# ------------------------------------------------------------------------------------------------- lengths of time


def test_days_and_weeks_are_counted() -> None:
    assert after("10 days", "2026-02-25") == "2026-03-07"
    assert after("2 weeks", "2026-02-20") == "2026-03-06"
    assert before("6 weeks", "2026-03-01") == "2026-01-18"


def test_months_and_years_go_to_the_same_day_of_the_calendar() -> None:
    assert after("1 month", "2026-01-15") == "2026-02-15"
    assert after("3 months", "2025-11-20") == "2026-02-20"
    assert after("1 year", "2025-03-01") == "2026-03-01"
    assert before("12 months", "2026-03-01") == "2025-03-01"


def test_a_month_ends_on_its_last_day_where_the_day_does_not_exist() -> None:
    assert after("1 month", "2026-01-31") == "2026-02-28"
    assert after("1 month", "2024-01-31") == "2024-02-29"
    assert after("3 months", "2025-11-30") == "2026-02-28"
    assert before("1 month", "2026-03-31") == "2026-02-28"
    assert after("1 year", "2024-02-29") == "2025-02-28"


def test_twelve_weeks_are_not_three_months() -> None:
    """Neither is turned into the other: the body that wrote one did not write the other."""
    assert after("12 weeks", "2026-03-01") == "2026-05-24"
    assert after("3 months", "2026-03-01") == "2026-06-01"


def test_an_interval_may_be_a_range() -> None:
    range_ = parse_range("2 to 3 months")
    assert (str(range_.low), str(range_.high)) == ("2 months", "3 months")
    assert (str(parse_range("6 weeks").low), str(parse_range("6 weeks").high)) == ("6 weeks", "6 weeks")
    assert str(parse_range("2 weeks to 3 months")) == "2 weeks to 3 months"


@pytest.mark.parametrize(
    "text", ["", "weeks", "2", "two weeks", "2 fortnights", "-1 week", "1.5 months", "2 weeks ago"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example '2 weeks', '3 months', '90 days'"):
        parse_duration(text)


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="runs backwards"):
        parse_range("3 to 2 months")


# ----------------------------------------------------------------------------------------------------------- dates


def test_a_date_keeps_the_precision_it_was_stated_in() -> None:
    """'February 2026' is not the first of February: it is any day of that month."""
    month = parse_when("2026-02")
    assert (month.first, month.last, month.precision) == (date(2026, 2, 1), date(2026, 2, 28), "month")
    year = parse_when("2024")
    assert (year.first, year.last, year.precision) == (date(2024, 1, 1), date(2024, 12, 31), "year")
    assert parse_when("2026-02-20") == on_day(date(2026, 2, 20))


def test_the_day_of_a_moment_is_the_day_where_it_happened() -> None:
    """Half past midnight in India was still yesterday in UTC; the blood was taken today."""
    moment = parse_when("2026-02-20T00:30:00+05:30")
    assert moment.first == moment.last == date(2026, 2, 20)
    assert moment.precision == "instant"


def test_the_same_moment_in_two_zones_is_one_moment() -> None:
    assert parse_when("2026-02-20T10:00:00+00:00") == parse_when("2026-02-20T11:00:00+01:00")


def test_moments_of_one_day_are_ordered_by_the_clock() -> None:
    morning, evening = parse_when("2026-02-20T08:00:00+01:00"), parse_when("2026-02-20T18:00:00+01:00")
    assert morning.sort_key < evening.sort_key
    assert parse_when("2026-02-20").sort_key < morning.sort_key


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "20-02-2026", "2026-2-3", "", "yesterday", "2026-02-20T25:00"]
)
def test_a_date_that_does_not_exist_is_an_error_and_not_a_guess(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_when(text)


def test_dates_are_shown_so_that_nobody_takes_the_month_for_the_day() -> None:
    assert show_day(date(2026, 3, 5)) == "5 Mar 2026"
    assert str(parse_when("2026-03")) == "Mar 2026"
    assert str(parse_when("2026")) == "2026"
    assert str(parse_when("2026-03-05T08:00:00+00:00")) == "5 Mar 2026"


# --------------------------------------------------------------------------------- what a vague date means to rules


def test_a_result_of_a_month_may_be_of_any_day_of_it(ask) -> None:
    """Beside a result of a day of that month nobody knows which is newer: the worrying one counts."""
    low = "neutrophils.latest < 1.6 10*9/L"
    assert ask(low, "neutrophils 1.4 10*9/L on 2026-02", "neutrophils 3.1 10*9/L on 2026-02-10") == "yes"
    assert ask(low, "neutrophils 3.1 10*9/L on 2026-02", "neutrophils 1.4 10*9/L on 2026-02-10") == "yes"
    assert ask(low, "neutrophils 1.4 10*9/L on 2026-01", "neutrophils 3.1 10*9/L on 2026-02-10") == "no"


def test_a_result_without_a_time_may_be_of_any_time_of_its_day(ask) -> None:
    low = "neutrophils.latest < 1.6 10*9/L"
    morning, evening = "on 2026-02-20T08:00:00+00:00", "on 2026-02-20T18:00:00+00:00"
    assert ask(low, "neutrophils 1.4 10*9/L on 2026-02-20", f"neutrophils 3.1 10*9/L {morning}") == "yes"
    assert ask(low, f"neutrophils 1.4 10*9/L {morning}", f"neutrophils 3.1 10*9/L {evening}") == "no"
    assert ask(low, f"neutrophils 3.1 10*9/L {morning}", f"neutrophils 1.4 10*9/L {evening}") == "yes"


def test_results_of_one_moment_are_one_occasion(ask) -> None:
    """A value is confirmed by a second occasion, not by the same result delivered twice."""
    twice = "systolic-bp.last(times: 2) > 140 mm[Hg]"
    again = ("systolic-bp 150 mm[Hg] on 2026-02-20", "systolic-bp 150 mm[Hg] on 2026-02-20")
    assert ask(twice, *again) == "cannot say"
    assert ask(twice, *again, "systolic-bp 145 mm[Hg] on 2026-01-20") == "yes"
    assert ask(twice, *again, "systolic-bp 130 mm[Hg] on 2026-01-20") == "no"


def test_a_birth_date_known_to_the_year_leaves_a_birthday_open(ask) -> None:
    adult = "patient.age >= 18 years"
    assert ask(adult, patient="female born 2008-02-28") == "yes"
    assert ask(adult, patient="female born 2008-03-02") == "no"
    assert ask(adult, patient="female born 2008") == "cannot say"
    assert ask(adult, patient="female born 2007") == "yes"
    assert ask(adult, patient="female") == "cannot say"


def test_a_diagnosis_of_a_year_has_begun_with_it(ask) -> None:
    assert ask("crohns-disease.present", "condition crohns-disease since 2026") == "yes"
    assert ask("crohns-disease.present", "condition crohns-disease since 2027") == "no"
