"""The plan before the start: tests to order, questions to ask, vaccines to give first, and the earliest day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.done import Requirement, label, last_done, requirements
from rxvigil.engine.findings import sources_shown
from rxvigil.engine.kleene import NO
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside
from rxvigil.facts import Immunisation, parse_duration, show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Protocol
from rxvigil.knowledge.starting import VaccineFirst
from rxvigil.starting.assessment import EarliestShown, ItemShown, Strength, TestShown, VaccineShown
from rxvigil.starting.checklist import ReadyItem, required, too_old

_FIRMNESS: Final[tuple[Strength, ...]] = ("must", "should", "consider")


@dataclass(frozen=True)
class _Wanted:
    requirement: Requirement
    why: str
    strength: Strength
    asked_by: str
    item: str | None


def holds_here(jurisdictions: tuple[str, ...], jurisdiction: str) -> bool:
    """Whether a position holds in a jurisdiction; an unstated one holds everywhere."""
    return not jurisdictions or jurisdiction in jurisdictions or "INT" in jurisdictions


def tests_to_order(
    asked: Iterable[tuple[ReadyItem, ItemShown]],
    protocol: Protocol | None,
    state: State,
    start: date,
    drug: str,
    ready: CompiledBook,
) -> tuple[TestShown, ...]:
    """Tests that open items need, and those the protocol asks for before the first dose, each once."""
    wanted = [*_by_items(asked, state, start)]
    wanted += _by_protocol(protocol, state, start, drug, ready) if protocol else []
    shown = [_test(found, state) for found in _together(wanted, state.words)]
    return tuple(sorted(shown, key=lambda one: (_FIRMNESS.index(one.strength), one.name)))


def _by_items(asked: Iterable[tuple[ReadyItem, ItemShown]], state: State, start: date) -> Iterator[_Wanted]:
    for ready, shown in asked:
        needs = ready.item.needs
        if needs is None or shown.says == "no" or ready.item.settle.how != "test":
            continue
        here = [one for one in shown.asked_by if one.here]
        firmest: Strength = min((one.strength for one in here), key=_FIRMNESS.index, default="consider")
        bodies = [one.body for one in here if one.source.mark != "house"] or [one.body for one in here]
        for requirement in required(needs):
            why = too_old(requirement, needs.within, state, start)
            yield from (_Wanted(requirement, why, firmest, body, ready.item.id) for body in bodies if why)


def _by_protocol(protocol: Protocol, state: State, start: date, drug: str, ready: CompiledBook) -> Iterator[_Wanted]:
    for test in protocol.baseline:
        if test.source.mark == "memory":
            continue
        if test.only_if and ready.conditions[test.only_if](state, drug).truth == NO:
            continue
        for requirement in requirements(test.panel):
            why = too_old(requirement, test.within, state, start)
            if why:
                yield _Wanted(requirement, why, test.strength, protocol.body, None)


def _together(wanted: list[_Wanted], words: Vocabulary) -> list[list[_Wanted]]:
    """Wishes for one test together: "liver tests" and "ALT or AST" are one, and a panel includes its parts."""
    groups: dict[frozenset[str], list[_Wanted]] = {}
    for one in wanted:
        groups.setdefault(_same(one.requirement, words), []).append(one)
    panels = [key for key in groups if len(key) == 1 and not words.panels.keys().isdisjoint(key)]
    parts = {part: panel for panel in panels for part in words.panels[next(iter(panel))].all}
    for key in [key for key in groups if len(key) == 1 and next(iter(key)) in parts]:
        groups[parts[next(iter(key))]] += groups.pop(key)
    singles = {key for key in groups if len(key) == 1}
    for key in [key for key in groups if len(key) > 1]:
        does_both = next((one for one in singles if one < key), None)
        if does_both:
            groups[does_both] += groups.pop(key)
    return list(groups.values())


def _same(requirement: Requirement, words: Vocabulary) -> frozenset[str]:
    panel = words.panels.get(requirement[0]) if len(requirement) == 1 else None
    if panel and not panel.all and len(panel.any) == 1:
        return frozenset(panel.any[0])
    return frozenset(requirement)


def _test(found: list[_Wanted], state: State) -> TestShown:
    panels = [one for one in found if one.requirement[0] in state.words.panels]
    first = (panels or found)[0]
    last = last_done(state, first.requirement)
    return TestShown(
        test="|".join(first.requirement),
        name=label(first.requirement, state),
        why=first.why,
        strength=min((one.strength for one in found), key=_FIRMNESS.index),
        asked_by=tuple(dict.fromkeys(one.asked_by for one in found)),
        last=last if last and last != date.min else None,
        items=tuple(dict.fromkeys(one.item for one in found if one.item)),
    )


def vaccines_first(
    asked: Iterable[tuple[ReadyItem, ItemShown]], on: date, jurisdiction: str, book: RuleBook
) -> tuple[VaccineShown, ...]:
    """Vaccines to give before the start: for each concern that is there, this place's position, or else the general."""
    found: list[VaccineShown] = []
    for ready, shown in asked:
        here = [one for one in ready.item.vaccine_first if holds_here(one.jurisdictions, jurisdiction)]
        if shown.says == "yes" and here:
            own = [one for one in here if one.jurisdictions] or here
            found.append(_vaccine(own[0], ready, on, book))
    return tuple(found)


def _vaccine(one: VaccineFirst, ready: ReadyItem, on: date, book: RuleBook) -> VaccineShown:
    return VaccineShown(
        vaccine=one.vaccine,
        name=book.vocabulary.show(one.vaccine),
        says=one.says,
        strength=one.strength,
        item=ready.item.id,
        earliest_start=parse_duration(one.before).after(on) if one.before else None,
        source=sources_shown([one.source], book, on, ready.file.review_by)[0],
    )


def earliest_start(
    asked: Iterable[tuple[ReadyItem, ItemShown]], state: State, jurisdiction: str
) -> EarliestShown | None:
    """The first day that no vaccine already given asks to wait for; none where nothing asks for a wait."""
    found: list[EarliestShown] = []
    for ready, _ in asked:
        for wait in ready.item.wait:
            if not holds_here(wait.jurisdictions, jurisdiction):
                continue
            for given in _given(wait.after, state):
                day = parse_duration(wait.lasts).after(given.when.last)
                if day > state.on:
                    name = inside(state.words.show(given.vaccine))
                    found.append(EarliestShown(on=day, why=f"{wait.says} ({name}, {show_day(given.when.last)})"))
    return max(found, key=lambda one: (one.on, one.why), default=None)


def _given(vaccine: str, state: State) -> list[Immunisation]:
    members = state.words.members(vaccine)
    return [
        one
        for one in state.record.immunisations
        if one.vaccine in members and one.status == "given" and one.when.first <= state.on
    ]
