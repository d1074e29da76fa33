"""From records to columns: every fact of a record as one row of its table."""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rxvigil.engine.numbers import of_result
from rxvigil.engine.series import calculate
from rxvigil.facts import Bounds, Dose, NotUnderstood, Origin, Patient, Record, Result, When
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.schema import COLUMNS, LISTS, RESULTS, TABLES, FactTable, Field, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[Any, ...]
"""The values of one row, in the order of the table's columns."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_KIND_OF_PLACE: Final = re.compile(r"[A-Za-z]*")


def person_number(patient: str) -> int:
    """The number that stands for a patient's id in every table: the first 63 bits of its BLAKE2b hash, so that the
    same id has the same number whatever was imported before it. A store checks that no two ids share one."""
    return int.from_bytes(blake2b(patient.encode(), digest_size=8).digest(), "big") >> 1


class Columns:
    """Rows of every table of the store, gathered record by record."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self.rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}

    def add(self, record: Record, practice: str | None = None) -> None:
        """Every fact of one patient; `practice` is where the patient is looked after, as far as it is known."""
        person = person_number(record.patient.id)
        self.rows["patients"].append(_patient_row(person, record, practice))
        for table in TABLES:
            facts = getattr(record, table.name)
            self.rows[table.name].extend(_fact_row(person, seq, fact, table) for seq, fact in enumerate(facts))
        made = _made(record, self._words)
        self.rows["results"].extend(_fact_row(person, -1, one, RESULTS, made=True) for one in made)
        self.rows["doubts"].extend(row for one in record.not_understood for row in _doubt_rows(person, one))

    def tables(self) -> "dict[str, pa.Table]":
        """What was gathered, as Arrow tables with the schemas of the store."""
        import pyarrow as pa

        found: dict[str, pa.Table] = {}
        for name, rows in self.rows.items():
            schema = arrow_schema(name)
            columns = zip(*rows, strict=True) if rows else [()] * len(schema)
            arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            found[name] = pa.Table.from_arrays(arrays, schema=schema)
        return found


def tables_of(records: Iterable[Record], vocabulary: Vocabulary) -> "dict[str, pa.Table]":
    """Records as the tables of a store."""
    columns = Columns(vocabulary)
    for record in records:
        columns.add(record)
    return columns.tables()


def interval(result: Result) -> tuple[float | None, float | None]:
    """The closed interval of doubles in which the true value lies: `<5` ends just below 5. None for a category."""
    measured = of_result(result)
    if measured is None:
        return (None, None)
    low = math.nextafter(measured.low, math.inf) if measured.low_open and math.isfinite(measured.low) else measured.low
    open_end = measured.high_open and math.isfinite(measured.high)
    return (low, math.nextafter(measured.high, -math.inf) if open_end else measured.high)


def _patient_row(person: int, record: Record, practice: str | None) -> Row:
    patient: Patient = record.patient
    listed = [name in record.lists for name in LISTS]
    kinds = sorted(record.unread)
    counts = [str(record.unread[kind]) for kind in kinds]
    who = (person, patient.id, *_when(patient.born), patient.sex, *_when(patient.died))
    return (*who, *listed, kinds, counts, practice)


def _fact_row(person: int, seq: int, fact: msgspec.Struct, table: FactTable, *, made: bool = False) -> Row:
    own = [value for field in table.fields for value in _values(getattr(fact, field.name), field)]
    more = (*interval(fact), made) if isinstance(fact, Result) else ()
    return (person, seq, *own, *more)


def _values(value: Any, field: Field) -> Row:
    match field.kind:
        case "when":
            return _when(value)
        case "bounds":
            bounds: Bounds | None = value
            return (bounds.low, bounds.high) if bounds else (None, None)
        case "dose":
            dose: Dose | None = value
            return (dose.low, dose.high) if dose else (None, None)
        case "origin":
            origin: Origin = value
            return (origin.source, origin.place, origin.line)
        case "texts":
            return (list(value),)
    return (value,)


def _when(when: When | None) -> Row:
    if when is None:
        return (None, None, None, None, None)
    return (when.first, when.last, when.precision, *_instant(when.instant))


def _instant(instant: datetime | None) -> tuple[int | None, int | None]:
    if instant is None:
        return (None, None)
    offset = instant.utcoffset()
    moment = instant if offset is not None else instant.replace(tzinfo=UTC)
    return ((moment - _EPOCH) // _MICROSECOND, None if offset is None else int(offset.total_seconds()) // 60)


def _made(record: Record, words: Vocabulary) -> list[Result]:
    by_analyte: dict[str, list[Result]] = {}
    for one in record.results:
        by_analyte.setdefault(one.analyte, []).append(one)
    return calculate(by_analyte, words)


def _doubt_rows(person: int, entry: NotUnderstood) -> Iterable[Row]:
    found = _KIND_OF_PLACE.match(entry.origin.place)
    kind = found.group() if found else ""
    first, last = (entry.when.first, entry.when.last) if entry.when else (None, None)
    return ((person, key, first, last, kind) for key in entry.affects)
