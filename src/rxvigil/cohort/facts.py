"""The facts of a population as relations that are bound to no backend yet: the same columns wherever they stand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rxvigil.population import COLUMNS

if TYPE_CHECKING:
    import ibis.expr.types as ir

TYPES = {
    "text": "string",
    "texts": "array<string>",
    "number": "float64",
    "whole": "int64",
    "flag": "boolean",
    "day": "date",
}
"""Shape of a column -> its type in ibis."""


@dataclass(frozen=True)
class Facts:
    """The tables of a store, by the names they have there (`population.schema`)."""

    patients: "ir.Table"
    results: "ir.Table"
    prescriptions: "ir.Table"
    conditions: "ir.Table"
    allergies: "ir.Table"
    immunisations: "ir.Table"
    genotypes: "ir.Table"
    symptoms: "ir.Table"
    events: "ir.Table"
    denials: "ir.Table"
    doubts: "ir.Table"


def fact_tables() -> Facts:
    """Unbound relations with the columns of a store."""
    import ibis

    def table(name: str) -> "ir.Table":
        return ibis.table({column: TYPES[shape] for column, shape in COLUMNS[name]}, name=name)

    return Facts(**{name: table(name) for name in Facts.__dataclass_fields__})
