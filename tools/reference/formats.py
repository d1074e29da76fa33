"""The knowledge files, from their JSON Schemas: which fields each kind has, and what they mean."""

from typing import Any

from reference.markdown import code, page, table, text
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.schemas import SCHEMA_KINDS, file_schema

SHARED = ("Source", "Disagreement", "Action", "Applies", "Rule", "Panel", "DefaultFor")
"""Parts of several kinds of file: described once, at the end."""


def pages(book: RuleBook) -> dict[str, str]:
    """One page."""
    schemas = {kind: file_schema(kind) for kind in SCHEMA_KINDS}
    lines = [
        "Knowledge files are YAML in UTF-8. An unknown field is an error, a repeated key is an error, and `yes`, `no`,",
        "`on` and `off` are words, not truth values. `rxvigil rules schema KIND` prints the JSON Schema of a kind, so",
        "that an editor helps while you write. Fields in **bold** must be there.",
    ]
    seen: set[str] = set()
    for kind, schema in schemas.items():
        lines += ["", f"## {kind}", ""]
        if schema.get("title") in seen:
            lines.append(
                f"The same fields as [{_first(schemas, schema['title'])}](#{_first(schemas, schema['title'])})."
            )
            continue
        seen.add(schema["title"])
        lines += _model(schema)
        for name, part in schema.get("$defs", {}).items():
            if name not in SHARED and "properties" in part:
                lines += ["", f"### {name}", "", *_model(part)]
    parts = {name: part for schema in schemas.values() for name, part in schema.get("$defs", {}).items()}
    lines += ["", "## Parts of several kinds"]
    for name in SHARED:
        lines += ["", f"### {name}", "", *_model(parts[name])]
    return {"file-formats.md": page("Knowledge files", lines)}


def _first(schemas: dict[str, dict[str, Any]], title: str) -> str:
    return next(kind for kind, schema in schemas.items() if schema["title"] == title)


def _model(schema: dict[str, Any]) -> list[str]:
    required = schema.get("required", [])
    rows = [
        (f"**{code(name)}**" if name in required else code(name), _type(field), text(field.get("description", "")))
        for name, field in schema["properties"].items()
    ]
    said = text(schema.get("description", ""))
    return [*([said, ""] if said else []), *table(("Field", "Holds", "Meaning"), rows)]


def _type(field: dict[str, Any]) -> str:
    if "const" in field:
        return code(str(field["const"]))
    if "enum" in field:
        return ", ".join(code(str(one)) for one in field["enum"])
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"] if one.get("type") != "null")
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}" if "items" in field else "two numbers"
    if field.get("type") == "object":
        return _mapping(field)
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(
        field.get("type", ""), field.get("type", "anything")
    ) + (" (a date)" if field.get("format") == "date" else "")


def _mapping(field: dict[str, Any]) -> str:
    values = field.get("additionalProperties")
    return f"name: {_type(values)}" if isinstance(values, dict) and values else "names and values"
