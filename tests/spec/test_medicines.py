"""What a rule may ask about medicines: taken, started, stopped, how much, how long."""

AZA = "azathioprine 100 mg/d from 2025-09-01"


def test_a_medicine_is_taken_from_its_start_to_its_end(ask):
    assert ask("azathioprine.active", AZA) == "yes"
    assert ask("azathioprine.active", AZA, on="2025-08-31") == "no"
    assert ask("azathioprine.active", f"{AZA} to 2026-02-28") == "no"
    assert ask("azathioprine.active", f"{AZA} to 2026-03-01") == "yes"


def test_a_medicine_not_on_the_list_is_not_taken_but_without_a_list_nobody_knows(ask):
    assert ask("allopurinol.active", AZA) == "no"
    assert ask("allopurinol.active", "no list prescriptions") == "cannot say"


def test_a_medicine_that_could_not_be_read_could_be_any(ask):
    assert ask("allopurinol.active", AZA, "unreadable any-drug on 2026-02-01") == "cannot say"
    assert ask("azathioprine.active", AZA, "unreadable any-drug on 2026-02-01") == "yes"


def test_a_class_is_taken_when_one_of_its_members_is(ask):
    assert ask("xanthine-oxidase-inhibitor.active", "febuxostat 80 mg/d from 2026-01-01") == "yes"
    assert ask("thiopurine.count >= 2", AZA, "mercaptopurine 50 mg/d from 2026-01-01") == "yes"
    assert ask("thiopurine.count >= 2", AZA) == "no"


def test_recently_started_or_stopped(ask):
    assert ask("azathioprine.started(within: 6 weeks)", "azathioprine 100 mg/d from 2026-02-01") == "yes"
    assert ask("azathioprine.started(within: 6 weeks)", AZA) == "no"
    assert ask("azathioprine.started(within: 6 weeks)", "azathioprine 100 mg/d") == "cannot say"
    assert ask("azathioprine.stopped(within: 6 weeks)", f"{AZA} to 2026-02-01") == "yes"
    assert ask("azathioprine.stopped(within: 6 weeks)", f"{AZA} to 2025-12-01") == "no"
    assert ask("azathioprine.stopped(within: 6 weeks)", AZA) == "no"


def test_renewed_prescriptions_are_one_course(ask):
    first = "azathioprine 100 mg/d from 2025-01-01 to 2025-06-30"
    assert ask("azathioprine.time-on >= 1 year", first, "azathioprine 100 mg/d from 2025-07-15") == "yes"
    assert ask("azathioprine.time-on >= 1 year", first, "azathioprine 100 mg/d from 2025-10-15") == "no"


def test_a_later_prescription_of_the_same_product_replaces_the_earlier(ask):
    facts = ("azathioprine 50 mg/d from 2025-06-01", "azathioprine 100 mg/d from 2025-12-01")
    assert ask("azathioprine.dose = 100 mg/d", *facts) == "yes"
    assert ask("azathioprine.dose-increased(within: 4 months)", *facts) == "yes"
    assert ask("azathioprine.stable-for >= 6 weeks", *facts) == "yes"
    assert ask("azathioprine.stable-for >= 6 months", *facts) == "no"


def test_two_products_begun_together_add_up(ask):
    facts = (
        "azathioprine 50 mg/d from 2025-06-01 product azathioprine 50 mg tablets",
        "azathioprine 25 mg/d from 2025-06-01 product azathioprine 25 mg tablets",
    )
    assert ask("azathioprine.dose = 75 mg/d", *facts) == "yes"


def test_a_second_product_begun_later_may_add_or_replace(ask):
    facts = (
        "azathioprine 50 mg/d from 2025-06-01 product azathioprine 50 mg tablets",
        "azathioprine 25 mg/d from 2025-09-01 product azathioprine 25 mg tablets",
    )
    assert ask("azathioprine.dose >= 25 mg/d", *facts) == "yes"
    assert ask("azathioprine.dose >= 75 mg/d", *facts) == "cannot say"
    assert ask("azathioprine.dose > 75 mg/d", *facts) == "no"


def test_a_prescription_without_a_start_may_be_the_newest_or_one_of_several(ask):
    facts = ("azathioprine 100 mg/d from 2025-06-01", "azathioprine 150 mg/d")
    assert ask("azathioprine.dose >= 100 mg/d", *facts) == "yes"
    assert ask("azathioprine.dose > 100 mg/d", *facts) == "cannot say"
    assert ask("azathioprine.dose > 250 mg/d", *facts) == "no"
    assert ask("azathioprine.dose > 100 mg/d", facts[0], "azathioprine") == "cannot say"
    assert ask("azathioprine.stable-for >= 6 weeks", *facts) == "cannot say"


def test_an_earlier_prescription_without_a_start_leaves_open_when_the_course_began(ask):
    now = "azathioprine 100 mg/d from 2026-01-01"
    assert ask("azathioprine.time-on < 3 months", now) == "yes"
    assert ask("azathioprine.time-on < 3 months", now, "azathioprine 50 mg/d to 2025-11-15") == "cannot say"
    assert ask("azathioprine.time-on < 3 months", now, "azathioprine 50 mg/d to 2025-09-15") == "yes"


def test_an_older_product_without_a_dose_makes_the_dose_unknown(ask):
    now = "azathioprine 100 mg/d from 2025-12-01 product tablet 50 mg"
    assert ask("azathioprine.dose = 100 mg/d", now, "azathioprine from 2025-06-01 product tablet 50 mg") == "yes"
    assert ask("azathioprine.dose = 100 mg/d", now, "azathioprine from 2025-06-01 product tablet 25 mg") == "cannot say"


def test_a_dose_by_weight_needs_a_weight_of_the_last_year(ask):
    low = "azathioprine.dose <= 0.7 mg/kg/d"
    assert ask(low, "azathioprine 50 mg/d from 2025-09-01", "weight 80 kg on 2025-12-01") == "yes"
    assert ask(low, "azathioprine 150 mg/d from 2025-09-01", "weight 80 kg on 2025-12-01") == "no"
    assert ask(low, "azathioprine 50 mg/d from 2025-09-01") == "cannot say"
    assert ask(low, "azathioprine 50 mg/d from 2025-09-01", "weight 80 kg on 2024-12-01") == "cannot say"
    assert ask(low, "azathioprine from 2025-09-01", "weight 80 kg on 2025-12-01") == "cannot say"


def test_allergies_need_an_answer(ask):
    assert ask("azathioprine.allergy", "allergy azathioprine") == "yes"
    assert ask("azathioprine.allergy", "allergy none-known") == "no"
    assert ask("azathioprine.allergy", "no list allergies") == "cannot say"
    assert ask("azathioprine.allergy", "allergy azathioprine uncertain") == "cannot say"
    assert ask("azathioprine.allergy", "allergy azathioprine refuted") == "no"
