"""Doses as JSON: the same bytes for the same question, in a published shape."""

import msgspec

from rxvigil.dosing import ChangePlan, ConversionPlan, DosePlan, TaperPlan
from rxvigil.reports.as_json import as_bytes


def dose_json(plan: DosePlan | ChangePlan | TaperPlan | ConversionPlan) -> bytes:
    """UTF-8, two blanks of indentation, `schema` first, a line feed at the end. What is empty is left out."""
    return as_bytes(msgspec.to_builtins(plan, order="deterministic"))
