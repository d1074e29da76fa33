"""Asking the items of the checklist: the concern first, then whether what is needed is known, then who may clear it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from rxvigil.engine.ask_results import Ask
from rxvigil.engine.assessment import Missing
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.done import Requirement, label, last_done
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, Fact, no, unknown
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside
from rxvigil.facts import Denial, Result, parse_duration, show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import Term, parse, terms
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.starting import ChecklistFile, Item, Needs


@dataclass(frozen=True)
class ReadyItem:
    """An item with its questions compiled."""

    item: Item
    file: ChecklistFile
    only_if: Ask | None
    concern: Ask | None
    cleared_by: Ask | None
    terms: tuple[Term, ...]
    """What the concern speaks of."""
    links: frozenset[str]
    """Rules, or whole topics, that speak of the same concern."""

    def speaks_of(self, rule: str) -> bool:
        """Whether a rule is about the same concern."""
        return rule in self.links or rule.partition("#")[0] in self.links


def ready_items(book: RuleBook, drug: str) -> tuple[ReadyItem, ...]:
    """The checklist of a drug, in its order. Raises `ValueError` naming the item for what lint would reject."""
    files = sorted(book.checklists.values(), key=lambda one: (one.position, one.id))
    return tuple(_ready(item, file, book.vocabulary) for file in files if drug in file.drugs for item in file.items)


def _ready(item: Item, file: ChecklistFile, words: Vocabulary) -> ReadyItem:
    try:
        return ReadyItem(
            item=item,
            file=file,
            only_if=_compiled(item.only_if, words),
            concern=_compiled(item.concern, words),
            cleared_by=_compiled(item.cleared_by, words, proof=True),
            terms=tuple(terms(parse(item.concern))) if item.concern else (),
            links=frozenset(item.rules),
        )
    except ValueError as problem:
        raise ValueError(f"{file.id}#{item.id}: {problem}") from None


def _compiled(text: str | None, words: Vocabulary, *, proof: bool = False) -> Ask | None:
    return compile_condition(parse(text), words, proof=proof) if text else None


def ask_item(ready: ReadyItem, state: State, drug: str, start: date) -> Answer:
    """Whether the concern is there. `state` is of the day the item asks about; tests are dated back from `start`."""
    if ready.only_if is not None:
        concerned = ready.only_if(state, drug)
        if concerned.truth == NO:
            return no(*concerned.because, why=lambda: f"does not concern this patient: {concerned.reason}")
    concern = ready.concern(state, drug) if ready.concern else no(why=_known)
    if concern.truth == YES:
        return concern
    known, gaps = _needed(ready.item, state, start)
    if (concern.truth == UNKNOWN or gaps) and ready.cleared_by is not None:
        cleared = ready.cleared_by(state, drug)
        if cleared.truth == YES:
            return no(*cleared.because, why=lambda: f"cleared: {_reason(cleared)}")
    if concern.truth == UNKNOWN or gaps:
        return unknown(*dict.fromkeys((*gaps, *concern.missing)), because=concern.because)
    denials = _denials(ready, state)
    if ready.item.ask_always and not (concern.because or denials):
        return unknown(Missing(ready.item.name, "the record does not say", ready.item.settle.says))
    facts = tuple(dict.fromkeys((*concern.because, *denials, *known)))
    return no(*facts, why=lambda: concern.reason or ("answered no" if denials else "cleared by the record"))


def _known() -> str:
    return "it is known"


def _reason(answer: Answer) -> str:
    return answer.reason or "the record shows it"


def _denials(ready: ReadyItem, state: State) -> tuple[Denial, ...]:
    """Answers that deny what the concern speaks of."""
    return tuple(dict.fromkeys(one for term in ready.terms for one in state.denied(term.subject, term.measure)))


def required(needs: Needs) -> tuple[Requirement, ...]:
    """What must be known: each a group of keys of which one suffices."""
    return (*((key,) for key in needs.all), *needs.any)


def _needed(item: Item, state: State, start: date) -> tuple[tuple[Fact, ...], tuple[Missing, ...]]:
    """The facts that meet the needs, and what is missing or too old."""
    if item.needs is None:
        return (), ()
    facts: list[Fact] = []
    gaps: list[Missing] = []
    for one in required(item.needs):
        known = newest(state, one)
        gap = too_old(one, item.needs.within, state, start) or _unclear(known)
        if gap:
            gaps.append(Missing(label(one, state), gap, item.settle.says))
        else:
            facts += known
    return tuple(facts), tuple(gaps)


def too_old(requirement: Requirement, within: str, state: State, start: date) -> str | None:
    """Why a test before the start is wanted: never done, or too old by then; none where it is in date."""
    last = last_done(state, requirement)
    if last is None:
        return "never found in the record"
    if last == _UNDATED or last >= parse_duration(within).before(start):
        return None
    return f"the last is from {show_day(last)}, more than {within} before the start"


def _unclear(facts: Iterable[Fact]) -> str | None:
    """Why results that are there do not tell: a laboratory that calls one indeterminate has not answered."""
    results = [one for one in facts if isinstance(one, Result)]
    unclear = [one for one in results if one.category == "indeterminate"]
    return f"the result of {unclear[0].when} is indeterminate" if unclear else None


_UNDATED: Final = date.min
"""`last_done` of a genotype without a date: inherited, so it does not grow old."""


def newest(state: State, requirement: Requirement) -> list[Fact]:
    """The newest facts that answer a requirement."""
    found: list[Fact] = []
    for key in _parts(requirement, state):
        mine = _of(state, key)
        last = max((_day(one) for one in mine), default=None)
        found += [one for one in mine if _day(one) == last]
    return found


def _parts(requirement: Requirement, state: State) -> Iterable[str]:
    for key in requirement:
        panel = state.words.panels.get(key)
        yield from (*panel.all, *(one for group in panel.any for one in group)) if panel else (key,)


def _of(state: State, key: str) -> list[Fact]:
    kind = state.words.kind_of(key)
    if kind == "analyte":
        return list(state.series.get(key, ()))
    record, on = state.record, state.on
    if kind == "gene":
        return [one for one in record.genotypes if one.gene == key and (one.when is None or one.when.first <= on)]
    if kind == "vaccine":
        members = state.words.members(key)
        return [one for one in record.immunisations if one.vaccine in members and one.status == "given"]
    return [one for one in record.events if one.kind == key and one.start and one.start.first <= on]


def _day(fact: Fact) -> date:
    when = getattr(fact, "when", None) or getattr(fact, "start", None)
    return when.first if when else date.min


def gap_text(missing: Iterable[Missing]) -> str:
    """What is missing, in a sentence; of a single thing only why."""
    gaps = tuple(dict.fromkeys(missing))
    if len(gaps) == 1:
        return gaps[0].why
    return "; ".join(f"{inside(one.what)}: {one.why}" for one in gaps)
