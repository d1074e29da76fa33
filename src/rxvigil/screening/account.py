"""What a screen says of itself: `screen.json`, written last, so that a folder without it is no finished screen.

Nothing in it depends on when or where the screen ran: the same store, rule book, date and request make the same bytes.
"""

from datetime import date
from typing import Final

import msgspec

SCHEMA: Final = "rxvigil.screen/1"
ACCOUNT: Final = "screen.json"


class Tally(msgspec.Struct, frozen=True):
    """How often, and in how many patients."""

    findings: int
    patients: int


class RuleTally(msgspec.Struct, frozen=True):
    """How often one rule leads a finding, and in how many patients."""

    rule: str
    tier: str
    findings: int
    patients: int


class Publication(msgspec.Struct, frozen=True):
    """A publication that findings rest on."""

    title: str
    body: str
    url: str = ""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """Patients with something to do whose rows were opened: asked again of the evaluator of one patient."""

    patients: int = 0
    agreed: int = 0
    disagreed: tuple[str, ...] = ()
    """Patients of whom the two say different things. What the evaluator of one patient says stands."""
    left: int = 0
    """Patients with something to do beyond the limit, whose rows were not opened."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `screen.json`."""

    schema: str = SCHEMA
    key: str
    on: date
    jurisdiction: str
    protocols: tuple[str, ...] = ()
    book: str
    """Digest of the rule book."""
    rules: int
    overlay: str = ""
    store: str
    """Digest of the store's manifest."""
    version: str
    explain: int
    patients: int
    taking: int
    """Patients who take a monitored drug, or of whom it is not known."""
    tiers: dict[str, Tally] = {}
    rule_tallies: tuple[RuleTally, ...] = ()
    singly: dict[str, int] = {}
    """Reason -> patients left to the evaluator of one patient."""
    opened: Opened = Opened()
    unsaid: int = 0
    """Patients of whom nothing needs doing as far as could be said, and something that could matter as much could not
    be answered."""
    quiet: int = 0
    """Patients with no finding at all."""
    publications: dict[str, Publication] = {}
    names: dict[str, str] = {}
    """Keys of drugs and tests in words."""
