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
from rxvigil.population.schema import COLUMNS, LISTS, PARTS, RESULTS, TABLES, FactTable, Field, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[Any, ...]
"""The values of one row, in the order of the table's columns."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_BEFORE: Final = -(1 << 62)
"""A moment before every other: a day comes before the instants of that day."""
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
        self._rows: dict[str, list[Row]] = {"patients": [], "doubts": [], "simulated": []}
        self._standing: list[pa.Table] = []

    def add(self, record: Record, practice: str | None = None, beside: Sequence[Result] = ()) -> None:
        """Every fact of one patient; `practice` is where the patient is looked after, as far as it is known. `beside`:
        results of this patient that stand in columns already, as far as others may follow from them."""
        person = person_number(record.patient.id)
        self._rows["patients"].append(_patient_row(person, record, practice))
        if record.patient.simulated:
            self._rows["simulated"].append((person,))
        for name, gathered in self._facts.items():
            if facts := getattr(record, name):
                gathered.add(person, facts, range(len(facts)))
        if made := _made(record.results, beside, self._words):
            self._facts["results"].add(person, made, [-1] * len(made))
        self._rows["doubts"].extend(row for one in record.not_understood for row in _doubt_rows(person, one))

    def stand(self, results: "pa.Table") -> None:
        """Results that stand in columns already (`results_table`), those of a patient in the order of a record. None of
        them may be of one analyte and moment with another result of the patient."""
        self._standing.append(results)

    def tables(self) -> "dict[str, pa.Table]":
        """What was gathered, as Arrow tables with the schemas of the store."""
        facts = {table.name: self._facts[table.name].columns(table) for table in TABLES}
        rows = {name: list(zip(*rows, strict=True)) for name, rows in self._rows.items()}
        tables = {name: _arrow(name, rows[name] if name in rows else facts[name]) for name in COLUMNS}
        if self._standing:
            tables["results"] = _in_order([tables["results"], *self._standing])
        return tables


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


def results_table(columns: "dict[str, Any]", count: int) -> "pa.Table":
    """So many rows of the table of results from these columns, which are all but the place in the record."""
    import pyarrow as pa

    usual: dict[str, Any] = {"seq": 0, "made": False}
    schema = arrow_schema("results")
    if not count:
        return schema.empty_table()
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns
        else pa.repeat(pa.scalar(usual.get(field.name), field.type), count)
        for field in schema
    ]  # fmt: skip
    return pa.Table.from_arrays(arrays, schema=schema)


_WHAT_IT_SAYS: Final = tuple(
    field for field in RESULTS.fields if field.name not in ("id", "when", "panel", "origin")
)  # fmt: skip


def said_arrays(results: Sequence[Result]) -> "dict[str, pa.Array]":
    """What results say, in columns, without which ones they are, when they were and where they stood."""
    columns = {
        name: column
        for field in _WHAT_IT_SAYS
        for (name, _), column in zip(field.columns, _columns(field, list(results)), strict=True)
    }
    ends = [_ends(one) for one in results]
    return _arrays({**columns, "low": [low for low, _ in ends], "high": [high for _, high in ends]})


def when_arrays(whens: Sequence[When | None]) -> "dict[str, pa.Array]":
    """Dates of results, in columns."""
    names = [f"when_{name}" for name, _ in PARTS["when"]]
    return _arrays(dict(zip(names, zip(*map(_when, whens), strict=True), strict=True)))


def _arrays(columns: "dict[str, Sequence[Any]]") -> "dict[str, pa.Array]":
    import pyarrow as pa

    schema = arrow_schema("results")
    return {name: pa.array(column, schema.field(name).type) for name, column in columns.items()}


def _in_order(tables: "list[pa.Table]") -> "pa.Table":
    """Results of several sources in the order of records, with their places in it; after those of a patient what was
    worked out from them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.concat_tables(tables).combine_chunks()
    analytes = table["analyte"].combine_chunks().dictionary_encode()
    names = analytes.dictionary.to_pylist()
    rank = {name: number for number, name in enumerate(sorted(names))}
    codes = np.array([rank[one] for one in names], dtype=np.int64)[analytes.indices.to_numpy(zero_copy_only=False)]
    moment = pc.fill_null(table["when_instant"], _BEFORE).to_numpy()
    day = table["when_first"].cast(pa.int32()).to_numpy()
    person, made = table["person"].to_numpy(), table["made"].to_numpy()
    order = np.lexsort((np.where(made, 0, codes), np.where(made, 0, moment), np.where(made, 0, day), made, person))
    person, made = person[order], made[order]
    numbers = np.arange(len(order))
    starts = np.searchsorted(person, person)
    seq = pa.array(np.where(made, -1, numbers - starts))
    ordered = table.take(pa.array(order))
    return ordered.set_column(ordered.schema.get_field_index("seq"), "seq", seq)


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


def _made(results: Sequence[Result], beside: Sequence[Result], words: Vocabulary) -> list[Result]:
    if beside:
        results = sorted((*results, *beside), key=lambda one: (one.when.sort_key, one.id, one.written))
    by_analyte: dict[str, list[Result]] = {}
    for one in results:
        by_analyte.setdefault(one.analyte, []).append(one)
    return calculate(by_analyte, words)


def _doubt_rows(person: int, entry: NotUnderstood) -> Iterable[Row]:
    found = _KIND_OF_PLACE.match(entry.origin.place)
    kind = found.group() if found else ""
    first, last = (entry.when.first, entry.when.last) if entry.when else (None, None)
    return ((person, key, first, last, kind) for key in entry.affects)
