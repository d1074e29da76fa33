"""The assessment before the first tablet as JSON, in a published shape."""

from typing import Any, Final

import msgspec

from rxvigil.reports.as_json import as_bytes
from rxvigil.starting import SCHEMA, StartAssessment

SCHEMA_ID: Final = "urn:rxvigil:schema:start:1"


def start_to_json(assessment: StartAssessment) -> bytes:
    """UTF-8, two blanks of indentation, `schema` first, a line feed at the end. What is empty is left out."""
    return as_bytes(msgspec.to_builtins(assessment, order="deterministic"))


def start_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `start_to_json` writes, made from the types themselves."""
    made = msgspec.json.schema(StartAssessment)
    made["$defs"]["StartAssessment"]["properties"]["schema"] = {"const": SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": f"Assessment of one patient before the first tablet ({SCHEMA})",
        **made,
    }


def start_schema_file() -> bytes:
    """The schema as the file `schemas/start-1.schema.json` holds it."""
    return as_bytes(start_schema())
