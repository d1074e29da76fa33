"""The size and age of the person whose dose is worked out: which weight, how old, and whether it can be right."""

from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Final

from rxvigil.dosing.amounts import Scale
from rxvigil.dosing.plan import Basis, InputShown, Refusal, StepShown
from rxvigil.engine.assessment import Missing
from rxvigil.engine.state import State
from rxvigil.engine.wording import amount, number, opening
from rxvigil.facts import Duration, Result, When
from rxvigil.formulae import (
    Calculated,
    OutsideValidity,
    Sex,
    body_mass_index,
    body_surface_area_mosteller,
    ideal_body_weight,
    likely_weight,
)
from rxvigil.knowledge.lookup import tidy

POUNDS_IN_A_KG: Final = 2.2046
LOOKS_LIKE_POUNDS: Final = (0.95, 1.05)
"""How near to 2.2046 the ratio of two weights must be for one of them to be suspected of being in pounds."""
YEAR_BEFORE: Final = Duration(12, "month")
LIKELY_BMI: Final = (9.0, 90.0)
"""House limits of body mass index in kg/m2: outside them weight or height is in another unit, or mistyped."""

HEAVIEST_KG_ALONE: Final = 250.0
"""House limit in kg: a greater weight is used only beside a height that it fits."""


@dataclass(frozen=True)
class Person:
    """What is known of the size and age, with the evidence."""

    weight_kg: float | None
    height_cm: float | None
    sex: Sex | None
    age: tuple[int, int] | None
    """Full years, the least and the most that the date of birth leaves."""
    inputs: tuple[InputShown, ...]
    missing: tuple[Missing, ...]
    wrong: tuple[Refusal, ...]
    """What stands against using the weight."""


def person_of(state: State) -> Person:
    """Read weight, height, age and sex from the record as of the date."""
    weights, gap, wrong = _measured("weight", state)
    heights, height_gap, height_wrong = _measured("height", state)
    weight = min((one.value for one in weights if one.value), default=None)
    height = max((one.value for one in heights if one.value), default=None)
    age = age_range(state.record.patient.born, state.on)
    sex: Sex | None = "female" if state.record.patient.sex == "female" else None
    sex = "male" if state.record.patient.sex == "male" else sex
    doubts = (*wrong, *height_wrong, *_pounds(state), *_build(weight, height), *_grown(weight, age))
    return Person(
        weight_kg=None if doubts or gap else weight,
        height_cm=None if height_wrong or height_gap else height,
        sex=sex,
        age=age,
        inputs=(*(shown(one, state) for one in (*weights, *heights)), *_about(state, age)),
        missing=tuple(one for one in (gap, height_gap) if one),
        wrong=doubts,
    )


def _measured(analyte: str, state: State) -> tuple[tuple[Result, ...], Missing | None, tuple[Refusal, ...]]:
    """The newest measurements, what keeps them from counting, and what is wrong with them."""
    latest = state.latest(analyte, None)
    name = state.words.show(analyte).lower()
    bad = [one for one in latest.results if not _usable(one, state)]
    if bad:
        why = f"the {name} of {bad[-1].when} cannot be right in {state.words.unit_shown(analyte)}"
        do = f"ask for the {name} and its unit again: pounds, stones or centimetres may have been written without it"
        return (), None, (Refusal(reason=why, do=do),)
    return latest.results, latest.doubt, ()


def _usable(one: Result, state: State) -> bool:
    value = one.value
    return value is not None and isfinite(value) and not one.comparator and state.words.plausible(one.analyte, value)


def _pounds(state: State) -> tuple[Refusal, ...]:
    """Whether the newest weight is an older one in pounds, or the other way round."""
    series = [one for one in state.series.get("weight", ()) if one.value]
    if len(series) < 2:
        return ()
    newest, before = series[-1], series[-2]
    if before.when.last < YEAR_BEFORE.before(newest.when.first):  # a child may have grown so much
        return ()
    ratio = (newest.value or 1.0) / (before.value or 1.0)
    low, high = LOOKS_LIKE_POUNDS
    if not any(low <= one / POUNDS_IN_A_KG <= high for one in (ratio, 1 / ratio)):
        return ()
    why = f"the weights of {before.when} and {newest.when} differ as pounds and kilograms do"
    return (Refusal(reason=why, do="weigh again, or ask which of the two is in kilograms"),)


def _build(weight: float | None, height: float | None) -> tuple[Refusal, ...]:
    if weight and not height and weight > HEAVIEST_KG_ALONE:
        why = f"a weight above {HEAVIEST_KG_ALONE:g} kg is used only beside a height"
        return (Refusal(reason=why, do="check its unit (pounds?), and give the height"),)
    if not weight or not height:
        return ()
    index = body_mass_index(height_cm=height, weight_kg=weight).value
    if LIKELY_BMI[0] <= index <= LIKELY_BMI[1]:
        return ()
    why = f"weight and height together cannot be right (body mass index {number(index, 0)} kg/m2)"
    return (Refusal(reason=why, do="ask for both with their units: one may be in pounds or inches"),)


def _grown(weight: float | None, age: tuple[int, int] | None) -> tuple[Refusal, ...]:
    """Whether nobody so old weighs so little or so much."""
    if weight is None or age is None:
        return ()
    youngest, oldest = age
    likely = likely_weight(youngest=youngest, oldest=oldest)
    if weight >= likely.least and (likely.most is None or weight <= likely.most):
        return ()
    years = f"{oldest} years" if youngest == oldest else f"{youngest} or {oldest} years"
    why = f"weight and age together cannot be right ({number(weight, 1)} kg at {years})"
    do = "check whose they are, and the unit of the weight; if both are right, the dose is the specialist's to decide"
    return (Refusal(reason=why, do=do),)


def shown(one: Result, state: State) -> InputShown:
    """A measurement as an input."""
    return InputShown(
        name=state.words.show(one.analyte),
        value=amount(one, state.words),
        when=one.when.iso,
        days_old=(state.on - one.when.last).days,
        origin=str(one.origin),
    )


def _about(state: State, age: tuple[int, int] | None) -> list[InputShown]:
    years = "not known" if age is None else f"{age[0]}" if age[0] == age[1] else f"{age[0]} or {age[1]}"
    unit = " years" if age else ""
    return [
        InputShown(name="Age", value=f"{years}{unit}"),
        InputShown(name="Sex", value=state.record.patient.sex.replace("unknown", "not known")),
    ]


def age_range(born: When | None, on: date) -> tuple[int, int] | None:
    """Full years on the date, the least and the most that a date of birth leaves."""
    if born is None or born.first > on:
        return None
    return (_years(born.last, on), _years(born.first, on))


def _years(born: date, on: date) -> int:
    return max(0, on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


@dataclass(frozen=True)
class Weighed:
    """The weight that a dose is multiplied by."""

    scale: Scale
    basis: Basis
    says: str
    steps: tuple[StepShown, ...] = ()
    other: tuple[Basis, float] | None = None
    """The other kind of weight in kg, shown beside where the body does not say which."""
    refused: tuple[Refusal, ...] = ()


def weigh(person: Person, basis: Basis, needs_surface: bool) -> Weighed:
    """The weight of the wanted kind. Refused where it cannot be known; never replaced by the other kind."""
    ideal = _ideal(person)
    surface, surface_step = _surface(person, needs_surface)
    if person.weight_kg is None:
        return Weighed(Scale(), basis, "", refused=person.wrong or (_no_weight(person),))
    if basis == "actual":
        other: tuple[Basis, float] | None = ("ideal", tidy(ideal.value)) if isinstance(ideal, Calculated) else None
        return Weighed(Scale(person.weight_kg, surface), "actual", "actual weight", surface_step, other)
    if isinstance(ideal, str):
        do = "give height, sex and age, or choose the actual weight"
        refusal = Refusal(reason=f"the ideal weight cannot be worked out: {ideal}", do=do)
        return Weighed(Scale(), basis, "", refused=(refusal,))
    used = min(tidy(ideal.value), person.weight_kg)
    step = StepShown(
        label="Ideal weight", formula=ideal.formula, low=tidy(ideal.value), high=tidy(ideal.value), unit="kg"
    )
    lighter = used < tidy(ideal.value)
    says = "actual weight, which is below the ideal weight" if lighter else "ideal weight"
    return Weighed(Scale(used, surface), "ideal", says, (step, *surface_step), ("actual", person.weight_kg))


def _no_weight(person: Person) -> Refusal:
    why = next((gap for gap in person.missing if gap.what.lower() == "weight"), None)
    reason = f"the dose is per kilogram and no weight can be used: {why.why if why else 'none is known'}"
    return Refusal(reason=reason, do=opening(why.settles if why else "weigh the patient"))


def _ideal(person: Person) -> Calculated | str:
    """The ideal weight, or why there is none."""
    if person.height_cm is None or person.sex is None or person.age is None:
        unknown = [name for name, value in _needed(person) if value is None]
        return f"{' and '.join(unknown)} not known"
    try:
        return ideal_body_weight(age_years=person.age[0], sex=person.sex, height_cm=person.height_cm)
    except OutsideValidity as problem:
        return problem.what


def _needed(person: Person) -> tuple[tuple[str, object], ...]:
    return (("height", person.height_cm), ("sex", person.sex), ("age", person.age))


def _surface(person: Person, needed: bool) -> tuple[float | None, tuple[StepShown, ...]]:
    if not needed or person.weight_kg is None or person.height_cm is None:
        return None, ()
    area = body_surface_area_mosteller(height_cm=person.height_cm, weight_kg=person.weight_kg)
    step = StepShown(label="Body surface", formula=area.formula, low=tidy(area.value), high=tidy(area.value), unit="m2")
    return tidy(area.value), (step,)
