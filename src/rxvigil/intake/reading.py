"""What every intake needs: from codes and names to our vocabulary, and from a written value to a result.

Nothing here knows a file format. An intake asks `finder_for(vocabulary)` for a `Finder`, names things with it
(`analyte`, `drug`, `concept`), turns values into results with `Finder.result`, puts every outcome into a
`Gathering` and asks that for the record. Every question has three answers: `Found`; `NotOurs` (read, and nothing the
rules speak of: counted with `Gathering.outside`); or a `Doubt` (listed, with what it might have changed:
`Gathering.add(doubt.listed(what, origin, when))`).
"""

from collections.abc import Hashable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from rxvigil.facts import Bounds, Comparator, NotUnderstood, Origin, Result, When
from rxvigil.intake.gathering import Fact, Gathering, ListKind
from rxvigil.intake.matching import Matcher, is_standard, short_system
from rxvigil.intake.outcomes import Coding, Doubt, Found, Measured, NotOurs
from rxvigil.intake.words import clean, written_range, written_value
from rxvigil.knowledge.lookup import ConceptKind, Vocabulary, normal, tidy
from rxvigil.knowledge.vocabulary import Analyte, ConceptEntry, Drug

__all__ = [
    "Coding",
    "Doubt",
    "Fact",
    "Finder",
    "Found",
    "Gathering",
    "ListKind",
    "Measured",
    "Memory",
    "NotOurs",
    "clean",
    "finder_for",
    "is_standard",
    "short_system",
    "written_range",
    "written_value",
]

Answer = TypeVar("Answer")

_MOST_REMEMBERED = 20_000


class Memory(dict[Hashable, Answer], Generic[Answer]):
    """Answers already given; a hostile input cannot make it grow without end."""

    def keep(self, question: Hashable, answer: Answer) -> Answer:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[question] = answer
        return answer


def named_method(analyte: Analyte, text: str) -> str:
    """The method of this analyte that a name or heading contains, by its own name; empty where none."""
    plain = normal(text)
    return next((names[0] for names in analyte.methods.values() if any(normal(one) in plain for one in names)), "")


class Finder:
    """Answers what a code, a name or a value of a record means in our vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._matcher = Matcher(vocabulary)
        self._analytes = Memory[Found[Analyte] | NotOurs | Doubt]()
        self._drugs = Memory[tuple[Found[Drug], ...] | NotOurs | Doubt]()
        self._concepts = Memory[Found[ConceptEntry] | NotOurs | Doubt]()
        self._factors = Memory[Decimal | None]()

    def analyte(
        self, codings: Sequence[Coding], text: str = "", unit: str | None = None, specimen: str = ""
    ) -> Found[Analyte] | NotOurs | Doubt:
        """The analyte that codes and name mean. The unit decides between two that share a name (neutrophils as a
        count and as a percentage). A code of a standard system that we do not know, under a name of ours, is a
        doubt: the same name may stand for another specimen. Without such a code, a whole name is enough.
        `specimen` is the specimen in words, where stated."""
        question = (tuple(codings), text, unit, specimen)
        known = self._analytes.get(question)
        return known or self._analytes.keep(question, self._matcher.analyte(codings, text, unit, specimen))

    def drug(
        self, codings: Sequence[Coding], text: str = "", *, allergy: bool = False
    ) -> Found[Drug] | NotOurs | Doubt:
        """The drug meant. A code of ours whose name says another drug of ours is a doubt that affects both. Without
        a code of ours, a name standing as whole words ("Azathioprine 50 mg tablets") is enough. `allergy`: asked of an
        allergy, where "Allergy to azathioprine" is no contradiction."""
        found = self.drugs(codings, text, allergy=allergy)
        if not isinstance(found, tuple):
            return found
        if len(found) == 1:
            return found[0]
        return Doubt("it names more than one medicine", tuple(sorted(one.entry.key for one in found)))

    def drugs(
        self, codings: Sequence[Coding], text: str = "", *, allergy: bool = False
    ) -> tuple[Found[Drug], ...] | NotOurs | Doubt:
        """As `drug`; a product with a standard code whose words list several drugs of ours as its parts is all of
        them."""
        question = (tuple(codings), text, allergy)
        known = self._drugs.get(question)
        return known or self._drugs.keep(question, self._matcher.drugs(codings, text, allergy))

    def concept(
        self, kind: ConceptKind, codings: Sequence[Coding], text: str = ""
    ) -> Found[ConceptEntry] | NotOurs | Doubt:
        """The condition, vaccine, symptom, gene or event meant, by code or whole name; of two where one is a kind
        of the other, the narrower."""
        question = (kind, tuple(codings), text)
        return self._concepts.get(question) or self._concepts.keep(question, self._matcher.concept(kind, codings, text))

    def measured(
        self, analyte: Analyte, value: float | str | None, unit: str | None, comparator: Comparator = ""
    ) -> Measured | Doubt:
        """A value as the record gives it (1.4, "<5", "5.2 H", "Positive") in the canonical unit, or as a category."""
        if value is None:
            return Doubt("it has no value", (analyte.key,))
        if isinstance(value, str):
            return self._measured_text(analyte, value, unit, comparator)
        written = f"{comparator}{value} {unit or ''}".rstrip()
        return self._number(analyte, value, unit, comparator, written)

    def bounds(
        self, analyte: Analyte, low: float | str | None, high: float | str | None, unit: str | None
    ) -> Bounds | Doubt:
        """A reference range in the canonical unit. A doubt makes the range unknown, not the result."""
        ends: list[float | None] = []
        for end in (low, high):
            number = None if end is None else self._canonical(analyte, end, unit)
            if isinstance(number, Doubt):
                return Doubt(f"its reference range cannot be used: {number.why}", ())
            ends.append(number)
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            return Doubt("its reference range cannot be used: it runs backwards", ())
        return Bounds(*ends)

    def bounds_in_words(self, analyte: Analyte, text: str, unit: str | None) -> Bounds | Doubt:
        """A reference range written as text ("2.0-7.5", "<40 U/L"); `unit` holds where the text gives none."""
        shape = written_range(text)
        if shape is None:
            return Doubt("its reference range cannot be used: it is in words", ())
        return self.bounds(analyte, shape.low, shape.high, shape.unit or unit)

    def result(
        self,
        analyte: Analyte,
        *,
        id: str,
        when: When,
        origin: Origin,
        value: float | str | None,
        unit: str | None,
        comparator: Comparator = "",
        reference: Bounds | None = None,
        preliminary: bool = False,
        panel: str | None = None,
        assay: str | None = None,
    ) -> Result | NotUnderstood:
        """A result of this analyte, or the not-understood entry that says why its value cannot be used."""
        found = self.measured(analyte, value, unit, comparator)
        if isinstance(found, Doubt):
            return found.listed(analyte.name, origin, when)
        return Result(
            id=id,
            analyte=analyte.key,
            when=when,
            origin=origin,
            value=found.value,
            comparator=found.comparator,
            category=found.category,
            reference=reference,
            written=found.written,
            preliminary=preliminary,
            panel=panel,
            assay=assay,
        )

    def fits(self, analyte: Analyte, unit: str) -> bool:
        """Whether the unit is one of this analyte's."""
        return bool(unit) and self.factor(analyte, unit) is not None

    def category(self, analyte: Analyte, text: str) -> str | None:
        """The category of a qualitative test that these words mean ("not detected" -> negative), or none."""
        plain = normal(text)
        for category, words in analyte.categories.items():
            if plain == normal(category) or any(plain == normal(word) for word in words):
                return category
        return None

    def _measured_text(self, analyte: Analyte, text: str, unit: str | None, comparator: Comparator) -> Measured | Doubt:
        written = clean(f"{comparator}{text} {unit or ''}".strip())
        category = self.category(analyte, text)
        if category is not None and not comparator:
            return Measured(None, "", category, written)
        shape = written_value(text)
        if shape is None or (comparator and shape.comparator):
            return Doubt("its value is neither a number nor words we know", (analyte.key,))
        if unit and shape.unit and self.factor(analyte, unit) != self.factor(analyte, shape.unit):
            return Doubt("its value and its unit field give different units", (analyte.key,))
        return self._number(analyte, shape.number, unit or shape.unit, comparator or shape.comparator, written)

    def _number(
        self, analyte: Analyte, value: float | str, unit: str | None, comparator: Comparator, written: str
    ) -> Measured | Doubt:
        number = self._canonical(analyte, value, unit)
        if isinstance(number, Doubt):
            return number
        if not self.vocabulary.plausible(analyte.key, number):
            return Doubt(f"the value {clean(written, 60)} is not believable", (analyte.key,))
        return Measured(number, comparator, None, clean(written))

    def _canonical(self, analyte: Analyte, value: float | str, unit: str | None) -> float | Doubt:
        """Never guesses a unit."""
        if isinstance(value, bool):
            return Doubt("its value is not a number", (analyte.key,))
        factor = self.factor(analyte, unit or "")
        if factor is None:
            return Doubt(self._unit_problem(analyte, unit), (analyte.key,))
        try:
            exact = Decimal(str(value)) * factor
        except InvalidOperation:
            return Doubt("its value is not a number", (analyte.key,))
        return tidy(exact) if exact.is_finite() else Doubt("its value is not a finite number", (analyte.key,))

    def _unit_problem(self, analyte: Analyte, unit: str | None) -> str:
        if analyte.dimension is None:
            return "it has a number where words such as 'negative' are expected"
        if not unit or not unit.strip():
            return "it has no unit"
        return f"the unit '{clean(unit, 40)}' is not one we know for {analyte.name}"

    def factor(self, analyte: Analyte, unit: str) -> Decimal | None:
        """How many canonical units one `unit` of the analyte is; none where that is not known. A plain ratio such as
        the INR needs no unit."""
        question = (analyte.key, unit)
        if question not in self._factors:
            self._factors.keep(question, self._look_up_factor(analyte, unit))
        return self._factors[question]

    def _look_up_factor(self, analyte: Analyte, unit: str) -> Decimal | None:
        if unit.strip():
            return self.vocabulary.factor(analyte.key, unit)
        dimension = self.vocabulary.dimensions.get(analyte.dimension or "")
        return Decimal(1) if dimension and _is_plain_ratio(dimension.canonical) else None


_FINDERS: list[Finder] = []
_MOST_FINDERS = 8


def finder_for(vocabulary: Vocabulary) -> Finder:
    """The finder of a vocabulary, the same one each time: it remembers what it has already looked up."""
    for finder in _FINDERS:
        if finder.vocabulary is vocabulary:
            return finder
    _FINDERS.insert(0, Finder(vocabulary))
    del _FINDERS[_MOST_FINDERS:]
    return _FINDERS[0]


def _is_plain_ratio(canonical: str) -> bool:
    """UCUM "1", or an annotation alone such as {INR}."""
    return canonical == "1" or (canonical.startswith("{") and canonical.endswith("}"))
