"""Planted dangers are found, and stable people are left in peace: the truth of a simulated clinic against what the
rule book says of its record."""

from datetime import date
from pathlib import Path

from rxvigil.engine import Evaluator
from rxvigil.simulation import Ready, Simulated
from simulation.clinic import assessed, clinic, people, records_of, taking

LOUD = ("STOP", "ACT")


def loud(assessment: object) -> set[str]:
    return {finding.cause for finding in assessment.findings if finding.tier in LOUD}


def mg_per_kg(one: Simulated) -> float:
    return one.truth.doses[-1].mg_per_day / one.truth.weight_kg


def test_neutrophils_below_1_on_azathioprine_are_found_on_the_day(evaluator: Evaluator, tmp_path: Path) -> None:
    """In East Asians NUDT15 poor metabolisers are common, and few know it before the first dose."""
    plan = clinic(evaluator.book, clean=True, mix={"EAS": 1.0})
    found = {one.id: (one, day) for one in people(plan, 900) if (day := very_low(one, evaluator)) is not None}
    assert len(found) >= 8
    records = records_of([one for one, _ in found.values()], plan, evaluator.book, tmp_path / "c")
    for name, (_, day) in found.items():
        findings = evaluator.assess(records[name], date.fromordinal(day)).findings
        assert any(one.tier in LOUD and "neutrophils low" in one.cause for one in findings), name


def very_low(one: Simulated, evaluator: Evaluator) -> int | None:
    """The first day of treatment on which neutrophils below 1.0 were reported."""
    for result in one.results:
        if result.analyte == "neutrophils" and dose_on(one, result.day):
            value = evaluator.book.vocabulary.convert("neutrophils", result.value, result.unit)
            if isinstance(value, float) and value < 1.0:
                return result.day
    return None


def dose_on(one: Simulated, day: int) -> float:
    return next((dose.mg_per_day for dose in reversed(one.truth.doses) if dose.day <= day), 0.0)


def test_allopurinol_beside_a_full_dose_is_a_stop(evaluator: Evaluator, tmp_path: Path) -> None:
    plan = clinic(evaluator.book, clean=True)
    chosen = [
        one for one in people(plan, 2000) if taking(one) and one.truth.allopurinol == "unplanned" and mg_per_kg(one) > 1
    ]
    assert len(chosen) >= 3
    for assessment in assessed(chosen, plan, evaluator, tmp_path / "c").values():
        causes = {finding.cause for finding in assessment.findings if finding.tier == "STOP"}
        assert "xanthine-oxidase inhibitor with a thiopurine" in causes


def test_allopurinol_beside_a_lowered_dose_is_no_stop(evaluator: Evaluator, tmp_path: Path) -> None:
    """50 mg and at most 0.83 mg/kg is the low dose meant for the combination; weights vary by a kilogram or two."""
    plan = clinic(evaluator.book, clean=True)
    chosen = [one for one in people(plan, 900) if taking(one) and one.truth.allopurinol == "planned" and lowered(one)]
    assert len(chosen) >= 5
    for assessment in assessed(chosen, plan, evaluator, tmp_path / "c").values():
        stops = {finding.cause for finding in assessment.findings if finding.tier == "STOP"}
        assert "xanthine-oxidase inhibitor with a thiopurine" not in stops


def lowered(one: Simulated) -> bool:
    return one.truth.doses[-1].mg_per_day <= 50 and mg_per_kg(one) <= 0.8


def test_a_live_vaccine_on_treatment_is_found_ten_days_later(evaluator: Evaluator, tmp_path: Path) -> None:
    plan = clinic(evaluator.book, clean=True)
    given = {one.id: (one, day) for one in people(plan, 1500) for day in live(one)}
    assert len(given) >= 5
    records = records_of([one for one, _ in given.values()], plan, evaluator.book, tmp_path / "c")
    for name, (_, day) in given.items():
        assessment = evaluator.assess(records[name], date.fromordinal(day + 10))
        assert "live vaccine with a thiopurine" in loud(assessment), name


def live(one: Simulated) -> list[int]:
    """Days of live vaccines at least two weeks into treatment, and with treatment going on for two more."""
    doses = one.truth.doses
    ended = next((dose.day for dose in doses if not dose.mg_per_day), one.last_day + 1)
    return [
        each.day
        for each in one.vaccinations
        if each.vaccine in ("yellow-fever", "mmr") and doses and doses[0].day + 14 < each.day < ended - 14
    ]


def test_tests_long_missed_are_overdue(evaluator: Evaluator, tmp_path: Path) -> None:
    plan = clinic(evaluator.book, clean=True)
    chosen = [
        one
        for one in people(plan, 400)
        if taking(one) and one.truth.newest and plan.on - one.truth.newest.day > 200 and plan.on - one.truth.start > 200
    ]
    assert len(chosen) >= 10
    for assessment in assessed(chosen, plan, evaluator, tmp_path / "c").values():
        assert "blood tests overdue" in loud(assessment)


def test_stable_people_who_keep_to_their_tests_are_left_in_peace(evaluator: Evaluator, tmp_path: Path) -> None:
    plan = clinic(evaluator.book, clean=True)
    chosen = [one for one in people(plan, 1200) if stable(one, plan)]
    assert len(chosen) >= 15
    for name, assessment in assessed(chosen, plan, evaluator, tmp_path / "c").items():
        assert loud(assessment) == set(), name


def stable(one: Simulated, plan: Ready) -> bool:
    """No harm, no interacting drug, no carrier, every test done, a whole newest sample within its reference ranges."""
    truth = one.truth
    last = [result for result in one.results if result.sample == max(each.sample for each in one.results)]
    within = all(
        (each.low is None or float(each.value) >= each.low) and (each.high is None or float(each.value) <= each.high)
        for each in last
    )
    return (
        taking(one)
        and not (truth.harms or truth.ignored or truth.allopurinol)
        and set(truth.phenotypes.values()) == {"normal"}
        and all(test.done for test in truth.tests)
        and plan.on - truth.doses[-1].day > 400
        and plan.on - last[0].day < 75
        and len(one.diagnoses) == 1
        and {each.drug for each in one.medicines} <= {"azathioprine", "prednisolone", "hydroxychloroquine"}
        and within
        and any(each.analyte == "creatinine" for each in last)
        and all(float(each.value) >= 62 for each in last if each.analyte == "egfr")
        and plan.scenario.laboratories[0].key == truth.laboratory == last[0].laboratory
    )
