"""JSON Schemas of the knowledge files, so that an editor helps whoever writes them."""

from typing import Any

from pydantic import BaseModel

from rxvigil.knowledge.casefile import CasesFile
from rxvigil.knowledge.loader import KINDS
from rxvigil.knowledge.overlay import OverlayFile

_MODELS: dict[str, type[BaseModel]] = {**KINDS, "cases": CasesFile, "overlay": OverlayFile}
SCHEMA_KINDS: tuple[str, ...] = tuple(sorted(_MODELS))


def file_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file. Raises `KeyError` for a kind there is not."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_MODELS[kind].model_json_schema(by_alias=True)}
