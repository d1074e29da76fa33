"""A small runner of SQL-on-FHIR view definitions, after the specification's own algorithm, on fhirpathpy's FHIRPath.

It refuses whatever a view should not use: it knows column, forEach, forEachOrNull, nested select, and where.
"""

import re
from itertools import product
from typing import Any

import fhirpathpy
from fhirpathpy.models import models

Row = dict[str, Any]
_REFERENCE_KEY = re.compile(r"^(.+)\.getReferenceKey\((\w+)\)$")


def rows_of(view: dict[str, Any], resources: list[dict[str, Any]]) -> list[Row]:
    """The rows that a view makes of the resources of its type."""
    found: list[Row] = []
    for one in resources:
        if one["resourceType"] == view["resource"] and _holds(view, one):
            found += _select(view["select"], one, view["resource"])
    return found


def _holds(view: dict[str, Any], resource: dict[str, Any]) -> bool:
    answers = [_path(where["path"], resource, view["resource"]) for where in view.get("where", ())]
    return all(answer == [True] for answer in answers)


def _select(selects: list[dict[str, Any]], node: Any, base: str) -> list[Row]:
    parts = [_one(select, node, base) for select in selects]
    return [{name: value for part in together for name, value in part.items()} for together in product(*parts)]


def _one(select: dict[str, Any], node: Any, base: str) -> list[Row]:
    assert set(select) <= {"column", "select", "forEach", "forEachOrNull"}
    path = select.get("forEach") or select.get("forEachOrNull")
    nodes = _path(path, node, base) if path else [node]
    inner = base if not path else f"{base}.{path}" if path.isalpha() else ""
    if not nodes and "forEachOrNull" in select:
        nodes = [None]
    return [row for one in nodes for row in _columns(select, one, inner)]


def _columns(select: dict[str, Any], node: Any, base: str) -> list[Row]:
    own = {column["name"]: _single(column["path"], node, base) for column in select.get("column", ())}
    return [own | more for more in _select(select.get("select", []), node, base)]


def _single(path: str, node: Any, base: str) -> Any:
    found = [] if node is None else _path(path, node, base)
    assert len(found) <= 1, f"{path} is a collection"
    return found[0] if found else None


def _path(path: str, node: Any, base: str) -> list[Any]:
    if path == "getResourceKey()":
        return [node["id"]]
    reference = _REFERENCE_KEY.match(path)
    if reference is not None:
        kind = reference.group(2)
        stated = _path(f"{reference.group(1)}.reference", node, base)
        return [one.removeprefix(f"{kind}/") for one in stated if one.startswith(f"{kind}/")]
    asked = {"base": base, "expression": path} if "." in base else path
    return list(fhirpathpy.evaluate(node, asked, model=models["r4"]))
