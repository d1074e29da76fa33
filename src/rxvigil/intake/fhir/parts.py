"""What the readers hand to one another: small records, and the words for what was not understood."""

from typing import NamedTuple

from rxvigil.facts import NotUnderstood, When
from rxvigil.intake.fhir.elements import Misshapen, Node, children_of, concept_of, text_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.reading import Fact, ListKind, NotOurs, clean

ANYTHING = ("any-drug", "any-result", "any-condition", "any-allergy", "any-vaccine")
"""What something may affect of which not even the kind is known."""


class Elsewhere(NamedTuple):
    """Something read and none of ours, with its kind for counting."""

    kind: str
    other: NotOurs


class Unread(NamedTuple):
    """An entry that says nothing to the rules, counted under this name."""

    kind: str


class EmptyList(NamedTuple):
    """A list that the record says is empty: being absent from it means no."""

    kind: ListKind


class Panel(NamedTuple):
    """A report or panel that results are part of: where it stands, and the day it gives for all of them."""

    place: str
    when: When | None


Outcome = Fact | NotUnderstood | Elsewhere | Unread | EmptyList


def listed(
    entry: Entry,
    what: str,
    why: str,
    affects: tuple[str, ...] = (),
    when: When | None = None,
    element: str = "",
) -> NotUnderstood:
    """A not-understood entry about this resource, or one of its elements."""
    return NotUnderstood(
        origin=entry.origin(element), what=clean(what) or entry.type, why=clean(why, 400), affects=affects, when=when
    )


def withdrawn(entry: Entry, what: str) -> NotUnderstood:
    """For an entry whose author took it back: left out, and said so."""
    return listed(entry, what, "entered in error: withdrawn by its author and left out")


def code_of(node: Node, key: str) -> str:
    """The first code of a status that R4 gives as a CodeableConcept (clinicalStatus, verificationStatus)."""
    return next((coding.code for coding in concept_of(node, key).codings if coding.code), "")


def refuse_modifiers(node: Node) -> None:
    """A modifier extension may turn a statement into its opposite; without knowing it nothing may be read."""
    if "modifierExtension" in node and children_of(node, "modifierExtension"):
        raise Misshapen("modifierExtension", "may change the meaning in a way we do not know")
    if "implicitRules" in node and text_of(node, "implicitRules"):
        raise Misshapen("implicitRules", "may change the meaning in a way we do not know")
