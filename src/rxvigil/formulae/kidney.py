"""Kidney function from the creatinine in blood."""

from typing import Final, Literal

from rxvigil.formulae.calculated import (
    WEIGHT,
    Calculated,
    Limits,
    OutsideValidity,
    PublishedIn,
    Sex,
    adult_age,
    known_sex,
    one_of,
    shown,
    within,
)

UMOL_PER_MG_DL: Final = 88.4
"""Creatinine: 1 mg/dL is 88.4 µmol/L (10 mg/L ÷ 113.12 g/mol), the factor of the vocabulary and of KDIGO."""

WeightUsed = Literal["actual", "ideal", "adjusted"]

_CREATININE: Final = Limits("creatinine", 10, 5000, "µmol/L")
_CREATININE_MG: Final = Limits("creatinine", 10 / UMOL_PER_MG_DL, 5000 / UMOL_PER_MG_DL, "mg/dL")
_EGFR: Final = Limits("eGFR", 0, 250, "mL/min/1.73 m2")
_SURFACE: Final = Limits("body surface area", 0.1, 4, "m2")


def egfr_ckd_epi_2021(
    *,
    age_years: float,
    sex: Sex,
    creatinine_umol_per_l: float | None = None,
    creatinine_mg_per_dl: float | None = None,
) -> Calculated:
    """Estimated glomerular filtration rate in mL/min/1.73 m2, CKD-EPI 2021 creatinine equation, without race.

    142 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^-1.200 × 0.9938^age × 1.012 if female, with Scr in mg/dL, κ 0.7 (female) or
    0.9 (male), α -0.241 or -0.302. Give the creatinine in one of the two units.

    Valid for adults (18 years and over) with a steady creatinine from a method traceable to IDMS; not in acute kidney
    injury, pregnancy, or with a muscle mass far from usual. Source: Inker LA, Eneanya ND, Coresh J, et al. New
    creatinine- and cystatin C-based equations to estimate GFR without race. N Engl J Med 2021;385:1737-1749,
    doi:10.1056/NEJMoa2102953. Raises `OutsideValidity`.
    """
    adult_age(age_years, "CKD-EPI 2021")
    kappa, alpha, factor = (0.7, -0.241, 1.012) if known_sex(sex) == "female" else (0.9, -0.302, 1.0)
    creatinine, conversion = _in_mg_per_dl(creatinine_umol_per_l, creatinine_mg_per_dl)
    ratio = creatinine / kappa
    value = 142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**age_years * factor
    of = f"{shown(creatinine)}/{kappa}"
    female = " × 1.012" if sex == "female" else ""
    return Calculated(
        value=value,
        unit="mL/min/1.73 m2",
        formula=f"{conversion}142 × min({of}, 1)^{alpha} × max({of}, 1)^-1.200 × 0.9938^{shown(age_years)}{female}"
        f" = {shown(value, 3)} mL/min/1.73 m2",
        source=PublishedIn("inker-2021", "CKD-EPI 2021 creatinine equation"),
    )


def creatinine_clearance_cockcroft_gault(
    *,
    age_years: float,
    sex: Sex,
    weight_kg: float,
    weight_used: WeightUsed,
    creatinine_umol_per_l: float | None = None,
    creatinine_mg_per_dl: float | None = None,
) -> Calculated:
    """Creatinine clearance in mL/min, Cockcroft and Gault.

    (140 - age) × weight / (72 × Scr) × 0.85 if female, with Scr in mg/dL; with µmol/L this is the 1.23 (men) and 1.04
    (women) × (140 - age) × weight / Scr of British practice, without its rounding. Which weight goes in is the
    caller's choice, and is printed: the formula was made with actual weight, and bodies differ in obesity.

    Valid for adults with a steady creatinine; not above 139 years. Not indexed to body surface area. Source: Cockcroft
    DW, Gault MH. Prediction of creatinine clearance from serum creatinine. Nephron 1976;16:31-41,
    doi:10.1159/000180580. Raises `OutsideValidity`.
    """
    adult_age(age_years, "Cockcroft-Gault")
    known_sex(sex)
    within(weight_kg, WEIGHT)
    one_of(weight_used, ("actual", "ideal", "adjusted"), "weight")
    creatinine, conversion = _in_mg_per_dl(creatinine_umol_per_l, creatinine_mg_per_dl)
    value = (140 - age_years) * weight_kg / (72 * creatinine) * (0.85 if sex == "female" else 1)
    female = " × 0.85" if sex == "female" else ""
    return Calculated(
        value=value,
        unit="mL/min",
        formula=f"{conversion}(140 - {shown(age_years)}) × {shown(weight_kg)} kg ({weight_used} weight)"
        f" / (72 × {shown(creatinine)}){female} = {shown(value, 3)} mL/min",
        source=PublishedIn("cockcroft-gault-1976", "formula"),
    )


def deindexed_egfr(*, egfr_ml_min_1_73m2: float, body_surface_area_m2: float) -> Calculated:
    """An eGFR per 1.73 m2 as the mL/min of this person: eGFR × body surface area / 1.73.

    For dosing in people whose size is far from usual. Source: US National Institute of Diabetes and Digestive and
    Kidney Diseases, Determining drug dosing in adults with chronic kidney disease. Raises `OutsideValidity`.
    """
    egfr = within(egfr_ml_min_1_73m2, _EGFR)
    area = within(body_surface_area_m2, _SURFACE)
    value = egfr * area / 1.73
    return Calculated(
        value=value,
        unit="mL/min",
        formula=f"{shown(egfr)} mL/min/1.73 m2 × {shown(area)} m2 / 1.73 = {shown(value, 3)} mL/min",
        source=PublishedIn("niddk-dosing", "considerations for body surface area"),
    )


def _in_mg_per_dl(umol_per_l: float | None, mg_per_dl: float | None) -> tuple[float, str]:
    """The creatinine in mg/dL, and the line that converts it."""
    if mg_per_dl is not None and umol_per_l is None:
        return within(mg_per_dl, _CREATININE_MG), ""
    if umol_per_l is not None and mg_per_dl is None:
        creatinine = within(umol_per_l, _CREATININE) / UMOL_PER_MG_DL
        return creatinine, f"creatinine {shown(umol_per_l)} µmol/L / {UMOL_PER_MG_DL} = {shown(creatinine)} mg/dL; "
    raise OutsideValidity("creatinine must be given once", "give it in µmol/L or in mg/dL, not in both")
