"""What a sample can tell of a dose: how long the dose had been the same when the blood was taken, and whether it has
changed since.

A metabolite builds up over weeks. A sample taken too early stays too early however much later it is read, and one taken
before a change of dose describes the dose before. Both are judged by the day of the newest result, not by today.
"""

from collections.abc import Callable
from datetime import date

from rxvigil.engine.ask_drugs import is_active
from rxvigil.engine.ask_results import Ask
from rxvigil.engine.assessment import Missing
from rxvigil.engine.courses import Exposure
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, Fact, Truth, unknown
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside
from rxvigil.facts import Duration, Result, When, show_day
from rxvigil.knowledge.expression import Operator

OnADay = Callable[[Exposure, date], Truth]
"""Whether something holds of a course, for a sample taken on that day."""


def stable_at_sample(analyte: str, operator: Operator, limit: Duration) -> Ask:
    """How long the dose of `this` had been the same on the day of the newest result. A sample from before the course
    says nothing of its dose: then no length of time fits."""

    def on_a_day(exposure: Exposure, day: date) -> Truth:
        steps = [step for step in exposure.steps if step.since <= day]
        if not steps:
            return NO
        if steps[-1].dose is None:
            return UNKNOWN
        return _compared(day, operator, limit.after(steps[-1].since))

    return _asked(analyte, on_a_day)


def time_on_at_sample(analyte: str, operator: Operator, limit: Duration) -> Ask:
    """How long the course of `this` had run on the day of the newest result; no length fits one from before it."""

    def on_a_day(exposure: Exposure, day: date) -> Truth:
        start = exposure.steps[0].since
        return _compared(day, operator, limit.after(start)) if start <= day else NO

    return _asked(analyte, on_a_day)


def _compared(day: date, operator: Operator, full: date) -> Truth:
    holds = {">=": day >= full, ">": day > full, "<": day < full, "<=": day <= full, "=": day == full}
    return YES if holds[operator] else NO


def dose_changed_since(analyte: str) -> Ask:
    """Whether the dose of `this` was begun or changed after the day of the newest result."""

    def on_a_day(exposure: Exposure, day: date) -> Truth:
        if any(step.since > day for step in exposure.steps):
            return YES
        return UNKNOWN if exposure.steps[-1].dose is None else NO

    return _asked(analyte, on_a_day)


def _asked(analyte: str, on_a_day: OnADay) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        found = state.latest(analyte, this)
        if not found.results:
            return unknown(found.doubt) if found.doubt else unknown()
        if this is None:
            return unknown()
        running = is_active(state, this)
        return running if running.truth != YES else _answered(state, this, found.results[-1], on_a_day)

    return ask


def _answered(state: State, this: str, sample: Result, on_a_day: OnADay) -> Answer:
    exposure = state.exposure(this)
    because: tuple[Fact, ...] = (sample, *exposure.current)
    if not exposure.steps:
        return unknown(_no_history(state, this), because=because)
    answers = {on_a_day(exposure, day) for day in (sample.when.first, sample.when.last)}
    if len(answers) == 1 and UNKNOWN not in answers:
        return Answer(answers.pop(), because, (), lambda: _why(state, this, sample.when, exposure))
    gap = _no_history(state, this) if UNKNOWN in answers else _no_day(state, sample)
    return unknown(gap, because=because)


def _why(state: State, this: str, when: When, exposure: Exposure) -> str:
    name, steps = inside(state.words.show(this)), [step for step in exposure.steps if step.since <= when.last]
    if not steps:
        return f"the sample of {when} was taken before {name} began"
    return f"the sample of {when} was taken on the dose of {name} since {show_day(steps[-1].since)}"


def _no_history(state: State, this: str) -> Missing:
    name = inside(state.words.show(this))
    return Missing(f"dose history of {name}", "start or doses are not recorded", "find start date and doses")


def _no_day(state: State, sample: Result) -> Missing:
    name = state.words.show(sample.analyte)
    return Missing(f"day of the {name} sample", f"only {sample.when} is recorded", "find the day the blood was taken")
