"""From records to columns: every fact of a record as one row of its table."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rxvigil.engine.numbers import of_result
from rxvigil.engine.series import calculate
from rxvigil.facts import NotUnderstood, Patient, Record, Result, When
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
    """The facts of many patients, gathered record by record, and made into columns at the end."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._facts = {table.name: _Facts() for table in TABLES}
        self._rows: dict[str, list[Row]] = {"patients": [], "doubts": []}

    def add(self, record: Record, practice: str | None = None) -> None:
        """Every fact of one patient; `practice` is where the patient is looked after, as far as it is known."""
        person = person_number(record.patient.id)
        self._rows["patients"].append(_patient_row(person, record, practice))
        for name, gathered in self._facts.items():
            if facts := getattr(record, name):
                gathered.add(person, facts, range(len(facts)))
        if made := _made(record, self._words):
            self._facts["results"].add(person, made, [-1] * len(made))
        self._rows["doubts"].extend(row for one in record.not_understood for row in _doubt_rows(person, one))

    def tables(self) -> "dict[str, pa.Table]":
        """What was gathered, as Arrow tables with the schemas of the store."""
        facts = {table.name: self._facts[table.name].columns(table) for table in TABLES}
        rows = {name: list(zip(*rows, strict=True)) for name, rows in self._rows.items()}
        return {name: _arrow(name, rows[name] if name in rows else facts[name]) for name in COLUMNS}


class _Facts:
    """Facts of one kind with whose they are and where in the record they stand."""

    def __init__(self) -> None:
        self._facts: list[Any] = []
        self._persons: list[int] = []
        self._places: list[int] = []

    def add(self, person: int, facts: Sequence[msgspec.Struct], places: Sequence[int]) -> None:
        """Facts of one person; -1 is the place of what was worked out by us."""
        self._facts += facts
        self._persons += [person] * len(facts)
        self._places += places

    def columns(self, table: FactTable) -> list[Sequence[Any]]:
        """The columns of the table, in its order."""
        own = [column for field in table.fields for column in _columns(field, self._facts)]
        return [self._persons, self._places, *own, *self._more(table)]

    def _more(self, table: FactTable) -> list[Sequence[Any]]:
        if table is not RESULTS:
            return []
        ends = [_ends(one) for one in self._facts]
        return [[low for low, _ in ends], [high for _, high in ends], [place < 0 for place in self._places]]


def _ends(result: Result) -> tuple[float | None, float | None]:
    return (result.value, result.value) if not result.comparator else interval(result)


def _arrow(name: str, columns: Sequence[Sequence[Any]]) -> "pa.Table":
    import pyarrow as pa

    schema = arrow_schema(name)
    filled = columns or [()] * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(filled, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


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


def _columns(field: Field, facts: list[Any]) -> list[Sequence[Any]]:
    """The columns of one field of many facts."""
    values = list(map(attrgetter(field.name), facts))
    match field.kind:
        case "when":
            return _when_columns(values)
        case "bounds" | "dose":
            return [[one and one.low for one in values], [one and one.high for one in values]]
        case "origin":
            return [[getattr(one, part) for one in values] for part in ("source", "place", "line")]
    return [values]


def _when_columns(whens: list[When | None]) -> list[Sequence[Any]]:
    """Many results share a moment, so that each is taken apart once."""
    known: dict[int, Row] = {}
    rows = [known.get(id(one)) or known.setdefault(id(one), _when(one)) for one in whens]
    return list(zip(*rows, strict=True)) if rows else [()] * len(_when(None))


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
