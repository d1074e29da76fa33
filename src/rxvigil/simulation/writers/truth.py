"""The truth about each patient, one JSON object a line; days as dates."""

from typing import Any

import msgspec

from rxvigil.simulation.facts import Truth
from rxvigil.simulation.writers.days import iso

_DAYS = frozenset(("start", "day", "onset", "done", "true_day"))


def truth_line(truth: Truth) -> str:
    """One line of truth.ndjson."""
    plain = {"simulated": True} | msgspec.to_builtins(truth)
    plain["ignored"] = [iso(day) for day in plain["ignored"]]
    return msgspec.json.encode(_dated(plain)).decode() + "\n"


def _dated(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _dated(inner, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_dated(inner) for inner in value]
    if isinstance(value, int) and name in _DAYS:
        return iso(value)
    return round(value, 4) if isinstance(value, float) else value
