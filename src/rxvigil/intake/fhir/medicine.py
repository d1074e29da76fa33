"""Which medicine a prescription means: coded, in words only, contained, or in a Medication resource elsewhere."""

from typing import NamedTuple

from rxvigil.intake.fhir.context import Context, refuse_modifiers
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
from rxvigil.intake.reading import Coding, Doubt, Found, NotOurs
from rxvigil.knowledge.vocabulary import Drug, Product

ANY_DRUG = ("any-drug",)
_PER_PIECE = frozenset(("", "1", "tablet", "{tbl}", "{tablet}", "tab", "{capsule}", "capsule", "cap"))


class Medicine(NamedTuple):
    """What the record says is taken, and what that is in our vocabulary."""

    concept: Concept
    meant: Found[Drug] | NotOurs | Doubt
    strength: Strength | None = None
    contradiction: str = ""
    """Two strengths for one product."""


def medicine_of(entry: Entry, context: Context) -> Medicine:
    """The medicine of a MedicationRequest, -Statement, -Dispense or -Administration."""
    resource = entry.resource
    concept = concept_of(resource, "medicationCodeableConcept")
    if "medicationReference" not in resource:
        return _meant(concept, concept, (), context)
    reference = child_of(resource, "medicationReference")
    address, display = text_of(reference, "reference"), text_of(reference, "display")
    found = context.references.find(address, "Medication", entry) if address else None
    if found is None:
        return _dangling(display, context)
    refuse_modifiers(found.resource)
    named = concept_of(found.resource, "code")
    beside = (Coding("", "", display),) if display else ()
    if not named.codings and not named.text:
        named = _only_ingredient(found.resource)
    asked = Concept((*named.codings, *beside), named.text)
    return _meant(named, asked, tuple(children_of(found.resource, "ingredient")), context)


def _dangling(display: str, context: Context) -> Medicine:
    """A Medication that is not in the input; the words beside its address may still name a drug of ours."""
    concept = Concept((), display)
    meant = context.finder.drug((), display)
    if isinstance(meant, Found):
        return _meant(concept, concept, (), context)
    return Medicine(concept, Doubt("it refers to a medicine that is not in the input", ANY_DRUG))


def _only_ingredient(medication: Node) -> Concept:
    """Some systems name only the ingredients; one of them names the medicine, several are told apart by nobody."""
    ingredients = children_of(medication, "ingredient")
    codings = [coding for one in ingredients for coding in concept_of(one, "itemCodeableConcept").codings]
    texts = [text for one in ingredients if (text := concept_of(one, "itemCodeableConcept").text)]
    return Concept(tuple(codings), " / ".join(texts))


def _meant(shown: Concept, asked: Concept, ingredients: tuple[Node, ...], context: Context) -> Medicine:
    meant = context.finder.drug(asked.codings, asked.text)
    if not isinstance(meant, Found):
        return Medicine(shown, meant)
    strengths = {strength for strength in _strengths(meant.product, asked, ingredients) if strength is not None}
    if len(strengths) > 1:
        return Medicine(shown, meant, None, "its code and its words give different strengths")
    return Medicine(shown, meant, next(iter(strengths), None))


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
