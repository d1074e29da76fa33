"""The assessment before the first tablet: one record, one date, one intended start.

    starter = Starter(book, "UK")
    assessment = starter.assess(record, on=date(2026, 3, 5), request=StartRequest(drug="azathioprine"))

Pure: no clock, no file. The checklist is asked of the record as it stands; the rules of the rule book are asked as if
the drug were begun on the day of the assessment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import msgspec

from rxvigil.dosing import DosePlan, Doser, DoseRequest
from rxvigil.engine import Evaluator, Wanted
from rxvigil.engine.assessment import Assessment, Finding, ProtocolShown
from rxvigil.engine.choose import ASSUMED, Choice, choose, combinations
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.findings import sources_shown, stated
from rxvigil.engine.kleene import NO, YES, Answer
from rxvigil.engine.state import State
from rxvigil.engine.wording import opening
from rxvigil.errors import RxvigilError
from rxvigil.facts import NotUnderstood, Origin, Record, on_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.starting import Item
from rxvigil.starting.answering import Answered, with_answers
from rxvigil.starting.assessment import (
    SCHEMA,
    ContradictionShown,
    ItemShown,
    PlanShown,
    PointShown,
    StartAssessment,
    StartRequest,
    VisitShown,
)
from rxvigil.starting.carried import as_if_begun, carried_over, not_asked_elsewhere, not_yet_begun, with_indication
from rxvigil.starting.checklist import ReadyItem, ask_item, ready_items
from rxvigil.starting.plan import earliest_start, holds_here, tests_to_order, vaccines_first
from rxvigil.starting.showing import evidence, item_shown
from rxvigil.starting.verdict import judge, valid_until
from rxvigil.starting.year import calendar, course


class NoChecklist(RxvigilError):
    """The rule book holds no checklist for this drug, or no such disease."""

    exit_code = 2


@dataclass(frozen=True)
class _Case:
    """One record, read for one start."""

    record: Record
    """With the answers and the disease the drug is for."""
    on: date
    start: date
    drug: str
    state: State
    at_start: State

    def state_of(self, item: Item) -> State:
        """The state on the day the item asks about."""
        return self.at_start if item.as_of == "start" else self.state


class Starter:
    """A rule book made ready once, for any number of people."""

    def __init__(self, book: RuleBook, jurisdiction: str | None = None) -> None:
        self.book = book
        self.jurisdiction = jurisdiction or ASSUMED
        self._stated = jurisdiction
        self._items: dict[str, tuple[ReadyItem, ...]] = {}
        self._evaluators: dict[tuple[str, ...], Evaluator] = {}

    @cached_property
    def _doser(self) -> Doser:
        return Doser(self.book, self._stated)

    def items(self, drug: str) -> tuple[ReadyItem, ...]:
        """The checklist of a drug. Raises `NoChecklist`."""
        if drug not in self._items:
            self._items[drug] = ready_items(self.book, drug)
        if not self._items[drug]:
            held = sorted({one for file in self.book.checklists.values() for one in file.drugs})
            raise NoChecklist(f"there is no checklist for '{drug}'", do=f"use one of {', '.join(held)}")
        return self._items[drug]

    def assess(
        self, record: Record, on: date, request: StartRequest, answered: Answered | None = None
    ) -> StartAssessment:
        """Everything there is to say of this start. Raises `NoChecklist` for a drug or disease that is not known."""
        items = self.items(request.drug)
        self._check(request)
        usable = answered if answered and answered.on <= on else None
        case = self._case(record, on, request, usable)
        evaluator = self._evaluator(request.protocols)
        dose = self._dose(case, request)
        begun = as_if_begun(case.record, case.drug, on, _milligrams(dose), self.book)
        assessment, carried, open_rules = carried_over(evaluator, begun, on, case.drug)
        answers = [(ready, ask_item(ready, case.state_of(ready.item), case.drug, case.start)) for ready in items]
        findings = tuple(one for one in carried if not _over_by_then(one, answers))
        shown = tuple(
            item_shown(ready, answer, on, self.jurisdiction, self.book, findings) for ready, answer in answers
        )
        shown = _with_authors(shown, usable)
        pairs = list(zip(items, shown, strict=True))
        choice = choose(case.drug, State(begun, on, self.book.vocabulary), self.book, evaluator.wanted)
        plan = self._plan(case, pairs, choice, dose, evaluator)
        judged = judge(shown, findings, plan.tests, plan.earliest, case.start, dose, record.patient)
        until, because = valid_until(answers, case.state)
        return StartAssessment(
            schema=SCHEMA,
            patient=record.patient,
            on=on,
            valid_until=until,
            valid_because=because,
            book=assessment.book,
            jurisdiction=self._stated or f"{ASSUMED} (assumed)",
            drug=case.drug,
            name=self.book.vocabulary.show(case.drug),
            indication=self.book.vocabulary.show(request.indication) if request.indication else "",
            start=case.start,
            verdict=judged.verdict,
            says=judged.says,
            blocks=judged.blocks,
            to_settle=judged.to_settle,
            items=shown,
            findings=findings,
            open_rules=not_asked_elsewhere(open_rules, items, case.drug, self.book),
            plan=plan,
            protocols=_protocols(assessment, case.drug),
            contradictions=self._contradictions(record, case, items, usable),
            answered_by=(usable.author,) if usable else (),
            gaps=tuple(dict.fromkeys(gap for ready in items for gap in ready.file.gaps)),
            not_understood=(*case.record.not_understood, *_too_late(answered, usable)),
            outside=record.outside,
        )

    def _plan(
        self,
        case: _Case,
        pairs: list[tuple[ReadyItem, ItemShown]],
        choice: Choice | None,
        dose: DosePlan | None,
        evaluator: Evaluator,
    ) -> PlanShown:
        protocol = choice.protocol if choice else None
        return PlanShown(
            tests=tests_to_order(pairs, protocol, case.state, case.start, case.drug, evaluator.ready),
            questions=_questions(one for _, one in pairs),
            vaccines=vaccines_first(pairs, case.on, self.jurisdiction, self.book),
            earliest=earliest_start(pairs, case.state, self.jurisdiction),
            dose=dose,
            calendar=self._calendar(case, choice, dose, evaluator),
            calendar_says=_calendar_says(choice),
            tell=self._tell(case),
        )

    def answer(
        self, item: str, record: Record, on: date, request: StartRequest, answered: Answered | None = None
    ) -> ItemShown:
        """The answer to one item of the checklist, without the rest. Raises `NoChecklist`."""
        found = [one for one in self.items(request.drug) if one.item.id == item]
        if not found:
            raise NoChecklist(f"the checklist has no item '{item}'", do="`rxvigil start --questions` lists them")
        case = self._case(record, on, request, answered)
        given = ask_item(found[0], case.state_of(found[0].item), case.drug, case.start)
        return item_shown(found[0], given, on, self.jurisdiction, self.book, ())

    def _check(self, request: StartRequest) -> None:
        if request.indication and self.book.vocabulary.kind_of(request.indication) != "condition":
            raise NoChecklist(
                "the indication is not a condition of the vocabulary", do="`rxvigil rules words` lists them"
            )

    def _case(self, record: Record, on: date, request: StartRequest, answered: Answered | None) -> _Case:
        full = with_answers(record, answered) if answered else record
        full = with_indication(not_yet_begun(full, request.drug, on), request.indication)
        start = max(request.start or on, on)
        words = self.book.vocabulary
        return _Case(full, on, start, request.drug, State(full, on, words), State(full, start, words))

    def _evaluator(self, protocols: tuple[str, ...]) -> Evaluator:
        if protocols not in self._evaluators:
            self._evaluators[protocols] = Evaluator(self.book, Wanted(self._stated, protocols))
        return self._evaluators[protocols]

    def _dose(self, case: _Case, request: StartRequest) -> DosePlan | None:
        """The dose plan for the day of the first tablet; none where the drug runs already."""
        if case.state.exposure(case.drug).active == YES:
            return None
        asked = DoseRequest(drug=case.drug, indication=request.indication, jurisdiction=self._stated)
        return self._doser.start(case.record, case.start, asked)

    def _calendar(
        self, case: _Case, choice: Choice | None, dose: DosePlan | None, evaluator: Evaluator
    ) -> tuple[VisitShown, ...]:
        begun = as_if_begun(case.record, case.drug, case.start, _milligrams(dose), self.book)
        state = State(begun, case.start, self.book.vocabulary)
        together = [one for one, taken in combinations(state, self.book, evaluator.wanted) if taken.truth == YES]
        mine = [one for one in together if self._is_partner(case.drug, one)]
        choices = [*([choice] if choice else []), *mine]
        return calendar(choices, course(case.start, dose), state, case.drug, evaluator.ready)

    def _is_partner(self, drug: str, choice: Choice) -> bool:
        return any(drug in self.book.vocabulary.members(one) for one in choice.protocol.applies.together)

    def _tell(self, case: _Case) -> tuple[PointShown, ...]:
        words, found = self.book.vocabulary, []
        for file in sorted(self.book.counselling.values(), key=lambda one: one.id):
            for point in file.points if case.drug in file.drugs else ():
                if not holds_here(point.jurisdictions, self.jurisdiction):
                    continue
                asked = compile_condition(parse(point.only_if), words) if point.only_if else None
                if asked is not None and asked(case.state, case.drug).truth == NO:
                    continue
                sources = sources_shown((point.source, *point.also), self.book, case.on, file.review_by)
                found.append(
                    PointShown(
                        id=point.id,
                        name=point.name,
                        when=point.when,
                        says=point.says,
                        sources=sources,
                        disagrees=stated(point.disagrees, self.book),
                    )
                )
        return tuple(found)

    def _contradictions(
        self, record: Record, case: _Case, items: tuple[ReadyItem, ...], answered: Answered | None
    ) -> tuple[ContradictionShown, ...]:
        """Where somebody's yes or no is not what the record says without it."""
        if answered is None:
            return ()
        words = self.book.vocabulary
        bare = not_yet_begun(record, case.drug, case.on)
        states = {"assessment": State(bare, case.on, words), "start": State(bare, case.start, words)}
        found = []
        for ready in items:
            said = answered.said.get(ready.item.id, "").strip().lower()
            if said not in ("yes", "no"):
                continue
            before = ask_item(ready, states[ready.item.as_of], case.drug, case.start)
            text = _contradiction(said, before, ready)
            if text:
                shown = evidence(before.because, case.on, words)
                found.append(ContradictionShown(item=ready.item.id, says=text, evidence=shown))
        return tuple(found)


def _contradiction(said: str, before: Answer, ready: ReadyItem) -> str:
    name = opening(ready.item.name)
    if said == "no" and before.truth == YES:
        return f"{name}: answered no, but the record shows it. The record stands until it is corrected."
    if said == "yes" and before.truth == NO:
        return f"{name}: answered yes, but the record does not show it ({before.reason}). The answer stands."
    return ""


def _over_by_then(finding: Finding, answers: list[tuple[ReadyItem, Answer]]) -> bool:
    """Whether a rule speaks of what is over on the intended day: rules are asked as of the day of the assessment."""
    return any(
        ready.item.as_of == "start" and answer.truth == NO and ready.speaks_of(finding.rule)
        for ready, answer in answers
    )


def _milligrams(dose: DosePlan | None) -> float | None:
    return dose.suggested.mg_per_day if dose and dose.suggested and not dose.refused else None


def _with_authors(items: tuple[ItemShown, ...], answered: Answered | None) -> tuple[ItemShown, ...]:
    """Items that a person answered say by whom; what was answered stands in the evidence."""
    if answered is None:
        return items
    return tuple(
        msgspec.structs.replace(one, answered=answered.author) if one.id in answered.said else one for one in items
    )


def _questions(items: Iterable[ItemShown]) -> tuple[str, ...]:
    open_ = [one for one in items if one.says == "cannot say" and one.settled_by == "ask"]
    return tuple(one.id for one in sorted(open_, key=lambda one: not one.holds_start))


def _calendar_says(choice: Choice | None) -> str:
    if choice is None:
        return "The rule book holds no monitoring protocol for it: use the local one."
    return (
        f"By {choice.protocol.title} ({choice.because}): if every test before was done on its day, the dose plan is "
        "followed and no result asks for more. A test that falls due within 8 days of a visit is taken at it (house)."
    )


def _protocols(assessment: Assessment, drug: str) -> tuple[ProtocolShown, ...]:
    return tuple(one for one in assessment.protocols if one.drug == drug or drug in one.drug.split(" + "))


def _too_late(answered: Answered | None, usable: Answered | None) -> tuple[NotUnderstood, ...]:
    if answered is None or usable is not None:
        return ()
    origin = Origin(answered.author, "answers")
    why = "they are dated after the day of the assessment, which sees only what lies before it"
    return (NotUnderstood(origin=origin, what="a person's answers", why=why, when=on_day(answered.on)),)
