"""From Dosage elements to milligrams a day. Structure and words must agree; where they do not, no dose is chosen."""

import re
from functools import lru_cache
from typing import NamedTuple

from rxvigil.facts import Dose
from rxvigil.intake.fhir.elements import (
    Misshapen,
    Node,
    Period,
    Quantity,
    child_of,
    children_of,
    concept_of,
    flag_of,
    number_of,
    period_of,
    quantity_of,
    text_of,
)
from rxvigil.intake.fhir.parts import refuse_modifiers
from rxvigil.intake.fhir.timing import times_per_day
from rxvigil.intake.instructions import DailyAmount, amount_in_words
from rxvigil.knowledge.lookup import tidy

_MASS = {
    "mg": 1.0, "milligram": 1.0, "milligrams": 1.0, "g": 1000.0, "gram": 1000.0, "grams": 1000.0,
    "ug": 0.001, "mcg": 0.001, "microgram": 0.001, "micrograms": 0.001,
}  # fmt: skip
_PIECES = frozenset(
    ("tablet", "tablets", "tab", "tabs", "tbl", "capsule", "capsules", "cap", "caps", "tablet(s)", "capsule(s)")
)
_STRENGTH = re.compile(
    r"(?<![\d.,])(\d+(?:\.\d+)?)\s*(mg|g|micrograms?|mcg)\b(?!\s*/\s*(?:kg|m2))(?:\s*/\s*(\d+(?:\.\d+)?)?\s*(ml)\b)?"
)


class Strength(NamedTuple):
    """Milligrams per tablet or capsule ('each') or per millilitre ('mL')."""

    mg: float
    per: str


class Instruction(NamedTuple):
    """What the dosage elements of one prescription say together."""

    dose: Dose | None = None
    written: str = ""
    period: Period = Period(None, None)
    days: float | None = None
    """Length of the treatment in days, where it is stated instead of its end."""
    contradiction: str = ""
    """Why no dose could be taken although several are stated."""


@lru_cache(maxsize=4096)
def strength_in(text: str) -> Strength | None:
    """The one strength in a product's name or strength text; none where there is none or more than one."""
    found = {_strength(shape) for shape in _STRENGTH.finditer(text.lower())}
    return found.pop() if len(found) == 1 else None


def _strength(shape: re.Match[str]) -> Strength:
    mg = float(shape.group(1)) * _MASS[shape.group(2)]
    return Strength(mg / float(shape.group(3) or 1), "mL") if shape.group(4) else Strength(mg, "each")


def read_dosage(steps: list[Node], strength: Strength | None) -> Instruction:
    """The dose that all steps give together. Steps without order that are not clearly parts of one day give none."""
    for step in steps:
        refuse_modifiers(step)
    if not steps:
        return Instruction()
    written = "; ".join(filter(None, (_words(step) for step in steps)))
    if len(steps) == 1:
        dose, contradiction = _dose_of(steps[0], strength)
        return Instruction(dose, written, _bounds(steps[0]), _length(steps[0]), contradiction)
    parts = [_dose_of(step, strength) for step in steps]
    doses = [dose for dose, _ in parts if dose is not None]
    contradiction = next((why for _, why in parts if why), "")
    if len(doses) < len(steps) or contradiction or not _of_one_day(steps):
        return Instruction(None, written, contradiction=contradiction)
    total = Dose(tidy(sum(dose.low for dose in doses)), tidy(sum(dose.high for dose in doses)))
    return Instruction(total, written)


def is_stepwise(steps: list[Node]) -> bool:
    """Whether the steps follow one another, each with its own beginning: as many prescriptions in a row."""
    return len(steps) > 1 and all(_bounds(step).start is not None for step in steps)


def _of_one_day(steps: list[Node]) -> bool:
    """Whether the steps are taken side by side: same sequence number, or different times of one day."""
    numbers = [number_of(step, "sequence") for step in steps]
    if len(set(numbers)) == 1 and numbers[0] is not None:
        return True
    times = [_times_of_day(step) for step in steps]
    return numbers == [None] * len(steps) and all(times) and len(set(times)) == len(times)


def _times_of_day(step: Node) -> str:
    repeat = child_of(child_of(step, "timing"), "repeat")
    return str(repeat.get("timeOfDay") or repeat.get("when") or "")


def _words(step: Node) -> str:
    return text_of(step, "text") or text_of(step, "patientInstruction")


def _bounds(step: Node) -> Period:
    return period_of(child_of(child_of(step, "timing"), "repeat"), "boundsPeriod")


def _length(step: Node) -> float | None:
    """boundsDuration in days."""
    length = quantity_of(child_of(child_of(step, "timing"), "repeat"), "boundsDuration")
    return days_in(length) if length is not None else None


def days_in(length: Quantity) -> float | None:
    """A Duration in days; none for months and years, which are no number of days, and for "at most"."""
    days = {"d": 1.0, "wk": 7.0, "h": 1 / 24, "day": 1.0, "days": 1.0, "week": 7.0, "weeks": 7.0}
    each = days.get(length.code) or days.get(length.unit.lower())
    return None if each is None or length.value is None or length.comparator else length.value * each


def _dose_of(step: Node, strength: Strength | None) -> tuple[Dose | None, str]:
    """The dose of one step, or none; and why where structure and words disagree."""
    stated = in_milligrams(_stated(step), strength)
    said = in_milligrams(amount_in_words(_words(step)), strength)
    if stated is None or said is None:
        return stated or said, ""
    if abs(stated.high - said.high) > 0.01 * stated.high:
        return None, "its dosage says one dose in structure and another in words"
    return stated, ""


def in_milligrams(amount: DailyAmount | None, strength: Strength | None) -> Dose | None:
    if amount is None:
        return None
    each = 1.0
    if amount.unit != "mg":
        if strength is None or strength.per != amount.unit:
            return None
        each = strength.mg
    return Dose(tidy(amount.low * each), tidy(amount.high * each)) if amount.high > 0 else None


def _stated(step: Node) -> DailyAmount | None:
    """The amount per day that timing and dose quantity state together."""
    taken = _taken_at_once(step)
    often = times_per_day(child_of(step, "timing"))
    if taken is None or often is None:
        return None
    low, high, unit = taken
    needed = _only_if_needed(step)
    return DailyAmount(0.0 if needed else low * often.low, high * often.high, unit)


def _only_if_needed(step: Node) -> bool:
    return bool(flag_of(step, "asNeededBoolean")) or "asNeededCodeableConcept" in step


def _taken_at_once(step: Node) -> tuple[float, float, str] | None:
    given = [one for one in children_of(step, "doseAndRate") if not concept_of(one, "type").has("calculated")]
    if len(given) != 1 or any(name.startswith("rate") for name in given[0]):
        return None
    if (quantity := quantity_of(given[0], "doseQuantity")) is not None:
        low = high = quantity
    else:
        ends = child_of(given[0], "doseRange")
        first, last = quantity_of(ends, "low"), quantity_of(ends, "high")
        if first is None or last is None:
            return None
        low, high = first, last
    return _amounts(low, high)


def _amounts(low: Quantity, high: Quantity) -> tuple[float, float, str] | None:
    first, last = _amount(low), _amount(high)
    if first is None or last is None or first[1] != last[1]:
        return None
    if first[0] < 0 or first[0] > last[0]:
        raise Misshapen("doseRange", "runs backwards or is below nothing")
    return first[0], last[0], first[1]


def _amount(quantity: Quantity) -> tuple[float, str] | None:
    """A number of milligrams, pieces or millilitres."""
    if quantity.value is None or quantity.comparator:
        return None
    for name in (quantity.code, quantity.unit):
        unit = name.lower().strip("{} ")
        if unit in _MASS:
            return quantity.value * _MASS[unit], "mg"
        if unit in _PIECES:
            return quantity.value, "each"
        if unit == "ml":
            return quantity.value, "mL"
    return None


def is_pieces(quantity: Quantity) -> bool:
    """Whether the quantity counts tablets or capsules."""
    amount = _amount(quantity)
    return amount is not None and amount[1] == "each"
