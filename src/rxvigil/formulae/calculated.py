"""What a formula answers, and how it refuses."""

import math
from typing import Final, Literal, NamedTuple

import msgspec

from rxvigil.errors import RxvigilError

Sex = Literal["female", "male"]
"""What the formulae know. Where the record says another sex or none, the caller decides, and says so."""


class PublishedIn(msgspec.Struct, frozen=True):
    """The publication of a formula: a key of the rule book's publications, and the place in it."""

    ref: str
    where: str


class Calculated(msgspec.Struct, frozen=True, kw_only=True):
    """A number with its unit, the arithmetic that gave it, and where the formula comes from."""

    value: float
    """Not rounded."""
    unit: str
    formula: str
    """The arithmetic with numbers filled in: "sqrt(170 cm × 70 kg / 3600) = 1.82 m2"."""
    source: PublishedIn


class OutsideValidity(RxvigilError):
    """The formula does not hold for these values, or a value cannot be what it is said to be."""

    exit_code = 2

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what, do=do)


class Limits(NamedTuple):
    """House limits of what a value can be in a living person: outside them it is in another unit, or mistyped."""

    name: str
    low: float
    high: float
    unit: str


AGE: Final = Limits("age", 0, 125, "years")
WEIGHT: Final = Limits("weight", 0.3, 650, "kg")
HEIGHT: Final = Limits("height", 20, 275, "cm")


def within(value: float, limits: Limits) -> float:
    """The value, if it is a number within the limits. The message never repeats the value."""
    in_unit = f" in {limits.unit}" if limits.unit else ""
    if isinstance(value, bool) or not math.isfinite(value):
        raise OutsideValidity(f"{limits.name} is not a number", f"give it as a number{in_unit}")
    if not limits.low <= value <= limits.high:
        between = f"{limits.low:g} and {limits.high:g} {limits.unit}".strip()
        raise OutsideValidity(
            f"{limits.name} must lie between {between}",
            f"check the number, and that it is{in_unit}" if in_unit else "check the number",
        )
    return value


def adult_age(age_years: float, formula: str) -> float:
    """The age, if it is 18 years or more."""
    within(age_years, AGE)
    if age_years < 18:
        raise OutsideValidity(
            f"{formula} holds for adults, and this age is below 18 years", "use a formula made for children"
        )
    return age_years


def one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    """The value, if it is one of those that the formula knows."""
    if value not in allowed:
        raise OutsideValidity(f"{name} must be one of: {', '.join(allowed)}", f"decide which {name} the formula gets")
    return value


def known_sex(sex: Sex) -> Sex:
    """The sex, if it is female or male."""
    one_of(sex, ("female", "male"), "sex")
    return sex


def shown(value: float, digits: int = 4) -> str:
    """A number for a line of arithmetic: so many significant digits, never as a power of ten."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
