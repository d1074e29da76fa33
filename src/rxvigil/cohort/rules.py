"""Rules asked of a whole population: each rule a column of outcomes, and the outcomes that are not silence as rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from rxvigil.cohort.atoms import Atom, evaluate
from rxvigil.cohort.choice import Choosable
from rxvigil.cohort.given import Coded, Speaks
from rxvigil.cohort.part import column
from rxvigil.cohort.state import PopulationState, Question, asked_atoms
from rxvigil.cohort.truth import always, both, decide, holds
from rxvigil.engine.compiled import CompiledBook, CompiledRule
from rxvigil.engine.kleene import NO, YES
from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

OUTCOMES = 4
"""A row holds code x 4 + outcome: one number for a rule and what it answered."""


@dataclass(frozen=True)
class Asking:
    """Rules about one drug (or about anybody) and who they are asked of."""

    rules: tuple[CompiledRule, ...]
    drug: str | None
    protocol: str | None = None
    """Asked only of those for whom this protocol was chosen."""
    after_stop: bool = False
    together: bool = False


def asked(ready: CompiledBook, drugs: tuple[str, ...], chosen: Iterable[Choosable]) -> list[Asking]:
    """Everything that is asked, as `engine.assess` asks it."""
    found = [Asking(ready.anybody, None)]
    for drug in drugs:
        found.append(Asking(ready.course.get(drug, ()), drug))
        found.append(Asking(ready.after_stop.get(drug, ()), drug, after_stop=True))
    for one in chosen:
        rules = thresholds(one.protocol, ready)
        found.append(Asking(rules, one.drug, one.protocol.id, together=one.together))
    return [one for one in found if any(not rule.never for rule in one.rules)]


def thresholds(protocol: Protocol, ready: CompiledBook) -> tuple[CompiledRule, ...]:
    """A protocol's own limits, and those it borrows about other matters."""
    own = ready.thresholds[protocol.id]
    borrowed = protocol.thresholds_from
    if borrowed is None or borrowed.protocol not in ready.thresholds:
        return own
    bounds = {bound for rule in own for bound in rule.bounds}
    return (*own, *(rule for rule in ready.thresholds[borrowed.protocol] if bounds.isdisjoint(rule.bounds)))


def questions(asking: Iterable[Asking]) -> Iterator[Question]:
    """Every condition that the rules ask."""
    for one in asking:
        for ready in one.rules:
            rule = ready.rule
            if ready.never:
                continue
            yield rule.when, one.drug, False
            if rule.applies.only_if:
                yield rule.applies.only_if, one.drug, False
            if rule.unless:
                yield rule.unless, one.drug, True


def outcomes(asking: Iterable[Asking], state: PopulationState, choices: "ir.Table", coded: Coded) -> "ir.Table":
    """(person, code, outcome) of every rule that fires or cannot be answered."""
    import ibis

    found = [_outcomes(one, state, choices, coded) for one in asking]
    return ibis.union(*found) if len(found) > 1 else found[0]


def _outcomes(asking: Asking, state: PopulationState, choices: "ir.Table", coded: Coded) -> "ir.Table":
    import ibis

    people = _People.of(asking, state, choices)
    answers = [people.answer(rule, coded) for rule in asking.rules if not rule.never]
    tall = people.rows.select("person", answer=ibis.array(answers).unnest())
    tall = tall.filter(tall.answer.notnull())
    outcome = tall.answer % OUTCOMES
    return tall.select("person", code=((tall.answer - outcome) / OUTCOMES).cast("int64"), outcome=outcome.cast("int8"))


@dataclass(frozen=True)
class _People:
    """Those of whom rules are asked, with every atom of the rules answered once: many rules ask the same."""

    rows: "ir.Table"
    drug: str | None
    words: Vocabulary
    columns: dict[Atom, str]

    @classmethod
    def of(cls, asking: Asking, state: PopulationState, choices: "ir.Table") -> "_People":
        rows, words = _whom(asking, state, choices), state.context.words
        columns = {atom: f"atom_{number}" for number, atom in enumerate(asked_atoms(questions([asking]), words))}
        answered = rows.mutate(**{name: state.truth(atom, rows) for atom, name in columns.items()})
        return cls(answered, asking.drug, words, columns)

    def ask(self, condition: str, *, proof: bool = False) -> "Truth":
        return evaluate(
            parse(condition), self.drug, self.words, lambda atom: self.rows[self.columns[atom]], proof=proof
        )

    def answer(self, ready: CompiledRule, coded: Coded) -> "ir.IntegerValue":
        """Code and outcome of a rule as one number; null where it is silent (`engine.answers.ask_rules`)."""
        import ibis

        rule = ready.rule
        parts = [self.ask(rule.when), self.rows["gate__"]]
        parts += [self.ask(rule.applies.only_if)] if rule.applies.only_if else []
        outcome = both(parts)
        silent = outcome == NO
        if rule.unless:
            silent |= self.ask(rule.unless, proof=True) == YES
        if ready.specialties:
            silent |= ~_in_one_of(ready.specialties, self.rows)
        code = coded.codes[Speaks(ready.id, self.drug or "")] * OUTCOMES
        return ibis.ifelse(silent, ibis.null("int64"), outcome.cast("int64") + code)


def _in_one_of(specialties: frozenset[str], rows: "ir.Table") -> "ir.BooleanValue":
    flags = [holds(rows[column("specialty", key)]) for key in sorted(specialties)]
    return reduce(lambda one, other: one | other, flags)


def _whom(asking: Asking, state: PopulationState, choices: "ir.Table") -> "ir.Table":
    """Those of whom the rules are asked, with `gate__`: whether the drug is taken, part of every answer."""
    table, drug = state.table, asking.drug
    if drug is None:
        return table.mutate(gate__=always(YES))
    if asking.protocol is not None:
        mine = choices.filter(
            (choices.drug == drug) & (choices.protocol == asking.protocol) & (choices.together == asking.together)
        )
        return table.inner_join(mine.select("person", gate__="taken"), "person")
    running = is_running(drug, state)
    if not asking.after_stop:
        return table.filter(running != NO).mutate(gate__=running)
    begun = holds(table[column(drug, "has_past")]) | holds(table[column(drug, "has_current")])
    stopped = decide(running == NO, running == YES)
    return table.filter(begun & (running != YES)).mutate(gate__=stopped)


def is_running(drug: str, state: PopulationState) -> "Truth":
    """Whether a monitored drug is taken; no for those whose record does not mention it (`Evaluator._look_after`)."""
    import ibis

    table = state.table
    mentioned = holds(table[column(drug, "has_current")]) | table[column(drug, "unread")]
    return ibis.cases((mentioned, state.ask(f"{drug}.active", None)), else_=always(NO))
