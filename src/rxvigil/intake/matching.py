"""Which entry of our vocabulary a record means, from its codes and its words together.

Codes decide; words are asked whether they contradict. Where they do, nobody is chosen: a tablet coded as
azathioprine and named azithromycin is one of two very different things.
"""

import re
from collections.abc import Iterable, Sequence

from rxvigil.intake.outcomes import Coding, Doubt, Entry, Found, NotOurs
from rxvigil.intake.words import NearNames
from rxvigil.knowledge.lookup import SYSTEMS, ConceptKind, Vocabulary, normal
from rxvigil.knowledge.vocabulary import Analyte, ConceptEntry, Drug

_STANDARD = frozenset((*SYSTEMS.values(), "omop"))
_SAME_IDENTIFIERS = {"snomed": "dmd", "dmd": "snomed"}
"""dm+d identifiers are SNOMED CT identifiers; records give them under either address."""
_TURNED = re.compile(r"\b(no|not|never|stop(ped|ping)?|discontinued?|avoid|ceased|withheld|previous(ly)?)\b")
"""Words beside a drug's name that turn "takes it" into something else."""
_ALLERGIC = re.compile(r"\b(allerg(y|ies|ic)|intoleran(t|ce)|hypersensitiv(e|ity))\b")
_ELSEWHERE = re.compile(
    r"\b(urine|urinary|csf|cerebrospinal|stool|faeces|feces|sputum|pleural|synovial|ascitic|saliva)\b"
)
_LONGEST_NAME = 6
"""Words in a drug name."""
_ANY = {"condition": ("any-condition",), "vaccine": ("any-vaccine",)}


def short_system(system: str) -> str:
    """Our short name of a code system address ('loinc'); an address we do not know stays as it is."""
    plain = system.rstrip("/")
    if plain.startswith("http://snomed.info/sct"):
        return "snomed"
    return SYSTEMS.get(plain, plain)


def is_standard(coding: Coding) -> bool:
    """Whether the code is from a system our vocabulary knows: not being in it then means something."""
    return bool(coding.code) and short_system(coding.system) in _STANDARD


class Matcher:
    """Finds analytes, drugs and concepts of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._near: dict[str, NearNames] = {}

    def analyte(
        self, codings: Sequence[Coding], text: str, unit: str | None, specimen: str
    ) -> Found[Analyte] | NotOurs | Doubt:
        """See `Finder.analyte`."""
        by_code = self._narrow(_each(self.vocabulary.analyte_by_code(*pair) for pair in _pairs(codings)), unit)
        by_name = _each(self.vocabulary.analyte_by_name(said) for said in _said(codings, text))
        if len(by_code) > 1:
            return _disagree("tests", by_code)
        if by_code:
            return self._coded_analyte(by_code[0], by_name, unit)
        if _ELSEWHERE.search(f"{specimen} {text}".lower()):
            by_name = [analyte for analyte in by_name if analyte.specimen != "blood"]
        return self._named_analyte(self._narrow(by_name, unit), codings, text, unit)

    def drugs(self, codings: Sequence[Coding], text: str, allergy: bool) -> tuple[Found[Drug], ...] | NotOurs | Doubt:
        """See `Finder.drugs`."""
        matches = [match for pair in _pairs(codings) if (match := self.vocabulary.drug_by_code(*pair)) is not None]
        by_code = _each(match.drug for match in matches)
        named = _each(drug for said in _said(codings, text) for drug in self._named_in(said))
        if len(by_code) > 1:
            return _disagree("medicines", by_code)
        if self._is_combination(codings, text, _each((*by_code, *named))):
            return tuple(Found(drug) for drug in _each((*by_code, *named)))
        if by_code:
            if others := [drug for drug in named if drug.key not in self._parts(by_code[0])]:
                return _disagree("medicines", [by_code[0], *others])
            products = {id(match.product): match.product for match in matches if match.product is not None}
            return (Found(by_code[0], next(iter(products.values())) if len(products) == 1 else None),)
        if named:
            found = self._drug_in_words(named, codings, text, allergy)
            return (found,) if isinstance(found, Found) else found
        return self._unknown("drug", codings, text, ("any-drug",))

    def concept(self, kind: ConceptKind, codings: Sequence[Coding], text: str) -> Found[ConceptEntry] | NotOurs | Doubt:
        """See `Finder.concept`."""
        by_code = _each(self.vocabulary.concept_by_code(kind, *pair) for pair in _pairs(codings))
        by_name = _each(self.vocabulary.concept_by_name(kind, said) for said in _said(codings, text))
        meant = self._narrowest(_each((*by_code, *by_name)))
        if len(meant) > 1:
            return _disagree(f"{kind}s", meant)
        if meant:
            return Found(meant[0])
        return self._unknown(kind, codings, text, _ANY.get(kind, ()))

    def _coded_analyte(self, coded: Analyte, named: list[Analyte], unit: str | None) -> Found[Analyte] | Doubt:
        """The unit may confirm the code against the name ("Neutrophils", in %), never the name against the code."""
        others = [analyte for analyte in named if analyte.key != coded.key]
        if others and not (self._fits(coded, unit) and not any(self._fits(other, unit) for other in others)):
            return _disagree("tests", [coded, *others])
        return Found(coded)

    def _named_analyte(
        self, named: list[Analyte], codings: Sequence[Coding], text: str, unit: str | None
    ) -> Found[Analyte] | NotOurs | Doubt:
        if len(named) > 1:
            return _disagree("tests", named)
        if not named:
            return self._unknown("result", codings, text, ("any-result",))
        if any(map(is_standard, codings)):
            if unit and not self._fits(named[0], unit):
                return self._unknown("result", codings, text, ())
            return Doubt("its code is none we know, but its name is one of ours", (named[0].key,))
        return Found(named[0])

    def _is_combination(self, codings: Sequence[Coding], text: str, drugs: list[Drug]) -> bool:
        """Whether a standard code's words list these drugs as the parts of one product: "Acetaminophen 325 MG /
        oxycodone 5 MG Oral Tablet". Without a code, a stroke may mean "or"."""
        if len(drugs) < 2 or not any(map(is_standard, codings)):
            return False
        for said in _said(codings, text):
            parts = [_keys(self._named_in(part)) for part in said.split("/")]
            if all(len(part) <= 1 for part in parts) and {key for part in parts for key in part} == set(_keys(drugs)):
                return True
        return False

    def _drug_in_words(
        self, named: list[Drug], codings: Sequence[Coding], text: str, allergy: bool
    ) -> Found[Drug] | Doubt:
        if len(named) > 1:
            return Doubt("it names more than one medicine", _keys(named))
        for said in _said(codings, text):
            turned = _TURNED.search(said.lower()) or (None if allergy else _ALLERGIC.search(said.lower()))
            if turned:
                return Doubt(f"beside the medicine it says '{turned.group()}'", _keys(named))
        return Found(named[0])

    def _unknown(
        self, kind: str, codings: Sequence[Coding], text: str, any_of_them: tuple[str, ...]
    ) -> NotOurs | Doubt:
        """Neither code nor name is ours: a slip of the pen for one of ours, something else, or nothing at all."""
        said = _said(codings, text)
        if not any(map(is_standard, codings)):
            near = next((key for one in said if (key := self._names_near(kind, normal(one)))), None)
            if near is not None:
                return Doubt(f"its name is nearly, but not, '{self.vocabulary.show(near)}'", (near,))
        for coding in codings:
            if coding.code:
                return NotOurs(short_system(coding.system), coding.code, coding.display or text)
        if said:
            return NotOurs("", "", said[0])
        return Doubt("it has neither a code nor a name", any_of_them)

    def _narrow(self, meant: list[Analyte], unit: str | None) -> list[Analyte]:
        """Of tests that share a name, those the unit belongs to; "Neutrophils" in % is the percentage."""
        fitting = [analyte for analyte in meant if self._fits(analyte, unit)]
        if len(meant) == 1 and not fitting and unit:
            parts = [part for key in meant[0].parts if (part := self.vocabulary.analytes.get(key)) is not None]
            fitting = [part for part in parts if self._fits(part, unit) and meant[0].made_from != "ratio"]
        return fitting if len(fitting) == 1 else meant

    def _narrowest(self, meant: list[ConceptEntry]) -> list[ConceptEntry]:
        """Without those that are only broader words for another of them."""
        return [
            entry
            for entry in meant
            if not any(other is not entry and other.key in self.vocabulary.members(entry.key) for other in meant)
        ]

    def _fits(self, analyte: Analyte, unit: str | None) -> bool:
        return bool(unit) and self.vocabulary.factor(analyte.key, unit or "") is not None

    def _named_in(self, text: str) -> list[Drug]:
        """Drugs named in a text; a name inside a longer name of ours does not count by itself."""
        words = normal(text).split()
        found: list[Drug] = []
        start = 0
        while start < len(words):
            length = self._longest_at(words, start)
            if length:
                drug = self.vocabulary.drug_by_name(" ".join(words[start : start + length]))
                found.extend([drug] if drug else [])
            start += length or 1
        return found

    def _longest_at(self, words: list[str], start: int) -> int:
        for length in range(min(_LONGEST_NAME, len(words) - start), 0, -1):
            if self.vocabulary.drug_by_name(" ".join(words[start : start + length])) is not None:
                return length
        return 0

    def _parts(self, drug: Drug) -> frozenset[str]:
        """The drugs that may be named beside this one without contradiction: what its own names contain."""
        own = (drug.name, *drug.names, *(product.name for product in drug.products))
        return frozenset((drug.key, *(part.key for name in own for part in self.vocabulary.drugs_named_in(name))))

    def _names_near(self, kind: str, said: str) -> str | None:
        if kind not in self._near:
            self._near[kind] = NearNames(self._names(kind))
        near = self._near[kind]
        if kind != "drug":
            return near.key_near(said)
        return next((key for word in said.split()[:12] if (key := near.key_near(word))), None)

    def _names(self, kind: str) -> Iterable[tuple[str, str]]:
        entries: Iterable[Analyte | Drug | ConceptEntry] = self.vocabulary.concepts.get(kind, {}).values()
        if kind == "result":
            entries = self.vocabulary.analytes.values()
        elif kind == "drug":
            entries = self.vocabulary.drugs.values()
        for entry in entries:
            for name in (entry.name, *entry.names):
                yield normal(name), entry.key


def _pairs(codings: Sequence[Coding]) -> Iterable[tuple[str, str]]:
    for coding in codings:
        if coding.code:
            system = short_system(coding.system)
            yield system, coding.code
            if system in _SAME_IDENTIFIERS:
                yield _SAME_IDENTIFIERS[system], coding.code


def _said(codings: Sequence[Coding], text: str) -> list[str]:
    return [said for said in (*(coding.display for coding in codings), text) if said.strip()]


def _each(entries: Iterable[Entry | None]) -> list[Entry]:
    return list({entry.key: entry for entry in entries if entry is not None}.values())


def _keys(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(sorted(entry.key for entry in entries))


def _disagree(what: str, entries: Sequence[Entry]) -> Doubt:
    names = " and ".join(f"'{entry.name}'" for entry in entries)
    return Doubt(f"its codes and names mean different {what}: {names}", _keys(entries))
