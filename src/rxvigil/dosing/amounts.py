"""Amounts of a drug per day, and the words of a sum."""

from typing import NamedTuple

from rxvigil.engine.wording import dose_range, number
from rxvigil.knowledge.dosing import DoseRange
from rxvigil.knowledge.lookup import tidy


class Amount(NamedTuple):
    """mg a day, from the least to the most."""

    low: float
    high: float

    def __str__(self) -> str:
        return dose_range(self.low, self.high, "mg/d")

    def times(self, low: float, high: float) -> "Amount":
        """A fraction of it: both ends by their own factor."""
        return Amount(tidy(self.low * low), tidy(self.high * high))

    def at_most(self, most: float) -> "Amount":
        """Neither end above a limit."""
        return Amount(min(self.low, most), min(self.high, most))


class Scale(NamedTuple):
    """What a dose per kg or per m2 is multiplied by; none where it is not known."""

    kg: float | None = None
    m2: float | None = None

    def factor(self, unit: str) -> float | None:
        """mg/d for 1 of the unit."""
        return {"mg/d": 1.0, "mg/kg/d": self.kg, "mg/m2/d": self.m2}[unit]


def in_mg(dose: DoseRange, scale: Scale) -> Amount | None:
    """The dose of this person in mg a day; none where weight or surface is needed and not known."""
    factor = scale.factor(dose.unit)
    return None if factor is None else Amount(tidy(dose.low * factor), tidy(dose.high * factor))


def product_line(dose: DoseRange, scale: Scale, result: Amount) -> str:
    """The multiplication in words: "70 kg x 2 mg/kg/d = 140 mg/d"."""
    if dose.unit == "mg/d":
        return f"{dose}"
    size = f"{number(scale.kg or 0)} kg" if dose.unit == "mg/kg/d" else f"{number(scale.m2 or 0)} m2"
    return f"{size} x {dose_range(dose.low, dose.high, dose.unit)} = {result}"
