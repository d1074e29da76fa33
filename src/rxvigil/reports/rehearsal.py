"""What a new rule book would change for a population: who becomes flagged, who no longer, whose tier changes."""

from datetime import date
from typing import Final

import msgspec

from rxvigil.engine.assessment import Tier
from rxvigil.facts import show_day

SCHEMA: Final = "rxvigil.rehearsal/1"


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """The population under one rule book."""

    book: str
    rules: int
    overlay: str = ""
    tiers: dict[str, int] = {}
    """Patients with a finding of each tier."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One cause of one patient that comes, goes, or changes its tier."""

    patient: str
    simulated: bool = False
    """The patient does not exist."""
    practice: str = ""
    cause: str
    before: Tier | None
    after: Tier | None
    rule: str
    says: str
    action: str


class RuleChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changes through one rule, in findings."""

    rule: str
    comes: int
    goes: int
    changes: int


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """The whole comparison. Nothing of it is kept as a screen."""

    schema: str = SCHEMA
    on: date
    jurisdiction: str
    simulated: str = ""
    """What must be said where patients do not exist; '' where nobody is simulated."""
    patients: int
    before: Side
    after: Side
    flagged: tuple[str, ...] = ()
    """Patients with something to do (STOP or ACT) under the new rules who have nothing to do under the present ones."""
    unflagged: tuple[str, ...] = ()
    """The other way round."""
    changes: tuple[Change, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    unanswered: dict[str, int] = {}
    """Rule -> for how many more (or fewer) patients it cannot be answered."""
    version: str


def kind(change: Change) -> str:
    """What happens, in a word or two."""
    if change.before is None:
        return f"becomes {change.after}"
    if change.after is None:
        return f"no longer {change.before}"
    return f"{change.before} becomes {change.after}"


def headline(made: Rehearsal) -> str:
    """The whole in a sentence."""
    if not made.changes:
        return f"Nothing changes for any of {made.patients:,} patients as of {show_day(made.on)}."
    people = len({one.patient for one in made.changes})
    return f"{len(made.changes):,} findings change, of {people:,} of {made.patients:,} patients, {show_day(made.on)}."


def turned(made: Rehearsal) -> tuple[str, str]:
    """Who gets something to do, and who would have nothing any more."""
    return (
        f"{len(made.flagged):,} patients with nothing to do now would have something to do (STOP or ACT).",
        f"{len(made.unflagged):,} patients with something to do now would have nothing to do.",
    )


def tallies(made: Rehearsal) -> list[tuple[str, int, int]]:
    """Patients with a finding of each tier, before and after."""
    return [
        (tier, made.before.tiers.get(tier, 0), made.after.tiers.get(tier, 0))
        for tier in ("STOP", "ACT", "KNOW", "CANNOT SAY")
    ]
