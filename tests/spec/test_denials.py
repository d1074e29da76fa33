"""Somebody was asked and said no. A denial settles what a record leaves open, and nothing else."""

import pytest


class TestWithoutAList:
    @pytest.mark.parametrize(
        ("condition", "gone", "denied"),
        [
            ("pancreatitis.ever", "conditions", "pancreatitis.ever"),
            ("pancreatitis.present", "conditions", "pancreatitis.ever"),
            ("allopurinol.active", "prescriptions", "allopurinol.active"),
            ("azathioprine.allergy", "allergies", "azathioprine.allergy"),
            ("live-vaccine.ever", "immunisations", "live-vaccine.ever"),
            ("live-vaccine.given(within: 4 weeks)", "immunisations", "live-vaccine.given"),
            ("pregnancy.present", "conditions", "pregnancy.present"),
        ],
    )
    def test_it_turns_cannot_say_into_no(self, ask, condition, gone, denied):
        patient = "female born 1990"
        assert ask(condition, f"no list {gone}", patient=patient) == "cannot say"
        assert ask(condition, f"no list {gone}", f"denied {denied} on 2026-02-20", patient=patient) == "no"


class TestItNeverOutweighs:
    def test_an_entry(self, ask):
        facts = ("condition pancreatitis since 2015-01-01 past", "denied pancreatitis.ever on 2026-02-20")
        assert ask("pancreatitis.ever", *facts) == "yes"

    def test_an_unconfirmed_entry(self, ask):
        facts = ("condition pancreatitis uncertain", "denied pancreatitis.ever on 2026-02-20")
        assert ask("pancreatitis.ever", *facts) == "cannot say"

    def test_a_prescription(self, ask):
        facts = ("allopurinol 100 mg/d from 2025-01-01", "denied allopurinol.active on 2026-02-20")
        assert ask("allopurinol.active", *facts) == "yes"


class TestHowFarItReaches:
    def test_of_a_class_it_holds_for_every_member(self, ask):
        denied = "denied xanthine-oxidase-inhibitor.active on 2026-02-20"
        assert ask("allopurinol.active", "no list prescriptions", denied) == "no"

    def test_of_a_member_it_does_not_hold_for_the_class(self, ask):
        denied = "denied allopurinol.active on 2026-02-20"
        assert ask("xanthine-oxidase-inhibitor.active", "no list prescriptions", denied) == "cannot say"

    def test_never_denies_the_present_but_not_the_other_way_about(self, ask):
        denied = "denied pancreatitis.present on 2026-02-20"
        assert ask("pancreatitis.ever", "no list conditions", denied) == "cannot say"

    def test_not_taking_it_now_says_nothing_of_plans(self, ask):
        facts = ("unreadable any-drug", "denied allopurinol.active on 2026-02-20")
        assert ask("allopurinol.planned", *facts) == "cannot say"

    def test_it_does_not_count_before_its_day(self, ask):
        assert ask("pancreatitis.ever", "no list conditions", "denied pancreatitis.ever on 2026-03-02") == "cannot say"

    def test_it_grows_old(self, ask):
        denied = "denied pancreatitis.ever on 2025-02-20 until 2026-02-28"
        assert ask("pancreatitis.ever", "no list conditions", denied, on="2026-02-28") == "no"
        assert ask("pancreatitis.ever", "no list conditions", denied, on="2026-03-01") == "cannot say"

    def test_any_of_several(self, ask):
        facts = ("no list prescriptions", "denied allopurinol.active on 2026-02-20")
        assert ask("allopurinol.active or febuxostat.active", *facts) == "cannot say"
        assert ask("allopurinol.active or febuxostat.active", *facts, "denied febuxostat.active on 2026-02-20") == "no"
