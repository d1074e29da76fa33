"""From what a record says (a code, a name, a unit) to our vocabulary; the other way for showing.

Names are matched whole, without regard to case and punctuation. Nothing is matched by resemblance: a name that
only resembles one of ours is reported as such by intake, and a person decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Final, Literal, cast

from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.measures import SubjectKind
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.vocabulary import (
    Analyte,
    ConceptEntry,
    Dimension,
    Drug,
    DrugClass,
    Product,
    Specialty,
    TestPanel,
    UnitAlias,
)

ConceptKind = Literal["condition", "vaccine", "symptom", "gene", "event"]

SYSTEMS = {
    "http://loinc.org": "loinc",
    "http://snomed.info/sct": "snomed",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://www.whocc.no/atc": "atc",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "http://hl7.org/fhir/sid/cvx": "cvx",
    "https://dmd.nhs.uk": "dmd",
    "http://fdasis.nlm.nih.gov": "unii",
    "http://www.genenames.org": "hgnc",
    "http://www.genenames.org/geneId": "hgnc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "urn:oid:2.16.840.1.113883.6.3": "icd10",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "urn:oid:2.16.840.1.113883.12.292": "cvx",
    "http://read.info/ctv3": "ctv3",
}
"""Code system address -> the short name our files use."""


def normal(name: str) -> str:
    """The form names are compared in: lower case, punctuation as single blanks."""
    return _remembered(name) if len(name) <= _USUAL else _normal(name)


def _normal(name: str) -> str:
    return re.sub(r"[^0-9a-zµμ%]+", " ", name.lower()).replace("μ", "µ").strip()


_USUAL: Final = 200
"""Characters of a name that is worth remembering."""
_remembered = lru_cache(maxsize=1 << 14)(_normal)


@dataclass(frozen=True)
class UnitProblem:
    """Why a value could not be brought to the canonical unit."""

    why: str


@dataclass(frozen=True)
class DrugMatch:
    """A drug found by code, with the product where the code names one."""

    drug: Drug
    product: Product | None = None


@dataclass(frozen=True)
class Vocabulary:
    """All vocabulary files together, indexed."""

    dimensions: dict[str, Dimension] = field(default_factory=dict)
    aliases: tuple[UnitAlias, ...] = ()
    analytes: dict[str, Analyte] = field(default_factory=dict)
    drugs: dict[str, Drug] = field(default_factory=dict)
    classes: dict[str, DrugClass] = field(default_factory=dict)
    concepts: dict[str, dict[str, ConceptEntry]] = field(default_factory=dict)
    """kind -> key -> entry"""
    panels: dict[str, TestPanel] = field(default_factory=dict)
    specialties: dict[str, Specialty] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    """What star alleles are called and mean, by the release of a body."""
    activities: dict[str, ActivityFile] = field(default_factory=dict)
    """What misleads the measured activity of a gene's enzyme."""

    def analyte_by_code(self, system: str, code: str) -> Analyte | None:
        """The analyte a code names; `system` is the short name ('loinc')."""
        return self._analyte_codes.get((system, code))

    def analyte_by_name(self, name: str) -> Analyte | None:
        """The analyte whose name or alias this is, whole."""
        return self._analyte_names.get(normal(name))

    def drug_by_code(self, system: str, code: str) -> DrugMatch | None:
        """The drug or product a code names."""
        return self._drug_codes.get((system, code))

    def drug_by_name(self, name: str) -> Drug | None:
        """The drug whose name, brand or alias this is, whole."""
        return self._drug_names.get(normal(name))

    def drugs_named_in(self, text: str) -> tuple[Drug, ...]:
        """Every drug one of whose names stands as whole words in the text ("Azathioprine 50 mg tablets")."""
        words = normal(text).split()
        found: dict[str, Drug] = {}
        for start in range(len(words)):
            for length in range(1, min(self._longest_drug_name, len(words) - start) + 1):
                drug = self._drug_names.get(" ".join(words[start : start + length]))
                if drug is not None:
                    found[drug.key] = drug
        return tuple(found[key] for key in sorted(found))

    def class_by_name(self, name: str) -> DrugClass | None:
        """The drug class of this name."""
        return self._class_names.get(normal(name))

    def concept_by_code(self, kind: ConceptKind, system: str, code: str) -> ConceptEntry | None:
        """The condition, vaccine, symptom, gene or event a code names. ICD-10 codes match by prefix: our K50
        stands for K50.1 and everything else below it."""
        found = self._concept_codes.get((kind, system, code))
        if found is None and system in ("icd10", "icd10cm"):
            stem = code.replace(".", "")
            for length in range(len(stem), 2, -1):
                found = self._concept_codes.get((kind, "icd", stem[:length]))
                if found is not None:
                    return found
        return found

    def concept_by_name(self, kind: ConceptKind, name: str) -> ConceptEntry | None:
        """The entry of this kind with this name, whole."""
        return self._concept_names.get((kind, normal(name)))

    def kind_of(self, subject: str) -> SubjectKind | None:
        """What kind of thing a rule speaks of when it says `subject.measure`."""
        return self._kinds.get(subject)

    def members(self, subject: str) -> frozenset[str]:
        """The keys a subject covers: itself, and for a class every member, at any depth."""
        return self._members.get(subject, frozenset((subject,)))

    def classes_of(self, key: str) -> tuple[str, ...]:
        """The classes a drug or concept belongs to, at any depth."""
        return tuple(sorted(name for name, members in self._members.items() if key in members and name != key))

    def show(self, key: str) -> str:
        """The name of any key, for sentences."""
        if key in self.analytes:
            return self.analytes[key].name
        if key in self.drugs:
            return self.drugs[key].name
        if key in self.classes:
            return self.classes[key].name
        for entries in self.concepts.values():
            if key in entries:
                return entries[key].name
        if key in self.panels:
            return self.panels[key].name
        if key in self.specialties:
            return self.specialties[key].name
        return key.replace("-", " ")

    def unit_shown(self, analyte: str) -> str:
        """The canonical unit of an analyte as people read it."""
        dimension = self.analytes[analyte].dimension
        return self.dimensions[dimension].show if dimension else ""

    def factor(self, analyte: str, unit: str) -> Decimal | None:
        """How many canonical units one `unit` of this analyte is; none where the table does not hold it.

        A unit written all in capitals or all in small letters is found too where that cannot confuse two units of
        this analyte; "Mmol/L" is not, because M is mega."""
        exact, folded = self._factors.get(analyte, ({}, {}))
        squeezed = _squeeze(unit)
        if squeezed not in exact and unit in (unit.lower(), unit.upper()):
            return folded.get(squeezed.lower())
        return exact.get(squeezed)

    def convert(self, analyte: str, value: str | float, unit: str | None) -> float | UnitProblem:
        """A value in the analyte's canonical unit, or why that cannot be said. Never guesses a unit."""
        entry = self.analytes[analyte]
        if unit is None or not unit.strip():
            if entry.dimension is None or not self.dimensions[entry.dimension].bare:
                return UnitProblem("it has no unit")
            unit = self.dimensions[entry.dimension].canonical
        factor = self.factor(analyte, unit)
        if factor is None:
            return UnitProblem(f"the unit '{unit[:40]}' is not one we know for {entry.name.lower()}")
        try:
            exact = Decimal(str(value)) * factor
        except InvalidOperation:
            return UnitProblem(f"'{str(value)[:40]}' is not a number")
        if not exact.is_finite():
            return UnitProblem("it is not a finite number")
        return tidy(exact)

    def plausible(self, analyte: str, value: float) -> bool:
        """Whether a canonical value lies within the analyte's plausible limits."""
        limits = self.analytes[analyte].plausible
        return limits is None or limits[0] <= value <= limits[1]

    @cached_property
    def _analyte_codes(self) -> dict[tuple[str, str], Analyte]:
        return {
            (system, code): analyte
            for analyte in self.analytes.values()
            for system, codes in analyte.codes.items()
            for code in codes
        }

    @cached_property
    def _analyte_names(self) -> dict[str, Analyte]:
        return {
            normal(name): analyte
            for analyte in self.analytes.values()
            for name in (analyte.name, analyte.key, *analyte.names)
        }

    @cached_property
    def _drug_codes(self) -> dict[tuple[str, str], DrugMatch]:
        found: dict[tuple[str, str], DrugMatch] = {}
        for drug in self.drugs.values():
            for system, codes in drug.codes.items():
                found.update({(system, code): DrugMatch(drug) for code in codes})
            for product in drug.products:
                for system, codes in product.codes.items():
                    found.update({(system, code): DrugMatch(drug, product) for code in codes})
        return found

    @cached_property
    def _drug_names(self) -> dict[str, Drug]:
        return {normal(name): drug for drug in self.drugs.values() for name in (drug.name, drug.key, *drug.names)}

    @cached_property
    def _longest_drug_name(self) -> int:
        return max((len(name.split()) for name in self._drug_names), default=0)

    @cached_property
    def _class_names(self) -> dict[str, DrugClass]:
        return {normal(name): group for group in self.classes.values() for name in (group.name, group.key)}

    @cached_property
    def _concept_codes(self) -> dict[tuple[str, str, str], ConceptEntry]:
        found: dict[tuple[str, str, str], ConceptEntry] = {}
        for kind, entries in self.concepts.items():
            for entry in entries.values():
                for system, codes in entry.codes.items():
                    for code in codes:
                        found[(kind, system, code)] = entry
                        if system in ("icd10", "icd10cm"):
                            found[(kind, "icd", code.replace(".", ""))] = entry
        return found

    @cached_property
    def _concept_names(self) -> dict[tuple[str, str], ConceptEntry]:
        return {
            (kind, normal(name)): entry
            for kind, entries in self.concepts.items()
            for entry in entries.values()
            for name in (entry.name, entry.key, *entry.names)
        }

    @cached_property
    def _kinds(self) -> dict[str, SubjectKind]:
        kinds: dict[str, SubjectKind] = {"patient": "patient", "this": "drug"}
        kinds.update(dict.fromkeys(self.analytes, "analyte"))
        kinds.update(dict.fromkeys(self.drugs, "drug"))
        kinds.update(dict.fromkeys(self.classes, "drug"))
        for kind, entries in self.concepts.items():
            kinds.update(dict.fromkeys(entries, cast(SubjectKind, kind)))
        return kinds

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        parents: dict[str, tuple[str, ...]] = {key: drug.classes for key, drug in self.drugs.items()}
        for entries in self.concepts.values():
            parents.update({key: entry.classes for key, entry in entries.items()})
        members: dict[str, set[str]] = {key: {key} for key in (*parents, *self.classes)}
        for key in parents:
            for ancestor in _ancestors(key, parents):
                members.setdefault(ancestor, {ancestor}).add(key)
        return {key: frozenset(found) for key, found in members.items()}

    @cached_property
    def _factors(self) -> dict[str, tuple[dict[str, Decimal], dict[str, Decimal]]]:
        return {key: self._factors_of(analyte) for key, analyte in self.analytes.items()}

    def _factors_of(self, analyte: Analyte) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        units = dict(self.dimensions[analyte.dimension].units) if analyte.dimension else {}
        if analyte.dimension:
            units.setdefault(self.dimensions[analyte.dimension].canonical, 1.0)
        units.update(analyte.units)
        ucum = {_squeeze(unit): Decimal(str(factor)) for unit, factor in units.items()}
        by_alias = {
            _squeeze(written): ucum[_squeeze(alias.means)]
            for alias in self.aliases
            if _squeeze(alias.means) in ucum
            for written in alias.written
        }
        exact = by_alias | ucum
        return exact, _without_case(exact)


def tidy(value: Decimal | float) -> float:
    """Ten significant digits: enough for any laboratory, and 1100 /uL equals 1.1 10*9/L exactly."""
    return float(f"{value:.10g}")


_LITRE: Final = re.compile(r"(?<=/)([munpdf]?)l$")


def _squeeze(unit: str) -> str:
    """Without blanks, with a plain u for micro, and with the litre as L: UCUM allows l and L."""
    return _LITRE.sub(r"\1L", "".join(unit.split()).replace("μ", "u").replace("µ", "u"))


def _without_case(units: dict[str, Decimal]) -> dict[str, Decimal]:
    """Spellings in lower case, except where two units of the analyte would become one."""
    folded: dict[str, set[Decimal]] = {}
    for unit, factor in units.items():
        folded.setdefault(unit.lower(), set()).add(factor)
    return {unit: next(iter(factors)) for unit, factors in folded.items() if len(factors) == 1}


def _ancestors(key: str, parents: dict[str, tuple[str, ...]]) -> Iterable[str]:
    seen: set[str] = set()
    todo = list(parents.get(key, ()))
    while todo:
        parent = todo.pop()
        if parent not in seen:
            seen.add(parent)
            todo.extend(parents.get(parent, ()))
    return seen
