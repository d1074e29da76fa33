"""Patients of the simulated clinic as the bundles that monitoring.cql reads.

Of each, the five tests that the questions are about go in as the laboratory sent them. The CQL library reads one order
of azathioprine by its ingredient and units by their UCUM code, so the orders of a course become one, from its first
day, and a unit that the laboratory wrote without a code gets it. Both sides read the same bundles.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import ready, write_clinic

Json = dict[str, Any]
_CODES = frozenset(("6690-2", "751-8", "777-3", "718-7", "1742-6"))
_UNITS = {"K/uL": "10*3/uL"}


def simulated(book: RuleBook, folder: Path, patients: int, bundles: ModuleType) -> list[bytes]:
    """Bundles of those simulated patients who were ever given azathioprine, one a line."""
    found: dict[str, list[Json]] = defaultdict(list)
    for resource in _resources(book, folder, patients, bundles.ON):
        found[_owner(resource)].append(resource)
    made = (bundles.bundled(list(_plain(who, mine, bundles))) for who, mine in sorted(found.items()) if _orders(mine))
    return [json.dumps(one, separators=(",", ":")).encode() for one in made]


def _resources(book: RuleBook, folder: Path, patients: int, on: date) -> Iterator[Json]:
    plan = ready(book, 20261125, on - timedelta(days=4 * 365), on, clean=True)
    write_clinic(plan, book, folder, patients)
    for name in ("Patient", "MedicationRequest", "Observation"):
        yield from map(json.loads, (folder / f"{name}.ndjson").read_text(encoding="utf-8").splitlines())


def _owner(resource: Json) -> str:
    named: str = resource["id"] if resource["resourceType"] == "Patient" else resource["subject"]["reference"]
    return named.removeprefix("Patient/")


def _orders(mine: list[Json]) -> list[Json]:
    requests = [one for one in mine if one["resourceType"] == "MedicationRequest"]
    return [one for one in requests if "azathioprine" in one["medicationCodeableConcept"]["text"].lower()]


def _plain(who: str, mine: list[Json], bundles: ModuleType) -> Iterator[Json]:
    yield from (one for one in mine if one["resourceType"] == "Patient")
    orders = _orders(mine)
    status = "active" if any(one["status"] == "active" for one in orders) else "stopped"
    yield bundles.prescription(who, date.fromisoformat(min(one["authoredOn"] for one in orders)), status)
    for one in mine:
        if one["resourceType"] == "Observation" and one["code"]["coding"][0]["code"] in _CODES:
            quantity = one["valueQuantity"]
            quantity.setdefault("code", _UNITS.get(quantity["unit"], quantity["unit"]))
            yield one
