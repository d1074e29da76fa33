"""The short way for the shape that nearly all measurements have: one released number with a unit.

It answers exactly what `observation` answers, or not at all (a test compares the two on every input it can think of);
what a code, a unit or a reference range means is looked up once and remembered.
"""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from msgspec.structs import replace

from rxvigil.facts import Bounds, Origin, Result, on_day
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import Concept, Misshapen, Node, concept_of, parsed_when
from rxvigil.intake.fhir.entries import Entry, References
from rxvigil.intake.fhir.genotype import gene_studied, genes_in_words
from rxvigil.intake.fhir.glimpse import HARMLESS
from rxvigil.intake.fhir.parts import Elsewhere, Panel
from rxvigil.intake.fhir.report import read_panel
from rxvigil.intake.fhir.states import state_named
from rxvigil.intake.fhir.values import Value, reference_of_result, unit_of, value_of
from rxvigil.intake.reading import Doubt, Finder, Found, Memory, NotOurs, named_method
from rxvigil.intake.words import LONGEST_TEXT
from rxvigil.knowledge.lookup import tidy
from rxvigil.knowledge.vocabulary import Analyte

_NUMBERS = (int, float)
_EXACT = 10
"""Characters of a number that certainly fit into the digits we keep."""


_ENDS = ("low", "high")
NEVER = on_day(date(2000, 1, 1))
NOWHERE = Origin("", "")
"""Where a result stands of which only what it says is known."""


class Meaning(NamedTuple):
    """What a code means together with a unit and a reference range."""

    analyte: str
    unit: str
    factor: Decimal
    low: float
    high: float
    """Plausible limits."""
    reference: Bounds | None


class PlainReader:
    """Reads plain results with one finder."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder
        self._meanings = Memory[Meaning | Elsewhere | None]()
        self._by_question = Memory[Meaning | Result | Elsewhere | None]()

    def outcome(self, entry: Entry, panels: dict[str, Panel]) -> Result | Elsewhere | None:
        """The result, or that the code is none of ours; none where the Observation is not plain."""
        resource = entry.resource
        if not resource.keys() <= HARMLESS or resource.get("status") != "final":
            return None
        quantity, taken = resource.get("valueQuantity"), resource.get("effectiveDateTime")
        if type(quantity) is not dict or type(taken) is not str or "comparator" in quantity:
            return None
        value: Any = quantity.get("value")
        when = parsed_when(taken)
        if type(value) not in _NUMBERS or when is None:
            return None
        question = _question(resource.get("code"), quantity, resource.get("referenceRange"))
        meaning = self._meaning(question, resource)
        if not isinstance(meaning, Meaning):
            return None if "extension" in resource else meaning
        measured = _in_canonical(value, meaning)
        if measured is None:
            return None
        number, written = measured
        place = entry.place
        panel = panels.get(place)
        return Result(
            id=place,
            analyte=meaning.analyte,
            when=when,
            origin=Origin(entry.source, place, entry.line),
            value=number,
            reference=meaning.reference,
            written=written,
            panel=panel.place if panel is not None else None,
        )

    def said_by(self, question: bytes, value: float) -> Result | Elsewhere | None:
        """What a glimpse says, as a result that does not say which one it is, when it was and where it stood; none
        where that is for the careful way to say."""
        try:
            meaning = self._by_question[question]
        except KeyError:
            meaning = self._by_question.keep(question, self._meant_by(msgspec.json.decode(question)))
        if not isinstance(meaning, Meaning):
            return meaning
        measured = _in_canonical(value, meaning)
        if measured is None:
            return None
        number, written = measured
        return Result(
            id="",
            analyte=meaning.analyte,
            when=NEVER,
            origin=NOWHERE,
            value=number,
            reference=meaning.reference,
            written=written,
        )

    def _meant_by(self, resource: Node) -> Meaning | Result | Elsewhere | None:
        if "valueQuantity" not in resource:
            return self._answered(resource)
        asked = _question(resource["code"], resource["valueQuantity"], resource.get("referenceRange"))
        return self._meaning(asked, resource)

    def _answered(self, resource: Node) -> Result | Elsewhere | None:
        """An answer in words is read in the careful way, once for all that are the same."""
        entry = Entry(
            {**resource, "status": "final", "effectiveDateTime": NEVER.iso}, "Observation", "", "Observation/1"
        )
        try:
            outcomes = list(read_panel(entry, Context(self.finder, [entry], References([entry]))))
        except Misshapen:
            return None
        if len(outcomes) != 1 or not isinstance(outcomes[0], (Result, Elsewhere)):
            return None
        said = outcomes[0]
        return said if isinstance(said, Elsewhere) else replace(said, id="", when=NEVER, origin=NOWHERE)

    def _meaning(self, question: tuple[Any, ...] | None, resource: Node) -> Meaning | Elsewhere | None:
        if question is None:
            return None
        try:
            return self._meanings[question]
        except KeyError:
            return self._meanings.keep(question, self._look_up(resource))
        except TypeError:
            return None

    def _look_up(self, resource: Node) -> Meaning | Elsewhere | None:
        """By the careful way, once; none where that is for it to say."""
        try:
            code, value = concept_of(resource, "code"), value_of(resource)
            if value is None:
                return None
            found = self.finder.analyte(code.codings, code.text, value.either_unit)
            if isinstance(found, NotOurs):
                return None if self._is_of_another_kind(code, value) else Elsewhere("result", found)
            if not isinstance(found, Found) or named_method(found.entry, " ".join((code.text, *_displays(code)))):
                return None
            return self._measured_by(resource, value, found.entry)
        except Misshapen:
            return None

    def _is_of_another_kind(self, code: Concept, value: Value) -> bool:
        """Whether it may say something of a gene or a state, which is no result."""
        of_a_gene = gene_studied(code, {}, self.finder) or genes_in_words(code, value, self.finder)
        return bool(of_a_gene or state_named(code, self.finder))

    def _measured_by(self, resource: Node, value: Value, analyte: Analyte) -> Meaning | None:
        unit = unit_of(self.finder, analyte, value.code, value.unit)
        factor = self.finder.factor(analyte, unit) if isinstance(unit, str) and unit else None
        if not isinstance(unit, str) or factor is None:
            return None
        reference = reference_of_result(resource, self.finder, analyte, unit)
        if isinstance(reference, Doubt):
            return None
        low, high = analyte.plausible or (float("-inf"), float("inf"))
        return Meaning(analyte.key, unit, factor, low, high, reference)


def _displays(code: Concept) -> list[str]:
    return [one.display for one in code.codings]


def _in_canonical(value: float, meaning: Meaning) -> tuple[float, str] | None:
    """A number in the canonical unit, and as it is written; none where that is for the careful way to say."""
    figure = str(value)
    number = float(figure) if len(figure) <= _EXACT and meaning.factor == 1 else tidy(Decimal(figure) * meaning.factor)
    written = f"{figure} {meaning.unit}"
    if not meaning.low <= number <= meaning.high or not written.isprintable() or len(written) > LONGEST_TEXT:
        return None
    return number, written


_READERS: WeakKeyDictionary[Finder, PlainReader] = WeakKeyDictionary()


def plain_reader_for(finder: Finder) -> PlainReader:
    """The reader of a finder, the same one each time."""
    reader = _READERS.get(finder)
    if reader is None:
        reader = _READERS[finder] = PlainReader(finder)
    return reader


def _question(code: Any, quantity: Node, ranges: Any) -> tuple[Any, ...] | None:
    """Everything that the meaning depends on; none where the shape is not the usual one. What is no text where text
    belongs has no meaning, so that it does no harm here that 1 and true are equal."""
    codings = code.get("coding") if type(code) is dict else None
    if type(codings) is not list:
        return None
    parts = [quantity.get("unit"), quantity.get("code"), quantity.get("system"), code.get("text")]
    for coding in codings:
        if type(coding) is not dict:
            return None
        parts += coding
        parts += coding.values()
    if ranges is None:
        return tuple(parts)
    if type(ranges) is not list or len(ranges) != 1 or type(ranges[0]) is not dict:
        return None
    for end, limit in ranges[0].items():
        if end not in _ENDS or type(limit) is not dict or type(limit.get("value")) not in _NUMBERS:
            return None
        parts.append(end)
        parts += limit
        parts += limit.values()
    return tuple(parts)
