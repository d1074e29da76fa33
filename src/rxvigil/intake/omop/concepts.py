"""What a concept id means: by our own vocabulary, and by the CONCEPT table of the source. Never by guess.

An OMOP concept id says nothing by itself. Our vocabulary holds some; the CONCEPT table of the source names the others
by vocabulary and code (LOINC 6690-2), which is what our vocabulary knows. A concept that neither holds has no meaning
that can be told.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from rxvigil.intake.omop.layout import CONCEPT_COLUMNS
from rxvigil.intake.omop.rows import Database
from rxvigil.intake.reading import Coding, Memory, clean

_SYSTEMS: Final = {
    "LOINC": "loinc", "SNOMED": "snomed", "RxNorm": "rxnorm", "ATC": "atc", "ICD10": "icd10", "ICD10CM": "icd10cm",
    "CVX": "cvx", "HCPCS": "hcpcs", "dm+d": "dmd",
}  # fmt: skip
"""`vocabulary_id` of OHDSI -> our name of the code system."""
_MAPS_TO: Final = "Maps to"
_WORD: Final = re.compile(r"[^\W\d_]{4,}")


def _is_own(concept: str) -> bool:
    """Whether the number is one of those that OHDSI leaves to each site: above two billion."""
    return len(concept) >= 10 and concept.isdecimal() and int(concept) > 2_000_000_000


class Concept(NamedTuple):
    """A row of CONCEPT."""

    name: str
    vocabulary: str
    code: str


class Meaning(NamedTuple):
    """What a row says of its subject."""

    codings: tuple[Coding, ...]
    text: str
    """The source value where it is words."""
    told: bool
    """Whether a person could tell from it what is meant: a concept that CONCEPT names, or words."""
    shown: str
    """For the list of what was not understood."""


class Concepts:
    """The concepts that a source speaks of."""

    def __init__(self, rows: Mapping[str, Concept], standard: Mapping[str, tuple[str, ...]]) -> None:
        self._rows = rows
        self._standard = standard
        self._meanings = Memory[Meaning]()

    def name(self, concept: str) -> str:
        """The name that CONCEPT gives; '' where it gives none."""
        found = self._rows.get(concept)
        return found.name if found else ""

    def unit(self, concept: str) -> str:
        """The UCUM code of a unit; '' where CONCEPT does not say it."""
        found = self._rows.get(concept)
        return found.code if found and found.vocabulary == "UCUM" else ""

    def meaning(self, concept: str, source_concept: str, source_value: str) -> Meaning:
        """What a concept, the source's own concept and the source's own value say together."""
        question = (concept, source_concept, source_value)
        known = self._meanings.get(question)
        return known or self._meanings.keep(question, self._look_up(*question))

    def _look_up(self, concept: str, source_concept: str, source_value: str) -> Meaning:
        asked = [one for one in dict.fromkeys((concept, source_concept)) if one not in ("", "0")]
        ids = dict.fromkeys((*asked, *(other for one in asked for other in self._standard.get(one, ()))))
        codings = tuple(coding for one in ids for coding in self._codings(one))
        named = next((self._rows[one].name for one in ids if one in self._rows), "")
        own = {self._rows[one].code for one in ids if one in self._rows}
        words = source_value if source_value not in own and source_value != "0" else ""
        shown = named or words or (f"OMOP concept {asked[0]}" if asked else "")
        return Meaning(codings, words, bool(named) or bool(_WORD.search(words)), clean(shown))

    def _codings(self, concept: str) -> list[Coding]:
        found = self._rows.get(concept)
        name = found.name if found else ""
        by_number = [Coding("local" if _is_own(concept) else "omop", concept, name)]
        if found is None:
            return by_number
        coded = Coding(_SYSTEMS.get(found.vocabulary, found.vocabulary), found.code, name)
        return [coded] if _is_own(concept) else [coded, *by_number]


def concepts_of(database: Database) -> Concepts:
    """Every concept that stands in a table about patients, looked up in CONCEPT; a source's own concept is followed
    to the standard one that it maps to."""
    wanted: set[str] = set()
    for table, columns in CONCEPT_COLUMNS.items():
        if table in database:
            wanted |= database.distinct(table, columns)
    wanted -= {"", "0"}
    standard: dict[str, tuple[str, ...]] = {}
    for one, other, relationship in database.beside("concept_relationship", "concept_id_1", wanted):
        if relationship == _MAPS_TO and other != one:
            standard[one] = (*standard.get(one, ()), other)
    wanted |= {other for others in standard.values() for other in others}
    found = {number: Concept(*rest) for number, *rest in database.beside("concept", "concept_id", wanted)}
    return Concepts(found, {one: tuple(sorted(set(others))) for one, others in standard.items()})
