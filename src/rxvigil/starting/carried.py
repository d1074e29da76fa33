"""What the rules of the rule book say of the start: asked as if the drug were begun on the day of the assessment."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from rxvigil.dosing.supposing import suppose
from rxvigil.engine import Evaluator
from rxvigil.engine.assessment import Assessment, Finding
from rxvigil.engine.kleene import YES
from rxvigil.engine.state import State
from rxvigil.facts import Condition, Origin, Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.starting.checklist import ReadyItem

_OF_A_START: Final = frozenset(
    {"interaction", "contraindication", "duplicate", "genotype", "dose", "precaution", "pregnancy", "vaccine"}
)
_OPEN: Final = _OF_A_START - {"dose", "vaccine"}
"""Rules worth a word where they cannot be answered: a dose is the dose plan's business."""
_OF_RESULTS: Final = frozenset({"danger", "threshold"})
"""Carried over where they would have somebody act: a count at which treatment would be withheld."""
_GRAVE: Final = ("STOP", "ACT")


def with_indication(record: Record, indication: str | None) -> Record:
    """The record with the disease the drug is for: it decides specialty and protocol."""
    if indication is None or any(one.concept == indication and one.status == "active" for one in record.conditions):
        return record
    disease = Condition(
        id="stated-indication", concept=indication, origin=Origin("request", "indication"), status="active"
    )
    return msgspec.structs.replace(record, conditions=(*record.conditions, disease))


def not_yet_begun(record: Record, drug: str, on: date) -> Record:
    """The record with a prescription of the drug that was written on the day itself read as the start in question: it
    is the one to be assessed, not a course that runs already."""
    read = tuple(
        msgspec.structs.replace(one, status="planned")
        if one.drug == drug and one.status == "active" and one.start and one.start.first >= on
        else one
        for one in record.prescriptions
    )
    return msgspec.structs.replace(record, prescriptions=read)


def as_if_begun(record: Record, drug: str, day: date, mg: float | None, book: RuleBook) -> Record:
    """The record with the drug begun on a day; as it is where the drug runs already."""
    if State(record, day, book.vocabulary).exposure(drug).active == YES:
        return record
    return suppose(record, day, drug, mg, book.vocabulary.show(drug))


def carried_over(
    evaluator: Evaluator, record: Record, on: date, drug: str
) -> tuple[Assessment, tuple[Finding, ...], tuple[Finding, ...]]:
    """The assessment as if begun; its findings about this drug; and those about it that could not be answered."""
    assessment = evaluator.assess(record, on)
    mine = _rules_of(drug, evaluator.book, assessment)
    answered = tuple(
        one
        for one in assessment.findings
        if (one.kind in _OF_A_START or (one.kind in _OF_RESULTS and one.tier in _GRAVE))
        and not mine.isdisjoint((one.rule, *one.also))
    )
    open_ = tuple(
        one
        for one in assessment.findings
        if one.tier == "CANNOT SAY" and one.would_be in _GRAVE and not mine.isdisjoint(one.unanswered)
    )
    return assessment, answered, open_


def _rules_of(drug: str, book: RuleBook, assessment: Assessment) -> frozenset[str]:
    """The rules asked of this drug: of the topics that name it, and of the protocols followed for it."""
    words = book.vocabulary
    protocols = tuple(f"{one.id}#" for one in assessment.protocols if one.drug == drug)
    lent = [book.protocols[one.id].thresholds_from for one in assessment.protocols if one.id in book.protocols]
    protocols += tuple(f"{one.protocol}#" for one in lent if one)
    named = {
        identity
        for identity, rule in book.rules()
        if any(drug in words.members(one) for one in rule.applies.drugs) and "monitoring/" not in identity
    }
    return frozenset(named | {identity for identity, _ in book.rules() if identity.startswith(protocols or ("-",))})


def not_asked_elsewhere(
    open_: Iterable[Finding], items: Iterable[ReadyItem], drug: str, book: RuleBook
) -> tuple[Finding, ...]:
    """Open findings without those whose every rule about a start an item of the checklist asks about."""
    asked, words = tuple(items), book.vocabulary
    grave = {
        identity
        for identity, rule in book.rules()
        if rule.kind in _OPEN and any(drug in words.members(one) for one in rule.applies.drugs)
    }
    return tuple(
        one
        for one in open_
        if any(rule in grave and not any(item.speaks_of(rule) for item in asked) for rule in one.unanswered)
    )
