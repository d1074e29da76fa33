"""Body size: surface area, ideal and adjusted weight, body mass index."""

from math import sqrt
from typing import Final

from rxvigil.formulae.calculated import (
    HEIGHT,
    WEIGHT,
    Calculated,
    OutsideValidity,
    PublishedIn,
    Sex,
    adult_age,
    known_sex,
    shown,
    within,
)

FIVE_FEET_CM: Final = 152.4
CM_PER_INCH: Final = 2.54


def body_surface_area_mosteller(*, height_cm: float, weight_kg: float) -> Calculated:
    """Body surface area in m2: the square root of height (cm) × weight (kg) / 3600.

    For children and adults. Source: Mosteller RD. Simplified calculation of body-surface area. N Engl J Med
    1987;317:1098. Raises `OutsideValidity`.
    """
    within(height_cm, HEIGHT)
    within(weight_kg, WEIGHT)
    value = sqrt(height_cm * weight_kg / 3600)
    return Calculated(
        value=value,
        unit="m2",
        formula=f"sqrt({shown(height_cm)} cm × {shown(weight_kg)} kg / 3600) = {shown(value, 3)} m2",
        source=PublishedIn("mosteller-1987", "formula"),
    )


def body_surface_area_du_bois(*, height_cm: float, weight_kg: float) -> Calculated:
    """Body surface area in m2: 0.007184 × height (cm)^0.725 × weight (kg)^0.425.

    Made from nine people; too low in obesity, by 3 to 5 % (Verbraecken 2006) or as much as 20 % (Livingston 2001).
    Source: Du Bois D, Du Bois EF. A formula to estimate the approximate surface area if height and weight be known.
    Arch Intern Med 1916;17:863-871. Raises `OutsideValidity`.
    """
    within(height_cm, HEIGHT)
    within(weight_kg, WEIGHT)
    value = 0.007184 * height_cm**0.725 * weight_kg**0.425
    return Calculated(
        value=value,
        unit="m2",
        formula=f"0.007184 × {shown(height_cm)}^0.725 × {shown(weight_kg)}^0.425 = {shown(value, 3)} m2",
        source=PublishedIn("du-bois-1916", "formula"),
    )


def ideal_body_weight(*, age_years: float, sex: Sex, height_cm: float) -> Calculated:
    """Ideal body weight in kg, Devine: 50 (men) or 45.5 (women) + 2.3 for each inch above 5 feet.

    Valid for adults of 152.4 cm (5 feet) or more; below that published methods disagree. Source: Devine BJ. Gentamicin
    therapy. Drug Intell Clin Pharm 1974;8:650-655. Raises `OutsideValidity`.
    """
    adult_age(age_years, "The ideal body weight of Devine")
    base = 50 if known_sex(sex) == "male" else 45.5
    if within(height_cm, HEIGHT) < FIVE_FEET_CM:
        raise OutsideValidity(
            "the ideal body weight of Devine holds from 152.4 cm (5 feet), and this height is below it",
            "use the actual weight, or a weight that a specialist chooses",
        )
    value = base + 2.3 * (height_cm / CM_PER_INCH - 60)
    return Calculated(
        value=value,
        unit="kg",
        formula=f"{base} + 2.3 × ({shown(height_cm)} cm / 2.54 - 60) = {shown(value, 3)} kg",
        source=PublishedIn("devine-1974", "ideal body weight"),
    )


def adjusted_body_weight(*, actual_kg: float, ideal_kg: float) -> Calculated:
    """Adjusted body weight in kg: ideal + 0.4 × (actual - ideal).

    For people heavier than their ideal weight. At what excess a body adjusts (20 or 30 % above ideal) is the caller's
    choice. Source: Bauer LA, Applied clinical pharmacokinetics, 2001, as restated by ClinCalc and GlobalRPh. Raises
    `OutsideValidity`.
    """
    within(actual_kg, WEIGHT)
    within(ideal_kg, WEIGHT)
    if actual_kg < ideal_kg:
        raise OutsideValidity(
            "the actual weight is below the ideal weight, so there is nothing to adjust", "use the actual weight"
        )
    value = ideal_kg + 0.4 * (actual_kg - ideal_kg)
    return Calculated(
        value=value,
        unit="kg",
        formula=f"{shown(ideal_kg)} + 0.4 × ({shown(actual_kg)} - {shown(ideal_kg)}) = {shown(value, 3)} kg",
        source=PublishedIn("bauer-2001", "adjusted body weight"),
    )


def body_mass_index(*, height_cm: float, weight_kg: float) -> Calculated:
    """Body mass index in kg/m2: weight (kg) / height (m) squared. What a value means depends on age and ancestry.

    Source: definition of the World Health Organization, as Statistics Netherlands restates it. Raises
    `OutsideValidity`.
    """
    within(height_cm, HEIGHT)
    within(weight_kg, WEIGHT)
    metres = height_cm / 100
    value = weight_kg / metres**2
    return Calculated(
        value=value,
        unit="kg/m2",
        formula=f"{shown(weight_kg)} kg / ({shown(metres)} m)^2 = {shown(value, 3)} kg/m2",
        source=PublishedIn("who-bmi", "definition"),
    )
