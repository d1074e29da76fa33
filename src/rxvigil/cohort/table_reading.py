"""One decision table read for one drug (`engine.tables.read_table`, `engine.table_findings`), in stages: each adds
columns from those of the stage before, so that no expression is written out twice."""

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final, NamedTuple

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import column
from rxvigil.cohort.readings import Readings, another_method, bands_column, bands_of, in_reach, measured_by
from rxvigil.cohort.stated import until_column, value_column
from rxvigil.engine.kleene import UNKNOWN, YES
from rxvigil.engine.tables import LOOK_BACK, axis_subject
from rxvigil.knowledge.rules import Axis, DecisionTable, Gap, Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    import ibis.expr.types as ir

    Flags = dict[str, ir.BooleanValue]


class Says(NamedTuple):
    """What a row of the answers says."""

    kind: str
    outcome: int


CERTAIN: Final = Says("row", YES)
IN_DOUBT: Final = Says("row", UNKNOWN)
"""A row that would speak, or may, while nobody knows whether the drug is taken."""
SEVERAL: Final = Says("several", UNKNOWN)
WITHOUT_ADVICE: Final = Says("gap", YES)
SAYS: Final = (CERTAIN, IN_DOUBT, SEVERAL, WITHOUT_ADVICE)


@dataclass(frozen=True)
class TableReading:
    """One of the tables of `readings`, asked about one drug."""

    readings: Readings
    nth: int
    """Which of the tables."""
    first: int
    """The number of its first row among the rows of all tables of the drug."""
    ways: dict[str, tuple[int, ...]]
    """Row -> the rules it gives way to, by number."""

    @property
    def table(self) -> DecisionTable:
        return self.readings.tables[self.nth]

    def allowed(self, rows: "ir.Table") -> "dict[str, ir.Value]":
        """For each axis the bands that are possible, as bits: all of them where none is known to hold."""
        import ibis

        found: dict[str, ir.Value] = {}
        for nth, axis in enumerate(self.table.axes):
            every = sum(bit for of, _, bit in bands_of(self.table) if of == axis)
            known = self._known(axis, every, rows)
            found[self._name("axis", nth)] = ibis.ifelse(known == 0, every, known)
        return found

    def possible(self, rows: "ir.Table") -> "dict[str, ir.Value]":
        """Which rows and gaps the values allow: every axis one of their bands, as rows are conditions on each axis."""
        found = {self._name("row", nth): self._possible(row, rows) for nth, row in enumerate(self.table.rows)}
        return found | {self._name("gap", nth): self._possible(gap, rows) for nth, gap in enumerate(self.table.gaps)}

    def left(self, rows: "ir.Table") -> "dict[str, ir.Value]":
        """Which of the possible rows do not give way to a rule that fires."""
        found: dict[str, ir.Value] = {}
        for nth, row in enumerate(self.table.rows):
            ways = any_of(rows[way_column(way)] for way in self.ways[row.id])
            found[self._name("left", nth)] = rows[self._name("row", nth)] & ~ways
        return found

    def certain(self, rows: "ir.Table") -> "dict[str, ir.Value]":
        """Whether it is the patient's table and was measured lately; whether some row, and some gap, is possible; and
        whether one alone is, with nothing about the values that leaves it open."""
        import ibis

        possible, gaps = self._flags("row", rows), self._flags("gap", rows)
        count = reduce(lambda one, other: one + other, [ibis.ifelse(flag, 1, 0) for flag in (*possible, *gaps)])
        graver = any_of(flag for flag, row in zip(possible, self.table.rows, strict=True) if row.tier != "know")
        advice = any_of(possible)
        unsure = advice & (self._other_method(rows) | (self._doubtful(rows) & ~graver))
        return {
            self._name("asked"): self._asked(rows),
            self._name("advice"): advice,
            self._name("some_gap"): any_of(gaps),
            self._name("certain"): (count == 1) & ~unsure,
        }

    def codes(self, rows: "ir.Table") -> "dict[str | None, ir.IntegerValue]":
        """For each row, and for the table as a whole (None), a number: what it says; null where it is silent."""
        asked, certain, taken = rows[self._name("asked")], rows[self._name("certain")], rows.running == YES
        left = self._flags("left", rows)
        found: dict[str | None, ir.IntegerValue] = {}
        for nth, (row, speaks) in enumerate(zip(self.table.rows, left, strict=True)):
            mine = asked & speaks
            says = [(mine & ~taken, IN_DOUBT), (mine & certain, CERTAIN), (mine, SEVERAL)]
            found[row.id] = _code(self.first + nth, says)
        advice, none_left = rows[self._name("advice")], ~any_of(left)
        open_ = none_left & (rows[self._name("some_gap")] | ~advice)
        whole = [(asked & taken & certain & ~advice, WITHOUT_ADVICE), (asked & taken & open_, SEVERAL)]
        return found | {None: _code(self.first + len(left), whole)}

    def _name(self, what: str, nth: int | None = None) -> str:
        return column(what, str(self.nth), *([] if nth is None else [str(nth)]))

    def _flags(self, what: str, rows: "ir.Table") -> "list[ir.BooleanValue]":
        count = len(self.table.gaps if what == "gap" else self.table.rows)
        return [rows[self._name(what, nth)] for nth in range(count)]

    def _possible(self, one: "Row | Gap", rows: "ir.Table") -> "ir.BooleanValue":
        import ibis

        found = ibis.literal(True)
        for nth, axis in enumerate(self.table.axes):
            if axis.name in one.when:
                names = one.when[axis.name]
                bits = sum(bit for of, band, bit in bands_of(self.table) if of == axis and band.name in names)
                found = found & ((rows[self._name("axis", nth)] & bits) != 0)
        return found

    def _known(self, axis: Axis, every: int, rows: "ir.Table") -> "ir.IntegerValue":
        """The bands that are known to be possible; none where the value is not known."""
        import ibis

        subject = axis_subject(axis)[0]
        if subject in self.readings.kinds:
            return self._stated(axis, subject, rows)
        return ibis.ifelse(self._in_reach(subject, rows), rows[bands_column(self.nth)] & every, 0)

    def _stated(self, axis: Axis, kind: str, rows: "ir.Table") -> "ir.IntegerValue":
        """The band of the value stated last, where that was lately."""
        import ibis

        opens = literal_day(LOOK_BACK.before(self.readings.context.on))
        value, lately = rows[value_column(kind)], rows[until_column(kind)] >= opens
        bits = [(value == band.category, bit) for of, band, bit in bands_of(self.table) if of == axis]
        return reduce(lambda one, other: one + other, [ibis.ifelse(flag & lately, bit, 0) for flag, bit in bits])

    def _asked(self, rows: "ir.Table") -> "ir.BooleanValue":
        bits = sum(self.readings.bit(key) for key in self._measured)
        return (rows.chosen == self.table.id) & ((rows.lately & bits) != 0)

    @property
    def _measured(self) -> tuple[str, ...]:
        return measured_by(self.table, self.readings.context.words)

    def _in_reach(self, analyte: str, rows: "ir.Table") -> "ir.BooleanValue":
        """There is a newest result with a value or a word that still stands."""
        told = (rows.facts & self.readings.bit(analyte)) != 0
        return told & in_reach(rows[column(analyte, "newest")], rows.start, analyte, self.readings.context)

    def _doubtful(self, rows: "ir.Table") -> "ir.BooleanValue":
        """A value may not reassure."""
        bits = {key: self.readings.bit(key) for key in self._measured}
        return any_of(self._in_reach(key, rows) & ((rows.doubts & bit) != 0) for key, bit in bits.items())

    def _other_method(self, rows: "ir.Table") -> "ir.BooleanValue":
        """A value is not shown to be made by a method of the table."""
        bands, bits = rows[bands_column(self.nth)], {key: another_method(self.table, key) for key in self._measured}
        return any_of(self._in_reach(key, rows) & ((bands & bit) != 0) for key, bit in bits.items())


def way_column(nth: int) -> str:
    """The column that says whether a rule fires to which rows give way."""
    return f"way__{nth}"


def any_of(flags: "Iterable[ir.BooleanValue]") -> "ir.BooleanValue":
    """Whether any holds; none of nothing does."""
    import ibis

    return reduce(lambda one, other: one | other, flags, ibis.literal(False))


def _code(number: int, says: "list[tuple[ir.BooleanValue, Says]]") -> "ir.IntegerValue":
    import ibis

    branches = [(flag, ibis.literal(number * len(SAYS) + SAYS.index(said), type="int64")) for flag, said in says]
    return ibis.cases(*branches, else_=ibis.null("int64"))
