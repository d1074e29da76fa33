"""Our own small vocabulary: analytes, units, drugs, conditions, vaccines, symptoms, genes and events, each with
the codes and names that records use for them. The models of the files in data/vocabulary, and nothing else;
looking things up is `lookup`'s job.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rxvigil.facts import parse_duration, parse_range
from rxvigil.knowledge.provenance import Key, Source, Strict, Text


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _range(text: str) -> str:
    parse_range(text)
    return text


DurationText = Annotated[str, AfterValidator(_duration)]
RangeText = Annotated[str, AfterValidator(_range)]
Codes = dict[
    Literal[
        "loinc", "snomed", "rxnorm", "atc", "icd10", "icd10cm", "cvx", "omop", "unii", "dmd", "hcpcs", "hgnc", "local"
    ],
    tuple[str, ...],
]


class Dimension(Strict):
    """A family of units that measure the same thing, with exact factors to the first."""

    key: Key
    canonical: Text = Field(description="UCUM")
    show: str = Field(description="the canonical unit as people read it; empty for pure numbers")
    bare: bool = Field(False, description="a number without a unit means this: INR and ratios are written so")
    units: dict[str, float] = Field(description="UCUM unit -> how many canonical units one of it is")


class UnitAlias(Strict):
    """What laboratories write, and the UCUM unit they mean."""

    written: tuple[Text, ...]
    means: Text
    note: Text | None = None


class UnitsFile(Strict):
    kind: Literal["units"]
    dimensions: tuple[Dimension, ...]
    aliases: tuple[UnitAlias, ...]


class Analyte(Strict):
    """Something that is measured, with its specimen: urine leucocytes are not blood leucocytes."""

    key: Key
    name: Text
    specimen: Literal["blood", "urine", "body", "any"]
    dimension: Key | None = Field(None, description="family of units; none for purely qualitative tests")
    units: dict[str, float] = Field(
        default_factory=dict,
        description="further UCUM units special to this analyte, with the factor to the canonical unit",
    )
    units_source: Source | None = Field(None, description="source of those factors (molar mass)")
    plausible: tuple[float, float] | None = Field(None, description="values outside are not believed (canonical unit)")
    fresh_for: DurationText = Field(description="how long a reassuring value counts")
    decimals: int = Field(2, ge=0, le=4, description="digits shown after the point")
    worse: Literal["low", "high", "both", "neither"]
    categories: dict[str, tuple[Text, ...]] = Field(
        default_factory=dict, description="category -> the words that mean it, for qualitative results"
    )
    methods: dict[Key, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="method whose numbers differ -> words by which a result names it; first its name",
    )
    codes: Codes = Field(default_factory=dict)
    names: tuple[Text, ...] = Field(description="names in use, matched whole, without regard to case or punctuation")
    made_from: Literal["percent-of-white-cells", "ratio"] | None = None
    parts: tuple[Key, ...] = Field((), description="analytes it is calculated from where not reported itself")
    source: Source


class AnalytesFile(Strict):
    kind: Literal["analytes"]
    analytes: tuple[Analyte, ...]


class Product(Strict):
    """A marketed form whose code tells the strength."""

    name: Text
    codes: Codes = Field(default_factory=dict)
    strength: Text | None = Field(None, description="per tablet, capsule or mL: '50 mg', '10 mg/mL'")
    brand: Text | None = None
    splittable: bool | None = Field(None, description="may be halved; none: not known")


class Drug(Strict):
    """A medicine by ingredient."""

    key: Key
    name: Text
    classes: tuple[Key, ...] = ()
    monitored: bool = Field(False, description="blood-monitored: an assessment looks after it")
    per: Literal["day", "week"] = Field("day", description="the period its dose is spoken of in")
    codes: Codes = Field(default_factory=dict)
    names: tuple[Text, ...] = Field(description="ingredient, brands, salts, abbreviations")
    not_to_confuse_with: tuple[Key, ...] = Field((), description="look-alike or sound-alike drugs")
    products: tuple[Product, ...] = ()
    source: Source


class DrugClass(Strict):
    """A group that rules speak of; a drug belongs by its own `classes`."""

    key: Key
    name: Text


class DrugsFile(Strict):
    kind: Literal["drugs"]
    classes: tuple[DrugClass, ...] = ()
    drugs: tuple[Drug, ...] = ()


class ConceptEntry(Strict):
    """A condition, vaccine, symptom, gene or event."""

    key: Key
    name: Text
    classes: tuple[Key, ...] = Field((), description="broader entries of the same kind that it belongs to")
    codes: Codes = Field(default_factory=dict)
    names: tuple[Text, ...] = ()
    specialty: Key | None = Field(None, description="the specialty a condition implies")
    live: bool | None = Field(None, description="vaccines: contains a living organism")
    values: tuple[Key, ...] = Field((), description="categories it can take (events, genes)")
    source: Source


class ConceptsFile(Strict):
    kind: Literal["conditions", "vaccines", "symptoms", "genes", "events"]
    concepts: tuple[ConceptEntry, ...]


class TestPanel(Strict):
    """A named set of tests, as people order them: done when all of `all` and one of each group in `any` are."""

    key: Key
    name: Text
    all: tuple[Key, ...] = ()
    any: tuple[tuple[Key, ...], ...] = ()
    codes: Codes = Field(default_factory=dict)
    names: tuple[Text, ...] = ()
    source: Source


class PanelsFile(Strict):
    kind: Literal["panels"]
    panels: tuple[TestPanel, ...]


class Specialty(Strict):
    """A clinical specialty that protocols are written for."""

    key: Key
    name: Text


class SpecialtiesFile(Strict):
    kind: Literal["specialties"]
    specialties: tuple[Specialty, ...]
