"""How a start dose is worked out: a few facts, a question, the answer. The numbers are worked out by hand."""

from datetime import date

import pytest

from dosing.conftest import GENES, KIDNEY, Start
from rxvigil.dosing import Doser, DoseRequest
from rxvigil.dosing.request import BadRequest
from rxvigil.facts import Patient, Record

KG = "weight 70 kg on 2026-02-20"
WHOLE = (KG, *GENES, KIDNEY)
CROHN = {"indication": "crohns-disease"}


def test_the_sum_can_be_checked_by_hand(start: Start) -> None:
    plan = start(KG, "gene tpmt intermediate", "gene nudt15 normal", KIDNEY, **CROHN)
    assert plan.check_by_hand.startswith("70 kg x 2 mg/kg/d = 140 mg/d; x 0.3 to 0.8 = 42 to 112 mg/d")


def test_every_step_of_a_source_names_it(start: Start) -> None:
    plan = start(KG, "gene tpmt intermediate", "gene nudt15 normal", KIDNEY, **CROHN)
    named = {step.label: step.source for step in plan.steps}
    assert named["Start dose"] is not None
    assert named["TPMT intermediate"] is not None


def test_the_facts_stand_there_with_their_age(start: Start) -> None:
    inputs = {one.name: one for one in start(*WHOLE, **CROHN).inputs}
    assert inputs["Weight"].value == "70 kg"
    assert inputs["Weight"].days_old == 9
    assert inputs["Other medicines"].value == "none recorded"
    assert inputs["TPMT"].value == "normal"


def test_the_one_diagnosis_of_the_record_is_the_indication(start: Start) -> None:
    assert start(*WHOLE, "condition crohns-disease since 2020").indication == "crohns-disease"


def test_a_disease_is_said_more_exactly_than_its_class(start: Start) -> None:
    plan = start(*WHOLE, "condition crohns-disease since 2020", "condition inflammatory-bowel-disease since 2019")
    assert plan.indication == "crohns-disease"


def test_two_diagnoses_leave_open_what_it_is_for(start: Start) -> None:
    plan = start(*WHOLE, "condition crohns-disease since 2020", "condition rheumatoid-arthritis since 2019")
    assert plan.suggested is None
    assert "several" in plan.refused[0].reason


def test_other_bodies_stand_beside_and_are_not_mixed_in(start: Start) -> None:
    plan = start(*WHOLE, **CROHN)
    assert plan.followed
    assert plan.followed.id not in {one.id for one in plan.beside}
    assert len(plan.beside) > 2


def test_another_body_can_be_named(start: Start) -> None:
    plan = start(*WHOLE, **CROHN, body="dosing/azathioprine/eu-jayempi")
    assert plan.range
    assert (plan.range.low, plan.range.high) == (70, 210)
    assert plan.followed
    assert plan.followed.because == "asked for"


def test_a_place_without_a_dose_of_its_own_says_whose_it_takes(start: Start) -> None:
    plan = start(*WHOLE, **CROHN, jurisdiction="DE")
    assert plan.followed
    assert "DE" in plan.followed.because


def test_both_ways_are_shown_for_a_kidney_nobody_measured_and_the_lower_is_used(start: Start) -> None:
    plan = start(KG, *GENES, indication="systemic-lupus-erythematosus")
    ranges = {(way.range.low, way.range.high, way.used) for way in plan.ways if way.range}
    assert (70, 210, False) in ranges
    assert plan.range
    assert plan.range.high < 210


def test_a_creatinine_gives_the_filtration(start: Start) -> None:
    # CKD-EPI 2021 for a woman of 45 with 80 umol/L: 80 mL/min/1.73 m2 (NKF calculator).
    lupus = {"indication": "systemic-lupus-erythematosus", "patient": "female born 1980-06-01"}
    plan = start(KG, *GENES, "creatinine 80 umol/L on 2026-02-20", **lupus)
    assert not [one for one in plan.ways if "kidney" in one.if_]
    assert next(one.value for one in plan.inputs if one.name == "eGFR").startswith("80 ")
    poor = start(KG, *GENES, "creatinine 300 umol/L on 2026-02-20", **lupus)
    assert any("kidney impaired" in one.cause for one in poor.findings)


def test_a_gene_not_known_means_the_lower_dose_and_cannot_say(start: Start) -> None:
    plan = start(KG, KIDNEY, **CROHN)
    assert plan.range
    assert plan.range.high < 140
    open_ = next(one for one in plan.findings if one.rule == "dosing/genes-not-known")
    assert open_.would_be == "STOP"


def test_the_prescriber_may_decide_to_start_without_a_gene(start: Start) -> None:
    plan = start(KG, "gene tpmt normal", KIDNEY, **CROHN, start_untested=("nudt15",))
    assert plan.range
    assert plan.range.high == 140
    assert any("was chosen" in one.says for one in plan.findings)


def test_what_is_intended_is_what_is_worked_out_within_the_body(start: Start) -> None:
    lower = start(*WHOLE, **CROHN, intended="1 mg/kg/d")
    assert lower.range
    assert (lower.range.low, lower.range.high) == (70, 70)
    above = start(*WHOLE, **CROHN, intended="2.5 mg/kg/d")
    assert above.range
    assert above.range.high == 140
    assert any(one.tier == "ACT" and "intended" in one.cause for one in above.findings)
    assert start(*WHOLE, **CROHN, intended="4 mg/kg/d").refused


def test_allopurinol_stops_the_usual_dose_and_names_the_bound(start: Start) -> None:
    plan = start(*WHOLE, "allopurinol 300 mg/d from 2026-01-01", **CROHN)
    assert plan.refused[0].tier == "STOP"
    assert plan.ways[0].range
    assert plan.ways[0].range.high == 35


def test_the_deliberate_low_dose_is_a_regimen_of_its_own_and_none_in_france(start: Start) -> None:
    facts = (*WHOLE, "allopurinol 100 mg/d from 2026-01-01")
    plan = start(*facts, **CROHN, deliberate_low_dose_with_allopurinol=True)
    assert plan.range
    assert (plan.range.low, plan.range.high) == (35, 35)
    assert plan.upper_bound_only is False
    french = start(*facts, **CROHN, jurisdiction="FR", deliberate_low_dose_with_allopurinol=True)
    assert french.refused[0].tier == "STOP"


def test_the_low_dose_without_allopurinol_is_not_given(start: Start) -> None:
    assert start(*WHOLE, **CROHN, deliberate_low_dose_with_allopurinol=True).refused


def test_febuxostat_is_not_excused_by_the_low_dose(start: Start) -> None:
    facts = (*WHOLE, "allopurinol 100 mg/d from 2026-01-01", "febuxostat 80 mg/d from 2026-01-01")
    assert start(*facts, **CROHN, deliberate_low_dose_with_allopurinol=True).refused[0].tier == "STOP"


def test_two_reductions_are_not_multiplied(start: Start) -> None:
    facts = (KG, "gene tpmt intermediate", "gene nudt15 normal", "egfr 20 mL/min/{1.73_m2} on 2026-02-20")
    plan = start(*facts, **CROHN)
    assert plan.upper_bound_only
    assert any(one.rule == "dosing/combined-reductions" and one.tier == "CANNOT SAY" for one in plan.findings)
    # by hand: 140 x 0.3 = 42 and x 0.8 = 112; 140 x 0.5 = 70 and x 1 = 140; the lowest of each end
    assert plan.range
    assert (plan.range.low, plan.range.high) == (42, 112)


def test_pancreatitis_with_an_earlier_thiopurine_forbids_another(start: Start) -> None:
    facts = (*WHOLE, "condition pancreatitis past", "azathioprine 100 mg/d from 2020-01-01 to 2020-02-01")
    assert start(*facts, **CROHN).refused[0].tier == "STOP"
    assert not start(*WHOLE, "condition pancreatitis past", **CROHN).refused


def test_who_takes_it_already_is_not_started_again(start: Start) -> None:
    plan = start(*WHOLE, "azathioprine 100 mg/d from 2025-01-01", **CROHN)
    assert any("already being taken" in one.reason for one in plan.refused)


def test_idiopathic_pulmonary_fibrosis_forbids_it_whatever_it_is_for(start: Start) -> None:
    assert start(*WHOLE, indication="idiopathic-pulmonary-fibrosis").refused[0].tier == "STOP"
    other = start(*WHOLE, "condition idiopathic-pulmonary-fibrosis since 2024", indication="rheumatoid-arthritis")
    assert any(one.tier == "STOP" for one in other.refused)


def test_findings_of_the_rules_say_that_they_are_asked_as_if(start: Start) -> None:
    plan = start(*WHOLE, "warfarin 5 mg/d from 2025-01-01", **CROHN)
    warfarin = next(one for one in plan.findings if one.kind == "interaction")
    assert any("as if it were begun" in note for note in warfarin.notes)


def test_by_ideal_weight_where_asked(start: Start) -> None:
    # Devine: a woman of 165 cm: 45.5 + 2.3 x (165 / 2.54 - 60) = 56.9 kg; x 2 = 113.8 mg
    plan = start(
        "weight 100 kg on 2026-02-20", "height 165 cm on 2026-02-20", *GENES, KIDNEY, **CROHN, weight_basis="ideal"
    )
    assert plan.range
    assert plan.range.high == pytest.approx(113.8, abs=0.1)
    unknown = start("weight 100 kg on 2026-02-20", *GENES, KIDNEY, **CROHN, weight_basis="ideal")
    assert unknown.refused


def test_where_the_body_does_not_say_which_weight_both_are_shown(start: Start) -> None:
    plan = start("weight 100 kg on 2026-02-20", "height 165 cm on 2026-02-20", *GENES, KIDNEY, **CROHN)
    beside = next(step for step in plan.steps if step.label.startswith("For comparison"))
    assert beside.high == pytest.approx(113.8, abs=0.1)


@pytest.mark.parametrize(
    "weight",
    [
        "weight 0.4 kg on 2026-02-20",
        "weight 800 kg on 2026-02-20",
        "weight -70 kg on 2026-02-20",
        "weight >200 kg on 2026-02-20",
        "weight 70 kg on 2020-02-20",
        "unreadable weight on 2026-02-25",
    ],
)
def test_a_weight_that_cannot_be_used_gives_no_dose(start: Start, weight: str) -> None:
    plan = start(weight, *GENES, KIDNEY, **CROHN)
    assert plan.suggested is None
    assert plan.refused


def test_weight_and_height_that_cannot_belong_together_give_no_dose(start: Start) -> None:
    plan = start("weight 340 kg on 2026-02-20", "height 160 cm on 2026-02-20", *GENES, KIDNEY, **CROHN)
    assert "unit" in plan.refused[0].do


def test_a_child_is_not_dosed_by_a_trial_in_adults(start: Start) -> None:
    body = "dosing/azathioprine/meggitt-atopic-dermatitis"
    facts = ("weight 30 kg on 2026-02-20", *GENES, KIDNEY)
    assert start(*facts, indication="atopic-dermatitis", body=body, patient="male born 2016").refused
    unknown = start(*facts, indication="atopic-dermatitis", body=body, patient="male")
    assert any(one.rule.endswith("#only-if") and one.tier == "CANNOT SAY" for one in unknown.findings)


def test_the_suspension_is_measured_as_its_leaflet_does(start: Start) -> None:
    # leaflet: 54 mg is 5.5 mL
    plan = start("weight 27 kg on 2026-02-20", *GENES, KIDNEY, **CROHN, form="suspension", patient="male born 2012")
    assert plan.suggested
    assert plan.suggested.days[0].ml == 5.5


def test_no_tablet_is_halved_that_may_not_be(start: Start) -> None:
    plan = start(*WHOLE, indication="rheumatoid-arthritis", jurisdiction="CH")
    assert plan.suggested
    assert all(piece.count == int(piece.count) for day in plan.suggested.days for piece in day.tablets)


@pytest.mark.parametrize(
    "wrong",
    [
        {"drug": "sugar"},
        {"indication": "sadness"},
        {"body": "dosing/none/at-all"},
        {"jurisdiction": "XX"},
        {"start_untested": ("cyp2d6",)},
    ],
)
def test_a_name_nobody_knows_is_a_message(doser: Doser, wrong: dict[str, object]) -> None:
    request = DoseRequest(**{"drug": "azathioprine", **wrong})
    with pytest.raises(BadRequest) as problem:
        doser.start(Record(patient=Patient(id="x")), date(2026, 3, 1), request)
    assert problem.value.do


def test_an_allergy_is_not_excused_by_a_course_that_ended_last_month(start: Start) -> None:
    course = "azathioprine 100 mg/d from 2023-01-01 to 2026-02-01"
    assert start(*WHOLE, course, "allergy azathioprine", **CROHN).refused[0].tier == "STOP"
    assert not start(*WHOLE, course, **CROHN).refused


def test_a_low_dose_regimen_is_not_had_by_its_id_alone(start: Start) -> None:
    body = "dosing/azathioprine/nl-low-dose-with-allopurinol"
    facts = (*WHOLE, "allopurinol 100 mg/d from 2026-01-01")
    assert start(*facts, **CROHN, body=body).refused
    assert not start(*facts, **CROHN, body=body, deliberate_low_dose_with_allopurinol=True).refused
    french = start(*facts, **CROHN, body=body, deliberate_low_dose_with_allopurinol=True, jurisdiction="FR")
    assert french.refused[0].tier == "STOP"


def test_a_dose_below_what_the_body_starts_with_is_worked_out_and_said(start: Start) -> None:
    plan = start(*WHOLE, **CROHN, intended="50 mg/d")
    assert plan.suggested
    assert plan.suggested.mg_per_day == 50
    assert any(one.rule == "dosing/below-the-start-dose" for one in plan.findings)


def test_very_heavy_without_a_height_is_asked_again(start: Start) -> None:
    assert "height" in start("weight 340 kg on 2026-02-20", *GENES, KIDNEY, **CROHN).refused[0].reason


def test_an_intended_dose_does_not_undo_the_lower_end(start: Start) -> None:
    lupus = {"indication": "systemic-lupus-erythematosus"}  # 1 to 3 mg/kg/d: by hand 70 to 210 mg
    plan = start(*WHOLE, "condition cirrhosis since 2020", **lupus, intended="2.5 mg/kg/d")
    assert plan.range
    assert plan.range.high == 70
    plan = start(*WHOLE, "condition cirrhosis since 2020", **lupus, intended="0.5 mg/kg/d")
    assert plan.range
    assert plan.range.high == 35


@pytest.mark.parametrize(
    ("fact", "named"),
    [
        ("neutrophils 1.2 10*9/L on 2026-02-20", "neutrophils low"),
        ("condition lymphoma since 2025", "malignancy"),
        ("vaccine mmr on 2026-02-28", "live vaccine with a thiopurine"),
        ("warfarin 3 mg/d from 2025-01-01", "vitamin K antagonist with a thiopurine"),
    ],
)
def test_what_needs_somebody_first_stands_before_the_dose(start: Start, fact: str, named: str) -> None:
    """The answer is one sentence that may be all that is read."""
    plan = start(*WHOLE, fact, **CROHN)
    assert named in plan.deal_with_first
    assert plan.summary.startswith(f"Deal first with: {named}")
    assert "No dose before that" in plan.summary


def test_where_nothing_was_found_the_dose_is_the_answer(start: Start) -> None:
    plan = start(*WHOLE, **CROHN, patient="male born 1980")
    assert plan.deal_with_first == ()
    assert plan.summary.startswith("Start azathioprine")
