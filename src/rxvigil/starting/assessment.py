"""What the assessment before the first tablet answers: frozen records that can be saved, compared and replayed.

`schema` names the version of this shape; the published JSON Schema is generated from these types. No state of it says
that a start is safe: the best it says is that nothing was found that speaks against it.
"""

from datetime import date
from typing import Final, Literal

import msgspec

from rxvigil.dosing.plan import DosePlan
from rxvigil.engine.assessment import BookShown, Disagreeing, Finding, Missing, ProtocolShown, SourceShown
from rxvigil.facts import NotUnderstood, Outside, Patient

SCHEMA: Final = "rxvigil.start/1"

Verdict = Literal["may not start", "not yet", "nothing found against it"]
Says = Literal["yes", "no", "cannot say"]
Weight = Literal["blocking", "advisory"]
Strength = Literal["must", "should", "consider"]


class StartRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is intended: which drug, for what, from when."""

    drug: str
    indication: str | None = None
    """A condition of the vocabulary."""
    start: date | None = None
    """The day of the first tablet; none: the day of the assessment."""
    protocols: tuple[str, ...] = ()
    """Monitoring protocols asked for by id."""


class EvidenceShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact an answer rests on: in words, where it stood, and how old it is."""

    says: str
    origin: str
    when: str | None = None
    """ISO date, no more precise than it is known."""
    days_old: int | None = None


class AskedByShown(msgspec.Struct, frozen=True, kw_only=True):
    """One body's position on one item."""

    body: str
    weight: Weight
    strength: Strength
    says: str
    here: bool
    """Whether it holds in the jurisdiction of the assessment."""
    where: tuple[str, ...]
    """Jurisdictions it holds in; empty: everywhere."""
    source: SourceShown


class ItemShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question of the checklist and its answer. "yes": the concern is there; "no": it is cleared."""

    id: str
    subject: str
    name: str
    question: str
    says: Says
    weight: Weight
    holds_start: bool
    """Whether a body here asks for the answer before the first dose."""
    why: str
    do: str = ""
    """What to do: about a concern, or to settle the question."""
    settled_by: Literal["ask", "test"] = "ask"
    deal_with_first: bool = False
    evidence: tuple[EvidenceShown, ...] = ()
    missing: tuple[Missing, ...] = ()
    asked_by: tuple[AskedByShown, ...] = ()
    disagrees: tuple[Disagreeing, ...] = ()
    answered: str = ""
    """Who answered what and when, where a person did."""
    rules: tuple[str, ...] = ()
    """Ids of the findings below that speak of the same concern."""


class SettleShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to be settled before the first dose."""

    kind: Literal["ask", "test", "wait", "discuss", "dose"]
    what: str
    why: str
    do: str
    item: str | None = None


class TestShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A test to order before the start."""

    test: str
    """Keys of which one suffices, joined by '|'."""
    name: str
    why: str
    strength: Strength
    asked_by: tuple[str, ...]
    last: date | None = None
    items: tuple[str, ...] = ()


class VaccineShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A vaccine to give before the start, and how long before."""

    vaccine: str
    name: str
    says: str
    strength: Strength
    item: str
    earliest_start: date | None = None
    """If it is given on the day of the assessment; none where no interval is asked for."""
    source: SourceShown


class EarliestShown(msgspec.Struct, frozen=True, kw_only=True):
    """The first day on which nothing asks for a longer wait."""

    on: date
    why: str


class VisitShown(msgspec.Struct, frozen=True, kw_only=True):
    """A day of the first year and what is tested on it, if every test before was done on its day."""

    on: date
    tests: tuple[str, ...]
    strength: Strength
    why: tuple[str, ...]
    protocols: tuple[str, ...]


class PointShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to tell the patient."""

    id: str
    name: str
    when: Literal["emergency", "same day", "always"]
    says: str
    sources: tuple[SourceShown, ...]
    disagrees: tuple[Disagreeing, ...] = ()


class ContradictionShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer and the record do not agree. What worries stands."""

    item: str
    says: str
    evidence: tuple[EvidenceShown, ...] = ()


class PlanShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to do before, at and after the start."""

    tests: tuple[TestShown, ...] = ()
    questions: tuple[str, ...] = ()
    """Ids of the items that a person must answer, those that hold the start first."""
    vaccines: tuple[VaccineShown, ...] = ()
    earliest: EarliestShown | None = None
    """None: nothing asks for a wait."""
    dose: DosePlan | None = None
    calendar: tuple[VisitShown, ...] = ()
    calendar_says: str = ""
    tell: tuple[PointShown, ...] = ()


class StartAssessment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything there is to say of this start on this date."""

    schema: str
    patient: Patient
    on: date
    valid_until: date
    valid_because: str
    book: BookShown
    jurisdiction: str
    drug: str
    name: str
    indication: str
    start: date
    verdict: Verdict
    says: str
    """The verdict in a sentence."""
    blocks: tuple[str, ...] = ()
    """What speaks against the start, in words."""
    to_settle: tuple[SettleShown, ...] = ()
    items: tuple[ItemShown, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the rules of the rule book say, asked as if the drug were begun on the day of the assessment."""
    open_rules: tuple[Finding, ...] = ()
    """Rules that could not be answered, where no item of the checklist asks the same."""
    plan: PlanShown
    protocols: tuple[ProtocolShown, ...] = ()
    contradictions: tuple[ContradictionShown, ...] = ()
    answered_by: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """What the checklist does not hold, and why."""
    not_understood: tuple[NotUnderstood, ...] = ()
    outside: tuple[Outside, ...] = ()
