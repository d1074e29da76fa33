"""What a plan tells by number, in the columns of a screen. Many people are told the same: a text is held once, and rows
point to it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rxvigil.cohort.findings import IN_WORDS, OF_THE_RULE, SETS
from rxvigil.screening.columns import FILES, table_of

if TYPE_CHECKING:
    import pyarrow as pa

OUTPUTS: Final = ("singly", "courses", "clock_standing", "clocks_asked", "told")
"""The steps of a plan that a screen keeps."""
_SLOTS: Final = 1_000_000
"""More than a schedule has requirements."""


@dataclass(frozen=True)
class Told:
    """The outputs of a plan for one share, with the texts to which its numbers refer and the patients of it."""

    outputs: "dict[str, pa.Table]"
    sayings: "pa.Table"
    names: "pa.Table"
    patients: "pa.Table"
    """person, patient, practice."""

    def tables(self, monitored: frozenset[str]) -> "dict[str, pa.Table]":
        """The tables of a screen. It keeps the courses of monitored drugs: plans lay out all of which rules ask."""
        return {
            "findings": self._findings(),
            "clocks": self._clocks(),
            "courses": self._courses(monitored),
            "singly": self._singly(),
        }

    def _findings(self) -> "pa.Table":
        import pyarrow as pa
        from pyarrow import compute as pc

        rows = self._kept("told")
        late_days = _numbers(rows, "late_days")
        since = pc.if_else(pc.greater(late_days, 0), rows["overdue_after"], pa.scalar(None, pa.date32()))
        whole = ("late_days", "due", "overdue_after")
        columns = {
            **_at(self.sayings, OF_THE_RULE, rows["code"]),
            **_at(self.sayings, IN_WORDS, rows["words"]),
            **{name: rows[name] for name in whole},
            **{name: self._named(rows[name]) for name in SETS},
        }
        return self._shaped("findings", rows, columns | {"since": since, "by": _constant("plan", len(rows))})

    def _clocks(self) -> "pa.Table":
        rows, asked = self._kept("clock_standing"), self.outputs["clocks_asked"]
        names = ("drug", "protocol", "rule", "test", "strength", "borrowed")
        said = _at(asked, names, _place(_slots(rows), _slots(asked)))
        own = ("due", "overdue_after", "last", "often")
        columns = said | {"status": _encoded(rows["status"])} | {name: rows[name] for name in own}
        return self._shaped("clocks", rows, columns)

    def _courses(self, monitored: frozenset[str]) -> "pa.Table":
        import pyarrow as pa
        from pyarrow import compute as pc

        rows = self._kept("courses")
        rows = rows.filter(pc.is_in(rows["drug"], value_set=pa.array(sorted(monitored), pa.string())))
        columns = {name: rows[name] for name, _ in FILES["courses"] if name in rows.column_names}
        return self._shaped("courses", rows, columns | {"drug": _encoded(rows["drug"])})

    def _singly(self) -> "pa.Table":
        """Everybody once, with the first of the reasons."""
        reasons: dict[int, str] = {}
        for row in self.outputs["singly"].to_pylist():
            reasons[row["person"]] = min(row["reason"], reasons.get(row["person"], row["reason"]))
        places = _place(_whole(reasons), self.patients["person"])
        who = self.patients["patient"].combine_chunks().take(places).to_pylist()
        rows = [
            {"person": person, "patient": patient, "reason": reason}
            for (person, reason), patient in zip(reasons.items(), who, strict=True)
        ]
        return table_of(rows, FILES["singly"])

    def _kept(self, name: str) -> "pa.Table":
        """What the plan worked out on the way (courses, clocks) names some of those whom it then leaves to the
        evaluator of one patient; their courses and clocks come from there."""
        from pyarrow import compute as pc

        rows = self.outputs[name].combine_chunks()
        left = self.outputs["singly"]["person"].combine_chunks()
        return rows.filter(pc.invert(pc.is_in(rows["person"], value_set=left))) if len(left) else rows

    def _shaped(self, name: str, rows: "pa.Table", columns: dict[str, Any]) -> "pa.Table":
        """With the patient, and null for what these rows do not have."""
        import pyarrow as pa

        from rxvigil.screening.columns import held_schema

        schema, places = held_schema(FILES[name]), _place(rows["person"], self.patients["person"])
        columns |= {"person": rows["person"], "patient": self.patients["patient"].combine_chunks().take(places)}
        columns |= _at(self.patients, ("practice",), places)
        arrays = [
            columns[one.name].cast(one.type) if one.name in columns else pa.nulls(len(rows), one.type) for one in schema
        ]
        return pa.table(arrays, schema=schema)

    def _named(self, sets: "pa.ChunkedArray") -> "pa.Array":
        """Sets of numbers as lists of names, which are numbered in their order."""
        import pyarrow as pa

        lists = _one(sets).cast(pa.list_(pa.int64()))
        names = _texts(self.names["name"], lists.values)
        return pa.ListArray.from_arrays(lists.offsets, names, mask=lists.is_null() if lists.null_count else None)


def _at(table: "pa.Table", names: tuple[str, ...], places: Any) -> "dict[str, Any]":
    """Columns of a small table at these places."""
    import pyarrow as pa

    found: dict[str, Any] = {}
    for name in names:
        column = table[name]
        found[name] = _texts(column, places) if pa.types.is_string(column.type) else _one(column).take(_one(places))
    return found


def _texts(column: "pa.ChunkedArray", places: Any) -> "pa.DictionaryArray":
    """The texts of a column at these places, each held once."""
    import pyarrow as pa

    encoded = _one(column).dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices.take(_one(places)), encoded.dictionary)


def _encoded(column: "pa.ChunkedArray") -> "pa.DictionaryArray":
    return _one(column).dictionary_encode()


def _constant(text: str, count: int) -> "pa.DictionaryArray":
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), pa.array([text]))


def _place(values: Any, among: Any) -> "pa.Array":
    """Where in a column each value stands."""
    from pyarrow import compute as pc

    return pc.index_in(_one(values), value_set=_one(among))


def _slots(rows: "pa.Table") -> "pa.ChunkedArray":
    """Number and slot of the requirement of a schedule in one number."""
    from pyarrow import compute as pc

    return pc.add(pc.multiply(_numbers(rows, "number"), _SLOTS), _numbers(rows, "slot"))


def _numbers(rows: "pa.Table", name: str) -> "pa.ChunkedArray":
    import pyarrow as pa

    return rows[name].cast(pa.int64())


def _whole(values: Any) -> "pa.Array":
    import pyarrow as pa

    return pa.array(list(values), pa.int64())


def _one(column: Any) -> Any:
    """A column in one piece."""
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
