"""The columns in which the facts of a population stand: one table for each kind of fact, one row for each fact.

Nothing is lost on the way into columns: `rows` writes a record and `records` reads it back, equal. Beside what a fact
says, a row holds what only a query needs: `person` (a number made from the patient's id) and `low`/`high` of a result
(the interval its comparator leaves).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from rxvigil.facts import (
    Allergy,
    Condition,
    Denial,
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Outside,
    Prescription,
    Result,
    Symptom,
)

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["text", "texts", "number", "whole", "flag", "day", "when", "bounds", "dose", "origin"]
Shape = Literal["text", "texts", "number", "whole", "flag", "day"]

PARTS: Final[dict[Kind, tuple[tuple[str, Shape], ...]]] = {
    "text": (("", "text"),),
    "texts": (("", "texts"),),
    "number": (("", "number"),),
    "whole": (("", "whole"),),
    "flag": (("", "flag"),),
    "day": (("", "day"),),
    "when": (
        ("first", "day"),
        ("last", "day"),
        ("precision", "text"),
        ("instant", "whole"),
        ("offset", "whole"),
    ),
    "bounds": (("low", "number"), ("high", "number")),
    "dose": (("low", "number"), ("high", "number")),
    "origin": (("source", "text"), ("place", "text"), ("line", "whole")),
}
"""Most kinds take one column of the field's own name; others several: `onset` of kind `when` stands in `onset_first`,
`onset_last` ... `instant` is in microseconds since 1970 (UTC), `offset` in minutes east; an instant without a stated
offset is read as UTC."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact, and how it stands in columns."""

    name: str
    kind: Kind

    @property
    def columns(self) -> tuple[tuple[str, Shape], ...]:
        """The columns of this field with their shapes, in order."""
        return tuple((f"{self.name}_{part}" if part else self.name, shape) for part, shape in PARTS[self.kind])


@dataclass(frozen=True, slots=True)
class FactTable:
    """One kind of fact as a table."""

    name: str
    """Also the field of `Record` in which these facts stand."""
    struct: type[msgspec.Struct]
    fields: tuple[Field, ...]
    more: tuple[tuple[str, Shape], ...] = ()
    """Columns that follow from the others, for queries."""

    @property
    def columns(self) -> tuple[tuple[str, Shape], ...]:
        """Every column in order: person, place in the record (`seq`), the fact's own, and those for queries."""
        own = tuple(column for field in self.fields for column in field.columns)
        return (("person", "whole"), ("seq", "whole"), *own, *self.more)


def _fields(**kinds: Kind) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name, kind in kinds.items())


RESULTS: Final = FactTable(
    "results",
    Result,
    _fields(
        id="text", analyte="text", when="when", value="number", comparator="text", category="text",
        reference="bounds", written="text", preliminary="flag", panel="text", assay="text", made_from="texts",
        origin="origin",
    ),
    (("low", "number"), ("high", "number"), ("made", "flag")),
)  # fmt: skip
"""`made`: worked out by us from two other results of one sample (neutrophils from a percentage); no fact of the
record, so a record read back leaves it out."""

TABLES: Final[tuple[FactTable, ...]] = (
    RESULTS,
    FactTable(
        "prescriptions",
        Prescription,
        _fields(
            id="text", drug="text", status="text", start="when", end="when", supply_until="when", dose="dose",
            product="text", written="text", kind="text", origin="origin",
        ),
    ),
    FactTable(
        "conditions",
        Condition,
        _fields(id="text", concept="text", status="text", onset="when", ended="when", origin="origin"),
    ),
    FactTable(
        "allergies",
        Allergy,
        _fields(id="text", concept="text", status="text", reaction="text", serious="flag", origin="origin"),
    ),
    FactTable(
        "immunisations",
        Immunisation,
        _fields(id="text", vaccine="text", when="when", status="text", origin="origin"),
    ),
    FactTable(
        "genotypes",
        Genotype,
        _fields(id="text", gene="text", when="when", phenotype="text", diplotypes="texts", written="text",
                origin="origin"),
    ),
    FactTable("symptoms", Symptom, _fields(id="text", concept="text", when="when", ended="when", origin="origin")),
    FactTable(
        "events",
        Event,
        _fields(id="text", kind="text", start="when", end="when", status="text", value="text", origin="origin"),
    ),
    FactTable(
        "denials",
        Denial,
        _fields(id="text", subject="text", measure="text", when="when", until="day", origin="origin"),
    ),
    FactTable(
        "not_understood",
        NotUnderstood,
        _fields(what="text", why="text", affects="texts", when="when", origin="origin"),
    ),
    FactTable(
        "outside",
        Outside,
        _fields(kind="text", system="text", code="text", display="text", count="whole"),
    ),
)  # fmt: skip

LISTS: Final = ("allergies", "conditions", "immunisations", "prescriptions", "results")
"""Kinds of which absence means no, where the record holds the list at all."""

PATIENTS: Final[tuple[tuple[str, Shape], ...]] = (
    ("person", "whole"),
    ("patient", "text"),
    *Field("born", "when").columns,
    ("sex", "text"),
    *Field("died", "when").columns,
    *((f"{name}_listed", "flag") for name in LISTS),
    ("unread_kinds", "texts"),
    ("unread_counts", "texts"),
    ("practice", "text"),
)
"""One row for each patient: who it is, of which kinds of fact the record holds a list, what kinds of resource were
passed over (names and counts side by side), and the practice or department, for measures."""

DOUBTS: Final[tuple[tuple[str, Shape], ...]] = (
    ("person", "whole"),
    ("key", "text"),
    *Field("when", "when").columns[:2],
    ("of", "text"),
)
"""What could not be read, one row for each key of the vocabulary it may have changed. `of`: the kind of resource or
list it stood in ('AllergyIntolerance', 'MedicationRequest' ...)."""

SIMULATED: Final[tuple[tuple[str, Shape], ...]] = (("person", "whole"),)
"""One row for each patient who, by the word of the record, does not exist. A store of an older version has no such
table."""

COLUMNS: Final[dict[str, tuple[tuple[str, Shape], ...]]] = {
    "patients": PATIENTS,
    **{table.name: table.columns for table in TABLES},
    "doubts": DOUBTS,
    "simulated": SIMULATED,
}
"""Every table of a store with its columns."""


def arrow_schema(table: str) -> "pa.Schema":
    """The Arrow schema of a table of the store."""
    import pyarrow as pa

    types: dict[Shape, pa.DataType] = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "number": pa.float64(),
        "whole": pa.int64(),
        "flag": pa.bool_(),
        "day": pa.date32(),
    }
    return pa.schema([(name, types[shape]) for name, shape in COLUMNS[table]])
