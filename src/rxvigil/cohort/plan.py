"""The whole rule book for a whole population: from the facts of a store to findings, as a list of named steps.

    plan = make_plan(book, Wanted("UK"), on=date(2026, 3, 1))
    for step in plan.steps: ...   # a backend makes each a table, in this order

The same steps run on DuckDB, PostgreSQL and Apache Spark. No answer and no finding is about a patient named in the
step `singly`: their records have something that columns do not hold faithfully, and the evaluator of one patient has to
answer. What is worked out on the way (courses, choices, clocks, baseline) may name some of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from rxvigil.cohort import found as of
from rxvigil.cohort import found_tests as of_tests
from rxvigil.cohort.baseline import baseline
from rxvigil.cohort.choice import Choosable, choices, choosable, conditions_asked, lenders
from rxvigil.cohort.clocks import clocks, clocks_singly
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.findings import findings, merged, told
from rxvigil.cohort.given import Coded, Given
from rxvigil.cohort.left_open import left_open, open_sets, silences
from rxvigil.cohort.outcome_words import Places, read
from rxvigil.cohort.part import Context
from rxvigil.cohort.rules import Asking, answers, asked, questions, repeated
from rxvigil.cohort.sayings import sayings
from rxvigil.cohort.state import PopulationState, Question, build_state
from rxvigil.cohort.steps import Steps, stacked
from rxvigil.cohort.tables import TablesRead, read_tables, table_questions
from rxvigil.cohort.truth import holds
from rxvigil.engine.choose import ASSUMED, Wanted, check_wanted, in_place
from rxvigil.engine.compiled import CompiledBook, compile_book
from rxvigil.engine.done import requirements
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    import ibis.expr.types as ir

OUTPUTS: Final = ("singly", "courses", "choices", "clocks", "baseline", "answers", "table_answers", "findings")
"""The steps that answer; the others only lead to them."""


@dataclass(frozen=True)
class Plan:
    """Steps to run in order, after the tables it brings with it have been made."""

    given: tuple[Given, ...]
    steps: Steps
    outputs: tuple[str, ...] = OUTPUTS

    def only(self, outputs: Iterable[str]) -> "Plan":
        """The plan for these outputs, which may be any of its steps, and nothing else. Raises `KeyError`."""
        wanted = tuple(outputs)
        return replace(self, steps=self.steps.leading_to(wanted), outputs=wanted)

    def done_with(self) -> dict[str, tuple[str, ...]]:
        """Step -> the steps of which the table may go after it."""
        return self.steps.done_with(self.outputs)


def make_plan(
    book: RuleBook,
    wanted: Wanted,
    on: date,
    *,
    fast: bool = False,
    on_file: Iterable[str] | None = None,
    about: Iterable[str] | None = None,
) -> Plan:
    """The plan for one rule book, one date and what a site asked for.

    `fast`: use what only DuckDB has. `on_file`: drugs and analytes that anybody's record mentions, and keys of what
    nobody could read (`screening.shares.keys_on_file`): nothing is worked out of others; none: all. `about`: monitored
    drugs whose rules are asked, with whatever is taken beside them; none: of all that are mentioned. Raises
    `UnknownProtocol`.
    """
    check_wanted(wanted, book)
    mentioned = None if on_file is None else frozenset(on_file)
    context = Context(fact_tables(), on, book.vocabulary, fast, mentioned)
    asked_about = _monitored(book, mentioned if about is None else frozenset(about))
    return _Planner(book, wanted, context, asked_about).plan()


def _monitored(book: RuleBook, mentioned: frozenset[str] | None) -> tuple[str, ...]:
    every = sorted(key for key, drug in book.vocabulary.drugs.items() if drug.monitored)
    return tuple(key for key in every if mentioned is None or key in mentioned)


class _Planner:
    """One plan in the making."""

    def __init__(self, book: RuleBook, wanted: Wanted, context: Context, drugs: tuple[str, ...]) -> None:
        self.book, self.wanted, self.context, self.drugs = book, wanted, context, drugs
        self.ready: CompiledBook = in_place(compile_book(book), wanted.jurisdiction or ASSUMED)
        self.chosen = choosable(book, wanted, drugs, context.on)
        self.asking: list[Asking] = asked(self.ready, drugs, self.chosen)
        self.protocols = _with_lenders({one.protocol.id for one in self.chosen}, book)
        self.coded: Coded
        self.coded, self.names = sayings(book, self.ready, drugs, self.protocols, repeated(self.asking))
        self.sayings = self.coded.given.table()
        self.places = Places()
        self.steps = Steps()

    def plan(self) -> Plan:
        """Every step, in order."""
        everybody = build_state(self.context, self._questions(), self.drugs, self._measured(), self.steps)
        records = self.steps.add("singly_records", left_to_the_engine(everybody))
        state = replace(everybody, table=everybody.table.anti_join(records, "person"))
        chosen = choices(self.context, self.book, self.wanted, state.table, state.courses, state.ask, self.steps)
        tests = self._tests(state, chosen)
        answered = answers(self.asking, state, chosen, self.coded, self.places, self.steps)
        tables = read_tables(self.context, self.book, self.wanted, state.table, state.ask, self.drugs, self.steps)
        singly = self.steps.add("singly", self._singly(records, tables, chosen))
        answered = self.steps.add("rule_answers", answered.anti_join(singly, "person"))
        table_answers = self.steps.add("table_answers", tables.answers().anti_join(singly, "person"))
        others = [
            *tests,
            of.of_tables(table_answers, self.sayings),
            of.of_missing_protocols(chosen, self.coded, self._without_schedule()),
            of.of_unreadable_medicine(state.table, chosen, self.coded),
        ]
        return self._told(answered, stacked(others).anti_join(singly, "person"))

    def _told(self, answered: "ir.Table", others: "ir.Table") -> Plan:
        """What rules answered and what else was found, as findings."""
        places, quiet = self.places.given.table(), silences(self.coded, self.places)
        meanings = self.steps.add("rule_answers_read", read(answered.select("packed").distinct(), places))
        self.steps.add("answers", _named(answered.inner_join(meanings, "packed"), self.sayings))
        found = self.steps.add("found", stacked([of.of_rules(answered, meanings), others]))
        causes = self.steps.add("merged", merged(found, self.sayings))
        sets = self.steps.add("open_sets", open_sets(answered, causes, quiet.table()))
        all_told = self.steps.add("told", told(causes, left_open(sets, places, self.sayings)))
        patients = self.context.facts.patients
        self.steps.add("findings", findings(all_told, self.sayings, self.names.table(), patients))
        return Plan((self.coded.given, self.names, self.places.given, quiet), self.steps)

    def _tests(self, state: PopulationState, chosen: "ir.Table") -> "list[ir.Table]":
        """Clocks and tests before starting, and what is found of them."""
        due = clocks(
            self.context, self.book, self.wanted, state.table, chosen, state.courses, state.dose_steps, state.newest,
            state.ask, self.steps,
        )  # fmt: skip
        before = baseline(
            self.context, self.book, self.wanted, chosen, state.table, state.newest, state.ask, self.steps
        )
        on, found = self.context.on, []
        if due is not None:
            voices = self.steps.add("clock_voices", of_tests.voices(due.asked, self.sayings, self.names.table()))
            found.append(of_tests.of_clocks(due, voices, on))
        if before is not None:
            found.append(of_tests.of_tests_never_done(before, state.courses, self.sayings, on, self._suggested()))
        return found

    def _singly(self, records: "ir.Table", read: TablesRead, chosen: "ir.Table") -> "ir.Table":
        """(person, reason) of everybody who is left to the evaluator of one patient."""
        further = [clocks_singly(self.book, self.wanted, chosen), read.singly()]
        return stacked([records, *(one for one in further if one is not None)]).distinct()

    def _questions(self) -> Iterator[Question]:
        """Every condition that any step asks."""
        yield from questions(self.asking)
        further = conditions_asked(self.book, self.wanted, self.drugs) | table_questions(self.book, self.drugs)
        yield from ((text, drug, False) for text, drug in sorted(further, key=str))

    def _measured(self) -> frozenset[str]:
        """Analytes of which the schedules and the tests before starting speak."""
        protocols = [self.book.protocols[key] for key in self.protocols]
        panels = [one.panel for protocol in protocols for one in protocol.schedule]
        panels += [one.panel for protocol in protocols for one in protocol.baseline]
        keys = {key for panel in panels for group in requirements(panel) for key in group}
        return frozenset(analyte for key in keys for analyte in _analytes(key, self.context.words))

    def _suggested(self) -> tuple[str, ...]:
        """Rules that only suggest a test before starting."""
        return tuple(
            f"{key}#{test.id}"
            for key in self.protocols
            for test in self.book.protocols[key].baseline
            if test.strength == "consider"
        )

    def _without_schedule(self) -> tuple[str, ...]:
        """Protocols whose schedule nobody has read at a source, and that borrow none."""
        found = (one for one in self.chosen if not one.together and not _scheduled(one, self.book))
        return tuple(sorted({one.protocol.id for one in found}))


def _scheduled(one: Choosable, book: RuleBook) -> bool:
    schedules = (schedule for protocol in lenders(one, book) for schedule in protocol.schedule)
    return any(schedule.source.mark != "memory" and requirements(schedule.panel) for schedule in schedules)


def _with_lenders(protocols: Iterable[str], book: RuleBook) -> tuple[str, ...]:
    """Protocols, and those whose limits or schedules they borrow."""
    found = set(protocols)
    for key in tuple(found):
        borrowed = (book.protocols[key].thresholds_from, book.protocols[key].schedule_from)
        found |= {one.protocol for one in borrowed if one and one.protocol in book.protocols}
    return tuple(sorted(found))


def _analytes(key: str, words: Vocabulary) -> Iterator[str]:
    """The analytes of a requirement: itself, or the parts of a panel."""
    panel = words.panels.get(key)
    if panel is None:
        if words.kind_of(key) == "analyte":
            yield key
        return
    for part in (*panel.all, *(one for group in panel.any for one in group)):
        yield from _analytes(part, words)


def left_to_the_engine(state: PopulationState) -> "ir.Table":
    """(person, reason) of those whose records columns do not hold faithfully."""
    import ibis

    reasons = [
        ibis.ifelse(holds(flag), ibis.literal(reason), ibis.null("string"))
        for reason, flag in state.left_to_the_engine()
    ]
    tall = state.table.select("person", reason=ibis.array(reasons).unnest())
    return tall.filter(tall.reason.notnull())


def _named(answers: "ir.Table", sayings_: "ir.Table") -> "ir.Table":
    joined = answers.inner_join(sayings_.select("code", "drug", "rule"), "code")
    return joined.select("person", "drug", "rule", "outcome")
