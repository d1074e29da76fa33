"""An assessment as JSON: the same bytes for the same assessment, in a published shape."""

from typing import Any, Final

import msgspec

from rxvigil.engine.assessment import SCHEMA, Assessment

SCHEMA_ID: Final = "urn:rxvigil:schema:assessment:1"


def to_json(assessment: Assessment) -> bytes:
    """UTF-8, two blanks of indentation, `schema` first, a line feed at the end. What is empty is left out."""
    return as_bytes(msgspec.to_builtins(assessment, order="deterministic"))


def assessment_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `to_json` writes, made from the types themselves."""
    made = msgspec.json.schema(Assessment)
    top = made["$defs"]["Assessment"]
    top["properties"]["schema"] = {"const": SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": f"Assessment of one patient on one date ({SCHEMA})",
        **made,
    }


def as_bytes(document: dict[str, Any]) -> bytes:
    """Any JSON document as `to_json` lays one out."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def schema_file() -> bytes:
    """The schema as the file `schemas/assessment-1.schema.json` holds it."""
    return as_bytes(assessment_schema())
