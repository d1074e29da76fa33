"""Asking the rule book's adjustments of a person: which hold, which cannot be told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rxvigil.dosing.case import Case
from rxvigil.dosing.reductions import Kind, Reduction
from rxvigil.engine.ask_results import Ask
from rxvigil.engine.assessment import ActionShown, Finding
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.findings import RANK, TIERS, action_shown, sources_shown, stated
from rxvigil.engine.kleene import NO, YES, Answer
from rxvigil.engine.templates import fill
from rxvigil.engine.wording import inside, opening, show
from rxvigil.facts import Prescription
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.dosing import Adjustment, AdjustmentsFile, DosingProtocol, Effect, parse_dose
from rxvigil.knowledge.expression import All, AnyOf, Compare, Expression, Holds, Not, OneOf, parse
from rxvigil.knowledge.lookup import Vocabulary


@dataclass(frozen=True)
class Ready:
    """An adjustment with its question."""

    id: str
    adjustment: Adjustment
    file: AdjustmentsFile
    ask: Ask
    about: frozenset[str]
    """The subjects that its condition speaks of."""


def compile_adjustments(book: RuleBook) -> tuple[Ready, ...]:
    """Every adjustment, ready; one that nobody has read at a source is never asked."""
    found: list[Ready] = []
    for key, file in sorted(book.adjustments.items()):
        for one in file.adjustments:
            if one.source.mark == "memory":
                continue
            when = parse(one.when)
            ask = compile_condition(when, book.vocabulary)
            found.append(Ready(f"{key}#{one.id}", one, file, ask, frozenset(_subjects(when))))
    return tuple(found)


def _subjects(expression: Expression) -> Iterator[str]:
    match expression:
        case All(items) | AnyOf(items):
            for item in items:
                yield from _subjects(item)
        case Not(item):
            yield from _subjects(item)
        case Holds(term) | Compare(term, _, _) | OneOf(term, _):
            yield term.subject


def adjust(ready: tuple[Ready, ...], case: Case, protocol: DosingProtocol, indication: str | None) -> list[Reduction]:
    """The reductions that hold or cannot be excluded. A regimen made for a second drug is not reduced for that drug."""
    found: list[Reduction] = []
    for one in ready:
        if not _concerns(one.adjustment, indication, case):
            continue
        answer = one.ask(case.state, case.drug)
        if answer.truth != NO and not _built_in(one, answer, protocol, case.words):
            found.append(_reduction(one, answer, case))
    return found


def _concerns(one: Adjustment, indication: str | None, case: Case) -> bool:
    drugs = {member for named in one.drugs for member in case.words.members(named)}
    placed = not one.jurisdictions or case.jurisdiction in one.jurisdictions or "INT" in one.jurisdictions
    treated = not one.indications or any(indication in case.words.members(named) for named in one.indications)
    return case.drug in drugs and placed and case.jurisdiction not in one.except_in and treated


def _built_in(one: Ready, answer: Answer, protocol: DosingProtocol, words: Vocabulary) -> bool:
    """Whether the adjustment is for nothing but the second drug that the regimen is made for."""
    together = {member for named in protocol.together for member in words.members(named)}
    only_drugs = all(words.kind_of(subject) == "drug" for subject in one.about)
    by_these = all(isinstance(fact, Prescription) and fact.drug in together for fact in answer.because)
    return bool(together) and only_drugs and answer.truth == YES and by_these


def _reduction(one: Ready, answer: Answer, case: Case) -> Reduction:
    certain = answer.truth == YES
    cause = fill(one.adjustment.cause, case.state, case.drug)
    finding = (_finding if certain else _open)(one, answer, cause, case)
    kind, fraction, dose = _effect(one.adjustment.effect)
    return Reduction(
        id=one.id,
        kind=kind,
        group=_group(one, cause),
        cause=cause,
        finding=finding,
        certain=certain,
        fraction=fraction,
        dose=parse_dose(dose) if dose else None,
        source=finding.sources[0],
        missing=answer.missing,
    )


GENES: Final = frozenset({"tpmt", "nudt15", "tpmt-activity"})


def _group(one: Ready, cause: str) -> str:
    """What an adjustment is about: the genes together, a drug or class, else its cause."""
    return "genes" if one.about <= GENES else cause.lower()


def _effect(effect: Effect) -> tuple[Kind, tuple[float, float], str | None]:
    whole = (1.0, 1.0)
    if effect.fraction is not None:
        return "fraction", effect.fraction, None
    if effect.subtract is not None:
        return "subtract", whole, effect.subtract
    if effect.cap is not None:
        return "cap", whole, effect.cap
    if effect.lower_end:
        return "lower_end", whole, None
    return ("avoid" if effect.avoid else "no_number"), whole, None


def _finding(one: Ready, answer: Answer, cause: str, case: Case) -> Finding:
    adjustment, state, drug = one.adjustment, case.state, case.drug
    return Finding(
        rule=one.id,
        kind="dose",
        tier=TIERS[adjustment.tier],
        cause=cause,
        says=fill(adjustment.says, state, drug),
        action=action_shown(adjustment.action, state, drug),
        because=tuple(show(fact, state.words) for fact in answer.because),
        sources=sources_shown((adjustment.source, *adjustment.also), case.book, state.on, one.file.review_by),
        disagrees=stated(adjustment.disagrees, case.book),
    )


def _open(one: Ready, answer: Answer, cause: str, case: Case) -> Finding:
    """An adjustment that could not be answered: what it would have been, and what settles it."""
    adjustment = one.adjustment
    return Finding(
        rule=one.id,
        kind="cannot-say",
        tier="CANNOT SAY",
        cause=cause,
        says=fill(adjustment.says, case.state, case.drug),
        action=action_shown(adjustment.action, case.state, case.drug),
        because=tuple(show(fact, case.words) for fact in answer.because),
        sources=sources_shown((adjustment.source, *adjustment.also), case.book, case.state.on, one.file.review_by),
        missing=answer.missing,
        would_be=TIERS[adjustment.tier],
        unanswered=(one.id,),
    )


def not_answered(open_: Iterable[Finding]) -> list[Finding]:
    """What could not be answered, one finding for each reason, as in an assessment."""
    groups: dict[str, list[Finding]] = {}
    for one in open_:
        groups.setdefault(one.missing[0].why if one.missing else "", []).append(one)
    return [_together(why or "not known", group) for why, group in groups.items()]


def _together(why: str, group: list[Finding]) -> Finding:
    gaps = tuple(dict.fromkeys(gap for one in group for gap in one.missing if gap.why == why))
    what = ", ".join(dict.fromkeys(inside(gap.what) for gap in gaps)) or "the record"
    settles = "; ".join(dict.fromkeys(gap.settles for gap in gaps)) or "check by hand"
    causes = ", ".join(dict.fromkeys(inside(one.cause) for one in group))
    ranked = sorted((one.would_be for one in group if one.would_be), key=lambda tier: RANK[tier])
    return Finding(
        rule=min(one.rule for one in group),
        kind="cannot-say",
        tier="CANNOT SAY",
        cause=f"not known for the dose: {what}",
        says=f"{opening(what)}: {why}. Not answered, and each could lower or forbid the dose: {causes}.",
        action=ActionShown(
            "ask", f"{opening(settles)}.", min((one.action.urgency for one in group), key=_soon), "should"
        ),
        because=tuple(dict.fromkeys(fact for one in group for fact in one.because)),
        sources=tuple(dict.fromkeys(source for one in group for source in one.sources[:1])),
        missing=tuple(dict.fromkeys(gap for one in group for gap in one.missing)),
        would_be=ranked[0] if ranked else None,
        unanswered=tuple(sorted(rule for one in group for rule in one.unanswered)),
    )


_soon = ("now", "today", "this week", "soon", "routine").index
