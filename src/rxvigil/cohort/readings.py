"""In which bands of decision tables the newest results lie (`engine.tables`, `State.latest`), as bits of numbers: one
column for each table, one bit for each band of each axis."""

from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.bits import any_bit
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context, column
from rxvigil.engine.ask_results import limit_of
from rxvigil.engine.kleene import NO
from rxvigil.engine.numbers import Range, compare
from rxvigil.engine.state import YEAR, fresh_for
from rxvigil.engine.tables import LOOK_BACK, axis_subject, band_limits
from rxvigil.knowledge.expression import Amount, Operator
from rxvigil.knowledge.lookup import Vocabulary, normal
from rxvigil.knowledge.rules import Axis, Band, DecisionTable

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNDETECTABLE: Final = "undetectable"


@dataclass(frozen=True)
class Readings:
    """The newest results of the analytes of some decision tables."""

    context: Context
    tables: tuple[DecisionTable, ...]

    @cached_property
    def analytes(self) -> tuple[str, ...]:
        """What the tables measure."""
        return tuple(sorted({key for table in self.tables for key in measured_by(table, self.context.words)}))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of event whose value is an axis."""
        subjects = {axis_subject(axis)[0] for table in self.tables for axis in table.axes}
        return tuple(sorted(subjects - set(self.analytes)))

    def bit(self, analyte: str) -> int:
        """The bit of an analyte in `facts`, `lately`, `doubts` and `unclear`."""
        return 1 << self.analytes.index(analyte)

    def relation(self) -> "ir.Table":
        """One row for each person with any result of these analytes: for each table the bands in which the newest
        results lie; for each analyte the day of the newest; and, as bits, the analytes with a value or a word, those
        measured within the time that counts, those whose newest value may not reassure, and those whose newest result
        columns cannot tell."""
        import ibis

        rows = self._by_analyte()
        days = {
            column(key, "newest"): ibis.ifelse(rows.analyte == key, rows.day, ibis.null("date")).max()
            for key in self.analytes
        }
        bits = {name: any_bit(rows[name]) for name in ("facts", "lately", "doubts", "unclear")}
        bands = {name: any_bit(rows[name]) for name in self._columns}
        return rows.group_by("person").aggregate(**days, **bits, **bands)

    @property
    def _columns(self) -> tuple[str, ...]:
        return tuple(bands_column(nth) for nth, _ in enumerate(self.tables))

    def _by_analyte(self) -> "ir.Table":
        """One row for each person and analyte."""
        import ibis

        rows = self._newest()
        groups = rows.group_by("person", "analyte", "day").aggregate(
            facts=rows.told.max(),
            latest=rows.latest.max(),
            preliminary=rows.preliminary_too.min(),
            coarse=rows.coarse.max(),
            zones=ibis.ifelse(rows.zoned.min() != rows.zoned.max(), 1, 0),
            **{name: any_bit(rows[name]) for name in self._columns},
        )
        joined = groups.left_join(self._unread(), ["person", "analyte"], rname="{name}__unread")
        bit = ibis.cases(*((joined.analyte == key, self.bit(key)) for key in self.analytes), else_=0).cast("int64")
        opens = literal_day(LOOK_BACK.before(self.context.on))
        return joined.select(
            "person",
            "analyte",
            "day",
            *self._columns,
            facts=joined.facts * bit,
            lately=ibis.ifelse(joined.latest >= opens, bit, 0),
            doubts=ibis.ifelse(self._doubtful(joined), bit, 0),
            unclear=ibis.ifelse((joined.coarse == 1) | (joined.zones == 1), bit, 0),
        )

    def _doubtful(self, rows: "ir.Table") -> "ir.BooleanValue":
        """Why a reassuring value does not count (`State._doubt`): a newer one could not be read, it is preliminary or
        stale."""
        import ibis

        unread = (rows.undated == 1) | (rows.unread_until >= rows.day)
        fresh = {key: fresh_for(self.context.words, key).before(self.context.on) for key in self.analytes}
        stale = [(rows.analyte == key, rows.day < literal_day(day)) for key, day in fresh.items()]
        found = ibis.coalesce(unread, ibis.literal(False)) | ibis.cases(*stale, else_=False)
        return found | (rows.preliminary == 1)

    def _unread(self) -> "ir.Table":
        import ibis

        rows, on = self.context.facts.doubts, literal_day(self.context.on)
        rows = rows.filter(rows.key.isin(self.analytes) & (rows.when_last.isnull() | (rows.when_last <= on)))
        return rows.group_by("person", analyte=rows.key).aggregate(
            undated=ibis.ifelse(rows.when_last.isnull(), 1, 0).max(), unread_until=rows.when_last.max()
        )

    def _newest(self) -> "ir.Table":
        """Results that may be the newest (`engine.state.split_newest`), each with the bands in which it may lie."""
        import ibis

        rows = self._usable()
        mine, own = [rows.person, rows.analyte], [rows.person, rows.analyte, rows.when_first]
        rows = rows.mutate(
            day=rows.when_first.max().over(group_by=mine),
            moment=rows.when_instant.max().over(group_by=own),
            latest=rows.when_last.max().over(group_by=mine),
            vague=ibis.ifelse(_coarse(rows), rows.when_last, ibis.null("date")).max().over(group_by=mine),
        )
        rows = rows.filter(
            (rows.when_first == rows.day) & (rows.when_instant.isnull() | (rows.when_instant == rows.moment))
        )
        last = rows.moment.isnull() | (rows.when_instant == rows.moment)
        nothing = ibis.null("int64")
        zone = ibis.ifelse(rows.when_offset.isnull(), 0, 1)
        return rows.select(
            "person",
            "analyte",
            "day",
            "latest",
            told=ibis.ifelse(rows.value.notnull() | _worded(rows), 1, 0).cast("int64"),
            preliminary_too=ibis.cases((last & rows.preliminary, 1), (last, 0), else_=nothing),
            zoned=ibis.ifelse(rows.when_instant.notnull(), zone, nothing),
            coarse=ibis.ifelse(ibis.coalesce(rows.vague >= rows.day, ibis.literal(False)), 1, 0),
            **{bands_column(nth): self._bands(table, rows) for nth, table in enumerate(self.tables)},
        )

    def _usable(self) -> "ir.Table":
        """Results that do not lie after the date (`engine.series.results_by_analyte`)."""
        rows, on = self.context.facts.results, literal_day(self.context.on)
        known = (rows.when_last <= on) | (_coarse(rows) & (rows.when_first <= on))
        return rows.filter(rows.analyte.isin(self.analytes) & known)

    def _bands(self, table: DecisionTable, rows: "ir.Table") -> "ir.IntegerValue":
        """The bands of a table in which a result may lie."""
        import ibis

        words = self.context.words
        bits = [
            ibis.ifelse((rows.analyte == subject) & _may_lie_in(rows, band, axis, subject, words), bit, 0)
            for axis, band, bit in bands_of(table)
            if words.kind_of(subject := axis_subject(axis)[0]) == "analyte"
        ]
        bits += [
            ibis.ifelse(
                (rows.analyte == key) & _by_another_method(rows, key, table, words), another_method(table, key), 0
            )
            for key in measured_by(table, words)
            if table.methods and words.analytes[key].methods
        ]
        return reduce(lambda one, other: one + other, bits, ibis.literal(0, type="int64"))


def measured_by(table: DecisionTable, words: Vocabulary) -> tuple[str, ...]:
    """The analytes of a table's axes."""
    subjects = dict.fromkeys(axis_subject(axis)[0] for axis in table.axes)
    return tuple(key for key in subjects if words.kind_of(key) == "analyte")


def bands_column(nth: int) -> str:
    """The column of a table's bands."""
    return f"bands__{nth}"


def bands_of(table: DecisionTable) -> "list[tuple[Axis, Band, int]]":
    """Every band of every axis of a table with its bit."""
    every = [(axis, band) for axis in table.axes for band in axis.bands]
    return [(axis, band, 1 << nth) for nth, (axis, band) in enumerate(every)]


def another_method(table: DecisionTable, analyte: str) -> int:
    """The bit that says that a result of the analyte is not shown to be made by a method of the table."""
    subjects = list(dict.fromkeys(axis_subject(axis)[0] for axis in table.axes))
    return 1 << len(bands_of(table)) + subjects.index(analyte)


def in_reach(day: "ir.DateValue", start: "ir.DateValue", analyte: str, context: Context) -> "ir.BooleanValue":
    """Whether a newest result is not too old to stand: not older than the start of treatment, a year, or what the
    analyte counts for, whichever is longest (`State.latest`)."""
    import ibis

    oldest = min(context.on - YEAR, fresh_for(context.words, analyte).before(context.on))
    return ibis.coalesce(day >= literal_day(oldest), ibis.literal(False)) | ibis.coalesce(
        day >= start, ibis.literal(False)
    )


def _coarse(rows: "ir.Table") -> "ir.BooleanValue":
    """Known only to the month or year."""
    return rows.when_precision.isin(("year", "month"))


def _worded(rows: "ir.Table") -> "ir.BooleanValue":
    import ibis

    return ibis.coalesce(rows.category, "") != ""


def _may_lie_in(rows: "ir.Table", band: Band, axis: Axis, analyte: str, words: Vocabulary) -> "ir.BooleanValue":
    """Whether a result may lie in a band (`engine.tables`)."""
    import ibis

    if band.range is None:
        return ibis.coalesce(rows.category == band.category, ibis.literal(False))
    limits = _limits(band.range, analyte, axis.unit, words)
    by_value = reduce(lambda one, other: one & other, [_not_excluded(rows, *limit) for limit in limits])
    nothing = not any(one.category == UNDETECTABLE for one in axis.bands)
    lowest = all(compare(Range(0, 0), operator, limit) != NO for operator, limit in limits)
    by_word = (rows.category == UNDETECTABLE) & ibis.literal(nothing and lowest)
    return ibis.ifelse(_worded(rows), by_word, ibis.coalesce(by_value, ibis.literal(False)))


def _limits(text: str, analyte: str, unit: str | None, words: Vocabulary) -> tuple[tuple[Operator, float], ...]:
    """The limits of a band in the analyte's canonical unit."""
    return tuple(
        (operator, limit_of(Amount(value, unit), analyte, words).value if unit else value)
        for operator, value in band_limits(text)
    )


def _not_excluded(rows: "ir.Table", operator: Operator, limit: float) -> "ir.BooleanValue":
    """Some value of the interval satisfies the comparison."""
    match operator:
        case "<":
            return rows.low < limit
        case "<=":
            return rows.low <= limit
        case ">":
            return rows.high > limit
    return rows.high >= limit


def _by_another_method(rows: "ir.Table", analyte: str, table: DecisionTable, words: Vocabulary) -> "ir.BooleanValue":
    """A result that is not shown to be made by one of the table's methods (`engine.assays`)."""
    import ibis

    stated = ibis.coalesce(rows.assay, "").lower().re_replace("[^0-9a-zµμ%]+", " ").replace("μ", "µ").strip()
    named = {
        key: reduce(lambda one, other: one | other, [stated.contains(normal(name)) for name in names])
        for key, names in words.analytes[analyte].methods.items()
    }
    count = reduce(lambda one, other: one + other, [ibis.ifelse(one, 1, 0) for one in named.values()])
    mine = [named[key] for key in table.methods if key in named]
    shown = (count == 1) & reduce(lambda one, other: one | other, mine, ibis.literal(False))
    return (rows.value.notnull() | _worded(rows)) & ~shown
