"""A measured enzyme activity in an Observation: the number, and what its laboratory printed beside it.

A bare flag (L) says that the value lies below the reference interval, and not whether that is a carrier's activity or a
deficiency.
"""

from typing import Final

from rxvigil.intake.activities import Printed, activity_group, is_activity
from rxvigil.intake.fhir.elements import Node, Quantity, children_of, concept_of, concepts_of, quantity_of, text_of
from rxvigil.intake.fhir.values import Value, answers_in
from rxvigil.intake.reading import Doubt, Finder, Measured
from rxvigil.knowledge.vocabulary import Analyte

_FLAGS: Final = ("L", "LL", "LU", "H", "HH", "HU", "A", "AA")
"""HL7 interpretation codes that say on which side of the interval a value lies, and no more."""


def measured_activity(finder: Finder, analyte: Analyte, value: Value, node: Node) -> Measured | Doubt | None:
    """The group of an activity given as a number; none where the test is no activity or gives no number."""
    if isinstance(value.value, str) or value.value is None or not is_activity(finder, analyte):
        return None
    unit = value.unit or value.code
    ranges = children_of(node, "referenceRange")
    low, high = _interval(ranges, unit)
    printed = Printed(_printed(ranges), low, high, _stated(finder, analyte, node))
    return activity_group(finder, analyte, value.value, value.comparator, unit, printed)


def _stated(finder: Finder, analyte: Analyte, node: Node) -> frozenset[str]:
    """The groups that the laboratory's interpretation names in words; flags say nothing."""
    words = [said for one in concepts_of(node, "interpretation") if not one.has(*_FLAGS) for said in answers_in(one)]
    return frozenset(group for said in words if (group := finder.category(analyte, said)))


def _printed(ranges: list[Node]) -> str:
    """The ranges as a laboratory prints them: 'deficient <10; intermediate 10-25; normal 26-50'. Empty where they have
    no names."""
    return "; ".join(text for one in ranges if (text := _named(one)))


def _named(one: Node) -> str:
    label = concept_of(one, "type").shown
    text = text_of(one, "text")
    low, high = quantity_of(one, "low"), quantity_of(one, "high")
    if low is None and high is None:
        return text if any(letter.isalpha() for letter in text) and any(letter.isdigit() for letter in text) else ""
    name = text or label
    return f"{name} {_ends(low, high)}" if name.isascii() and name.replace(" ", "").isalpha() else ""


def _ends(low: Quantity | None, high: Quantity | None) -> str:
    """Numbers with the unit they are given in: one that is not the value's is refused."""
    ends = [end for end in (low, high) if end is not None and end.value is not None]
    unit = next((end.unit or end.code for end in ends if end.unit or end.code), "")
    if len(ends) == 2:
        return f"{ends[0].value:g}-{ends[1].value:g} {unit}".strip()
    sign = ">=" if ends and ends[0] is low else "<="
    return f"{sign}{ends[0].value:g} {unit}".strip() if ends else ""


def _interval(ranges: list[Node], unit: str) -> tuple[float | None, float | None]:
    """The ends of the one reference interval in the unit of the value; none where there are several."""
    if len(ranges) != 1:
        return None, None
    ends = [quantity_of(ranges[0], "low"), quantity_of(ranges[0], "high")]
    if any(end is not None and (end.unit or end.code) not in ("", unit) for end in ends):
        return None, None
    low, high = (end.value if end else None for end in ends)
    return low, high
