"""Clinical formulae: kidney function, body size, severity of liver disease. Pure; each states its units and validity.

Every result carries the arithmetic with its numbers filled in, so that a person can check it by hand, and the
publication it comes from. Outside its validity a formula raises `OutsideValidity`; it never gives a number.
"""

from rxvigil.formulae.body_size import (
    adjusted_body_weight,
    body_mass_index,
    body_surface_area_du_bois,
    body_surface_area_mosteller,
    ideal_body_weight,
)
from rxvigil.formulae.calculated import Calculated, OutsideValidity, PublishedIn, Sex
from rxvigil.formulae.growth import LikelyWeight, likely_weight
from rxvigil.formulae.kidney import (
    UMOL_PER_MG_DL,
    WeightUsed,
    creatinine_clearance_cockcroft_gault,
    deindexed_egfr,
    egfr_ckd_epi_2021,
)
from rxvigil.formulae.liver import Ascites, ChildPugh, ChildPughItem, child_pugh

__all__ = [
    "UMOL_PER_MG_DL",
    "Ascites",
    "Calculated",
    "ChildPugh",
    "ChildPughItem",
    "LikelyWeight",
    "OutsideValidity",
    "PublishedIn",
    "Sex",
    "WeightUsed",
    "adjusted_body_weight",
    "body_mass_index",
    "body_surface_area_du_bois",
    "body_surface_area_mosteller",
    "child_pugh",
    "creatinine_clearance_cockcroft_gault",
    "deindexed_egfr",
    "egfr_ckd_epi_2021",
    "ideal_body_weight",
    "likely_weight",
]
