"""Which body's protocol holds for this patient, and why. Never a mixture."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rxvigil.engine.ask_drugs import is_active
from rxvigil.engine.compiled import CompiledBook, CompiledRule
from rxvigil.engine.kleene import YES, Answer, both
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside, listed
from rxvigil.errors import RxvigilError
from rxvigil.facts import Condition
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import Applies, DecisionTable, DefaultFor, Protocol

ASSUMED: Final = "UK"
"""Jurisdiction where none is stated: the UK rheumatology schedule of 2017 is the denser, cautious choice."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for: a jurisdiction, protocols by id. None: not stated."""

    jurisdiction: str | None = None
    protocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    protocol: Protocol
    because: str


class UnknownProtocol(RxvigilError):
    """A protocol was asked for that the rule book does not hold."""

    exit_code = 2


def check_wanted(wanted: Wanted, book: RuleBook) -> None:
    """Raises `UnknownProtocol`, naming those there are."""
    for protocol in wanted.protocols:
        if protocol not in book.protocols and protocol not in book.tables:
            near = ", ".join(sorted((*book.protocols, *book.tables)))
            raise UnknownProtocol(f"there is no protocol '{protocol}'", do=f"choose one of: {near}")


def specialties(state: State) -> tuple[str, ...]:
    """The specialties that the patient's active diagnoses imply."""
    entries = state.words.concepts.get("condition", {})
    found = {
        entry.specialty
        for one in state.record.conditions
        if one.status == "active"
        and _is_there(one, state.on)
        and (entry := entries.get(one.concept)) is not None
        and entry.specialty
    }
    return tuple(sorted(found))


def _is_there(one: Condition, on: date) -> bool:
    begun = one.onset is None or one.onset.first <= on
    return begun and (one.ended is None or one.ended.last >= on)


def choose(drug: str, state: State, book: RuleBook, wanted: Wanted) -> Choice | None:
    """The protocol for one drug; none where the rule book holds none that was in force on the date."""
    mine = [one for one in book.protocols.values() if drug in one.applies.drugs and not one.applies.together]
    for protocol in mine:
        if protocol.id in wanted.protocols:
            return Choice(protocol, "asked for")
    mine = [one for one in mine if in_force(one, state.on)]
    stated = wanted.jurisdiction
    jurisdiction = stated or ASSUMED
    where = jurisdiction if stated else f"{jurisdiction} (jurisdiction not stated)"
    implied = specialties(state)
    for specialty in implied:
        found = default_of(mine, jurisdiction, specialty)
        if found:
            return Choice(found, f"{where}, {inside(state.words.show(specialty))} by the patient's diagnosis")
    found = default_of(mine, jurisdiction, None)
    if found:
        reason = (
            f"{where}, no protocol of its own for {', '.join(implied)}" if implied else f"{where}, specialty not known"
        )
        return Choice(found, reason)
    fallback = default_of(mine, ASSUMED, None)
    return Choice(fallback, f"no protocol for {jurisdiction} in the rule book") if fallback else None


def in_force(protocol: Protocol, on: date) -> bool:
    """Whether a protocol had been issued on a date. One that was replaced stays in use until its successor is read."""
    return protocol.effective.from_ is None or protocol.effective.from_ <= on


def combinations(state: State, book: RuleBook, wanted: Wanted) -> list[tuple[Choice, Answer]]:
    """Protocols written for drugs taken together, where the record holds all of them, with whether all are taken."""
    jurisdiction = wanted.jurisdiction or ASSUMED
    found: list[tuple[Choice, Answer]] = []
    for _, one in sorted(book.protocols.items()):
        drugs = one.applies.together
        mine = drugs and (one.id in wanted.protocols or is_usual(one, jurisdiction))
        if mine and all(_in_record(state, drug) for drug in drugs):
            names = listed(state.words.show(drug) for drug in drugs)
            taken = both(is_active(state, drug) for drug in drugs)
            found.append((Choice(one, f"the drugs are taken together: {names}"), taken))
    return found


def _in_record(state: State, subject: str) -> bool:
    """Whether a prescription says, or leaves it open, that the drug or one of the class is taken."""
    return any(exposure.current for _, exposure in state.exposures(subject))


def is_usual(protocol: Protocol, jurisdiction: str) -> bool:
    """Whether a combination's protocol holds here without being asked for."""
    if protocol.default_for:
        return _is_default(protocol.default_for, jurisdiction)
    return holds_in(protocol.applies, jurisdiction)


def choose_table(drug: str, state: State, ready: CompiledBook, wanted: Wanted) -> DecisionTable | None:
    """The decision table for one drug: the one asked for, or the default that is most particularly for this patient
    (by a condition such as age, then by specialty, then by jurisdiction alone)."""
    implied = specialties(state)
    mine = [one for _, one in sorted(ready.book.tables.items()) if drug in one.applies.drugs]
    asked = [one for one in mine if one.id in wanted.protocols]
    if asked:
        return asked[0]
    fitting = [one for one in mine if _concerns(one.applies.only_if, state, drug, ready)]
    for jurisdiction in (wanted.jurisdiction or ASSUMED, ASSUMED):
        ranked = [(rank, one) for one in fitting if (rank := _rank(one, jurisdiction, implied)) is not None]
        if ranked:
            return min(ranked, key=lambda pair: (pair[0], pair[1].id))[1]
    return None


def _concerns(only_if: str | None, state: State, drug: str, ready: CompiledBook) -> bool:
    return only_if is None or ready.conditions[only_if](state, drug).truth == YES


def _rank(table: DecisionTable, jurisdiction: str, implied: tuple[str, ...]) -> int | None:
    """0: by a condition, 1: by specialty, 2: by jurisdiction; none: not a default here."""
    places = [one for one in table.default_for if one.jurisdiction == jurisdiction]
    if not any(one.specialty is None or one.specialty in implied for one in places):
        return None
    if table.applies.only_if:
        return 0
    return 1 if any(one.specialty in implied for one in places) else 2


def in_place(ready: CompiledBook, jurisdiction: str) -> CompiledBook:
    """The rules that hold in one jurisdiction: an unstated restriction fits everywhere."""

    def kept(rules: tuple[CompiledRule, ...]) -> tuple[CompiledRule, ...]:
        return tuple(rule for rule in rules if holds_in(rule.rule.applies, jurisdiction))

    return replace(
        ready,
        course={drug: kept(rules) for drug, rules in ready.course.items()},
        after_stop={drug: kept(rules) for drug, rules in ready.after_stop.items()},
        anybody=kept(ready.anybody),
        thresholds={protocol: kept(rules) for protocol, rules in ready.thresholds.items()},
    )


def holds_in(applies: Applies, jurisdiction: str) -> bool:
    """Whether a rule or protocol is for this jurisdiction."""
    placed = not applies.jurisdictions or jurisdiction in applies.jurisdictions or "INT" in applies.jurisdictions
    return placed and jurisdiction not in applies.except_in


def default_of(protocols: list[Protocol], jurisdiction: str, specialty: str | None) -> Protocol | None:
    """The protocol chosen in a jurisdiction without being asked for, for one specialty, or for all others."""
    for one in sorted(protocols, key=lambda one: one.id):
        if any(entry.jurisdiction == jurisdiction and entry.specialty == specialty for entry in one.default_for):
            return one
    return None


def _is_default(entries: tuple[DefaultFor, ...], jurisdiction: str) -> bool:
    return any(entry.jurisdiction == jurisdiction for entry in entries)
