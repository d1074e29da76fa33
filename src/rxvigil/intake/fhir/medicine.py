"""Which medicine a prescription means: coded, in words only, contained, or in a Medication resource elsewhere."""

from typing import NamedTuple

from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.dosage import Strength, strength_in
from rxvigil.intake.fhir.elements import (
    Concept,
    Node,
    child_of,
    children_of,
    concept_of,
    quantity_of,
    text_of,
)
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import refuse_modifiers
from rxvigil.intake.reading import Coding, Doubt, NotOurs
from rxvigil.knowledge.vocabulary import Drug, Product

ANY_DRUG = ("any-drug",)
_PER_PIECE = frozenset(("", "1", "tablet", "{tbl}", "{tablet}", "tab", "{capsule}", "capsule", "cap"))


class Taken(NamedTuple):
    """One drug of a medicine, with its strength where the record gives one."""

    drug: Drug
    strength: Strength | None
    contradiction: str = ""
    """Two strengths for one product."""


class Medicine(NamedTuple):
    """What the record says is taken, and what that is in our vocabulary: one drug, or those of a combination."""

    shown: str
    meant: tuple[Taken, ...] | NotOurs | Doubt
    concept: Concept


def medicine_of(entry: Entry, context: Context) -> Medicine:
    """The medicine of a MedicationRequest, -Statement, -Dispense or -Administration."""
    resource = entry.resource
    if "medicationReference" not in resource:
        concept = concept_of(resource, "medicationCodeableConcept")
        return Medicine(concept.shown, _meant(concept, (), context), concept)
    reference = child_of(resource, "medicationReference")
    address, display = text_of(reference, "reference"), text_of(reference, "display")
    found = context.references.find(address, "Medication", entry) if address else None
    if found is None:
        return _dangling(display, context)
    refuse_modifiers(found.resource)
    return _described(found.resource, display, context)


def _described(medication: Node, display: str, context: Context) -> Medicine:
    """A Medication resource: by its code; where that is none of ours, by its ingredients."""
    named = concept_of(medication, "code")
    beside = (Coding("", "", display),) if display else ()
    asked = Concept((*named.codings, *beside), named.text)
    ingredients = children_of(medication, "ingredient")
    meant: tuple[Taken, ...] | NotOurs | Doubt = _meant(asked, tuple(ingredients), context)
    if not isinstance(meant, tuple) and ingredients:
        parts = [_meant(concept_of(one, "itemCodeableConcept"), (one,), context) for one in ingredients]
        ours = tuple(taken for part in parts if isinstance(part, tuple) for taken in part)
        doubts = [part for part in parts if isinstance(part, Doubt)]
        if isinstance(meant, NotOurs) or not (named.codings or named.text):
            meant = doubts[0] if doubts else ours or next(part for part in parts if isinstance(part, NotOurs))
    return Medicine(named.shown or display, meant, asked)


def _dangling(display: str, context: Context) -> Medicine:
    """A Medication that is not in the input; the words beside its address may still name a drug of ours."""
    concept = Concept((), display)
    meant = _meant(concept, (), context)
    if isinstance(meant, tuple):
        return Medicine(display, meant, concept)
    return Medicine(display, Doubt("it refers to a medicine that is not in the input", ANY_DRUG), concept)


def _meant(asked: Concept, ingredients: tuple[Node, ...], context: Context) -> tuple[Taken, ...] | NotOurs | Doubt:
    found = context.finder.drugs(asked.codings, asked.text)
    if not isinstance(found, tuple):
        return found
    if len(found) > 1:
        return tuple(Taken(one.entry, None) for one in found)
    strengths = {strength for strength in _strengths(found[0].product, asked, ingredients) if strength is not None}
    if len(strengths) > 1:
        return (Taken(found[0].entry, None, "its code and its words give different strengths"),)
    return (Taken(found[0].entry, next(iter(strengths), None)),)


def _strengths(product: Product | None, concept: Concept, ingredients: tuple[Node, ...]) -> list[Strength | None]:
    """The strength by the product's code, by the words of the record, and by the Medication's ingredient."""
    found = [strength_in(product.strength)] if product is not None and product.strength else []
    found += [strength_in(said) for said in (concept.text, *(coding.display for coding in concept.codings)) if said]
    if len(ingredients) == 1:
        found.append(_ingredient_strength(ingredients[0]))
    return found


def _ingredient_strength(ingredient: Node) -> Strength | None:
    ratio = child_of(ingredient, "strength")
    over, under = quantity_of(ratio, "numerator"), quantity_of(ratio, "denominator")
    if over is None or over.value is None or over.comparator or (under is not None and not under.value):
        return None
    mass = strength_in(f"{over.value} {over.code or over.unit}")
    if mass is None:
        return None
    each = under.value if under is not None and under.value else 1.0
    per = "" if under is None else (under.code or under.unit).lower()
    if per == "ml":
        return Strength(mass.mg / each, "mL")
    return Strength(mass.mg / each, "each") if per in _PER_PIECE else None
