"""Decision tables of a whole population: `engine.choose.choose_table` and `engine.table_findings` as relations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Final, NamedTuple

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.readings import (
    Readings,
    another_method,
    bands_column,
    bands_of,
    in_reach,
    measured_by,
)
from rxvigil.cohort.stated import StatedValues, several_column, unsure_column, until_column, value_column
from rxvigil.cohort.truth import always, holds
from rxvigil.engine.choose import ASSUMED, Wanted
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.engine.tables import LOOK_BACK, axis_subject
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import Axis, DecisionTable, Gap, Row, Rule

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

    Asks = Callable[[str, str | None], Truth]
    """The truth of a condition, asked about a drug, for each row of the state."""


class Says(NamedTuple):
    """What a row of the answers says."""

    kind: str
    outcome: int


CERTAIN: Final = Says("row", YES)
IN_DOUBT: Final = Says("row", UNKNOWN)
"""A row that would speak, or may, while nobody knows whether the drug is taken."""
SEVERAL: Final = Says("several", UNKNOWN)
WITHOUT_ADVICE: Final = Says("gap", YES)
_SAYS: Final = (CERTAIN, IN_DOUBT, SEVERAL, WITHOUT_ADVICE)


def table_questions(book: RuleBook, drugs: tuple[str, ...]) -> set[tuple[str, str | None]]:
    """Every condition that the decision tables of these drugs ask, with the drug it is asked about."""
    found: set[tuple[str, str | None]] = set()
    for drug in drugs:
        for table in _tables_of(drug, book):
            found.add((f"{drug}.active", None))
            found |= {(table.applies.only_if, drug)} if table.applies.only_if else set()
            found |= {(rule.when, drug) for row in table.rows for _, rule in _ways(row, drug, book)}
    return found


def table_answers(
    context: Context,
    book: RuleBook,
    wanted: Wanted,
    state: "ir.Table",
    ask: "Asks",
    drugs: tuple[str, ...],
) -> "ir.Table":
    """(person, drug, table, row, outcome, kind) for everybody who takes, or may take, a drug that has a decision table.

    kind `row`: the row that is certain (outcome 2), or one that would speak if it were known that the drug is taken
    (1). `several`: one of several readings (1); `row` is null where none of them is left. `gap`: the values lie where
    the table gives no advice."""
    import ibis

    tables = _Tables(context, book, wanted, tuple(one for one in drugs if _tables_of(one, book)))
    found = [tables.answers(drug, state, ask) for drug in tables.drugs]
    return ibis.union(*found) if len(found) > 1 else found[0] if found else _nothing(state)


def table_singly(
    context: Context, book: RuleBook, wanted: Wanted, state: "ir.Table", ask: "Asks", drugs: tuple[str, ...]
) -> "ir.Table | None":
    """(person, reason) of those whose newest values for a decision table columns cannot tell; none without tables."""
    import ibis

    tables = _Tables(context, book, wanted, tuple(one for one in drugs if _tables_of(one, book)))
    found = [tables.singly(drug, state, ask) for drug in tables.drugs]
    return (ibis.union(*found) if len(found) > 1 else found[0]) if found else None


@dataclass(frozen=True)
class _Tables:
    """The decision tables of some drugs, with the columns they are read from."""

    context: Context
    book: RuleBook
    wanted: Wanted
    drugs: tuple[str, ...]

    @cached_property
    def tables(self) -> tuple[DecisionTable, ...]:
        found = {one.id: one for drug in self.drugs for one in _tables_of(drug, self.book)}
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def readings(self) -> Readings:
        return Readings(self.context, self.tables)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of event whose value is an axis."""
        subjects = {axis_subject(axis)[0] for table in self.tables for axis in table.axes}
        return tuple(sorted(subjects - set(self.readings.analytes)))

    def answers(self, drug: str, state: "ir.Table", ask: "Asks") -> "ir.Table":
        """What the tables say of one drug."""
        import ibis

        rows = self._read(drug, state, ask)
        codes = [code for table in _tables_of(drug, self.book) for code in self._codes(table, drug, rows)]
        tall = rows.select("person", code=ibis.array([code for _, code in codes]).unnest())
        tall = tall.filter(tall.code.notnull())
        said = {number: (table, row) for (number, table, row), _ in codes}
        which, how = tall.code - tall.code % len(_SAYS), tall.code % len(_SAYS)
        row_names = [(which == number, row) for number, (_, row) in said.items() if row is not None]
        return tall.select(
            "person",
            drug=ibis.literal(drug),
            table=ibis.cases(*((which == number, table) for number, (table, _) in said.items()), else_=""),
            row=ibis.cases(*row_names, else_=ibis.null("string")) if row_names else ibis.null("string"),
            outcome=ibis.cases(*((how == nth, always(one.outcome)) for nth, one in enumerate(_SAYS)), else_=always(NO)),
            kind=ibis.cases(*((how == nth, one.kind) for nth, one in enumerate(_SAYS)), else_=""),
        )

    def singly(self, drug: str, state: "ir.Table", ask: "Asks") -> "ir.Table":
        """Those of whom a table is asked and whose newest values columns cannot tell."""
        import ibis

        rows = self._read(drug, state, ask)
        unclear = [(rows.chosen == table.id) & self._unclear(table, rows) for table in _tables_of(drug, self.book)]
        rows = rows.filter(reduce(lambda one, other: one | other, unclear))
        return rows.select("person", reason=ibis.literal("the newest value for a decision table"))

    def _unclear(self, table: DecisionTable, rows: "ir.Table") -> "ir.BooleanValue":

        bits = sum(self.readings.bit(key) for key in measured_by(table, self.context.words))
        kinds = [axis_subject(axis)[0] for axis in table.axes]
        unsure = [rows[name(key)] for key in kinds if key in self.kinds for name in (several_column, unsure_column)]
        return reduce(lambda one, other: one | holds(other), unsure, (rows.unclear & bits) != 0)

    def _read(self, drug: str, state: "ir.Table", ask: "Asks") -> "ir.Table":
        """Those with results who take the drug, or may: what was read, which table is theirs, and which rules fire that
        a row gives way to."""
        import ibis

        read = self.readings.relation()
        mentioned = holds(state[column(drug, "has_current")]) | holds(state[column(drug, "unread")])
        running = ibis.cases((mentioned, ask(f"{drug}.active", None)), else_=always(NO))
        whom = state.semi_join(read, "person").select(
            "person",
            running=running,
            chosen=self._chosen(drug, state, ask),
            start=state[column(drug, "start")],
            **{_way(nth): ask(rule.when, drug) == YES for nth, rule in enumerate(self.ways(drug).values())},
        )
        rows = whom.filter((whom.running != NO) & whom.chosen.notnull()).inner_join(read, "person")
        values = StatedValues(self.context, self.kinds, self.context.on).relation()
        return rows if values is None else rows.left_join(values, "person").drop("person_right")

    def ways(self, drug: str) -> dict[str, Rule]:
        """Full id -> rule to which some row gives way."""
        rows = [row for table in _tables_of(drug, self.book) for row in table.rows]
        return {name: rule for row in rows for name, rule in _ways(row, drug, self.book)}

    def _chosen(self, drug: str, state: "ir.Table", ask: "Asks") -> "ir.StringValue":
        """The table for one drug (`engine.choose.choose_table`): the one asked for, or the default that is most
        particularly for the patient."""
        import ibis

        mine = _tables_of(drug, self.book)
        asked = [one for one in mine if one.id in self.wanted.protocols]
        if asked:
            return ibis.literal(asked[0].id)
        fits = [(flag, table.id) for table, flag in self._defaults(mine, drug, state, ask)]
        return ibis.cases(*fits, else_=ibis.null("string")) if fits else ibis.null("string")

    def _defaults(
        self, mine: "tuple[DecisionTable, ...]", drug: str, state: "ir.Table", ask: "Asks"
    ) -> "Iterator[tuple[DecisionTable, ir.BooleanValue]]":
        """The tables that may be somebody's, with whose they are, the most particular first."""
        import ibis

        for jurisdiction in dict.fromkeys((self.wanted.jurisdiction or ASSUMED, ASSUMED)):
            ranked: list[tuple[int, DecisionTable, ir.BooleanValue]] = []
            for table in mine:
                places = [one.specialty for one in table.default_for if one.jurisdiction == jurisdiction]
                implied = [holds(state[column("specialty", key)]) for key in places if key]
                special = reduce(lambda one, other: one | other, implied, ibis.literal(False))
                anybody = ibis.literal(True) if None in places else special
                if table.applies.only_if:
                    ranked.append((0, table, anybody & (ask(table.applies.only_if, drug) == YES)))
                else:
                    ranked += [(1, table, special), (2, table, anybody)]
            yield from ((table, flag) for _, table, flag in sorted(ranked, key=lambda one: (one[0], one[1].id)))

    def _codes(
        self, table: DecisionTable, drug: str, rows: "ir.Table"
    ) -> "Iterator[tuple[tuple[int, str, str | None], ir.IntegerValue]]":
        """For each row of a table, and for the table as a whole, a number: what it says; null where it is silent."""

        reading = _Reading(self, table, drug, rows)
        first = self.tables.index(table) * 1000
        for nth, row in enumerate(table.rows):
            number = (first + nth) * len(_SAYS)
            yield (number, table.id, row.id), _code(number, reading.says(row))
        number = (first + len(table.rows)) * len(_SAYS)
        yield (number, table.id, None), _code(number, reading.says_as_a_whole())


def _code(number: int, says: "list[tuple[ir.BooleanValue, Says]]") -> "ir.IntegerValue":
    import ibis

    branches = [(flag, ibis.literal(number + _SAYS.index(said), type="int64")) for flag, said in says]
    return ibis.cases(*branches, else_=ibis.null("int64"))


@dataclass(frozen=True)
class _Reading:
    """One table read for one drug (`engine.tables.read_table`, `engine.table_findings`)."""

    of: _Tables
    table: DecisionTable
    drug: str
    rows: "ir.Table"

    def says(self, row: Row) -> "list[tuple[ir.BooleanValue, Says]]":
        """What one row says."""
        speaks = self.asked & self._possible(row) & ~self._gives_way(row)
        taken = self.rows.running == YES
        return [(speaks & ~taken, IN_DOUBT), (speaks & self.certain, CERTAIN), (speaks, SEVERAL)]

    def says_as_a_whole(self) -> "list[tuple[ir.BooleanValue, Says]]":
        """A gap, or several readings of which no row is left."""
        asked = self.asked & (self.rows.running == YES)
        possible = [self._possible(one) for one in self.table.rows]
        left = [self._possible(one) & ~self._gives_way(one) for one in self.table.rows]
        none, none_left = ~_any(possible), ~_any(left)
        gap = _any([self._possible(one) for one in self.table.gaps])
        return [(asked & none & self.certain, WITHOUT_ADVICE), (asked & none_left & (gap | none), SEVERAL)]

    @cached_property
    def asked(self) -> "ir.BooleanValue":
        """It is the patient's table, and one of its values was measured lately."""
        bits = sum(self.of.readings.bit(key) for key in measured_by(self.table, self.of.context.words))
        return (self.rows.chosen == self.table.id) & ((self.rows.lately & bits) != 0)

    @cached_property
    def certain(self) -> "ir.BooleanValue":
        """One row or gap is possible, and nothing about the values leaves it open."""
        import ibis

        possible = [self._possible(one) for one in (*self.table.rows, *self.table.gaps)]
        count = reduce(lambda one, other: one + other, [ibis.ifelse(one, 1, 0) for one in possible])
        advice = _any([self._possible(one) for one in self.table.rows])
        more = _any([self._possible(one) for one in self.table.rows if one.tier != "know"])
        return (count == 1) & ~(advice & (self._other_method() | (self._doubtful() & ~more)))

    def _possible(self, one: "Row | Gap") -> "ir.BooleanValue":
        """Whether the values allow a row or a gap: every axis allows one of its bands."""
        return _all([self._allows(axis, one.when[axis.name]) for axis in self.table.axes if axis.name in one.when])

    def _allows(self, axis: Axis, names: tuple[str, ...]) -> "ir.BooleanValue":
        bits = sum(bit for of, band, bit in bands_of(self.table) if of == axis and band.name in names)
        return (self._allowed[axis.name] & bits) != 0

    @cached_property
    def _allowed(self) -> "dict[str, ir.IntegerValue]":
        """Axis -> the bands that are possible, as bits: all of them where none is known to hold."""
        import ibis

        found: dict[str, ir.IntegerValue] = {}
        for axis in self.table.axes:
            every = sum(bit for of, _, bit in bands_of(self.table) if of == axis)
            known = self._known(axis, every)
            found[axis.name] = ibis.ifelse(known == 0, every, known)
        return found

    def _known(self, axis: Axis, every: int) -> "ir.IntegerValue":
        import ibis

        subject = axis_subject(axis)[0]
        if subject in self.of.kinds:
            return self._stated(axis, subject)
        bands = self.rows[bands_column(self.of.tables.index(self.table))]
        return ibis.ifelse(self._in_reach(subject), bands & every, 0)

    def _stated(self, axis: Axis, kind: str) -> "ir.IntegerValue":
        """The band of the value stated last, where that was lately."""
        import ibis

        value, until = self.rows[value_column(kind)], self.rows[until_column(kind)]
        opens = literal_day(LOOK_BACK.before(self.of.context.on))
        branches = [
            ((value == band.category) & (until >= opens), bit) for of, band, bit in bands_of(self.table) if of == axis
        ]
        bits = [ibis.ifelse(flag, bit, 0) for flag, bit in branches]
        return reduce(lambda one, other: one + other, bits)

    def _in_reach(self, analyte: str) -> "ir.BooleanValue":
        """There is a newest result with a value or a word that still stands."""
        told = (self.rows.facts & self.of.readings.bit(analyte)) != 0
        return told & in_reach(self.rows[column(analyte, "newest")], self.rows.start, analyte, self.of.context)

    def _doubtful(self) -> "ir.BooleanValue":
        """A value may not reassure."""
        bits = {key: self.of.readings.bit(key) for key in measured_by(self.table, self.of.context.words)}
        return _any([self._in_reach(key) & ((self.rows.doubts & bit) != 0) for key, bit in bits.items()])

    def _other_method(self) -> "ir.BooleanValue":
        bands = self.rows[bands_column(self.of.tables.index(self.table))]
        bits = {key: another_method(self.table, key) for key in measured_by(self.table, self.of.context.words)}
        return _any([self._in_reach(key) & ((bands & bit) != 0) for key, bit in bits.items()])

    def _gives_way(self, row: Row) -> "ir.BooleanValue":
        names = list(self.of.ways(self.drug))
        return _any([self.rows[_way(names.index(name))] for name, _ in _ways(row, self.drug, self.of.book)])


def _any(flags: "list[ir.BooleanValue]") -> "ir.BooleanValue":
    import ibis

    return reduce(lambda one, other: one | other, flags) if flags else ibis.literal(False)


def _all(flags: "list[ir.BooleanValue]") -> "ir.BooleanValue":
    import ibis

    return reduce(lambda one, other: one & other, flags) if flags else ibis.literal(True)


def _tables_of(drug: str, book: RuleBook) -> tuple[DecisionTable, ...]:
    return tuple(one for _, one in sorted(book.tables.items()) if drug in one.applies.drugs)


def _ways(row: Row, drug: str, book: RuleBook) -> "Iterator[tuple[str, Rule]]":
    """The rules to which a row gives way for a drug, by full id (`engine.table_findings`)."""
    words = book.vocabulary
    for name in row.gives_way_to:
        topic, _, own = name.rpartition("#")
        rule = next(one for one in book.topics[topic].rules if one.id == own)
        if rule.source.mark != "memory" and any(drug in words.members(one) for one in rule.applies.drugs):
            yield name, rule


def _way(nth: int) -> str:
    """The column that says whether a rule fires to which rows give way."""
    return f"way__{nth}"


def _nothing(state: "ir.Table") -> "ir.Table":
    import ibis

    rows = state.filter(ibis.literal(False)).select("person", drug=ibis.literal(""), table=ibis.literal(""))
    return rows.mutate(row=ibis.null("string"), outcome=always(NO), kind=ibis.literal(""))
