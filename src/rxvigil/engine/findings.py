"""From answers to findings: one per cause, the most severe first, with sources and what other bodies say."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final, get_args

from rxvigil.engine.answers import Asked
from rxvigil.engine.assessment import (
    ActionShown,
    Disagreeing,
    Finding,
    Missing,
    SourceShown,
    Tier,
)
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.grades import grade
from rxvigil.engine.state import YEAR, State
from rxvigil.engine.templates import fill
from rxvigil.engine.wording import opening, show
from rxvigil.facts import Result
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.provenance import Disagreement, Source
from rxvigil.knowledge.rules import Action, Verb

TIERS: Final[dict[str, Tier]] = {"stop": "STOP", "act": "ACT", "know": "KNOW"}
_OPEN: Final = Missing("the record", "it leaves the question open", "check by hand")
RANK: Final[dict[Tier, int]] = {"STOP": 0, "ACT": 1, "KNOW": 2, "CANNOT SAY": 3}
URGENCY: Final = ("now", "today", "this week", "soon", "routine")
VERBS: Final[tuple[str, ...]] = get_args(Verb)
"""Firmest first, in the order the schema lists them."""


def finding_of(asked: Asked, state: State, ready: CompiledBook) -> Finding:
    """The finding of a rule that fired."""
    rule = asked.rule.rule
    return Finding(
        rule=asked.rule.id,
        kind=rule.kind,
        tier=TIERS[rule.tier],
        cause=fill(rule.cause, state, asked.this),
        says=fill(rule.says, state, asked.this),
        action=action_shown(rule.action, state, asked.this),
        because=tuple(show(fact, state.words) for fact in asked.answer.because),
        sources=sources_shown((rule.source, *rule.also), ready.book, state.on, asked.rule.review_by),
        disagrees=(*stated(rule.disagrees, ready.book), *_other_bodies(asked, ready)),
        missing=asked.answer.missing,
        attest=rule.attest,
        notes=(*asked.notes, *_grades(asked, state, ready.book), *overlaid(asked.rule.id, ready.book)),
    )


def action_shown(action: Action, state: State, this: str | None) -> ActionShown:
    return ActionShown(action.verb, fill(action.says, state, this), action.urgency, action.strength)


def sources_shown(
    sources: Iterable[Source], book: RuleBook, on: date, review_by: date | None
) -> tuple[SourceShown, ...]:
    """Publications with locator and mark; one past its review date says so."""
    overdue = review_by is not None and review_by < on
    return tuple(_source(source, book, overdue) for source in sources)


def _source(source: Source, book: RuleBook, overdue: bool) -> SourceShown:
    publication = book.publications.get(source.ref)
    newer = publication.superseded_by if publication else None
    return SourceShown(
        ref=source.ref,
        title=publication.title if publication else source.ref,
        body=publication.body if publication else "",
        where=source.where,
        mark=source.mark,
        checked=source.checked,
        url=publication.url if publication else None,
        via=source.via,
        note=source.note,
        superseded_by=book.publications[newer].title if newer in book.publications else newer,
        review_overdue=overdue,
    )


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per cause: the most severe speaks, the others are named in `also`."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.cause.lower()].append(finding)
    return [_lead(sorted(group, key=order)) for _, group in sorted(groups.items())]


def order(finding: Finding) -> tuple[int, int, int, int, str]:
    """What needs somebody first: tier, urgency, lateness; what cannot be said stands where it could have mattered."""
    rank = RANK[finding.tier] * 2
    if finding.tier == "CANNOT SAY":
        rank = {"STOP": 3, "ACT": 5}.get(finding.would_be or "KNOW", 7)
    firmness = VERBS.index(finding.action.verb)
    return (rank, URGENCY.index(finding.action.urgency), -finding.late_days, firmness, finding.rule)


def _lead(group: list[Finding]) -> Finding:
    first, rest = group[0], group[1:]
    if not rest:
        return first
    because = tuple(dict.fromkeys(fact for finding in group for fact in finding.because))
    missing = tuple(dict.fromkeys(gap for finding in group for gap in finding.missing))
    notes = tuple(dict.fromkeys(note for finding in group for note in finding.notes))
    attest = tuple(dict.fromkeys(cause for finding in group for cause in finding.attest))
    sources = tuple(dict.fromkeys(source for finding in group for source in finding.sources))
    disagrees = tuple(dict.fromkeys(other for finding in group for other in finding.disagrees))
    unanswered = {rule for finding in group for rule in finding.unanswered} if first.tier == "CANNOT SAY" else set()
    return Finding(
        rule=first.rule, kind=first.kind, tier=first.tier, cause=first.cause, says=first.says, action=first.action,
        because=because, sources=sources, disagrees=disagrees, missing=missing, attest=attest, notes=notes,
        also=tuple(sorted({finding.rule for finding in rest} - {first.rule})), late_days=first.late_days,
        would_be=first.would_be, unanswered=tuple(sorted(unanswered)),
    )  # fmt: skip


def cannot_say(asked: Iterable[Asked], found: list[Finding], state: State) -> list[Finding]:
    """What could not be answered, one finding per reason. A cause already found at its tier is not repeated."""
    known = {finding.cause.lower(): RANK[finding.tier] for finding in found}
    groups: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        tier = RANK[TIERS[one.rule.rule.tier]]
        if known.get(fill(one.rule.rule.cause, state, one.this).lower(), 9) <= tier:
            continue
        gap = one.answer.missing[0] if one.answer.missing else _OPEN
        groups[gap.why].append(one)
    return [_unanswered(group, state) for _, group in sorted(groups.items())]


def _unanswered(group: list[Asked], state: State) -> Finding:
    gaps = tuple(dict.fromkeys(gap for one in group for gap in one.answer.missing))
    leading = tuple(dict.fromkeys(one.answer.missing[0] if one.answer.missing else _OPEN for one in group))
    what = _shortened(dict.fromkeys(gap.what for gap in leading), 7)
    causes = dict.fromkeys(fill(one.rule.rule.cause, state, one.this) for one in group)
    settles = _shortened(dict.fromkeys(gap.settles for gap in leading), 3, "; ")
    return Finding(
        rule=min(one.rule.id for one in group),
        kind="cannot-say",
        tier="CANNOT SAY",
        cause=f"not known: {what}",
        says=f"{opening(what)}: {leading[0].why}. Not answered: {_shortened(causes, 6)}.",
        action=ActionShown("ask", f"{opening(settles)}.", _soonest(group), "should"),
        because=tuple(dict.fromkeys(show(fact, state.words) for one in group for fact in one.answer.because)),
        missing=gaps,
        would_be=_worst(group),
        unanswered=tuple(sorted({one.rule.id for one in group})),
    )


def _worst(group: list[Asked]) -> Tier:
    return min((_would_be(one) for one in group), key=lambda tier: RANK[tier])


def _would_be(asked: Asked) -> Tier:
    """What the finding would have been. Too few results for a trend, and a pregnancy that nobody mentions, are only
    worth knowing: else every new patient and every woman would look like a danger."""
    return "KNOW" if asked.rule.rule.kind in ("trend", "pregnancy") else TIERS[asked.rule.rule.tier]


def _soonest(group: list[Asked]) -> str:
    return min((one.rule.rule.action.urgency for one in group), key=URGENCY.index)


def _shortened(texts: Iterable[str], most: int, separator: str = ", ") -> str:
    """The first few, and how many more."""
    every = list(texts)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return separator.join(every[:most]) + more


def stated(disagreements: Iterable[Disagreement], book: RuleBook) -> tuple[Disagreeing, ...]:
    """What the rule file itself says of other sources that disagree."""
    return tuple(
        Disagreeing(
            body=book.publications[one.source.ref].body if one.source.ref in book.publications else one.source.ref,
            says=one.says,
            rule="",
            mark=one.source.mark,
        )
        for one in disagreements
    )


def _other_bodies(asked: Asked, ready: CompiledBook) -> tuple[Disagreeing, ...]:
    """The limits that other bodies set for the same analyte of the same drug, where they differ."""
    if asked.rule.protocol is None or asked.this is None:
        return ()
    found: dict[str, Disagreeing] = {}
    for analyte, direction in sorted(asked.rule.bounds):
        for other in ready.bounds.get((asked.this, analyte, direction), ()):
            own = other.protocol is None or other.protocol.id == asked.rule.protocol.id
            if own or other.rule.when == asked.rule.rule.when or other.protocol is None:
                continue
            firm = "consider: " if other.rule.action.strength == "consider" else ""
            says = f"{other.bounds[analyte, direction]}: {firm}{other.rule.action.verb}"
            found.setdefault(
                f"{other.protocol.body}|{says}",
                Disagreeing(other.protocol.body, says, other.id, other.rule.source.mark),
            )
    return tuple(found.values())


def _grades(asked: Asked, state: State, book: RuleBook) -> tuple[str, ...]:
    if asked.rule.rule.kind not in ("danger", "threshold", "trend"):
        return ()
    notes: list[str] = []
    for fact in asked.answer.because:
        if isinstance(fact, Result):
            baseline = _baseline(fact, state, asked.this)
            grades = [grade(fact, book.gradings[key], state.words, baseline) for key in sorted(book.gradings)]
            shown = [one for one in grades if one]
            if shown:
                notes.append(
                    f"{state.words.show(fact.analyte)}: {', '.join(shown)} (severity scales differ by version)"
                )
    return tuple(dict.fromkeys(notes))


def _baseline(result: Result, state: State, this: str | None) -> Result | None:
    start = state.exposure(this).start if this else None
    if start is None:
        return None
    before = [one for one in state.series.get(result.analyte, ()) if start - YEAR <= one.when.last <= start]
    return before[-1] if before else None


def overlaid(rule: str, book: RuleBook) -> tuple[str, ...]:
    """What the site's overlay changed in a rule or schedule, said wherever it is used."""
    if book.overlay is None:
        return ()
    return tuple(
        f"changed by {book.overlay.site}: {change.field} was '{change.was}', is '{change.now}' ({change.because})"
        for change in book.overlay.changes
        if change.rule == rule
    )
