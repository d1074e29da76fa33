"""What a patient's results truly are: set points, the effect of azathioprine, harms coming and going.

Each effect follows its cause with a time constant, so that the state on a day follows from the state on the day before
it changed: x(t) = target + (x - target) exp(-t / constant). Values are in canonical units.
"""

from math import exp, log
from typing import Final

from rxvigil.knowledge.simulation import Pattern, spread_of
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.people import Person, exposure_factor
from rxvigil.simulation.plan import Ready

_WHITE_CELLS: Final = ("neutrophils", "lymphocytes", "monocytes", "eosinophils")


class Body:
    """One patient's true state. Time only runs forward."""

    def __init__(self, ready: Ready, who: Person, draws: Draws) -> None:
        self._ready, self._who, self._draws = ready, who, draws
        self._effects = ready.scenario.effects
        self._noise = ready.noise[who.sex]
        self.set_points = {
            one.analyte: draws.around(one.median[who.sex], spread_of(one.between)) for one in ready.scenario.set_points
        }
        self.sensitivity = draws.around(1.0, self._effects.sensitivity.value)
        self._rise = max(0.0, draws.normal(self._effects.mcv_rise.value, self._effects.mcv_rise_spread.value))
        self._metaboliser = exposure_factor(ready, who)
        self._marrow_pattern = next(one for one in ready.scenario.patterns if one.organ == "marrow")
        self._liver_pattern: Pattern | None = None
        self._day = 0
        self._dose = 0.0
        self._allopurinol = False
        self._exposure = self._enlarged = 0.0
        self._harm = {"marrow": 0.0, "liver": 0.0}
        self._worst = {"marrow": 0.0, "liver": 0.0}

    def take(self, day: int, mg_per_day: float) -> None:
        """The dose from this day on."""
        self._advance(day)
        self._dose = mg_per_day

    def add_allopurinol(self, day: int) -> None:
        """Allopurinol from this day on."""
        self._advance(day)
        self._allopurinol = True

    def hurt_marrow(self, day: int, factor: float) -> None:
        """A harm of the marrow begins, at whose worst neutrophils are multiplied by `factor`."""
        self._advance(day)
        self._worst["marrow"] = log(factor)

    def hurt_liver(self, day: int, factor: float, pattern: Pattern) -> None:
        """A liver injury of this pattern begins, at whose worst its leading enzyme is multiplied by `factor`."""
        self._advance(day)
        self._worst["liver"], self._liver_pattern = log(factor), pattern

    def heal(self, day: int) -> None:
        """What the harms did begins to wear off."""
        self._advance(day)
        self._worst = dict.fromkeys(self._worst, 0.0)

    def measure(self, day: int, inflamed: float = 1.0) -> dict[str, float]:
        """The true values of a sample; `inflamed` multiplies C-reactive protein."""
        self._advance(day)
        usual = self._usual()
        values = {name: usual[name] * exp(self._draws.normal(0.0, self._noise[name])) for name in usual}
        values["crp"] *= inflamed
        values["white-cells"] = sum(values[name] for name in _WHITE_CELLS)
        return values

    def _usual(self) -> dict[str, float]:
        """What results vary around today."""
        effects = self._effects
        now = dict(self.set_points)
        felt = self._exposure * self.sensitivity / effects.half_effect.value
        fall = self._harm["marrow"] - log(1 + felt**effects.steepness.value)
        _move(now, self._marrow_pattern, fall)
        if self._liver_pattern is not None:
            _move(now, self._liver_pattern, self._harm["liver"])
        now["lymphocytes"] *= effects.lymphocytes.value**self._enlarged
        now["mcv"] += self._rise * self._enlarged
        return now

    def _advance(self, day: int) -> None:
        days, self._day = day - self._day, day
        effects = self._effects
        taken = self._dose / self._who.weight * self._metaboliser
        if self._allopurinol:
            taken *= effects.exposure_with_allopurinol.value
        self._exposure = _towards(taken, self._exposure, days, effects.exposure_days.value)
        self._enlarged = _towards(1.0 if self._dose else 0.0, self._enlarged, days, effects.mcv_days.value)
        for organ, worst in self._worst.items():
            constant = effects.harm_days.value if worst else effects.recovery_days.value
            self._harm[organ] = _towards(worst, self._harm[organ], days, constant)


def _towards(target: float, now: float, days: int, constant: float) -> float:
    return target + (now - target) * exp(-days / constant)


def _move(now: dict[str, float], pattern: Pattern, by: float) -> None:
    for name, power in pattern.powers.items():
        now[name] *= exp(by * power)
