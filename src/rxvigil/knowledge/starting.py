"""Models of what is asked before the first tablet: items with who asks for them, and what to tell the patient.

An item asks for a *concern*: yes (it is there), no (cleared), cannot say. Whether a concern blocks depends on the body
and the jurisdiction, and each entry of `asked_by` keeps one body's own position: they are never averaged.
"""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from rxvigil.knowledge.provenance import Disagreement, Key, Path, Source, Strict, Text
from rxvigil.knowledge.rules import ConditionText, Jurisdiction
from rxvigil.knowledge.vocabulary import DurationText

Weight = Literal["blocking", "advisory"]
StatedKind = Literal["condition", "allergy", "event", "drug", "vaccine", "result", "gene", "symptom", "denial"]


class AskedBy(Strict):
    """One body's position: does it forbid the start, and how firmly does it want the question answered before?"""

    weight: Weight = Field(description="blocking: with this concern the body says not to start")
    strength: Literal["must", "should", "consider"] = Field(description="how firmly the body asks")
    jurisdictions: tuple[Jurisdiction, ...] = Field((), description="where it holds; empty: everywhere")
    says: Text = Field(description="the position in a sentence of our own")
    source: Source


class Needs(Strict):
    """What must be known before the concern counts as cleared, and how old it may be at the start."""

    all: tuple[Key, ...] = ()
    any: tuple[tuple[Key, ...], ...] = Field((), description="of each group one suffices")
    within: DurationText
    source: Source


class Stated(Strict):
    """The fact that an answer stands for."""

    kind: StatedKind
    of: Key = Field(description="key of the vocabulary")
    status: Literal["active", "past", "uncertain", "ended", "planned", "given", "happened", "not"] | None = None
    value: Key | None = Field(None, description="category of a result, value of an event, phenotype of a gene")
    measure: Key | None = Field(None, description="denial: the measure that is denied (ever, active, allergy ...)")

    @model_validator(mode="after")
    def _whole(self) -> "Stated":
        if (self.kind == "denial") != (self.measure is not None):
            raise ValueError("a denial, and nothing else, names the measure that is denied")
        return self


class AnswerWith(Strict):
    """An answer that is more than yes or no: an amount with its unit, a date, or one of several words."""

    form: Literal["amount", "date", "word"]
    of: Key = Field(description="what the amount, date or word is of")
    kind: Literal["result", "event", "vaccine", "gene"]
    words: tuple[Key, ...] = Field((), description="form word: the words that can be given")


class Settle(Strict):
    """How an open item is settled."""

    how: Literal["ask", "test"]
    says: Text


class Wait(Strict):
    """How long after a vaccine the drug may begin, by body."""

    after: Key
    lasts: DurationText
    jurisdictions: tuple[Jurisdiction, ...] = ()
    says: Text
    source: Source


class VaccineFirst(Strict):
    """A vaccine to be given before the start while the concern stands."""

    vaccine: Key
    before: DurationText | None = Field(None, description="at least so long before; none: no interval is asked for")
    jurisdictions: tuple[Jurisdiction, ...] = ()
    strength: Literal["must", "should", "consider"]
    says: Text
    source: Source


class Item(Strict):
    """One question before the first tablet."""

    id: Key = Field(description="unique over all checklist files: answers files use it")
    name: Text = Field(description="the concern in a few words")
    question: Text = Field(description="put so that 'yes' means that the concern is there")
    only_if: ConditionText | None = Field(None, description="kept to people of whom this holds")
    concern: ConditionText | None = Field(
        None, description="none: the only question is whether what is needed is known"
    )
    cleared_by: ConditionText | None = Field(
        None, description="what clears an open concern, so that nothing more need be known"
    )
    as_of: Literal["assessment", "start"] = Field("assessment", description="the day the concern is asked for")
    ask_always: bool = Field(
        False, description="the silence of a record is no answer: only a fact or a person clears it"
    )
    needs: Needs | None = None
    asked_by: tuple[AskedBy, ...] = Field(min_length=1)
    disagrees: tuple[Disagreement, ...] = ()
    deal_with_first: bool = Field(
        False, description="must be dealt with before the first dose, even where no body forbids the start"
    )
    if_present: Text = Field(description="what to do where the concern is there")
    settle: Settle
    wait: tuple[Wait, ...] = ()
    vaccine_first: tuple[VaccineFirst, ...] = ()
    rules: tuple[Text, ...] = Field((), description="ids of rules that speak of the same concern")
    answer_yes: tuple[Stated, ...] = ()
    answer_no: tuple[Stated, ...] = ()
    answer_with: AnswerWith | None = None
    answer_lasts: DurationText = Field(description="how long an answer that clears counts; one that worries stands")

    @model_validator(mode="after")
    def _asks_something(self) -> "Item":
        if self.concern is None and self.needs is None:
            raise ValueError("an item asks for a concern, or for something that must be known")
        return self


class ChecklistFile(Strict):
    """Questions of one subject, for some drugs."""

    kind: Literal["checklist"]
    id: Path
    title: Text
    position: int = Field(description="where the subject stands in the list")
    drugs: tuple[Key, ...]
    review_by: date
    gaps: tuple[Text, ...] = ()
    valid_for: DurationText = Field(description="how long an assessment that asks this counts at most")
    times: Source = Field(description="why it and the answers count as long as they do")
    items: tuple[Item, ...]


class Point(Strict):
    """One thing to tell the patient before the first tablet."""

    id: Key
    name: Text
    when: Literal["emergency", "same day", "always"] = Field(description="how soon the patient must act on it")
    only_if: ConditionText | None = Field(None, description="said to people of whom this holds or may hold")
    jurisdictions: tuple[Jurisdiction, ...] = ()
    says: Text = Field(description="in words for the patient")
    source: Source
    also: tuple[Source, ...] = ()
    disagrees: tuple[Disagreement, ...] = ()


class CounsellingFile(Strict):
    """What to tell the patient."""

    kind: Literal["counselling"]
    id: Path
    title: Text
    drugs: tuple[Key, ...]
    review_by: date
    gaps: tuple[Text, ...] = ()
    points: tuple[Point, ...]
