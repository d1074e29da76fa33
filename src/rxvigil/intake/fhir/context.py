"""What every reader of a resource gets and gives: its surroundings in, outcomes out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rxvigil.facts import NotUnderstood, When
from rxvigil.intake.fhir.elements import Misshapen, Node, children_of, concept_of, text_of
from rxvigil.intake.fhir.entries import Entry, References
from rxvigil.intake.fhir.parts import Elsewhere, Panel, Unread
from rxvigil.intake.fhir.plain import PlainReader
from rxvigil.intake.reading import Fact, Finder, clean

ANYTHING = ("any-drug", "any-result", "any-condition", "any-allergy", "any-vaccine")
"""What something may affect of which not even the kind is known."""


Outcome = Fact | NotUnderstood | Elsewhere | Unread


@dataclass
class Context:
    """What surrounds one patient's resources."""

    finder: Finder
    plain: PlainReader
    entries: list[Entry]
    """All resources of the patient."""
    references: References
    panels: dict[str, Panel] = field(default_factory=dict)
    """Place of an Observation -> the report or panel it is part of."""
    corrected: set[str] = field(default_factory=set)
    """Ids of results that the laboratory marked as corrected."""


Reader = Callable[[Entry, Context], Iterator[Outcome]]


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
