"""What must hold for every dose, whoever it is for: no expected number is needed to see that one of these is broken."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dosing.conftest import GENES, KIDNEY, ON, Start
from rxvigil.dosing import DosePlan
from rxvigil.dosing.person import LOOKS_LIKE_POUNDS

SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUESTIONS = [
    ("UK", "crohns-disease"), ("EU", "systemic-lupus-erythematosus"), ("US", "rheumatoid-arthritis"),
    ("US", "kidney-transplant"), ("FR", "anca-vasculitis"), ("CH", "rheumatoid-arthritis"),
    ("NL", "ulcerative-colitis"),
]  # fmt: skip
questions = st.sampled_from(QUESTIONS)
weights = st.integers(min_value=300, max_value=1500).map(lambda tenths: tenths / 10)
RISKS = [
    "gene tpmt intermediate", "gene nudt15 intermediate", "gene tpmt poor", "allopurinol 100 mg/d from 2026-01-01",
    "febuxostat 80 mg/d from 2026-01-01", "ribavirin 800 mg/d from 2026-02-01",
    "condition chronic-kidney-disease since 2020", "condition cirrhosis since 2020",
    "condition thiopurine-hypersensitivity past", "allergy azathioprine",
    "mercaptopurine 50 mg/d from 2026-01-01", "condition idiopathic-pulmonary-fibrosis since 2024",
    "egfr 20 mL/min/{1.73_m2} on 2026-02-25", "condition severe-infection since 2026-02-20",
]  # fmt: skip


def weighed(kg: float, *more: str) -> tuple[str, ...]:
    return (f"weight {kg:g} kg on 2026-02-20", *GENES, KIDNEY, *more)


def given_mg(plan: DosePlan) -> float:
    return plan.suggested.mg_per_day if plan.suggested else 0.0


def most(plan: DosePlan) -> float:
    return plan.range.high if plan.range else 0.0


@SOME
@given(questions, weights, weights)
def test_who_is_heavier_never_gets_less(start: Start, question: tuple[str, str], one: float, other: float) -> None:
    place, indication = question
    light, heavy = (start(*weighed(kg), jurisdiction=place, indication=indication) for kg in sorted((one, other)))
    assert given_mg(light) <= given_mg(heavy)
    assert light.range
    assert heavy.range
    assert light.range.low <= heavy.range.low
    assert light.range.high <= heavy.range.high


@SOME
@given(questions, weights, st.lists(st.sampled_from(RISKS), max_size=2, unique=True), st.sampled_from(RISKS))
def test_one_more_risk_never_raises_the_dose(
    start: Start, question: tuple[str, str], kg: float, before: list[str], added: str
) -> None:
    place, indication = question
    without = start(*weighed(kg, *before), jurisdiction=place, indication=indication)
    with_it = start(*weighed(kg, *before, added), jurisdiction=place, indication=indication)
    assert given_mg(with_it) <= given_mg(without)
    assert most(with_it) <= most(without)


@SOME
@given(questions, weights, st.sampled_from([0.5, 1, 1.5, 2, 2.5]), st.sampled_from(RISKS[:2]))
def test_who_intends_less_never_gets_more(
    start: Start, question: tuple[str, str], kg: float, intended: float, risk: str
) -> None:
    place, indication = question
    less, more = (
        start(*weighed(kg, risk), jurisdiction=place, indication=indication, intended=f"{dose:g} mg/kg/d")
        for dose in (intended, intended + 0.25)
    )
    assert less.refused or more.refused or given_mg(less) <= given_mg(more)


REMOVABLE = [*GENES, KIDNEY, "no list prescriptions", "no list conditions"]


@SOME
@given(questions, weights, st.sampled_from(REMOVABLE))
def test_knowing_less_never_raises_the_dose_and_is_said(
    start: Start, question: tuple[str, str], kg: float, gone: str
) -> None:
    place, indication = question
    known = weighed(kg)
    less = (*known, gone) if gone.startswith("no list") else tuple(fact for fact in known if fact != gone)
    whole = start(*known, jurisdiction=place, indication=indication)
    blind = start(*less, jurisdiction=place, indication=indication)
    assert given_mg(blind) <= given_mg(whole)
    assert len([one for one in blind.findings if one.tier == "CANNOT SAY"]) >= len(
        [one for one in whole.findings if one.tier == "CANNOT SAY"]
    )


@SOME
@given(
    questions,
    weights,
    st.lists(st.sampled_from(RISKS), max_size=3, unique=True),
    st.sampled_from(["tablet", "suspension", None]),
)
def test_what_is_given_adds_up_and_stays_below_every_limit(
    start: Start, question: tuple[str, str], kg: float, risks: list[str], form: Any
) -> None:
    place, indication = question
    plan = start(*weighed(kg, *risks), jurisdiction=place, indication=indication, form=form)
    for option in (plan.suggested, *plan.options, *(rise.option for rise in plan.titration)):
        if option is None:
            continue
        for day in option.days:
            pieces = sum(piece.count * piece.strength_mg for piece in day.tablets)
            assert day.ml is not None or pieces == pytest.approx(day.mg)
            assert plan.maximum_mg is None or day.mg <= plan.maximum_mg + 1e-9
        assert sum(day.mg for day in option.days) / len(option.days) == pytest.approx(option.mg_per_day)
    for rise in plan.titration:
        assert plan.maximum_mg is None or rise.target_mg <= plan.maximum_mg + 1e-9


@SOME
@given(questions, weights, st.lists(st.sampled_from(RISKS), max_size=3, unique=True))
def test_no_dose_stands_beside_a_stop(start: Start, question: tuple[str, str], kg: float, risks: list[str]) -> None:
    place, indication = question
    plan = start(*weighed(kg, *risks), jurisdiction=place, indication=indication)
    if any(one.tier == "STOP" for one in plan.findings):
        assert any(one.tier == "STOP" for one in plan.refused)
    if plan.refused:
        assert plan.suggested is None
        assert plan.range is None
        assert not plan.titration


@SOME
@given(questions, weights)
def test_the_same_weight_in_another_unit_is_the_same_plan(start: Start, question: tuple[str, str], kg: float) -> None:
    place, indication = question
    others = (*GENES, KIDNEY)
    plans = [
        start(f"weight {amount} on 2026-02-20", *others, jurisdiction=place, indication=indication)
        for amount in (f"{kg:g} kg", f"{kg * 1000:.0f} g")
    ]
    assert plans[0] == plans[1]


def test_pounds_are_converted_and_come_to_the_same(start: Start) -> None:
    pounds = start("weight 154.3235835 [lb_av] on 2026-02-20", *GENES, KIDNEY, indication="crohns-disease")
    kilograms = start("weight 70 kg on 2026-02-20", *GENES, KIDNEY, indication="crohns-disease")
    assert given_mg(pounds) == given_mg(kilograms)
    assert pounds.range
    assert kilograms.range
    assert pounds.range.low == pytest.approx(kilograms.range.low, abs=1e-4)


@SOME
@given(weights, st.integers(min_value=-400, max_value=400))
def test_another_day_shifts_the_calendar_and_nothing_else(start: Start, kg: float, days: int) -> None:
    def plan(shift: timedelta) -> DosePlan:
        taken = (date(2026, 2, 20) + shift).isoformat()
        facts = (f"weight {kg:g} kg on {taken}", f"egfr 90 mL/min/{{1.73_m2}} on {taken}", *GENES)
        return start(
            *facts, on=ON + shift, jurisdiction="US", indication="rheumatoid-arthritis", patient="female born 1970"
        )

    here, there = plan(timedelta()), plan(timedelta(days=days))
    assert given_mg(here) == given_mg(there)
    assert [one.earliest + timedelta(days=days) for one in here.titration] == [one.earliest for one in there.titration]
    assert [one.target_mg for one in here.titration] == [one.target_mg for one in there.titration]


@pytest.mark.parametrize(("place", "indication"), QUESTIONS)
def test_without_a_weight_nothing_is_given(start: Start, place: str, indication: str) -> None:
    plan = start(*GENES, KIDNEY, jurisdiction=place, indication=indication)
    assert plan.refused
    assert plan.suggested is None


@SOME
@given(st.permutations(list(weighed(70, "condition crohns-disease since 2020", "warfarin 5 mg/d from 2025"))))
def test_the_same_question_has_the_same_bytes_in_any_order(start: Start, facts: list[str]) -> None:
    def numbers(plan: DosePlan) -> bytes:
        """Line numbers of the shorthand are part of the origins; everything else is compared."""
        kept = msgspec.structs.replace(plan, inputs=(), findings=())
        return msgspec.json.encode(kept)

    first = start(*sorted(facts), jurisdiction="UK")
    assert numbers(first) == numbers(start(*facts, jurisdiction="UK"))
    assert msgspec.json.encode(first) == msgspec.json.encode(start(*sorted(facts), jurisdiction="UK"))


@pytest.mark.parametrize("factor", [2.2046, 1 / 2.2046])
def test_a_weight_that_is_the_last_one_in_pounds_is_not_used(start: Start, factor: float) -> None:
    assert LOOKS_LIKE_POUNDS[0] < 1 < LOOKS_LIKE_POUNDS[1]
    plan = start(
        "weight 70 kg on 2025-10-01", f"weight {70 * factor:.1f} kg on 2026-02-20", *GENES, indication="crohns-disease"
    )
    assert plan.suggested is None
    assert "pounds" in plan.refused[0].reason


@pytest.mark.parametrize(
    ("born", "weight", "fits"),
    [
        ("1980", "7 kg", False), ("1980", "23 kg", True), ("1980", "230 kg", True),
        ("2022-06-01", "70 kg", False), ("2022-06-01", "42 kg", True), ("2022-06-01", "5 kg", False),
        ("2016", "30 kg", True), ("2016", "130 kg", False), ("1850", "70 kg", True), ("2030", "70 kg", True),
    ],
)  # fmt: skip
def test_a_weight_that_nobody_of_that_age_has_is_not_used(start: Start, born: str, weight: str, fits: bool) -> None:
    """At 3 years the 97th percentile of the next birthday is 21.29 kg; at 9 or 10 years 58.72 kg. A birth that cannot
    be right says nothing about the weight."""
    facts = (f"weight {weight} on 2026-02-20", *GENES, KIDNEY)
    plan = start(*facts, patient=f"female born {born}", indication="crohns-disease")
    said = [one.reason for one in plan.refused if "weight and age together cannot be right" in one.reason]
    assert bool(said) is not fits
    assert fits or plan.suggested is None


def test_a_plan_can_be_written_and_read_again(start: Start) -> None:
    plan = start(*weighed(70), indication="crohns-disease")
    assert msgspec.json.decode(msgspec.json.encode(plan), type=DosePlan) == plan
