"""Trends: successive falls, rises, change over a window, change since the start."""

FALLS = "neutrophils.falls(times: 3, each: 10 %)"


def series(*values: float, analyte: str = "neutrophils", unit: str = "10*9/L") -> list[str]:
    days = ("2025-12-01", "2025-12-29", "2026-01-26", "2026-02-20")
    return [f"{analyte} {value} {unit} on {day}" for value, day in zip(values, days[-len(values) :], strict=True)]


def test_three_falls_of_more_than_ten_percent_each(ask):
    assert ask(FALLS, *series(5.6, 4.8, 4.1, 3.5)) == "yes"
    assert ask(FALLS, *series(5.6, 4.8, 4.4, 3.5)) == "no"


def test_a_fall_of_exactly_ten_percent_is_not_more_than_ten_percent(ask):
    assert ask(FALLS, *series(10.0, 9.0, 8.0, 7.0)) == "no"
    assert ask(FALLS, *series(10.0, 8.9, 7.9, 7.0)) == "yes"


def test_too_few_results_leave_it_open_as_long_as_they_fall(ask):
    assert ask(FALLS) == "cannot say"
    assert ask(FALLS, *series(4.8)) == "cannot say"
    assert ask(FALLS, *series(4.8, 4.1, 3.5)) == "cannot say"
    assert ask(FALLS, *series(4.8, 4.9, 3.5)) == "no"


def test_results_a_day_apart_are_one_occasion(ask):
    close = ["neutrophils 3.4 10*9/L on 2026-02-21", "neutrophils 3.0 10*9/L on 2026-02-22"]
    assert ask(FALLS, *series(4.8, 4.1)[-2:], *close) == "cannot say"


def test_results_of_more_than_a_year_are_not_one_trend(ask):
    assert ask(FALLS, "neutrophils 6.0 10*9/L on 2024-12-01", *series(5.0, 4.2, 3.5)) == "cannot say"


def test_rise_over_a_window_compares_with_the_lowest_value_in_it(ask):
    rise = "creatinine.rise(over: 12 months) > 30 %"
    assert ask(rise, "creatinine 70 umol/L on 2025-06-01", "creatinine 92 umol/L on 2026-02-20") == "yes"
    assert ask(rise, "creatinine 70 umol/L on 2025-06-01", "creatinine 91 umol/L on 2026-02-20") == "no"
    assert ask(rise, "creatinine 92 umol/L on 2026-02-20") == "cannot say"


def test_without_a_value_in_the_window_an_older_one_that_shows_no_rise_settles_it(ask):
    rise = "creatinine.rise(over: 2 days) >= 26 umol/L"
    assert ask(rise, "creatinine 70 umol/L on 2025-12-01", "creatinine 72 umol/L on 2026-02-20") == "no"
    assert ask(rise, "creatinine 70 umol/L on 2025-12-01", "creatinine 99 umol/L on 2026-02-20") == "cannot say"
    assert ask(rise, "creatinine 70 umol/L on 2026-02-19", "creatinine 99 umol/L on 2026-02-20") == "yes"


def test_change_since_the_start_needs_a_value_from_before(ask):
    rise = "mcv.rise-since-start >= 6 fL"
    drug = "azathioprine 100 mg/d from 2025-09-01"
    now = "mcv 98 fL on 2026-02-20"
    assert ask(rise, drug, "mcv 91 fL on 2025-08-20", now, this="azathioprine") == "yes"
    assert ask(rise, drug, now, this="azathioprine") == "cannot say"
    assert ask(rise, "azathioprine 100 mg/d", "mcv 91 fL on 2025-08-20", now, this="azathioprine") == "cannot say"
