"""The course of treatment: start, rises, tests, what the clinic sees and does, harms, stops and second tries.

Events are taken in order of their day. Nobody in here sees the future, and the clinic sees only what was measured.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final, Literal

from rxvigil.knowledge.simulation import Trigger
from rxvigil.simulation.body import Body
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.facts import Dose, Harmed, Measured, Planned
from rxvigil.simulation.harms import Fate, again, fates
from rxvigil.simulation.people import YEAR, Person, in_tablets, intended_dose
from rxvigil.simulation.plan import Ready

MONTH: Final = YEAR / 12
_ACUTE: Final = {"pancreatitis": ("lipase",), "hypersensitivity": (), "intolerance": ()}
"""Harms that patients notice themselves, with what is measured on the day beside the usual tests."""
_MOST_REPEATS: Final = 6


class Course:
    """One patient's course, from the tests before the first dose to the last day of the record."""

    def __init__(self, ready: Ready, who: Person) -> None:
        self.ready, self.who = ready, who
        self.draws = Draws(ready.seed, who.index, "course")
        self.body = Body(ready, who, Draws(ready.seed, who.index, "body"))
        self.intended = intended_dose(ready, who)
        self.doses: list[Dose] = []
        self.samples: list[Measured] = []
        self.tests: list[Planned] = []
        self.harms: list[Harmed] = []
        self.ignored: list[int] = []
        self.stopped_for: list[str] = []
        self.allopurinol_from: int | None = None
        self.unplanned = False
        self._events: list[tuple[int, int, Callable[[int], None]]] = []
        self._made = 0
        self._dose = 0.0
        self._last_rise = who.start
        self._worried = False
        self._repeats = 0
        self._rhythm = 0
        self._hurt: Fate | None = None
        self._begin()

    def run(self) -> None:
        """Everything up to the last day of the record."""
        while self._events and self._events[0][0] <= self.ready.on:
            day, _, happen = heappop(self._events)
            happen(day)

    @property
    def allopurinol_kind(self) -> Literal["", "planned", "unplanned"]:
        """Whether allopurinol was added, and with azathioprine lowered for it."""
        if self.allopurinol_from is None:
            return ""
        return "unplanned" if self.unplanned else "planned"

    @property
    def taking(self) -> bool:
        """Whether azathioprine is taken at the moment."""
        return self._dose > 0

    def _at(self, day: float, happen: Callable[[int], None]) -> None:
        if day <= self.ready.on:
            self._made += 1
            heappush(self._events, (int(day), self._made, happen))

    def _begin(self) -> None:
        start, draws = self.who.start, self.draws
        self._at(start - draws.day(3, int(self.ready.scenario.habits.first_tests_before.value)), self._sample)
        if not self.intended:
            return
        plan = self.ready.dose_plan(self.who.indication)
        for step in plan.steps:
            self._at(start + step.day, self._rise(step.part))
        for fate in fates(self.ready, self.who, draws):
            self._at(start + fate.after, self._harm(fate))
        other = draws.until(self.ready.scenario.habits.stops_otherwise.value / MONTH)
        self._at(start + max(1.0, other), self._stop_otherwise)
        self._plan_allopurinol()
        self._plan_test(start)

    def _plan_allopurinol(self) -> None:
        habits, draws = self.ready.scenario.habits, self.draws
        takes, when, self.unplanned = (
            draws.chance(habits.allopurinol.value), draws.uniform(), draws.chance(habits.allopurinol_unplanned.value)
        )  # fmt: skip
        if takes:
            self._at(self.who.start + when * (self.ready.on - self.who.start), self._add_allopurinol)

    def _add_allopurinol(self, day: int) -> None:
        if not self.taking:
            return
        self.allopurinol_from = day
        self.body.add_allopurinol(day)
        if not self.unplanned:
            self._set_dose(day, in_tablets(self.intended * self.ready.scenario.habits.allopurinol_part.value))

    def _rise(self, part: float) -> Callable[[int], None]:
        def rise(day: int) -> None:
            held = self._worried or self.stopped_for or self.allopurinol_from is not None
            if (self.taking or day == self.who.start) and not held:
                self._set_dose(day, in_tablets(self.intended * part))

        return rise

    def _set_dose(self, day: int, mg: float) -> None:
        if mg == self._dose:
            return
        if mg > self._dose:
            self._last_rise = day
        if self.doses and self.doses[-1].day == day:
            self.doses.pop()
        self._dose = mg
        if not self.doses or self.doses[-1].mg_per_day != mg:
            self.doses.append(Dose(day, mg))
        self.body.take(day, mg)

    def _stop(self, day: int, why: str, hurt: Fate | None = None) -> None:
        if not self.taking:
            return
        self._set_dose(day, 0.0)
        self.body.heal(day)
        self.stopped_for.append(why)
        habits, draws = self.ready.scenario.habits, self.draws
        tries_again = draws.chance(habits.restarts.value)
        harmed_again = draws.chance(habits.harmed_again.value)
        may = len(self.stopped_for) == 1 and why != "other" and (hurt is None or hurt.harm.restart)
        if may and tries_again:
            self._at(day + habits.days_to_restart.value, self._restart(hurt if harmed_again else None))

    def _stop_otherwise(self, day: int) -> None:
        self._stop(day, "other")

    def _restart(self, hurt: Fate | None) -> Callable[[int], None]:
        def restart(day: int) -> None:
            self._worried, self._repeats = False, 0
            self._rhythm += 1
            habits = self.ready.scenario.habits
            lowered = self.allopurinol_kind == "planned"
            part = habits.allopurinol_part.value if lowered else habits.restart_part.value
            self._set_dose(day, in_tablets(self.intended * part))
            if hurt is not None:
                fate = again(self.ready, hurt.harm, self.draws)
                self._at(day + fate.after, self._harm(fate))
            self._plan_test(day)

        return restart

    def _harm(self, fate: Fate) -> Callable[[int], None]:
        def harm(day: int) -> None:
            if not self.taking:
                return
            self.harms.append(fate.happened(day))
            self._hurt = fate
            if fate.kind == "myelotoxicity":
                self.body.hurt_marrow(day, fate.factor)
            elif fate.kind == "hepatotoxicity":
                patterns = self.ready.scenario.patterns
                mine = next(one for one in patterns if one.organ == "liver" and one.key == fate.pattern)
                self.body.hurt_liver(day, fate.factor, mine)
            else:
                self._sample_acute(day, fate)
                self._at(day + 1, lambda later: self._stop(later, fate.kind, fate))

        return harm

    def _sample_acute(self, day: int, fate: Fate) -> None:
        if fate.kind == "intolerance":
            return
        effects = self.ready.scenario.effects
        values = self.body.measure(day, effects.crp_rise.value)
        for name in _ACUTE[fate.kind]:
            values[name] = self.draws.around(effects.lipase_rise.value, effects.lipase_spread.value) * self._upper(name)
        self.samples.append(Measured(day, values))

    def _upper(self, analyte: str) -> float:
        """The upper limit of the patient's own laboratory, in canonical units."""
        style = self.ready.scenario.laboratories[self.who.laboratory]
        test = next(one for one in style.tests if one.analyte == analyte)
        return (test.high or 0.0) * self.ready.factors[analyte, test.unit]

    def _plan_test(self, after: int) -> None:
        """The next test of the rhythm after this day."""
        rhythm = self._rhythm
        every = self._every(after) * self.who.attender.interval
        due = int(after + every)
        late, missed = self.draws.days(self.ready.scenario.habits.days_late), self.draws.uniform()
        self._at(due, self._test(due, late, missed < self.who.attender.missed, rhythm))

    def _every(self, day: int) -> int:
        for phase in self.ready.test_plan(self.who.indication).phases:
            if phase.until_stable_days is not None and day - self._last_rise >= phase.until_stable_days:
                continue
            if phase.until_days is not None and day - self.who.start >= phase.until_days:
                continue
            return phase.every_days
        return self.ready.test_plan(self.who.indication).phases[-1].every_days

    def _test(self, due: int, late: int, missed: bool, rhythm: int) -> Callable[[int], None]:
        def test(_: int) -> None:
            if not self.taking or rhythm != self._rhythm:
                return
            done = due + late
            if missed:
                self.tests.append(Planned(due, None))
                self._plan_test(due)
            elif done <= self.ready.on:
                self.tests.append(Planned(due, done))
                self._at(done, self._sample_and_look)

        return test

    def _sample_and_look(self, day: int) -> None:
        self._sample(day)
        self._look(day)
        if self.taking:
            self._plan_test(day)

    def _sample(self, day: int) -> None:
        self.samples.append(Measured(day, self.body.measure(day)))

    def _repeat(self, day: int) -> None:
        self._sample(day)
        self._look(day)

    def _look(self, day: int) -> None:
        """What the clinic does about the newest results: nothing, a repeat, or a stop."""
        reached = [one for one in self.ready.scenario.triggers if _reached(one, self.samples[-1].values)]
        habits = self.ready.scenario.habits
        overlooked, wait = self.draws.chance(habits.not_followed_up.value), self.draws.days(habits.days_to_act)
        if not reached:
            self._worried = False
            return
        if overlooked and self.taking:
            self.ignored.append(day)
            return
        if self.taking and (self._worried or any(one.at_once for one in reached)):
            self._at(day + wait, self._stop_for(reached))
        self._worried = True
        self._repeats += 1
        if self._repeats <= _MOST_REPEATS:
            self._at(day + max(habits.days_to_repeat.value, wait + 1), self._repeat)

    def _stop_for(self, reached: list[Trigger]) -> Callable[[int], None]:
        why = "liver" if reached[0].analyte == "alt" else "counts"
        return lambda day: self._stop(day, why, self._hurt)


def _reached(one: Trigger, values: dict[str, float]) -> bool:
    value = values[one.analyte]
    return (one.below is not None and value < one.below) or (one.above is not None and value > one.above)
