"""A prescription without a start settles nothing that its start would have settled otherwise.

Take the start away from any prescriptions of a drug. The record then says less, so the dose may only become a wider
range or unknown, the start of the course may only become unknown, and no rule that spoke, or said that it could not,
falls silent. Prescriptions that are planned for a day to come are left alone: without their day they read as taken,
which is another statement and not less of the same.
"""

from datetime import date, timedelta
from typing import cast

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.answers import ORDER, outcomes
from property.patients import DOSES, WORDS, assessed, examples, moment, patients
from property.test_missing_facts import chosen_anew
from rxvigil.engine.courses import Exposure, exposure
from rxvigil.facts import Dose, Origin, Prescription, PrescriptionStatus, Record, on_day

ON = date(2026, 3, 1)
PRODUCTS = ("tablet 50 mg", "tablet 25 mg", "")
_dose = st.one_of(
    st.none(), st.tuples(st.sampled_from(DOSES["azathioprine"]), st.sampled_from((0.0, 0.0, 25.0)))
)  # fmt: skip
_one = st.tuples(
    st.integers(0, 500), st.one_of(st.none(), st.integers(0, 200)), st.one_of(st.none(), st.integers(-60, 300)),
    st.sampled_from(("active", "active", "ended", "on-hold", "unknown")), st.sampled_from(PRODUCTS), _dose,
)  # fmt: skip


def prescription(number: int, ago: int, length: int | None, supplied: int | None, status: str, *rest) -> Prescription:
    """One that began `ago` days before the date, ran `length` days and had supplies to `supplied` days before it."""
    product, amount = rest
    start = ON - timedelta(days=ago)
    return Prescription(
        id=f"p{number}", drug="azathioprine", origin=Origin("made-up", f"MedicationRequest/{number}"),
        status=cast(PrescriptionStatus, status), start=on_day(start), product=product,
        end=None if length is None else on_day(start + timedelta(days=length)),
        supply_until=None if supplied is None else on_day(max(start, ON - timedelta(days=supplied))),
        dose=None if amount is None else Dose(amount[0], amount[0] + amount[1]),
    )  # fmt: skip


def without_start(group: list[Prescription], which: set[int]) -> list[Prescription]:
    return [msgspec.structs.replace(one, start=None) if at in which else one for at, one in enumerate(group)]


def contains(wide: Dose | None, narrow: Dose | None) -> bool:
    """Whether one reading of a dose leaves open all that another does; not known leaves everything open."""
    return wide is None or (narrow is not None and wide.low <= narrow.low and narrow.high <= wide.high)


def says_no_more(before: Exposure, after: Exposure) -> bool:
    return (
        after.active == before.active
        and contains(after.dose, before.dose)
        and after.start in (None, before.start)
        and after.steps in ((), before.steps)
        and after.stopped in (None, before.stopped)
    )


@examples(1500)
@given(st.lists(_one, min_size=1, max_size=4), st.sets(st.integers(0, 3), min_size=1), st.sets(st.integers(0, 3)))
def test_without_starts_dose_and_course_are_only_less_certain(drawn, gone, gone_too):
    dated = [prescription(number, *one) for number, one in enumerate(drawn)]
    one_step, both_steps = without_start(dated, gone), without_start(dated, gone | gone_too)
    assert says_no_more(exposure(dated, ON), exposure(one_step, ON))
    assert says_no_more(exposure(one_step, ON), exposure(both_steps, ON))


@st.composite
def treated(draw: st.DrawFn) -> tuple[Record, date, str, set[int], object]:
    """A made-up patient with one to three further prescriptions of a drug they take, some of which lose their start."""
    record, on, wanted = draw(patients())
    drugs = sorted({one.drug for one in record.prescriptions if WORDS.drugs[one.drug].monitored}) or ["azathioprine"]
    drug = draw(st.sampled_from(drugs))
    added = [
        msgspec.structs.replace(
            _moved(prescription(number, *one), on), drug=drug, id=f"added-{number}",
            dose=Dose(amount, amount) if one[5] else None,
        )
        for number, (one, amount) in enumerate(
            draw(st.lists(st.tuples(_one, st.sampled_from(DOSES.get(drug, (100.0,)))), max_size=3))
        )
    ]  # fmt: skip
    record = msgspec.structs.replace(
        record, prescriptions=(*record.prescriptions, *added), lists=tuple({*record.lists, "prescriptions"})
    )
    mine = [
        at for at, one in enumerate(record.prescriptions)
        if one.drug == drug and one.status != "planned" and one.start and one.start.first <= on
    ]  # fmt: skip
    gone = draw(st.sets(st.sampled_from(mine), min_size=1, max_size=3)) if mine else set()
    return record, on, drug, gone, wanted


def _moved(one: Prescription, on: date) -> Prescription:
    """The same so many days before another date."""
    days = {
        name: on_day(when.first + (on - ON))
        for name in ("start", "end", "supply_until")
        if (when := getattr(one, name))
    }
    return msgspec.structs.replace(one, **days)


@examples(250)
@given(treated())
def test_no_rule_falls_silent_because_a_start_is_not_recorded(patient):
    record, on, _, gone, wanted = patient
    less = msgspec.structs.replace(record, prescriptions=tuple(without_start(list(record.prescriptions), gone)))
    before, after = assessed(record, on, wanted), assessed(less, on, wanted)
    now = outcomes(after)
    silenced = [
        rule for rule, said in outcomes(before).items()
        if ORDER[said] > 0 and ORDER[now.get(rule, "silent")] == 0 and not chosen_anew(rule, before, after)
    ]  # fmt: skip
    assert not silenced


def test_the_undated_one_may_be_the_newest_alone_or_together_with_it():
    """Counted by hand: 100 mg since last year, and 150 mg of the same tablets from nobody knows when."""
    tablets = prescription(0, 300, None, None, "active", "tablet 50 mg", (100.0, 0.0))
    more = prescription(1, 20, None, None, "active", "tablet 50 mg", (150.0, 0.0))
    dated, undated = exposure([tablets, more], ON), exposure([tablets, msgspec.structs.replace(more, start=None)], ON)
    assert (dated.dose, dated.start) == (Dose(150, 150), ON - timedelta(days=300))
    assert (undated.dose, undated.start) == (Dose(100, 250), None)


def test_an_ended_one_without_a_start_leaves_the_start_of_the_course_open():
    now = prescription(0, 30, None, None, "active", "", (100.0, 0.0))
    earlier = msgspec.structs.replace(prescription(1, 90, 40, None, "ended", "", (50.0, 0.0)), start=None)
    long_ago = msgspec.structs.replace(earlier, end=moment(ON, 121))
    assert exposure([now, earlier], ON).start is None
    assert exposure([now, long_ago], ON).start == ON - timedelta(days=30)
