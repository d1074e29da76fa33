"""Doses as JSON: the same bytes for the same question, in a published shape."""

from typing import Any, Final

import msgspec

from rxvigil.dosing import (
    CHANGE_SCHEMA,
    CONVERSION_SCHEMA,
    DOSE_SCHEMA,
    TAPER_SCHEMA,
    ChangePlan,
    ConversionPlan,
    DosePlan,
    TaperPlan,
)
from rxvigil.reports.as_json import as_bytes

SHAPES: Final[dict[str, tuple[type[msgspec.Struct], str, str]]] = {
    "dose": (DosePlan, DOSE_SCHEMA, "Start dose of one person"),
    "dose-change": (ChangePlan, CHANGE_SCHEMA, "Change of the dose of one person"),
    "dose-taper": (TaperPlan, TAPER_SCHEMA, "Withdrawal of a drug from one person"),
    "dose-conversion": (ConversionPlan, CONVERSION_SCHEMA, "Dose of one thiopurine as a dose of the other"),
}
"""Name of the shape -> its type, the version that `schema` names, and a title."""


def dose_json(plan: DosePlan | ChangePlan | TaperPlan | ConversionPlan) -> bytes:
    """UTF-8, two blanks of indentation, `schema` first, a line feed at the end. What is empty is left out."""
    return as_bytes(msgspec.to_builtins(plan, order="deterministic"))


def dose_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one of the shapes, made from the types themselves."""
    shape, version, title = SHAPES[name]
    made = msgspec.json.schema(shape)
    made["$defs"][shape.__name__]["properties"]["schema"] = {"const": version}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:rxvigil:schema:{name}:1",
        "title": f"{title} ({version})",
        **made,
    }


def dose_schema_file(name: str) -> bytes:
    """The schema as the file `schemas/<name>-1.schema.json` holds it."""
    return as_bytes(dose_schema(name))
