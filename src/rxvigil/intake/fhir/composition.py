"""Composition: a document that states of a whole list that there is nothing in it."""

from collections.abc import Iterator

from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import Node, children_of, concept_of, text_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import EmptyList, Outcome, withdrawn
from rxvigil.intake.reading import ListKind

_SECTIONS: dict[str, ListKind] = {
    "10160-0": "prescriptions", "48765-2": "allergies", "11450-4": "conditions", "11369-6": "immunisations",
    "30954-2": "results",
}  # fmt: skip
"""LOINC codes of the sections of the International Patient Summary."""
NOTHING_KNOWN = "nilknown"


def read_composition(entry: Entry, context: Context) -> Iterator[Outcome]:
    """The lists that the document says are empty; a section that merely holds nothing says nothing."""
    if text_of(entry.resource, "status") == "entered-in-error":
        yield withdrawn(entry, "Composition")
        return
    for section in children_of(entry.resource, "section"):
        yield from _empty_lists(section)


def _empty_lists(section: Node) -> Iterator[Outcome]:
    if concept_of(section, "emptyReason").has(NOTHING_KNOWN):
        for coding in concept_of(section, "code").codings:
            if coding.code in _SECTIONS:
                yield EmptyList(_SECTIONS[coding.code])
