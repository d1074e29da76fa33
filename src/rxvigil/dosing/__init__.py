"""The dose of one person: how much to start with, how to raise, change, withdraw and convert it. Pure.

doser = Doser(book)
plan = doser.start(record, on=date(2026, 3, 1), request=DoseRequest(drug="azathioprine"))
"""

from rxvigil.dosing.doser import NOBODY, Doser
from rxvigil.dosing.plan import (
    CHANGE_SCHEMA,
    CONVERSION_SCHEMA,
    DOSE_SCHEMA,
    TAPER_SCHEMA,
    Because,
    ChangePlan,
    ConversionPlan,
    DosePlan,
    DoseRequest,
    TaperPlan,
)

__all__ = [
    "CHANGE_SCHEMA",
    "CONVERSION_SCHEMA",
    "DOSE_SCHEMA",
    "NOBODY",
    "TAPER_SCHEMA",
    "Because",
    "ChangePlan",
    "ConversionPlan",
    "DosePlan",
    "DoseRequest",
    "Doser",
    "TaperPlan",
]
