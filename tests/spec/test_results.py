"""What a rule may ask about results: the newest value, its limits, its doubts."""

LOW = "neutrophils.latest < 1.6 10*9/L"


def test_the_newest_result_is_compared(ask):
    assert ask(LOW, "neutrophils 1.4 10*9/L on 2026-02-20") == "yes"
    assert ask(LOW, "neutrophils 1.4 10*9/L on 2026-02-10", "neutrophils 3.1 10*9/L on 2026-02-20") == "no"


def test_a_limit_is_exact(ask):
    assert ask(LOW, "neutrophils 1.59 10*9/L on 2026-02-20") == "yes"
    assert ask(LOW, "neutrophils 1.6 10*9/L on 2026-02-20") == "no"


def test_units_do_not_matter(ask):
    assert ask(LOW, "neutrophils 1590 /uL on 2026-02-20") == "yes"
    assert ask(LOW, "neutrophils 1600 /uL on 2026-02-20") == "no"
    assert ask(LOW, "neutrophils 1.59 10*3/uL on 2026-02-20") == "yes"


def test_no_result_is_not_a_normal_result(ask):
    assert ask(LOW) == "cannot say"


def test_a_reassuring_value_grows_stale_but_an_alarm_stands(ask):
    assert ask(LOW, "neutrophils 3.1 10*9/L on 2025-11-01") == "cannot say"
    assert ask(LOW, "neutrophils 1.4 10*9/L on 2025-11-01") == "yes"


def test_an_alarm_from_before_last_year_no_longer_stands_unless_treatment_goes_back_so_far(ask):
    old = "neutrophils 1.4 10*9/L on 2024-06-01"
    assert ask(LOW, old) == "cannot say"
    assert ask(LOW, old, "azathioprine 100 mg/d from 2024-01-01", this="azathioprine") == "yes"


def test_a_future_result_is_never_the_newest(ask):
    assert ask(LOW, "neutrophils 1.4 10*9/L on 2026-02-20", "neutrophils 4.0 10*9/L on 2026-03-02") == "yes"


def test_a_newer_result_that_could_not_be_read_takes_the_reassurance_away(ask):
    fine = "neutrophils 3.1 10*9/L on 2026-02-10"
    assert ask(LOW, fine) == "no"
    assert ask(LOW, fine, "unreadable neutrophils on 2026-02-20") == "cannot say"
    assert ask(LOW, fine, "unreadable neutrophils on 2026-02-01") == "no"


def test_a_preliminary_result_alarms_but_does_not_reassure(ask):
    assert ask(LOW, "neutrophils 1.4 10*9/L on 2026-02-20 preliminary") == "yes"
    assert ask(LOW, "neutrophils 3.1 10*9/L on 2026-02-20 preliminary") == "cannot say"


def test_two_results_of_one_day_that_disagree_the_worrying_one_counts(ask):
    assert ask(LOW, "neutrophils 3.1 10*9/L on 2026-02-20", "neutrophils 1.4 10*9/L on 2026-02-20") == "yes"
    assert ask(LOW, "neutrophils 1.4 10*9/L on 2026-02-20", "neutrophils 3.1 10*9/L on 2026-02-20") == "yes"


def test_a_result_beyond_the_range_of_the_method_is_a_range(ask):
    assert ask(LOW, "neutrophils <0.1 10*9/L on 2026-02-20") == "yes"
    assert ask("alt.latest > 100 U/L", "alt <150 U/L on 2026-02-20") == "cannot say"
    assert ask("alt.latest > 100 U/L", "alt <=100 U/L on 2026-02-20") == "no"
    assert ask("alt.latest > 100 U/L", "alt >100 U/L on 2026-02-20") == "yes"
    assert ask("alt.latest >= 100 U/L", "alt <100 U/L on 2026-02-20") == "no"


def test_multiples_use_the_results_own_limit_or_cannot_be_said(ask):
    raised = "alt.latest >= 3 xULN"
    assert ask(raised, "alt 120 U/L on 2026-02-20 ref 0-40") == "yes"
    assert ask(raised, "alt 119 U/L on 2026-02-20 ref 0-40") == "no"
    assert ask(raised, "alt 120 U/L on 2026-02-20") == "cannot say"
    assert ask(raised, "alt 120 U/L on 2026-02-20 ref 0-55") == "no"


def test_neutrophils_follow_from_the_percentage_where_both_parts_are_of_one_sample(ask):
    parts = ("white-cells 4.0 10*9/L on 2026-02-20", "neutrophils-percent 35 % on 2026-02-20")
    assert ask(LOW, *parts) == "yes"
    assert ask(LOW, parts[0], "neutrophils-percent 35 % on 2026-02-21") == "cannot say"
    assert ask(LOW, *parts, "neutrophils 2.2 10*9/L on 2026-02-20") == "no"


def test_a_value_confirmed_by_repeats(ask):
    twice = "neutrophils.last(times: 2) < 1.0 10*9/L"
    assert ask(twice, "neutrophils 0.9 10*9/L on 2026-02-10", "neutrophils 0.8 10*9/L on 2026-02-20") == "yes"
    assert ask(twice, "neutrophils 0.9 10*9/L on 2026-02-20") == "cannot say"
    assert ask(twice, "neutrophils 1.9 10*9/L on 2026-02-20") == "no"


def test_qualitative_results(ask):
    assert ask("hbsag.latest = positive", "hbsag positive on 2020-01-01", on="2020-06-01") == "yes"
    assert ask("hbsag.latest = positive", "hbsag negative on 2026-01-01") == "no"
    assert ask("hbsag.latest = positive") == "cannot say"
