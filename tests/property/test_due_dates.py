"""When a test is due, whatever the schedule: never before the last one, never later for testing less, never put off by
a change of dose that came after it was due."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.patients import REFERENCES, assessed, examples, patients
from rxvigil.engine.courses import Exposure, Step
from rxvigil.engine.kleene import YES
from rxvigil.engine.schedule import Due, lay_out, next_due, next_wanted
from rxvigil.facts import Bounds, Dose, Origin, Result, on_day, parse_range
from rxvigil.knowledge.provenance import Source
from rxvigil.knowledge.rules import OnEvent, Panel, Phase, Schedule

START = date(2025, 1, 31)
INTERVALS = (
    "1 week",
    "2 weeks",
    "4 weeks",
    "1 month",
    "1 to 2 months",
    "12 weeks",
    "2 to 3 months",
    "3 months",
    "6 months",
)
LENGTHS = ("4 weeks", "8 weeks", "3 months", "12 months")
SOURCE = Source.model_validate(
    {"ref": "house", "where": "made up", "mark": "house", "checked": "2026-11-22", "note": "x"}
)

_opening = st.one_of(
    st.builds(
        lambda every, length: {"every": every, "for": length}, st.sampled_from(INTERVALS), st.sampled_from(LENGTHS)
    ),
    st.builds(
        lambda every, length: {"every": every, "until": {"dose_stable_for": length}},
        st.sampled_from(INTERVALS),
        st.sampled_from(("6 weeks", "1 month")),
    ),
)
_fixed = st.sampled_from(((), (), ({"at": ("2 weeks", "4 weeks", "8 weeks"), "for": "12 weeks"},)))
"""Fixed days are counted from the start, so they can only stand first."""
_lasting = st.one_of(st.sampled_from(INTERVALS).map(lambda every: {"every": every}), st.just({"stop": True}))
_phases = st.builds(
    lambda fixed, opening, lasting: (*fixed, *opening, lasting), _fixed, st.lists(_opening, max_size=2), _lasting
)
_events = st.lists(
    st.fixed_dictionaries(
        {
            "event": st.sampled_from(("dose-increase", "dose-decrease", "dose-change")),
            "phases": st.one_of(_fixed, _opening.map(lambda phase: (phase,))),
            "then": st.sampled_from(("restart", "resume")),
        }
    ),
    max_size=2,
)
_steps = st.lists(st.tuples(st.integers(1, 500), st.sampled_from((50.0, 100.0, 150.0, None))), max_size=4)


def schedule(phases: Any, events: Any = ()) -> Schedule:
    return Schedule(
        id="blood-tests", panel=Panel(all=("neutrophils",)), source=SOURCE,
        phases=tuple(Phase.model_validate(phase) for phase in phases),
        on=tuple(OnEvent.model_validate({**event, "source": SOURCE}) for event in events),
    )  # fmt: skip


def course(changes: list[tuple[int, float | None]]) -> Exposure:
    """A course from START with the dose changed so many days later."""
    later = {START + timedelta(days=after): dose for after, dose in sorted(changes, key=lambda change: change[0])}
    days: dict[date, float | None] = {START: 100.0, **later}
    steps = tuple(Step(day, None if dose is None else Dose(dose, dose)) for day, dose in days.items())
    return Exposure(active=YES, start=START, start_known=True, steps=steps, dose=steps[-1].dose)


def due(plan: Schedule, exposure: Exposure, last: int) -> Due | None:
    return next_due(lay_out(plan, exposure), START + timedelta(days=last))


_last = st.integers(0, 600)


@examples(200)
@given(_phases, _events, _steps, _last)
def test_the_next_test_is_after_the_last_and_overdue_after_it_is_due(phases, events, steps, last):
    found = due(schedule(phases, events), course(steps), last)
    if found is not None:
        assert START + timedelta(days=last) < found.due < found.overdue_after


@examples(200)
@given(_phases, _events, _steps, _last, st.integers(0, 120))
def test_another_test_never_makes_the_next_one_due_or_overdue_earlier(phases, events, steps, last, more):
    """Due and overdue days only ever move on with the day of the last test; a schedule that has ended stays ended."""
    plan, exposure = schedule(phases, events), course(steps)
    without, with_ = due(plan, exposure, last), due(plan, exposure, last + more)
    if without is None:
        assert with_ is None
    elif with_ is not None:
        assert with_.due >= without.due
        assert with_.overdue_after >= without.overdue_after


@examples(200)
@given(_phases, _events, _steps, _last, st.data())
def test_a_denser_schedule_is_never_due_later(phases, events, steps, last, data):
    """The same phases with one interval shorter: days, weeks and months compared as the calendar has them."""
    numbers = [number for number, phase in enumerate(phases) if "every" in phase]
    if not numbers:
        return
    number = data.draw(st.sampled_from(numbers))
    shorter = [one for one in INTERVALS if _never_longer(one, phases[number]["every"])]
    every = data.draw(st.sampled_from(shorter))
    denser = [{**phase, "every": every} if at == number else phase for at, phase in enumerate(phases)]
    loose, dense = (
        due(schedule(phases, events), course(steps), last),
        due(schedule(denser, events), course(steps), last),
    )
    if loose is not None:
        assert dense is not None
        assert dense.due <= loose.due
        assert dense.overdue_after <= loose.overdue_after


@lru_cache(maxsize=256)
def _never_longer(one: str, other: str) -> bool:
    """Whether an interval never reaches past another at either end, from whatever day (4 weeks against 1 month)."""
    days = [START + timedelta(days=number) for number in range(400)]
    first, second = parse_range(one), parse_range(other)
    return all(
        first.low.after(day) <= second.low.after(day) and first.high.after(day) <= second.high.after(day)
        for day in days
    )


@examples(200)
@given(_phases, _events, _steps, _last)
def test_a_change_of_dose_never_puts_off_a_test_that_was_due_by_then(phases, events, steps, last):
    """Starting a schedule again asks for more; it does not make good a test that was missed before."""
    changed = course(steps)
    days = [step.since for step in changed.steps[1:]]
    before = due(schedule(phases), changed, last)
    after = due(schedule(phases, events), changed, last)
    if before is not None and days and before.due <= min(days):
        assert after is not None
        assert after.due <= before.due


_restart = st.sampled_from(("dose-increase", "dose-decrease", "dose-change")).map(
    lambda event: ({"event": event, "phases": (), "then": "restart"},)
)
_soon_again = st.tuples(st.integers(1, 200), st.lists(st.integers(1, 30), min_size=1, max_size=3)).map(
    lambda days: [(days[0] + sum(days[1][:nth]), 100.0 + 50.0 * (-1) ** nth) for nth in range(len(days[1]) + 1)]
)
"""Changes of dose that come close together."""


@examples(400)
@given(_phases, st.one_of(_events, _restart), st.one_of(_steps, _soon_again), _last, st.integers(0, 100))
def test_nor_is_it_forgotten_later_unless_the_schedule_stops(phases, events, steps, last, more):
    """However soon the dose is changed again: only a stop ends a schedule, with what was missed before it."""
    plan, changed = schedule(phases, events), course(steps)
    laid, on = lay_out(plan, changed), changed.steps[-1].since + timedelta(days=more)
    if not any("stop" in phase for phase in phases):
        assert next_wanted(laid, START + timedelta(days=last), on) == due(plan, changed, last)


NORMAL = {key: (ends[0] or 0) + 1 for key, ends in REFERENCES.items()} | {"neutrophils": 4.0, "platelets": 250.0}


@examples(80)
@given(patients(), st.integers(0, 90))
def test_a_test_that_is_done_never_brings_the_next_one_forward(patient, ago):
    """The same on the whole: one full set of ordinary results more, and no test of the patient is due earlier."""
    record, on, wanted = patient
    when = on_day(on - timedelta(days=ago))
    more = tuple(
        Result(
            id=f"more-{key}", analyte=key, when=when, origin=Origin("made-up", "Observation/more"),
            value=value, reference=Bounds(*REFERENCES[key]),
        )
        for key, value in NORMAL.items()
    )  # fmt: skip
    tested = msgspec.structs.replace(record, results=(*record.results, *more))
    after = {one.test: one.due for one in assessed(tested, on, wanted).next_tests}
    for line in assessed(record, on, wanted).next_tests:
        now = after[line.test]
        assert line.due is None or now is None or now >= line.due, line.test


def test_lengths_of_time_are_compared_as_the_calendar_has_them() -> None:
    assert _never_longer("4 weeks", "1 month")
    assert not _never_longer("1 month", "4 weeks")
    assert _never_longer("12 weeks", "3 months")
    assert not _never_longer("1 to 2 months", "1 month")
