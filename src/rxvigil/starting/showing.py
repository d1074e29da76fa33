"""An item's answer in words: evidence with its age, who asks for it, what to do."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from rxvigil.engine.assessment import Finding
from rxvigil.engine.findings import sources_shown, stated
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, Fact
from rxvigil.engine.wording import show
from rxvigil.facts import When
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.starting import AskedBy
from rxvigil.starting.assessment import AskedByShown, EvidenceShown, ItemShown, Says
from rxvigil.starting.checklist import ReadyItem, gap_text
from rxvigil.starting.plan import holds_here

SAYS: Final[dict[int, Says]] = {YES: "yes", NO: "no", UNKNOWN: "cannot say"}


def item_shown(
    ready: ReadyItem, answer: Answer, on: date, jurisdiction: str, book: RuleBook, findings: Iterable[Finding]
) -> ItemShown:
    """The item with its answer, as the assessment shows it."""
    item, says = ready.item, SAYS[answer.truth]
    asked = tuple(_asked(one, on, jurisdiction, book, ready) for one in item.asked_by)
    here = [one for one in asked if one.here and one.source.mark != "memory"]
    return ItemShown(
        id=item.id,
        subject=ready.file.title,
        name=item.name,
        question=item.question,
        says=says,
        weight="blocking" if any(one.weight == "blocking" for one in here) else "advisory",
        holds_start=any(one.strength == "must" for one in here),
        why=_why(answer, says, book.vocabulary),
        do={"yes": item.if_present, "cannot say": item.settle.says}.get(says, ""),
        settled_by=item.settle.how,
        deal_with_first=item.deal_with_first,
        evidence=evidence(answer.because, on, book.vocabulary),
        missing=answer.missing if answer.truth == UNKNOWN else (),
        asked_by=asked,
        disagrees=stated(item.disagrees, book),
        rules=tuple(one.rule for one in findings if any(ready.speaks_of(rule) for rule in (one.rule, *one.also))),
    )


def _why(answer: Answer, says: Says, words: Vocabulary) -> str:
    if says == "cannot say":
        return gap_text(answer.missing) or "the record leaves it open"
    if says == "yes" and answer.because:
        return "; ".join(dict.fromkeys(show(fact, words).says for fact in answer.because))
    return answer.reason or ("the record shows it" if says == "yes" else "cleared by the record")


def _asked(one: AskedBy, on: date, jurisdiction: str, book: RuleBook, ready: ReadyItem) -> AskedByShown:
    source = sources_shown([one.source], book, on, ready.file.review_by)[0]
    return AskedByShown(
        body=source.body or source.ref,
        weight=one.weight,
        strength=one.strength,
        says=one.says,
        here=holds_here(one.jurisdictions, jurisdiction),
        where=one.jurisdictions,
        source=source,
    )


def evidence(facts: Iterable[Fact], on: date, words: Vocabulary) -> tuple[EvidenceShown, ...]:
    """Facts in words, with where they stood and how old they are."""
    return tuple(dict.fromkeys(_evidence(fact, on, words) for fact in facts))


def _evidence(fact: Fact, on: date, words: Vocabulary) -> EvidenceShown:
    shown, when = show(fact, words), when_of(fact)
    return EvidenceShown(
        says=shown.says,
        origin=shown.origin,
        when=when.iso if when else None,
        days_old=(on - when.last).days if when and when.last <= on else None,
    )


def when_of(fact: Fact) -> When | None:
    """The day a fact is of, where the record says so."""
    for name in ("when", "start", "onset"):
        found = getattr(fact, name, None)
        if isinstance(found, When):
            return found
    return None
