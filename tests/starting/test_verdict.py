"""May this person start? Three verdicts, none of which says that it is safe."""

from starting.conftest import item


class TestNothingFound:
    def test_somebody_of_whom_everything_is_known_and_in_order(self, begin):
        found = begin("UK")
        assert found.verdict == "nothing found against it"
        assert found.says.startswith("Nothing was found that speaks against starting.")
        assert not found.to_settle
        assert not found.plan.tests

    def test_no_verdict_ever_says_safe(self, begin):
        for place in ("UK", "US", "EU", "FR", "CH"):
            for facts in ((), ("allergy azathioprine",), ("unreadable any-drug",)):
                assert "safe" not in begin(place, *facts).says.lower()

    def test_what_is_to_be_weighed_is_counted(self, begin):
        found = begin("UK", "ramipril 5 mg/d from 2020-01-01")
        assert found.verdict == "nothing found against it"
        assert "1 concern to weigh" in found.says


class TestNotYet:
    def test_each_missing_thing_is_one_thing_to_settle(self, begin):
        found = begin("UK", without="weight")
        assert found.verdict == "not yet"
        assert [one.item for one in found.to_settle] == ["weight"]
        assert found.says == "Not yet: 1 thing to settle first."

    def test_a_test_that_is_too_old_on_the_day_of_the_first_tablet(self, begin):
        """Blood count of 20 Feb 2026: in date on 20 May, a day too old on 21 May."""
        assert begin("UK", start="2026-05-20").verdict == "nothing found against it"
        late = begin("UK", start="2026-05-21")
        assert {one.item for one in late.to_settle} >= {"marrow", "liver-disease", "kidney-disease", "weight"}

    def test_what_a_body_here_only_suggests_does_not_hold_the_start(self, begin):
        found = begin("UK", without="hiv")
        assert item(found, "hiv").says == "cannot say"
        assert found.verdict == "nothing found against it"
        assert "1 open question that nobody here requires" in found.says

    def test_hepatitis_c_forbids_nothing_and_must_be_dealt_with(self, begin):
        found = begin("UK", "hcv-antibody positive on 2026-03-01", without="hcv-antibody")
        assert found.verdict == "not yet"
        assert [(one.kind, one.item) for one in found.to_settle] == [("discuss", "hepatitis-c")]

    def test_what_was_found_stands_before_what_nobody_asked(self, begin):
        """Seven questions must not hide a positive test, nor the sentence that may be all that is read."""
        found = begin("UK", "hcv-antibody positive on 2026-03-01", without="weight")
        assert [one.item for one in found.to_settle] == ["hepatitis-c", "weight"]
        assert found.says.startswith("Not yet: 2 things to settle first. Found already: hepatitis C")

    def test_a_rule_that_asks_for_action_is_settled_even_where_no_item_asks(self, begin):
        found = begin("UK", "carbamazepine 400 mg/d from 2020-01-01", "metamizole 500 mg/d from 2026-01-01")
        assert found.verdict == "not yet"
        assert any("metamizole" in one.what for one in found.to_settle)


class TestMayNotStart:
    def test_allergy(self, begin):
        found = begin("UK", "allergy azathioprine", without="azathioprine.allergy")
        assert found.verdict == "may not start"
        assert found.says == "May not start: allergy to a thiopurine."

    def test_poor_metaboliser(self, begin):
        found = begin("UK", "gene nudt15 poor", without="gene nudt15")
        assert found.verdict == "may not start"
        assert item(found, "nudt15").weight == "blocking"

    def test_allopurinol_and_the_rule_is_carried_over_not_written_twice(self, begin):
        found = begin("UK", "allopurinol 300 mg/d from 2024-01-01")
        assert found.verdict == "may not start"
        stops = [one.rule for one in found.findings if one.tier == "STOP"]
        assert "interactions/xanthine-oxidase#full-dose-azathioprine" in stops
        assert set(stops) <= set(item(found, "xanthine-oxidase-inhibitor").rules)
        assert found.blocks == ("allopurinol, febuxostat or another xanthine-oxidase inhibitor",)

    def test_a_second_thiopurine(self, begin):
        assert "a thiopurine is being taken already" in begin("US", "mercaptopurine 50 mg/d from 2026-01-01").blocks

    def test_somebody_who_takes_it_already_is_sent_to_the_review(self, begin):
        found = begin("UK", "azathioprine 100 mg/d from 2025-01-01")
        assert found.verdict == "may not start"
        assert "rxvigil assess" in item(found, "thiopurine-taken").do
        assert found.plan.dose is None

    def test_a_blocking_concern_outweighs_everything_that_is_open(self, begin):
        found = begin("UK", "condition thiopurine-hypersensitivity since 2019-01-01 past", without="weight")
        assert found.verdict == "may not start"
        assert "1 thing would have to be settled besides." in found.says.lower()


class TestPlacesDiffer:
    def test_breastfeeding(self, begin):
        """EU leaflet: not while breastfeeding. NHS: can be taken. France, Italy: contraindicated. US: not advised."""
        woman = {"patient": "female born 1992"}
        facts = ("event breastfeeding since 2026-01-10", "denied pregnancy.present on 2026-03-05")
        said = {place: item(begin(place, *facts, **woman), "breastfeeding") for place in ("EU", "FR", "IT", "UK", "US")}
        assert {place: one.weight for place, one in said.items()} == {
            "EU": "blocking", "FR": "blocking", "IT": "blocking", "UK": "advisory", "US": "advisory",
        }  # fmt: skip
        uk = said["UK"]
        assert any("NHS" in one.body and one.here for one in uk.asked_by), "the position that holds here"
        assert any(one.weight == "blocking" and not one.here for one in uk.asked_by), "and those that do not, beside it"

    def test_past_pancreatitis_is_a_contraindication_in_italy_and_a_caution_in_the_uk(self, begin):
        fact = "condition pancreatitis since 2015-01-01 past"
        assert begin("IT", fact).verdict == "may not start"
        assert begin("UK", fact).verdict == "not yet"
        assert item(begin("UK", fact), "past-pancreatitis").deal_with_first

    def test_alkylating_agent_before_blocks_in_the_us_alone(self, begin):
        fact = "cyclophosphamide 100 mg/d from 2015-01-01 to 2015-06-01"
        assert begin("US", fact).verdict == "may not start"
        assert begin("UK", fact).verdict == "not yet"

    def test_tpmt_is_required_in_the_uk_and_recommended_in_the_us(self, begin):
        assert begin("UK", without="gene tpmt").verdict == "not yet"
        us = begin("US", without="gene tpmt")
        assert not item(us, "tpmt").holds_start
        assert [test.strength for test in us.plan.tests if "TPMT" in test.name] == ["should"]

    def test_france_names_six_months_after_a_live_vaccine(self, begin):
        found = item(
            begin("FR", "vaccine yellow-fever planned 2026-05-01", without="live-vaccine"), "live-vaccine-planned"
        )
        here = [one.says for one in found.asked_by if one.here]
        assert any("6 months" in one for one in here)
        assert any("4 weeks" in one.says for one in found.asked_by if not one.here)

    def test_the_place_that_was_not_stated_is_said_to_be_assumed(self, book):
        from datetime import date

        from rxvigil.casebook import record_of
        from rxvigil.starting import Starter, StartRequest

        record = record_of((), "unknown born 1980", book.vocabulary)
        found = Starter(book).assess(record, date(2026, 3, 5), StartRequest(drug="azathioprine"))
        assert found.jurisdiction == "UK (assumed)"


class TestVaccines:
    def test_a_live_vaccine_just_given_moves_the_start_by_four_weeks(self, begin):
        """MMR on 20 Feb 2026; 4 weeks later is 20 Mar."""
        found = begin("UK", "vaccine mmr 2026-02-20")
        assert found.verdict == "may not start"
        assert found.plan.earliest is not None
        assert found.plan.earliest.on.isoformat() == "2026-03-20"
        assert any(one.kind == "wait" for one in found.to_settle)

    def test_by_then_it_is_over(self, begin):
        found = begin("UK", "vaccine mmr 2026-02-20", start="2026-03-21")
        assert item(found, "live-vaccine-recent").says == "no"
        assert found.verdict == "nothing found against it"

    def test_somebody_without_varicella_antibodies_is_vaccinated_first(self, begin):
        found = begin("UK", "vzv-igg negative on 2026-02-20", without="vzv-igg")
        vaccine = next(one for one in found.plan.vaccines if one.vaccine == "varicella")
        assert vaccine.earliest_start is not None
        assert vaccine.earliest_start.isoformat() == "2026-04-02"

    def test_a_dead_vaccine_asks_for_no_interval(self, begin):
        found = begin("UK", without="influenza")
        assert [one.earliest_start for one in found.plan.vaccines if one.vaccine == "influenza"] == [None]


class TestHowLongItCounts:
    def test_to_the_first_day_on_which_something_is_too_old(self, begin):
        """Blood tests of 20 Feb count for 3 months, the answer about infection for as long as its file says."""
        found = begin("UK")
        assert found.valid_until.isoformat() == "2026-05-20"
        assert "3 months" in found.valid_because

    def test_an_answer_about_infection_counts_for_a_week(self, begin, answers):
        given = answers({"infection-now": "no"})
        found = begin("UK", without="infection.present", answered=given)
        assert found.verdict == "nothing found against it"
        assert found.valid_until.isoformat() == "2026-03-12"

    def test_at_most_three_months(self, begin):
        found = begin("UK", base=("condition crohns-disease since 2024-01-01",))
        assert found.valid_until.isoformat() == "2026-06-05"

    def test_the_record_of_the_dead(self, begin, book):
        import msgspec

        from rxvigil.facts import on_day
        from rxvigil.starting.verdict import judge

        found = begin("UK")
        dead = msgspec.structs.replace(found.patient, died=on_day(found.on))
        assert judge((), (), (), None, found.start, None, dead).verdict == "may not start"
