"""The value of an Observation or one of its components, in the words the rest of intake understands."""

from typing import NamedTuple, cast

from rxvigil.facts import Bounds, Comparator
from rxvigil.intake.fhir.elements import (
    Concept,
    Misshapen,
    Node,
    Quantity,
    child_of,
    children_of,
    concept_of,
    concepts_of,
    flag_of,
    number_of,
    quantity_of,
    text_of,
)
from rxvigil.intake.reading import Doubt, Finder
from rxvigil.knowledge.vocabulary import Analyte

_COMPARATORS = frozenset(("", "<", "<=", ">", ">="))
_ANSWERS = {
    "10828004": "positive", "260385009": "negative", "260373001": "detected", "260415000": "not detected",
    "82334004": "indeterminate", "419984006": "inconclusive", "42425007": "equivocal",
    "LA6576-8": "positive", "LA6577-6": "negative", "LA11882-0": "detected", "LA11883-8": "not detected",
    "POS": "positive", "NEG": "negative", "IND": "indeterminate", "DET": "detected", "ND": "not detected",
}  # fmt: skip
"""Codes that laboratories answer with (SNOMED CT, LOINC answers, HL7 v3 interpretation) -> the word they stand for."""


class Value(NamedTuple):
    """A value as stated: a number or words, with comparator and the ways its unit is given."""

    value: float | str | None
    comparator: Comparator = ""
    code: str = ""
    """UCUM code of the unit."""
    unit: str = ""
    """Unit as people read it."""
    concept: Concept | None = None

    @property
    def either_unit(self) -> str:
        """The unit to recognise a test by."""
        return self.code or self.unit


def value_of(node: Node) -> Value | None:
    """The value[x] of an Observation or component; none where there is none. Raises `Misshapen` for two values."""
    stated = [key for key in node if key.startswith("value") and key[5:6].isupper()]
    if not stated:
        return None
    if len(stated) > 1:
        raise Misshapen("value[x]", "is stated more than once")
    key = stated[0]
    if key == "valueQuantity":
        return _quantity_value(quantity_of(node, key))
    if key == "valueCodeableConcept":
        return Value(None, concept=concept_of(node, key))
    if key == "valueString":
        return Value(text_of(node, key))
    if key == "valueInteger":
        return Value(number_of(node, key))
    if key == "valueBoolean":
        return Value({True: "yes", False: "no", None: None}[flag_of(node, key)])
    if key == "valueRange":
        return _range_value(child_of(node, key))
    if key == "valueRatio":
        return _ratio_value(child_of(node, key))
    raise Misshapen(key, "is a form of value we do not read")


def answers_in(concept: Concept) -> list[str]:
    """Every way a coded value or interpretation puts its answer."""
    said = [concept.text, *(one.display for one in concept.codings)]
    return [*filter(None, said), *(_ANSWERS[one.code] for one in concept.codings if one.code in _ANSWERS)]


def words_of(value: Value | None) -> list[str]:
    """Every way the value puts itself in words; none for a number."""
    if value is None:
        return []
    if value.concept is not None:
        return answers_in(value.concept)
    return [value.value] if isinstance(value.value, str) else []


def codes_of(value: Value | None) -> frozenset[str]:
    """The codes of a coded value."""
    return frozenset(one.code for one in value.concept.codings) if value and value.concept else frozenset()


def unit_of(finder: Finder, analyte: Analyte, code: str, unit: str) -> str | Doubt:
    """The unit meant: the UCUM code where we know it, else the text. Two that mean different things are a doubt."""
    if code and unit and code != unit and finder.fits(analyte, code) and finder.fits(analyte, unit):
        if finder.factor(analyte, code) != finder.factor(analyte, unit):
            return Doubt(f"its unit is '{unit}' in words and '{code}' in code", (analyte.key,))
        return code
    return code if not unit or finder.fits(analyte, code) else unit


def reference_of_result(node: Node, finder: Finder, analyte: Analyte, unit: str) -> Bounds | Doubt | None:
    """The laboratory's own normal range; none where it gives none, a doubt where it gives several."""
    ranges = [one for one in children_of(node, "referenceRange") if _is_normal(one)]
    if not ranges:
        return None
    if len(ranges) > 1:
        return Doubt("its reference range cannot be used: several are given", ())
    low, high = quantity_of(ranges[0], "low"), quantity_of(ranges[0], "high")
    if low is None and high is None:
        words = text_of(ranges[0], "text")
        return finder.bounds_in_words(analyte, words, unit) if words else None
    units = [_end_unit(finder, analyte, end, unit) for end in (low, high) if end is not None]
    if any(isinstance(one, Doubt) for one in units) or len(set(units)) > 1:
        return Doubt("its reference range cannot be used: its units disagree", ())
    return finder.bounds(analyte, low and low.value, high and high.value, cast(str, units[0]))


def _end_unit(finder: Finder, analyte: Analyte, end: Quantity, unit: str) -> str | Doubt:
    return unit_of(finder, analyte, end.code, end.unit) or unit


def _is_normal(node: Node) -> bool:
    kind = concept_of(node, "type")
    return kind == Concept() or kind.has("normal")


def _quantity_value(quantity: Quantity | None) -> Value | None:
    if quantity is None or quantity == Quantity(None, "", "", ""):
        return None
    if quantity.comparator not in _COMPARATORS:
        raise Misshapen("comparator", "is none we know")
    return Value(quantity.value, cast(Comparator, quantity.comparator), quantity.code, quantity.unit)


def _range_value(node: Node) -> Value | None:
    low, high = quantity_of(node, "low"), quantity_of(node, "high")
    if low is not None and high is not None:
        raise Misshapen("valueRange", "is a range, not one value")
    if low is not None:
        return Value(low.value, ">=", low.code, low.unit)
    return Value(high.value, "<=", high.code, high.unit) if high is not None else None


def _ratio_value(node: Node) -> Value | None:
    """A ratio over one ("5 mg / 1 L") is a quantity; a titre ("1:40") is words."""
    over, under = quantity_of(node, "numerator"), quantity_of(node, "denominator")
    if over is None or under is None:
        return None
    if over.comparator not in _COMPARATORS or under.comparator:
        raise Misshapen("valueRatio", "has a comparator we cannot carry over")
    if over.value is None or under.value != 1:
        return Value(f"{over.value}:{under.value}")
    units = [quantity.code or quantity.unit for quantity in (over, under)]
    unit = "/".join(units) if units[1] not in ("", "1") else units[0]
    return Value(over.value, cast(Comparator, over.comparator), unit, "")


def interpretation_of(node: Node) -> list[str]:
    """What the laboratory says the value means, in words and by code."""
    return [said for one in concepts_of(node, "interpretation") for said in answers_in(one)]
