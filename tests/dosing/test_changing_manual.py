"""Changing, withdrawing and converting a dose in use."""

from datetime import date
from typing import Any

import pytest

from dosing.conftest import GENES, KIDNEY, ON
from rxvigil.casebook import record_of
from rxvigil.dosing import ChangePlan, ConversionPlan, Doser, DoseRequest, TaperPlan
from rxvigil.knowledge.book import RuleBook

TESTS = (
    "neutrophils 4.0 10*9/L on {day}", "white-cells 6.5 10*9/L on {day}", "platelets 250 10*9/L on {day}",
    "haemoglobin 130 g/L on {day}", "lymphocytes 1.5 10*9/L on {day}", "mcv 90 fL on {day}",
    "creatinine 70 umol/L on {day}", "alt 20 U/L on {day} ref 5-40", "ast 20 U/L on {day} ref 5-40",
    "bilirubin 10 umol/L on {day} ref 3-20", "alp 70 U/L on {day} ref 30-130", "albumin 42 g/L on {day}",
)  # fmt: skip
RA = ("condition rheumatoid-arthritis since 2024", "weight 50 kg on 2026-02-20", *GENES, KIDNEY)
ON_50 = "azathioprine 50 mg/d from 2026-01-01"


def bloods(day: str = "2026-02-26", **instead: str) -> tuple[str, ...]:
    lines = [line.format(day=day) for line in TESTS]
    return tuple(next((new for key, new in instead.items() if line.startswith(key)), line) for line in lines)


class Desk:
    def __init__(self, doser: Doser, book: RuleBook) -> None:
        self.doser, self.book = doser, book

    def change(self, because: Any, *facts: str, on: date = ON, **options: Any) -> ChangePlan:
        request = DoseRequest(drug="azathioprine", **{"jurisdiction": "US", **options})
        return self.doser.change(record_of(facts, "female born 1980", self.book.vocabulary), on, request, because)

    def taper(self, *facts: str, toxicity: bool = False, **options: Any) -> TaperPlan:
        request = DoseRequest(drug="azathioprine", **{"jurisdiction": "US", **options})
        record = record_of(facts, "female born 1980", self.book.vocabulary)
        return self.doser.taper(record, ON, request, toxicity=toxicity)

    def convert(self, mg: float, old: str, new: str, *facts: str) -> ConversionPlan:
        return self.doser.convert(mg, old, new, ON, record_of(facts, "female born 1980", self.book.vocabulary))


@pytest.fixture
def desk(doser: Doser, book: RuleBook) -> Desk:
    return Desk(doser, book)


def test_a_rise_by_the_step_of_the_label(desk: Desk) -> None:
    plan = desk.change("not-responding", *RA, ON_50, *bloods())
    assert plan.to
    assert plan.to.mg_per_day == 75
    assert plan.check_by_hand == "50 kg x 0.5 mg/kg/d = 25 mg/d; 50 mg/d + 25 mg/d = 75 mg/d"


@pytest.mark.parametrize(
    "worse",
    [
        {"neutrophils": "neutrophils 1.2 10*9/L on 2026-02-26"},
        {"platelets": "platelets 90 10*9/L on 2026-02-26"},
        {"alt": "alt 190 U/L on 2026-02-26 ref 5-40"},
        {"neutrophils": "unreadable neutrophils on 2026-02-26"},
    ],
)
def test_no_rise_while_a_test_worries_or_cannot_be_read(desk: Desk, worse: dict[str, str]) -> None:
    plan = desk.change("not-responding", *RA, ON_50, *bloods(**worse))
    assert plan.to is None
    assert plan.refused


def test_no_rise_while_tests_are_overdue(desk: Desk) -> None:
    plan = desk.change("not-responding", *RA, "azathioprine 50 mg/d from 2025-06-01", *bloods("2025-11-01"))
    assert plan.to is None
    assert any("overdue" in one.reason for one in plan.refused)


def test_no_rise_while_no_test_is_known(desk: Desk) -> None:
    assert desk.change("not-responding", *RA, ON_50).to is None


def test_no_rise_before_the_time_the_label_gives(desk: Desk) -> None:
    plan = desk.change("not-responding", *RA, "azathioprine 50 mg/d from 2026-02-15", *bloods())
    assert plan.to is None
    assert plan.earliest == date(2026, 3, 29)  # 6 weeks


def test_the_second_rise_waits_four_weeks_after_the_first(desk: Desk) -> None:
    history = ("azathioprine 50 mg/d from 2025-12-01 to 2026-02-10", "azathioprine 75 mg/d from 2026-02-11")
    assert desk.change("not-responding", *RA, *history, *bloods()).earliest == date(2026, 3, 11)


def test_no_rise_by_steps_of_a_dose_that_was_reduced_for_a_gene(desk: Desk) -> None:
    facts = (RA[0], RA[1], "gene tpmt intermediate", "gene nudt15 normal", KIDNEY, ON_50, *bloods())
    plan = desk.change("not-responding", *facts)
    assert plan.to is None
    assert any("specialist" in one.reason for one in plan.refused)


def test_where_the_rules_say_withhold_there_is_no_dose(desk: Desk) -> None:
    plan = desk.change("toxicity", *RA, ON_50, *bloods(neutrophils="neutrophils 0.4 10*9/L on 2026-02-26"))
    assert plan.to is None
    assert plan.action
    assert plan.action.verb in ("emergency", "stop", "withhold")


def test_a_reduction_by_the_step_of_the_body(desk: Desk) -> None:
    plan = desk.change("toxicity", *RA, "azathioprine 125 mg/d from 2025-01-01", *bloods())
    assert plan.to
    assert plan.to.mg_per_day == 100


def test_a_step_that_would_leave_nothing_is_a_withdrawal(desk: Desk) -> None:
    plan = desk.change("remission", *RA, "azathioprine 25 mg/d from 2025-01-01", *bloods())
    assert "withdrawal" in plan.refused[0].do


@pytest.mark.parametrize(
    "facts", [(), ("azathioprine from 2025-01-01",), ("azathioprine 50-100 mg/d from 2025-01-01",)]
)
def test_a_dose_in_use_that_is_not_known_is_not_changed(desk: Desk, facts: tuple[str, ...]) -> None:
    assert desk.change("remission", *RA, *facts, *bloods()).refused


def test_a_withdrawal_by_steps(desk: Desk) -> None:
    plan = desk.taper(*RA, "azathioprine 75 mg/d from 2025-01-01", *bloods())
    assert [(step.earliest, step.target_mg) for step in plan.steps] == [
        (date(2026, 3, 1), 50), (date(2026, 3, 29), 25), (date(2026, 4, 26), 0),
    ]  # fmt: skip
    assert not plan.at_once


def test_where_nobody_gives_steps_none_are_invented(desk: Desk) -> None:
    facts = ("condition crohns-disease since 2020", RA[1], "azathioprine 100 mg/d from 2025-01-01")
    plan = desk.taper(*facts, jurisdiction="UK")
    assert plan.steps == ()
    assert "gives steps" in plan.refused[0].reason


def test_harm_stops_it_at_once(desk: Desk) -> None:
    assert desk.taper(*RA, ON_50, toxicity=True).at_once
    pancytopenia = bloods(neutrophils="neutrophils 0.3 10*9/L on 2026-02-26")
    assert desk.taper(*RA, ON_50, *pancytopenia).at_once


def test_a_conversion_is_a_range(desk: Desk) -> None:
    plan = desk.convert(100, "azathioprine", "mercaptopurine", "weight 70 kg on 2026-02-20")
    assert plan.range
    assert plan.range.low == 50


@pytest.mark.parametrize(
    "reaction",
    ["allergy azathioprine", "condition pancreatitis past", "condition thiopurine-hypersensitivity past"],
)
def test_no_swap_after_a_reaction(desk: Desk, reaction: str) -> None:
    plan = desk.convert(100, "azathioprine", "mercaptopurine", reaction, "azathioprine 100 mg/d from 2025-01-01")
    assert plan.range is None
    assert plan.refused[0].tier == "STOP"


def test_a_reaction_that_cannot_be_excluded_is_said(doser: Doser) -> None:
    plan = doser.convert(100, "azathioprine", "mercaptopurine", ON)
    assert any(one.rule == "dosing/reaction-not-excluded" for one in plan.findings)


def test_what_forbids_a_rise_need_not_forbid_the_drug(desk: Desk) -> None:
    """Overlooked before: 'STOP ... it may go on' for a pregnancy, which asks somebody to act and forbids no drug."""
    plan = desk.change("not-responding", *RA, ON_50, *bloods(), "event pregnancy since 2026-01-15", jurisdiction="EU")
    pregnancy = next(one for one in plan.refused if "pregnan" in one.reason)
    assert pregnancy.tier == "ACT"
    assert not plan.summary.startswith("STOP")
