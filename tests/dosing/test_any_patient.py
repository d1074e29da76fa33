"""The doser asked about anybody: the awkward made-up patients of the engine's own property tests."""

from datetime import date, timedelta
from functools import cache

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property.patients import BOOK, examples, patients

from rxvigil.dosing import ChangePlan, DosePlan, Doser, DoseRequest, TaperPlan
from rxvigil.engine import Wanted
from rxvigil.facts import Origin, Patient, Record, Result, on_day
from rxvigil.reports import dose_json

Somebody = tuple[Record, date, Wanted]
INDICATIONS = (None, "crohns-disease", "rheumatoid-arthritis", "kidney-transplant", "systemic-lupus-erythematosus")
drugs = st.sampled_from(["azathioprine", "mercaptopurine"])
indications = st.sampled_from(INDICATIONS)
OFF = ("emergency", "stop", "withhold")


@cache
def doser(place: str | None) -> Doser:
    return Doser(BOOK, place)


def weighed(record: Record, on: date, kg: float) -> Record:
    """The record with a weight of the week before, so that most questions come to a sum."""
    weight = Result(id="w", analyte="weight", when=on_day(on - timedelta(days=5)), origin=Origin("t", "w"), value=kg)
    others = tuple(one for one in record.results if one.analyte not in ("weight", "height"))
    return msgspec.structs.replace(record, results=(*others, weight))


def start(somebody: Somebody, drug: str, indication: str | None, kg: float) -> DosePlan:
    record, on, wanted = somebody
    return doser(wanted.jurisdiction).start(weighed(record, on, kg), on, DoseRequest(drug=drug, indication=indication))


@examples(60)
@given(patients(), drugs, indications, st.sampled_from([12.0, 50.0, 70.0, 130.0]))
def test_a_start_is_answered_the_same_twice_and_never_beside_a_stop(
    somebody: Somebody, drug: str, indication: str | None, kg: float
) -> None:
    plan = start(somebody, drug, indication, kg)
    assert dose_json(plan) == dose_json(start(somebody, drug, indication, kg))
    assert plan.summary
    if any(one.tier == "STOP" for one in plan.findings):
        assert plan.suggested is None
    assert (plan.suggested is None and plan.range is None) or not plan.refused
    for option in (plan.suggested, *plan.options):
        if option and plan.maximum_mg is not None:
            assert all(day.mg <= plan.maximum_mg + 1e-9 for day in option.days)
    if plan.suggested:
        assert plan.suggested.mg_per_day > 0


@examples(60)
@given(patients(), drugs, indications)
def test_removing_everything_that_is_not_the_weight_never_raises_the_dose(
    somebody: Somebody, drug: str, indication: str | None
) -> None:
    record, on, wanted = somebody
    if indication is None:
        return
    whole = start(somebody, drug, indication, 70.0)
    if whole.suggested is None:
        return
    blank = Record(patient=record.patient)
    blind = start((blank, on, wanted), drug, indication, 70.0)
    given_mg = blind.suggested.mg_per_day if blind.suggested else 0.0
    assert given_mg <= whole.suggested.mg_per_day


@examples(60)
@given(patients(), indications, st.sampled_from(["not-responding", "toxicity", "remission"]))
def test_a_change_never_raises_while_the_rules_ask_for_action(
    somebody: Somebody, indication: str | None, because: str
) -> None:
    record, on, wanted = somebody
    request = DoseRequest(drug="azathioprine", indication=indication)
    plan: ChangePlan = doser(wanted.jurisdiction).change(weighed(record, on, 70.0), on, request, because)
    assert dose_json(plan)
    if plan.to is None:
        assert plan.refused
        return
    assert plan.from_mg is not None
    assert (plan.to.mg_per_day > plan.from_mg) is (because == "not-responding")
    urgent = [one for one in plan.findings if one.tier in ("STOP", "ACT")]
    assert not any(one.action.verb in OFF for one in urgent)
    if because == "not-responding":
        assert not urgent
        assert plan.maximum_mg is None or plan.to.mg_per_day <= plan.maximum_mg + 1e-9


@examples(40)
@given(patients(), indications, st.booleans())
def test_a_withdrawal_only_goes_down_and_ends(somebody: Somebody, indication: str | None, toxicity: bool) -> None:
    record, on, wanted = somebody
    request = DoseRequest(drug="azathioprine", indication=indication)
    plan: TaperPlan = doser(wanted.jurisdiction).taper(weighed(record, on, 70.0), on, request, toxicity=toxicity)
    assert dose_json(plan)
    assert plan.at_once or plan.refused or plan.steps
    assert plan.at_once or not toxicity
    doses = [step.target_mg for step in plan.steps]
    assert doses == sorted(doses, reverse=True)
    assert not doses or doses[-1] == 0


@pytest.mark.parametrize("kg", [float("nan"), float("inf"), -70.0, 0.0, 1e9])
def test_a_weight_that_is_no_weight_is_refused(kg: float) -> None:
    record = weighed(Record(patient=Patient(id="x")), date(2026, 3, 1), kg)
    plan = doser("UK").start(record, date(2026, 3, 1), DoseRequest(drug="azathioprine", indication="crohns-disease"))
    assert plan.refused
    assert plan.suggested is None
