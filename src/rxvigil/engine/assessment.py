"""What an evaluation answers: frozen records that can be saved, compared byte for byte and replayed.

`schema` names the version of this shape; the published JSON Schema is generated from these types.
"""

from datetime import date
from typing import Literal

import msgspec

from rxvigil.facts import NotUnderstood, Outside, Patient

SCHEMA = "rxvigil.assessment/1"

Tier = Literal["STOP", "ACT", "KNOW", "CANNOT SAY"]
Outcome = Literal["fires", "silent", "cannot say", "not asked"]


class FactShown(msgspec.Struct, frozen=True):
    """A fact a finding rests on, in words, and where it stood."""

    id: str
    says: str
    origin: str


class SourceShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """A publication a finding rests on, with locator and mark."""

    ref: str
    title: str
    body: str
    where: str
    mark: str
    checked: date
    url: str | None = None
    via: str | None = None
    note: str | None = None
    superseded_by: str | None = None
    review_overdue: bool = False


class Disagreeing(msgspec.Struct, frozen=True):
    """What another body says of the same matter."""

    body: str
    says: str
    rule: str
    mark: str


class Missing(msgspec.Struct, frozen=True):
    """A fact that would settle the question, and why it is not there."""

    what: str
    why: str
    settles: str
    """What to do to get it."""


class ActionShown(msgspec.Struct, frozen=True):
    """What to do."""

    verb: str
    says: str
    urgency: str
    strength: str


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule's answer for this patient on this date. Findings with one cause are one finding: the most severe,
    with the others in `also`."""

    rule: str
    kind: str
    tier: Tier
    cause: str
    says: str
    action: ActionShown
    because: tuple[FactShown, ...] = ()
    sources: tuple[SourceShown, ...] = ()
    disagrees: tuple[Disagreeing, ...] = ()
    missing: tuple[Missing, ...] = ()
    attest: tuple[str, ...] = ()
    """Causes a person must exclude before relying on it."""
    notes: tuple[str, ...] = ()
    """Grades with version, status of the protocol, borrowed thresholds, values overlaid by the site."""
    also: tuple[str, ...] = ()
    """Ids of the other rules that fired for the same cause."""
    would_be: Tier | None = None
    """CANNOT SAY: the most severe tier the unanswered rules could have had."""
    unanswered: tuple[str, ...] = ()
    """CANNOT SAY: ids of the rules that could not be answered."""
    late_days: int = 0
    """Overdue tests: days past the latest acceptable day, for ordering."""


class DueTest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a test is due next, and why then."""

    test: str
    name: str
    status: Literal["in date", "due", "overdue", "cannot say", "not required"]
    due: date | None = None
    overdue_after: date | None = None
    last: date | None = None
    because: str = ""
    protocols: tuple[str, ...] = ()
    strength: str = "should"


class CourseShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A monitored drug the patient takes: since when, how much, how long at this dose."""

    drug: str
    name: str
    start: str | None = None
    dose_mg_per_day: tuple[float, float] | None = None
    dose_mg_per_kg_per_day: tuple[float, float] | None = None
    dose_since: date | None = None
    per: str = "day"
    held: bool = False
    """The prescription is on hold: the course goes on for the rules, and a reader must know it."""


class ProtocolShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The protocol chosen for a drug, why, its status and its gaps."""

    drug: str
    id: str
    title: str
    body: str
    chosen_because: str
    status: str = ""
    gaps: tuple[str, ...] = ()
    source: SourceShown | None = None


class Explained(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule's answer, fired or not, and why."""

    rule: str
    outcome: Outcome
    why: str
    asked: str = ""
    """The condition as the rule states it."""


class BookShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which knowledge answered."""

    digest: str
    rules: int
    overlay: str | None = None
    changes: tuple[str, ...] = ()


class Assessment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything rxvigil has to say of one patient on one date."""

    schema: str
    patient: Patient
    on: date
    book: BookShown
    jurisdiction: str
    summary: str
    courses: tuple[CourseShown, ...] = ()
    protocols: tuple[ProtocolShown, ...] = ()
    findings: tuple[Finding, ...] = ()
    next_tests: tuple[DueTest, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    outside: tuple[Outside, ...] = ()
    unread: dict[str, int] = {}
    explained: tuple[Explained, ...] = ()
    """Every rule with its answer; filled when asked for."""
