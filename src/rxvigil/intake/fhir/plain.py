"""The short way for the shape that nearly all measurements have: one released number with a unit.

It answers exactly what `observation` answers, or not at all (a test compares the two on every input it can think of);
what a code, a unit or a reference range means is looked up once and remembered.
"""

from decimal import Decimal
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from rxvigil.facts import Bounds, Origin, Result
from rxvigil.intake.fhir.elements import Misshapen, Node, concept_of, parsed_when
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.genotype import gene_studied
from rxvigil.intake.fhir.parts import Elsewhere, Panel
from rxvigil.intake.fhir.states import state_named
from rxvigil.intake.fhir.values import reference_of_result, unit_of, value_of
from rxvigil.intake.reading import Finder, Found, Memory, NotOurs
from rxvigil.intake.words import LONGEST_TEXT
from rxvigil.knowledge.lookup import tidy
from rxvigil.knowledge.vocabulary import Analyte

_HARMLESS = frozenset(
    (
        "resourceType", "id", "meta", "text", "language", "extension", "identifier", "basedOn", "partOf", "status",
        "category", "code", "subject", "encounter", "effectiveDateTime", "issued", "performer", "valueQuantity",
        "referenceRange", "interpretation", "note", "device",
    )
)  # fmt: skip
"""Elements beside which a result means what its number says."""
_NUMBERS = (int, float)
_EXACT = 10
"""Characters of a number that certainly fit into the digits we keep."""


_TEXTS = {str, type(None)}


class Meaning(NamedTuple):
    """What a code means together with a unit."""

    analyte: Analyte
    unit: str
    factor: Decimal
    low: float
    high: float
    """Plausible limits."""


class PlainReader:
    """Reads plain results with one finder."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._meanings = Memory[Meaning | Elsewhere | None]()
        self._ranges = Memory[Bounds | None]()

    def outcome(self, entry: Entry, panels: dict[str, Panel]) -> Result | Elsewhere | None:
        """The result, or that the code is none of ours; none where the Observation is not plain."""
        resource = entry.resource
        if not resource.keys() <= _HARMLESS or resource.get("status") != "final":
            return None
        quantity, taken = resource.get("valueQuantity"), resource.get("effectiveDateTime")
        if type(quantity) is not dict or type(taken) is not str or "comparator" in quantity:
            return None
        value = quantity.get("value")
        if type(value) not in _NUMBERS:
            return None
        meaning, when = self._meaning(resource, quantity), parsed_when(taken)
        if meaning is None or when is None:
            return None
        if isinstance(meaning, Elsewhere):
            return None if "extension" in resource else meaning
        ranges = resource.get("referenceRange")
        reference = self._reference(resource, ranges, meaning) if ranges is not None else None
        if ranges is not None and reference is None:
            return None
        figure = str(value)
        short = meaning.factor == 1 and len(figure) <= _EXACT
        number = float(figure) if short else tidy(Decimal(figure) * meaning.factor)
        written = f"{figure} {meaning.unit}"
        if not meaning.low <= number <= meaning.high or not written.isprintable() or len(written) > LONGEST_TEXT:
            return None
        panel = panels.get(entry.place)
        return Result(
            id=entry.place,
            analyte=meaning.analyte.key,
            when=when,
            origin=Origin(entry.source, entry.place, entry.line),
            value=number,
            reference=reference,
            written=written,
            panel=panel.place if panel is not None else None,
        )

    def _meaning(self, resource: Node, quantity: Node) -> Meaning | Elsewhere | None:
        question = _question(resource.get("code"), quantity)
        if question is None:
            return None
        if question not in self._meanings:
            return self._meanings.keep(question, self._look_up(resource))
        return self._meanings[question]

    def _look_up(self, resource: Node) -> Meaning | Elsewhere | None:
        try:
            code, value = concept_of(resource, "code"), value_of(resource)
        except Misshapen:
            return None
        if value is None:
            return None
        found = self._finder.analyte(code.codings, code.text, value.either_unit)
        if isinstance(found, NotOurs):
            other = gene_studied(code, {}, self._finder) or state_named(code, self._finder)
            return None if other else Elsewhere("result", found)
        if not isinstance(found, Found):
            return None
        unit = unit_of(self._finder, found.entry, value.code, value.unit)
        factor = self._finder.factor(found.entry, unit) if isinstance(unit, str) and unit else None
        if not isinstance(unit, str) or factor is None:
            return None
        low, high = found.entry.plausible or (float("-inf"), float("inf"))
        return Meaning(found.entry, unit, factor, low, high)

    def _reference(self, resource: Node, ranges: Any, meaning: Meaning) -> Bounds | None:
        if type(ranges) is not list or len(ranges) != 1 or type(ranges[0]) is not dict:
            return None
        ends = _ends(ranges[0])
        if ends is None:
            return None
        question = (meaning.analyte.key, meaning.unit, *ends)
        try:
            if question in self._ranges:
                return self._ranges[question]
        except TypeError:
            return None
        try:
            found = reference_of_result(resource, self._finder, meaning.analyte, meaning.unit)
        except Misshapen:
            return None
        return self._ranges.keep(question, found if isinstance(found, Bounds) else None)


_READERS: WeakKeyDictionary[Finder, PlainReader] = WeakKeyDictionary()


def plain_reader_for(finder: Finder) -> PlainReader:
    """The reader of a finder, the same one each time."""
    reader = _READERS.get(finder)
    if reader is None:
        reader = _READERS[finder] = PlainReader(finder)
    return reader


def _question(code: Any, quantity: Node) -> tuple[str | None, ...] | None:
    """Everything in words that the meaning depends on; none where the shape is not the usual one."""
    if type(code) is not dict:
        return None
    codings = code.get("coding")
    if type(codings) is not list:
        return None
    parts = [quantity.get("unit"), quantity.get("code"), quantity.get("system"), code.get("text")]
    for coding in codings:
        if type(coding) is not dict:
            return None
        parts += (coding.get("system"), coding.get("code"), coding.get("display"))
    return tuple(parts) if set(map(type, parts)) <= _TEXTS else None


def _ends(limits: Node) -> tuple[object, ...] | None:
    """Low and high end as a question; none where there is more to the range than numbers with units."""
    low, high = limits.get("low"), limits.get("high")
    count = 0
    for end in (low, high):
        if end is not None:
            count += 1
            if type(end) is not dict or type(end.get("value")) not in _NUMBERS:
                return None
    if count != len(limits):
        return None
    return (*(low or ()), *(low or {}).values(), "to", *(high or ()), *(high or {}).values())
