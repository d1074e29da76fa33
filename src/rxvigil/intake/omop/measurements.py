"""MEASUREMENT, and the rows of OBSERVATION that are tests: results, genotypes, and what is neither."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from rxvigil.facts import Bounds, Comparator, Result, When
from rxvigil.intake.activities import Printed, activity_group, is_activity
from rxvigil.intake.fhir.parts import Elsewhere, Outcome
from rxvigil.intake.fhir.values import unit_of
from rxvigil.intake.omop.cells import known, moment_in
from rxvigil.intake.omop.concepts import Concepts, Meaning
from rxvigil.intake.omop.rows import Cells
from rxvigil.intake.omop.states import read_state, state_meant
from rxvigil.intake.omop.tray import Where
from rxvigil.intake.reading import Doubt, Finder, Found, Measured, NotOurs, clean, named_method, written_value
from rxvigil.intake.tables.genotypes import genotype_said
from rxvigil.knowledge.vocabulary import Analyte

_OPERATORS: Final[dict[str, Comparator]] = {
    "": "", "0": "", "4172703": "", "4171756": "<", "4171754": "<=", "4172704": ">", "4171755": ">=",
}  # fmt: skip
"""`operator_concept_id`: none, =, <, <=, >, >=. The same five stand in the MIMIC-IV and i2b2 conversions of OHDSI's
community and in Circe cohort definitions (4171756 named "<")."""


class Said(NamedTuple):
    """What a row says, whichever table it stands in."""

    meaning: Meaning
    when: When | Doubt
    number: str = ""
    operator: str = ""
    words: tuple[str, ...] = ()
    """Every way the answer is put in words, without those that are empty."""
    unnamed: bool = False
    """The answer is a concept that CONCEPT does not name."""
    unit_code: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""


class Measurements:
    """Reads rows of MEASUREMENT."""

    def __init__(self, concepts: Concepts, finder: Finder) -> None:
        self._concepts = concepts
        self._tests = Tests(finder)

    def read(self, row: Cells, where: Where) -> Iterator[Outcome]:
        """The result, or why there is none."""
        (_, concept, day, moment, operator, number, answer, unit, low, high, source, own, unit_source, written) = row
        meaning = self._concepts.meaning(concept, own, source)
        named = self._concepts.name(answer)
        said = Said(
            meaning=meaning,
            when=moment_in(day, moment),
            number=number,
            operator=operator,
            words=tuple(dict.fromkeys(filter(None, (named, written)))),
            unnamed=answer not in ("", "0") and not named,
            unit_code=self._concepts.unit(unit),
            unit=unit_source,
            low=low,
            high=high,
        )
        found = self._tests.read(said, where)
        if found is None:
            yield self._tests.other(meaning, "result")
        else:
            yield from found


class Tests:
    """Makes results and genotypes of what rows say."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def read(self, said: Said, where: Where) -> Iterator[Outcome] | None:
        """What comes of a test of ours; none where it is no test of ours."""
        meaning, finder = said.meaning, self._finder
        match = finder.analyte(meaning.codings, meaning.text, said.unit_code or said.unit or None)
        if isinstance(match, Found):
            return self._results(match.entry, said, where)
        gene = finder.concept("gene", meaning.codings, meaning.text)
        if isinstance(gene, Found):
            when = known(said.when)
            words = list(said.words)
            return iter((genotype_said(gene.entry, words, finder.vocabulary, where.place, where.origin(), when),))
        if (state := state_meant(meaning, finder)) is not None:
            return read_state(state, said.words, said.when, where)
        if isinstance(match, Doubt):
            return iter((match.listed(meaning.shown or "a test", where.origin(), known(said.when)),))
        return None

    def other(self, meaning: Meaning, kind: str) -> Outcome:
        """A test that is none of ours."""
        found = self._finder.analyte(meaning.codings, meaning.text, None)
        return Elsewhere(kind, found if isinstance(found, NotOurs) else NotOurs("", "", meaning.shown))

    def _results(self, analyte: Analyte, said: Said, where: Where) -> Iterator[Outcome]:
        measured, unit = self._measured(analyte, said)
        doubt = said.when if isinstance(said.when, Doubt) else measured
        if isinstance(doubt, Doubt) or isinstance(measured, Doubt) or isinstance(said.when, Doubt):
            why = doubt.why if isinstance(doubt, Doubt) else ""
            yield where.listed(analyte.name, why, (analyte.key,), known(said.when))
            return
        reference = self._reference(analyte, measured, unit, said)
        if isinstance(reference, Doubt):
            yield where.listed(f"{analyte.name}, reference range", reference.why, (), said.when)
            reference = None
        yield Result(
            id=where.place,
            analyte=analyte.key,
            when=said.when,
            origin=where.origin(),
            value=measured.value,
            comparator=measured.comparator,
            category=measured.category,
            reference=reference,
            written=measured.written,
            assay=named_method(analyte, said.meaning.shown) or None,
        )

    def _measured(self, analyte: Analyte, said: Said) -> tuple[Measured | Doubt, str]:
        """The value, and the unit it was read in."""
        comparator = _comparator(said)
        if isinstance(comparator, Doubt):
            return comparator, ""
        number = _number(said.number)
        if number is None and not said.number:
            return self._in_words(analyte, said, comparator)
        if number is None:
            return Doubt("its number is not a number", ()), ""
        if is_activity(self._finder, analyte):
            return self._activity(analyte, number, comparator, said), ""
        unit = unit_of(self._finder, analyte, said.unit_code, said.unit)
        if isinstance(unit, Doubt):
            return unit, ""
        measured = self._finder.measured(analyte, number, unit or None, comparator)
        if isinstance(measured, Doubt) and analyte.categories and said.words:
            answer = self._category(analyte, said.words)
            measured = answer if isinstance(answer, Measured) else measured
        return measured, unit

    def _in_words(self, analyte: Analyte, said: Said, comparator: Comparator) -> tuple[Measured | Doubt, str]:
        if not said.words:
            why = "its answer is a concept that the CONCEPT table does not name" if said.unnamed else "it has no value"
            return Doubt(why, ()), ""
        answer = self._category(analyte, said.words)
        if answer is not None:
            return answer, ""
        unit = unit_of(self._finder, analyte, said.unit_code, said.unit)
        if isinstance(unit, Doubt):
            return unit, ""
        text = said.words[-1]
        shape = written_value(text)
        stated = "" if shape is not None and shape.comparator else comparator
        return self._finder.measured(analyte, text, unit or None, stated), unit

    def _category(self, analyte: Analyte, words: tuple[str, ...]) -> Measured | Doubt | None:
        """The one category that the words mean; none where they mean none."""
        found = {category: word for word in words if (category := self._finder.category(analyte, word))}
        if len(found) > 1:
            return Doubt("its concept and its source value give different answers", ())
        return next((Measured(None, "", category, clean(word)) for category, word in found.items()), None)

    def _activity(self, analyte: Analyte, number: float, comparator: Comparator, said: Said) -> Measured | Doubt:
        printed = Printed(low=_number(said.low), high=_number(said.high))
        return activity_group(self._finder, analyte, number, comparator, said.unit or said.unit_code, printed)

    def _reference(self, analyte: Analyte, measured: Measured, unit: str, said: Said) -> Bounds | Doubt | None:
        if measured.value is None or not (said.low or said.high):
            return None
        ends = [_number(end) if end else None for end in (said.low, said.high)]
        if any(end is None and text for end, text in zip(ends, (said.low, said.high), strict=True)):
            return Doubt("a limit of its reference range is not a number", ())
        return self._finder.bounds(analyte, ends[0], ends[1], unit or None)


def _comparator(said: Said) -> Comparator | Doubt:
    """By the operator; one that only the source value holds (<5, with an operator of none) is not lost."""
    stated = _OPERATORS.get(said.operator)
    if stated is None:
        return Doubt("its operator is none we know", ())
    shape = written_value(said.words[-1]) if said.words else None
    if shape is None or not shape.comparator or shape.comparator == stated:
        return stated
    if stated:
        return Doubt("its operator and its source value say different things", ())
    return shape.comparator


def _number(text: str) -> float | None:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return None
