"""OBSERVATION: what fits in no other table. Allergies, genotypes, pregnancy; now and then a test."""

import re
from collections.abc import Iterator
from typing import Final

from rxvigil.facts import Allergy
from rxvigil.intake.fhir.allergy import NONE_CODES, NONE_KNOWN, NONE_WORDS
from rxvigil.intake.fhir.parts import Elsewhere, Outcome
from rxvigil.intake.omop.cells import known, moment_in
from rxvigil.intake.omop.concepts import Concepts, Meaning
from rxvigil.intake.omop.measurements import Said, Tests
from rxvigil.intake.omop.rows import Cells
from rxvigil.intake.omop.tray import Where
from rxvigil.intake.reading import Doubt, Finder, Found, NotOurs

_ALLERGY: Final = re.compile(r"\b(?:allerg(?:y|ies|ic)|intoleran(?:t|ce)|hypersensitivity)\b", re.IGNORECASE)
_PLAIN: Final = re.compile(
    r"^\W*(?:drug |medication |medicine |propensity to )?(?:allerg(?:y|ic)|intolerance|hypersensitivity)"
    r"(?: (?:to|of) (?P<what>.+))?$",
    re.IGNORECASE,
)
_KINDS: Final = frozenset(("drug", "drugs", "medication", "medicine", "substance", "drug or medicament", "unknown"))
"""Words after "allergy to" that name nothing: what is meant stands in the value."""
_ANY: Final = ("any-allergy",)


class Observations:
    """Reads rows of OBSERVATION."""

    def __init__(self, concepts: Concepts, finder: Finder) -> None:
        self._concepts = concepts
        self._finder = finder
        self._tests = Tests(finder)

    def read(self, row: Cells, where: Where) -> Iterator[Outcome]:
        """The fact, or why there is none."""
        (_, concept, day, moment, number, text, answer, unit, source, own, unit_source, written) = row
        meaning = self._concepts.meaning(concept, own, source)
        said = Said(
            meaning=meaning,
            when=moment_in(day, moment),
            number=number,
            words=tuple(dict.fromkeys(filter(None, (self._concepts.name(answer), text, written)))),
            unnamed=answer not in ("", "0") and not self._concepts.name(answer),
            unit_code=self._concepts.unit(unit),
            unit=unit_source,
        )
        if _is_allergy(meaning):
            yield self._allergy(meaning, said, self._concepts.meaning(answer, "", text or written), where)
        elif (found := self._tests.read(said, where)) is not None:
            yield from found
        else:
            yield self._tests.other(meaning, "observation")

    def _allergy(self, meaning: Meaning, said: Said, value: Meaning, where: Where) -> Outcome:
        """An allergy to what the words or the value name, or that there is none."""
        phrases = _phrases(meaning)
        if _none_known(meaning, value):
            return Allergy(id=where.place, concept=NONE_KNOWN, origin=where.origin())
        named = [shape for one in phrases if (shape := _PLAIN.match(one))]
        if not named:
            return self._unclear(meaning, value, said, where)
        substances = [what for shape in named if (what := shape["what"]) and what.strip(" .").lower() not in _KINDS]
        asked = Meaning((), substances[0], True, substances[0]) if substances else value
        return self._to(asked, said, where)

    def _to(self, asked: Meaning, said: Said, where: Where) -> Outcome:
        shown = f"allergy to {asked.shown}" if asked.shown else "allergy"
        group = self._finder.vocabulary.class_by_name(asked.text or asked.shown)
        found = self._finder.drug(asked.codings, asked.text, allergy=True)
        if group is not None or isinstance(found, Found):
            key = found.entry.key if isinstance(found, Found) else group.key if group else ""
            return Allergy(id=where.place, concept=key, origin=where.origin())
        if isinstance(found, NotOurs) and asked.told:
            return Elsewhere("allergy", found)
        affects = _ANY if isinstance(found, NotOurs) or found.affects == ("any-drug",) else found.affects
        why = "it does not say to what" if isinstance(found, NotOurs) else found.why
        return where.listed(shown, why, affects, known(said.when))

    def _unclear(self, meaning: Meaning, value: Meaning, said: Said, where: Where) -> Outcome:
        """Words about an allergy that are not simply an allergy ("family history of allergy to ..."): they leave open
        what they name."""
        found = self._finder.drugs((), f"{meaning.shown} {meaning.text} {value.shown}", allergy=True)
        named = found if isinstance(found, tuple) else ()
        affects = found.affects if isinstance(found, Doubt) else tuple(one.entry.key for one in named)
        if not affects:
            return self._tests.other(meaning, "observation")
        return where.listed(meaning.shown, "it is not simply an allergy", affects, known(said.when))


def _phrases(meaning: Meaning) -> list[str]:
    return [one for one in (*(coding.display for coding in meaning.codings), meaning.text) if _ALLERGY.search(one)]


def _is_allergy(meaning: Meaning) -> bool:
    return bool(_phrases(meaning)) or any(one.code in NONE_CODES for one in meaning.codings)


def _none_known(meaning: Meaning, value: Meaning) -> bool:
    """By code or words of the statement itself; or an allergy whose value says that there is none."""
    codes = {one.code for one in (*meaning.codings, *value.codings) if one.system != "omop"}
    words = {one.strip(" .").lower() for one in (*_phrases(meaning), meaning.text, value.text, value.shown)}
    return bool(codes & set(NONE_CODES)) or bool(words & NONE_WORDS)
