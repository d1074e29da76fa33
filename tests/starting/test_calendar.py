"""The first year's tests, counted by hand from the published schedules."""

from itertools import pairwise


def days(assessment):
    return [one.on.isoformat() for one in assessment.plan.calendar]


def visits_with(assessment, name):
    return [one.on.isoformat() for one in assessment.plan.calendar if name in one.tests]


def test_gastroenterology_in_the_uk(begin):
    """NHS SPS: 2, 4, 8 and 12 weeks, then every 3 months. From Thursday 19 March 2026."""
    found = begin("UK", start="2026-03-19")
    assert visits_with(found, "Full blood count") == [
        "2026-04-02", "2026-04-16", "2026-05-14", "2026-06-11", "2026-09-11", "2026-12-11", "2027-03-11",
    ]  # fmt: skip


def test_what_falls_due_within_days_of_a_visit_is_taken_at_it(begin):
    """Albumin every 3 months is due on 19 June; the visit of week 12 is on 11 June."""
    assert visits_with(begin("UK", start="2026-03-19"), "Albumin")[0] == "2026-06-11"


def test_metabolites_at_weeks_4_and_16_are_only_suggested(begin):
    found = begin("UK", start="2026-03-19")
    ratio = [one for one in found.plan.calendar if "6-MMP to 6-TGN ratio" in one.tests]
    assert [one.on.isoformat() for one in ratio] == ["2026-04-16", "2026-07-09"]
    assert ratio[1].strength == "consider"


def test_the_us_label(begin):
    """Weekly in month 1, twice monthly in months 2 and 3, then monthly for ever."""
    found = days(begin("US", start="2026-03-19"))
    assert found[:4] == ["2026-03-26", "2026-04-02", "2026-04-09", "2026-04-16"]
    assert found[-1] > "2027-02-15"
    assert len([one for one in found if one < "2026-04-20"]) == 4
    assert 4 <= len([one for one in found if "2026-04-20" <= one <= "2026-06-19"]) <= 5


def test_the_european_leaflet(begin):
    """Weekly for 8 weeks, then monthly."""
    found = days(begin("EU", start="2026-03-19"))
    assert found[:9] == [
        "2026-03-26", "2026-04-02", "2026-04-09", "2026-04-16", "2026-04-23", "2026-04-30", "2026-05-07",
        "2026-05-14", "2026-06-14",
    ]  # fmt: skip


def test_rheumatology_in_the_uk(begin):
    """BSR 2017: every 2 weeks until 6 weeks on one dose, then monthly for 3 months, then every 12 weeks."""
    found = visits_with(
        begin("UK", start="2026-03-19", indication="rheumatoid-arthritis", without="crohns"), "Full blood count"
    )
    assert found[:3] == ["2026-04-02", "2026-04-16", "2026-04-30"]
    assert found[3:6] == ["2026-05-30", "2026-06-30", "2026-07-30"]
    assert found[6] == "2026-10-22"


def test_days_go_forward_and_end_with_the_year(begin):
    for place in ("UK", "US", "EU", "FR", "CH", "IT", "FI", "AU"):
        found = days(begin(place, start="2026-03-19"))
        assert found
        assert all(one < other for one, other in pairwise(found))
        assert found[-1] <= "2027-03-19"


def test_the_protocol_is_chosen_by_the_disease_it_is_for(begin):
    assert begin("UK").protocols[0].id == "monitoring/azathioprine/sps-gastroenterology"
    ra = begin("UK", indication="rheumatoid-arthritis", without="crohns")
    assert ra.protocols[0].id != "monitoring/azathioprine/sps-gastroenterology"
