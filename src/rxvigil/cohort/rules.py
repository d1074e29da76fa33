"""Rules asked of a whole population: the answers of each person, packed into a few whole numbers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from rxvigil.cohort.atoms import Atom, evaluate
from rxvigil.cohort.choice import Choosable
from rxvigil.cohort.given import Coded, Speaks
from rxvigil.cohort.outcome_words import Places, some
from rxvigil.cohort.part import column
from rxvigil.cohort.state import PopulationState, Question, asked_atoms
from rxvigil.cohort.steps import stacked
from rxvigil.cohort.truth import always, both, decide, holds
from rxvigil.engine.compiled import CompiledBook, CompiledRule
from rxvigil.engine.kleene import NO, YES
from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth


@dataclass(frozen=True)
class Asking:
    """Rules about one drug (or about anybody) and who they are asked of."""

    rules: tuple[CompiledRule, ...]
    drug: str | None
    protocol: str | None = None
    """Asked only of those for whom this protocol was chosen."""
    after_stop: bool = False
    together: bool = False

    def voices(self) -> Iterator[tuple[Speaks, CompiledRule]]:
        """The rules, without those that never fire, and how each is named in a finding."""
        return ((Speaks(one.id, self.drug or ""), one) for one in self.rules if not one.never)


def repeated(asking: Iterable[Asking]) -> frozenset[Speaks]:
    """Rules that may be asked of one person twice, as of a protocol and of another that borrows from it."""
    times = Counter(speaks for one in asking for speaks, _ in one.voices())
    return frozenset(speaks for speaks, count in times.items() if count > 1)


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
        for _, ready in one.voices():
            rule = ready.rule
            yield rule.when, one.drug, False
            if rule.applies.only_if:
                yield rule.applies.only_if, one.drug, False
            if rule.unless:
                yield rule.unless, one.drug, True


def answers(
    asking: Sequence[Asking], state: PopulationState, choices: "ir.Table", coded: Coded, places: Places, steps: "Steps"
) -> "ir.Table":
    """(person, packed): the answers of the rules, where they are not all silent (`outcome_words.read`). Adds a step for
    each drug, with the truth of every atom of its rules: many rules ask the same."""

    found: list[ir.Table] = []
    for drug in dict.fromkeys(one.drug for one in asking):
        mine = [one for one in asking if one.drug == drug]
        people = _People.of(mine, drug, state, steps)
        found += [people.answers(one, choices, coded, places) for one in mine]
    return stacked(found or [_nothing(state)])


def _nothing(state: PopulationState) -> "ir.Table":
    """Of a rule book that asks nothing about any drug on file."""
    import ibis

    nobody = state.table.filter(ibis.literal(False))
    return nobody.select("person", packed=ibis.null("int64"))


@dataclass(frozen=True)
class _People:
    """Those whose record mentions a drug (or everybody), with whether it is taken and the truth of every atom."""

    table: "ir.Table"
    drug: str | None
    words: Vocabulary
    columns: dict[Atom, str]

    @classmethod
    def of(cls, asking: Sequence[Asking], drug: str | None, state: PopulationState, steps: "Steps") -> "_People":
        import ibis

        words, rows = state.context.words, state.table
        columns, truths = _told_apart({atom: state.truth(atom, rows) for atom in asked_atoms(questions(asking), words)})
        flags = {key: holds(rows[key]) for key in _specialties(asking)}
        if drug is None:
            people = rows.select("person", running=always(YES), begun=ibis.literal(True), **flags, **truths)
            return cls(steps.add("of_anybody", people), drug, words, columns)
        begun = holds(rows[column(drug, "has_past")]) | holds(rows[column(drug, "has_current")])
        people = rows.select("person", running=_running(drug, state), begun=begun, **flags, **truths)
        people = people.filter(people.begun | (people.running != NO))
        return cls(steps.add(column("of", drug), people), drug, words, columns)

    def answers(self, asking: Asking, choices: "ir.Table", coded: Coded, places: Places) -> "ir.Table":
        """What some of the rules answer."""
        import ibis

        rows = self._whom(asking, choices)
        packed = places.pack([(coded.codes[speaks], self._answer(rule, rows)) for speaks, rule in asking.voices()])
        tall = rows.select("person", packed=ibis.array(list(packed)).unnest())
        return tall.filter(some(tall.packed))

    def _whom(self, asking: Asking, choices: "ir.Table") -> "ir.Table":
        """Those of whom the rules are asked, with `gate`: whether the drug is taken, part of every answer."""
        table = self.table
        if asking.protocol is not None:
            mine = choices.filter(
                (choices.drug == asking.drug)
                & (choices.protocol == asking.protocol)
                & (choices.together == asking.together)
            )
            return table.inner_join(mine.select("person", gate="taken"), "person")
        if not asking.after_stop:
            return table.filter(table.running != NO).mutate(gate=table.running)
        stopped = table.filter(table.begun & (table.running != YES))
        return stopped.mutate(gate=decide(stopped.running == NO, stopped.running == YES))

    def _answer(self, ready: CompiledRule, rows: "ir.Table") -> "Truth":
        """What a rule answers; no where it is silent (`engine.answers.ask_rules`)."""
        import ibis

        def ask(condition: str, *, proof: bool = False) -> "Truth":
            asked_ = parse(condition)
            return evaluate(asked_, self.drug, self.words, lambda atom: rows[self.columns[atom]], proof=proof)

        rule = ready.rule
        parts = [ask(rule.when), rows.gate]
        parts += [ask(rule.applies.only_if)] if rule.applies.only_if else []
        silent: list[ir.BooleanValue] = [ask(rule.unless, proof=True) == YES] if rule.unless else []
        if ready.specialties:
            implied = [rows[column("specialty", key)] for key in sorted(ready.specialties)]
            silent.append(~reduce(lambda one, other: one | other, implied))
        return ibis.cases(*((flag, always(NO)) for flag in silent), else_=both(parts)) if silent else both(parts)


def _told_apart(truths: "dict[Atom, Truth]") -> "tuple[dict[Atom, str], dict[str, Truth]]":
    """The column of each atom, and what stands in it: atoms of which nobody's record says anything share one."""
    names: dict[Any, str] = {}
    columns = {atom: names.setdefault(truth.op(), f"atom_{len(names)}") for atom, truth in truths.items()}
    return columns, {columns[atom]: truth for atom, truth in truths.items()}


def _specialties(asking: Iterable[Asking]) -> list[str]:
    return sorted({column("specialty", key) for one in asking for rule in one.rules for key in rule.specialties})


def _running(drug: str, state: PopulationState) -> "Truth":
    """Whether a monitored drug is taken; no for those whose record does not mention it (`Evaluator._look_after`)."""
    import ibis

    table = state.table
    mentioned = holds(table[column(drug, "has_current")]) | table[column(drug, "unread")]
    return ibis.cases((mentioned, state.ask(f"{drug}.active", None)), else_=always(NO)).cast("int8")
