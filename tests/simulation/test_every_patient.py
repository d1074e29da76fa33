"""What holds of every simulated patient, whatever the seed, the size, the dates and the mix."""

from datetime import date, timedelta
from itertools import pairwise

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import Simulated, Truth, ready, simulate
from rxvigil.simulation.writers.truth import truth_line

POPULATIONS = ("AFR", "AMR", "EAS", "EUR", "SAS")


@st.composite
def clinics(draw: st.DrawFn) -> tuple[int, int, date, date, str, bool]:
    on = draw(st.dates(date(1960, 1, 1), date(2100, 1, 1)))
    days = draw(st.integers(0, 3650))
    seed, index = draw(st.integers(0, 2**63 - 1)), draw(st.integers(1, 99_999_999))
    return seed, index, on - timedelta(days=days), on, draw(st.sampled_from(POPULATIONS)), draw(st.booleans())


@given(clinics())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_patient_is_whole(book: RuleBook, drawn: tuple[int, int, date, date, str, bool]) -> None:
    seed, index, first, on, population, clean = drawn
    plan = ready(book, seed, first, on, mix={population: 1.0}, clean=clean)
    one = simulate(plan, index)
    assert one.id == f"sim-{seed}-{index:08d}"
    assert len(one.id) + 8 <= 64  # the longest id that FHIR allows, with what is added for a result
    assert first.toordinal() <= one.truth.start <= on.toordinal()
    check_results(one, on.toordinal())
    check_doses(one)
    check_truth(one)


def check_results(one: Simulated, on: int) -> None:
    assert [result.number for result in one.results] == list(range(len(one.results)))
    ahead = {slip.result for slip in one.truth.slips if slip.kind == "future-date"}
    for result in one.results:
        assert (result.day > on) == (result.number in ahead)
        assert result.day >= one.truth.start - 60
        if result.is_number:
            assert float(result.value) >= 0
        assert result.low is None or result.high is None or result.low < result.high
    counts = {result.sample for result in one.results if result.sample}
    assert counts == set(range(1, len(counts) + 1))


def check_doses(one: Simulated) -> None:
    doses = one.truth.doses
    assert all(later.day > dose.day and later.mg_per_day != dose.mg_per_day for dose, later in pairwise(doses))
    assert not doses or doses[0].day == one.truth.start
    assert all(dose.mg_per_day % 25 == 0 and 0 <= dose.mg_per_day <= one.truth.intended_mg_per_day for dose in doses)
    written = [each for each in one.medicines if each.drug == "azathioprine"]
    assert all(each.end is not None and each.end < later.start for each, later in pairwise(written))
    assert [each.mg_per_day for each in written] == [dose.mg_per_day for dose in doses if dose.mg_per_day]


def check_truth(one: Simulated) -> None:
    truth = one.truth
    if "poor" in [truth.phenotypes[gene] for gene in truth.known_before_start]:
        assert truth.doses == ()
    for harm in truth.harms:
        before = [dose for dose in truth.doses if dose.day <= harm.onset]
        assert before
        assert before[-1].mg_per_day > 0 or before[-1].day == harm.onset
    assert all(test.done is None or test.done >= test.day for test in truth.tests)
    assert all(later.day > test.day for test, later in pairwise(truth.tests))
    assert len(truth.stopped_for) == sum(dose.mg_per_day == 0 for dose in truth.doses)
    told = msgspec.json.decode(truth_line(truth))
    assert told.pop("simulated") is True
    assert set(told) == set(Truth.__struct_fields__)
    assert told["start"] == date.fromordinal(truth.start).isoformat()


@given(st.integers(0, 1000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hypersensitivity_and_pancreatitis_are_never_tried_again(book: RuleBook, seed: int) -> None:
    plan = ready(book, seed, date(2020, 1, 1), date(2026, 3, 1))
    for index in range(1, 6):
        one = simulate(plan, index)
        for harm in one.truth.harms:
            if harm.kind in ("hypersensitivity", "pancreatitis"):
                assert all(dose.mg_per_day == 0 for dose in one.truth.doses if dose.day > harm.onset)
