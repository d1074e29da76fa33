"""A worklist: who among many patients needs somebody first, and for what. One entry a patient, one line a cause."""

from datetime import date
from typing import Final, Literal

import msgspec

from rxvigil.engine.assessment import Tier
from rxvigil.facts import show_day
from rxvigil.reports.words import URGENCY_SAYS

SCHEMA: Final = "rxvigil.worklist/1"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do for one patient: what is the matter, since when, why, what to do, by which source."""

    tier: Tier
    cause: str
    says: str
    action: str
    verb: str
    urgency: str
    strength: str
    since: date | None = None
    """The day from which all facts it rests on were there; of overdue tests, the last acceptable day."""
    late_days: int = 0
    drug: str = ""
    tests: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    would_be: str = ""
    rule: str
    also: tuple[str, ...] = ()
    ref: str = ""
    where: str = ""
    """Where in the publication it stands."""
    mark: str = ""
    confirmed: bool = False
    """Said by the evaluator of one patient too; else the patient's own values are not filled in."""


class Publication(msgspec.Struct, frozen=True):
    """A publication that items rest on, by its number on the list."""

    number: int
    body: str
    title: str
    url: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One patient."""

    patient: str
    """As the site has it."""
    simulated: bool = False
    """The patient does not exist."""
    practice: str = ""
    takes: tuple[str, ...] = ()
    items: tuple[Item, ...]
    others: tuple[str, ...] = ()
    """Causes of further findings with something to do, which the filters leave out."""
    open: tuple[str, ...] = ()
    """What could matter as much and cannot be said."""


class Worklist(msgspec.Struct, frozen=True, kw_only=True):
    """Entries in the order in which they need somebody, and what a reader must know of what is not on the list."""

    schema: str = SCHEMA
    on: date
    jurisdiction: str
    simulated: str = ""
    """What must be said where patients do not exist; '' where nobody is simulated."""
    filters: tuple[str, ...] = ()
    """In words."""
    entries: tuple[Entry, ...] = ()
    shortened: int = 0
    """Entries beyond the number asked for."""
    patients: int
    """Who was screened."""
    taking: int
    unsaid: int
    """Patients with nothing to do that could be said, and a question left open that could matter as much."""
    quiet: int
    notes: tuple[str, ...] = ()
    """The store has changed since; the two evaluators differ; rows were not opened."""
    publications: dict[str, Publication] = {}
    book: str
    overlay: str = ""
    version: str


Counted = Literal["STOP", "ACT", "KNOW", "CANNOT SAY"]


def counted(worklist: Worklist) -> dict[Counted, int]:
    """Entries by the tier of their first item."""
    found: dict[Counted, int] = {"STOP": 0, "ACT": 0, "KNOW": 0, "CANNOT SAY": 0}
    for entry in worklist.entries:
        found[entry.items[0].tier] += 1
    return found


def opening(worklist: Worklist) -> str:
    """The whole in a sentence."""
    shown = len(worklist.entries) + worklist.shortened
    who = "1 patient is" if shown == 1 else f"{shown:,} patients are"
    if not shown:
        fits = " that fits what was asked for" if worklist.filters else " that could be said"
        who = f"Nobody has anything to do{fits}: no patient is"
    more = f", of whom the first {len(worklist.entries):,} are shown" if worklist.shortened else ""
    return f"{who} on this list{more}; {worklist.patients:,} were screened as of {show_day(worklist.on)}."


def not_on_it(worklist: Worklist) -> tuple[str, ...]:
    """What the list leaves out: nobody who is not on it is thereby safe."""
    unsaid = f"{worklist.unsaid:,}"
    return (
        f"{worklist.taking:,} of those screened take a blood-monitored medicine, or may.",
        f"Of {unsaid} with nothing to do that could be said, something that could matter as much could not be answered."
        " They are not shown to be safe: the tier CANNOT SAY lists them.",
        f"{worklist.quiet:,} have no finding at all.",
    )


def since(item: Item) -> str:
    """Since when, in words."""
    if item.since is None:
        return "not known" if item.tier != "CANNOT SAY" else ""
    day = show_day(item.since)
    if not item.late_days:
        return day
    return f"{day} ({item.late_days:,} {'day' if item.late_days == 1 else 'days'} overdue)" if _late(item) else day


def _late(item: Item) -> bool:
    return item.cause.endswith("overdue")


def to_do(item: Item) -> str:
    """How soon, how firmly, and what."""
    return f"{URGENCY_SAYS.get(item.urgency, item.urgency.capitalize())} ({item.strength}): {item.action}"


def source(item: Item, worklist: Worklist) -> str:
    """The source of an item by its number on the list, with the place in it and how it was read."""
    known = worklist.publications.get(item.ref)
    return f"[{known.number}] {item.where} ({item.mark})" if known else "rxvigil's own statement"


def full_source(item: Item, worklist: Worklist) -> str:
    """The source of an item in full, for a row that stands alone."""
    known = worklist.publications.get(item.ref)
    return f"{known.body}, {known.title}, {item.where} ({item.mark})" if known else ""


def lead(item: Item) -> str:
    """The sentence of an item. One that was not opened lacks the patient's own values."""
    graver = f"Could be {item.would_be}. " if item.would_be in ("STOP", "ACT") else ""
    return f"{graver}{item.says}"
