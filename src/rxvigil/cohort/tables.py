"""Decision tables of a whole population: `engine.choose.choose_table` and `engine.table_findings` as relations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from rxvigil.cohort.part import Context, column
from rxvigil.cohort.readings import Readings, measured_by
from rxvigil.cohort.stated import StatedValues, several_column, unsure_column
from rxvigil.cohort.steps import stacked
from rxvigil.cohort.table_reading import SAYS, TableReading, way_column
from rxvigil.cohort.truth import always, holds
from rxvigil.engine.choose import ASSUMED, Wanted
from rxvigil.engine.kleene import NO, YES
from rxvigil.engine.tables import axis_subject
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import DecisionTable, Row, Rule

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

    Asks = Callable[[str, str | None], Truth]
    """The truth of a condition, asked about a drug, for each row of the state."""


def table_questions(book: RuleBook, drugs: tuple[str, ...]) -> set[tuple[str, str | None]]:
    """Every condition that the decision tables of these drugs ask, with the drug it is asked about."""
    found: set[tuple[str, str | None]] = set()
    for drug in drugs:
        for table in _tables_of(drug, book):
            found.add((f"{drug}.active", None))
            found |= {(table.applies.only_if, drug)} if table.applies.only_if else set()
            found |= {(rule.when, drug) for row in table.rows for _, rule in _ways(row, drug, book)}
    return found


@dataclass(frozen=True)
class TablesRead:
    """The decision tables of some drugs, read for a population. `read`: drug -> the step with a row for each person who
    takes it, or may, and has a result that its tables speak of."""

    tables: "_Tables"
    read: "dict[str, ir.Table]"
    nobody: "ir.Table"

    def answers(self) -> "ir.Table":
        """(person, drug, table, row, outcome, kind). kind `row`: the row that is certain (outcome 2), or one that would
        speak if it were known that the drug is taken (1). `several`: one of several readings (1); `row` is null where
        none of them is left. `gap`: the values lie where the table gives no advice."""

        found = [self.tables.answers(drug, rows) for drug, rows in self.read.items()]
        return stacked(found) if found else _nothing(self.nobody)

    def singly(self) -> "ir.Table | None":
        """(person, reason) of those whose newest values columns cannot tell; none without tables."""

        found = [self.tables.singly(drug, rows) for drug, rows in self.read.items()]
        return stacked(found) if found else None


def read_tables(
    context: Context,
    book: RuleBook,
    wanted: Wanted,
    state: "ir.Table",
    ask: "Asks",
    drugs: tuple[str, ...],
    steps: "Steps",
) -> TablesRead:
    """Read the decision tables of these drugs: steps `readings`, and `read__` with the name of each drug."""
    tables = _Tables(context, book, wanted, tuple(one for one in drugs if _tables_of(one, book)))
    if not tables.readings.analytes:
        return TablesRead(tables, {}, state)
    readings = steps.add("readings", tables.readings.relation())
    read = {drug: tables.read(drug, readings, state, ask) for drug in tables.drugs}
    return TablesRead(tables, {drug: steps.add(column("read", drug), rows) for drug, rows in read.items()}, state)


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

    def answers(self, drug: str, rows: "ir.Table") -> "ir.Table":
        """What the tables say of one drug."""
        import ibis

        reading = self._of_drug(drug)
        codes = {(one.table.id, row): code for one in reading for row, code in one.codes(rows).items()}
        tall = rows.select("person", code=ibis.array(list(codes.values())).unnest())
        tall = tall.filter(tall.code.notnull())
        said = [(tall.code // len(SAYS) == nth, table, row) for nth, (table, row) in enumerate(codes)]
        how = tall.code % len(SAYS)
        return tall.select(
            "person",
            drug=ibis.literal(drug),
            table=ibis.cases(*((flag, table) for flag, table, _ in said), else_=""),
            row=ibis.cases(*((flag, row) for flag, _, row in said if row), else_=ibis.null("string")),
            outcome=ibis.cases(*((how == nth, always(one.outcome)) for nth, one in enumerate(SAYS)), else_=always(NO)),
            kind=ibis.cases(*((how == nth, one.kind) for nth, one in enumerate(SAYS)), else_=""),
        )

    def singly(self, drug: str, rows: "ir.Table") -> "ir.Table":
        """Those of whom a table is asked and whose newest values columns cannot tell."""
        import ibis

        unclear = [(rows.chosen == table.id) & self._unclear(table, rows) for table in _tables_of(drug, self.book)]
        rows = rows.filter(reduce(lambda one, other: one | other, unclear))
        return rows.select("person", reason=ibis.literal("the newest value for a decision table"))

    def _unclear(self, table: DecisionTable, rows: "ir.Table") -> "ir.BooleanValue":
        bits = sum(self.readings.bit(key) for key in measured_by(table, self.context.words))
        kinds = [axis_subject(axis)[0] for axis in table.axes]
        unsure = [
            rows[name(key)] for key in kinds if key in self.readings.kinds for name in (several_column, unsure_column)
        ]
        return reduce(lambda one, other: one | holds(other), unsure, (rows.unclear & bits) != 0)

    def read(self, drug: str, readings: "ir.Table", state: "ir.Table", ask: "Asks") -> "ir.Table":
        """Those with results who take the drug, or may, with what each of its tables makes of them."""
        rows = self._whom(drug, readings, state, ask)
        for stage in (TableReading.allowed, TableReading.possible, TableReading.left, TableReading.certain):
            rows = rows.mutate(
                **{name: value for one in self._of_drug(drug) for name, value in stage(one, rows).items()}
            )
        return rows

    def _whom(self, drug: str, readings: "ir.Table", state: "ir.Table", ask: "Asks") -> "ir.Table":
        """Those with results who take the drug, or may: what was read, which table is theirs, and which rules fire that
        a row gives way to."""
        import ibis

        mentioned = holds(state[column(drug, "has_current")]) | holds(state[column(drug, "unread")])
        running = ibis.cases((mentioned, ask(f"{drug}.active", None)), else_=always(NO))
        whom = state.semi_join(readings, "person").select(
            "person",
            running=running,
            chosen=self._chosen(drug, state, ask),
            start=state[column(drug, "start")],
            **{way_column(nth): ask(rule.when, drug) == YES for nth, rule in enumerate(self.ways(drug).values())},
        )
        rows = whom.filter((whom.running != NO) & whom.chosen.notnull()).inner_join(readings, "person")
        values = StatedValues(self.context, self.readings.kinds, self.context.on).relation()
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

    def _of_drug(self, drug: str) -> list[TableReading]:
        """The tables of one drug, ready to be read."""
        ways, first, found = list(self.ways(drug)), 0, []
        for table in _tables_of(drug, self.book):
            gives_way = {
                row.id: tuple(ways.index(name) for name, _ in _ways(row, drug, self.book)) for row in table.rows
            }
            found.append(TableReading(self.readings, self.tables.index(table), first, gives_way))
            first += len(table.rows) + 1
        return found


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


def _nothing(state: "ir.Table") -> "ir.Table":
    import ibis

    rows = state.filter(ibis.literal(False)).select("person", drug=ibis.literal(""), table=ibis.literal(""))
    return rows.mutate(row=ibis.null("string"), outcome=always(NO), kind=ibis.literal(""))
