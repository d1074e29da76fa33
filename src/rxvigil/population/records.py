"""From columns back to records: any row of a population opens as the record of its patient."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from sys import intern
from typing import TYPE_CHECKING, Any, Final, cast

from rxvigil.facts import Bounds, Dose, Origin, Patient, Record, When
from rxvigil.facts.records import Sex
from rxvigil.population.schema import LISTS, TABLES, FactTable, Field

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT: Final = 20
"""Letters of a status and the like. One that is the default of its field must be the same object as in a record that
was read from its source: what is written of the two is then the same too."""
Columns = dict[str, Any]


def records_of(tables: "dict[str, pa.Table]") -> Iterator[Record]:
    """The records that stand in these tables, ordered by patient id."""
    simulated = set(tables["simulated"]["person"].to_pylist())
    facts = {table.name: _by_person(table, tables[table.name]) for table in TABLES}
    for row in sorted(tables["patients"].to_pylist(), key=lambda row: row["patient"]):
        mine = {name: tuple(found.get(row["person"], ())) for name, found in facts.items()}
        born, died, sex = _when(row, "born"), _when(row, "died"), cast(Sex, intern(row["sex"]))
        yield Record(
            patient=Patient(row["patient"], born, sex, died, row["person"] in simulated),
            unread=dict(zip(row["unread_kinds"], map(int, row["unread_counts"]), strict=True)),
            lists=tuple(name for name in LISTS if row[f"{name}_listed"]),
            **mine,
        )


def _by_person(table: FactTable, rows: "pa.Table") -> dict[int, list[Any]]:
    ordered = sorted(_own(rows.to_pylist()), key=lambda row: (row["person"], row["seq"]))
    by_person = groupby(ordered, key=lambda row: row["person"])
    return {person: [_fact(row, table) for row in group] for person, group in by_person}


def _own(rows: Iterable[Columns]) -> list[Columns]:
    """The record's own facts, without what was worked out from them for queries."""
    return [row for row in rows if not row.get("made")]


def _fact(row: Columns, table: FactTable) -> Any:
    return table.struct(**{field.name: _value(row, field) for field in table.fields})


def _value(row: Columns, field: Field) -> Any:
    match field.kind:
        case "when":
            return _when(row, field.name)
        case "bounds":
            low, high = row[f"{field.name}_low"], row[f"{field.name}_high"]
            return None if low is None and high is None else Bounds(low, high)
        case "dose":
            low, high = row[f"{field.name}_low"], row[f"{field.name}_high"]
            return None if low is None else Dose(low, high)
        case "origin":
            return Origin(*(row[f"{field.name}_{part}"] for part in ("source", "place", "line")))
        case "texts":
            return tuple(row[field.name])
    found = row[field.name]
    return intern(found) if type(found) is str and len(found) <= _SHORT else found


def _when(row: Columns, name: str) -> When | None:
    first = row[f"{name}_first"]
    if first is None:
        return None
    instant = _instant(row[f"{name}_instant"], row[f"{name}_offset"])
    return When(first, row[f"{name}_last"], row[f"{name}_precision"], instant)


def _instant(microseconds: int | None, offset: int | None) -> datetime | None:
    if microseconds is None:
        return None
    moment = _EPOCH + timedelta(microseconds=microseconds)
    if offset is None:
        return moment.replace(tzinfo=None)
    return moment.astimezone(timezone(timedelta(minutes=offset)))
