"""Models of published doses: by body, drug and indication; what changes them; what tablets there are.

A dose is written as its source writes it: "2 mg/kg/d", "1 to 3 mg/kg/d", "50 to 100 mg/d". Bodies are never
averaged; a number that no body gives is a gap.
"""

import re
from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from pydantic import AfterValidator, Field, model_validator

from rxvigil.knowledge.provenance import Disagreement, Key, Path, Source, Strict, Text
from rxvigil.knowledge.rules import Action, ConditionText, DefaultFor, Effective, Jurisdiction, Tier
from rxvigil.knowledge.vocabulary import RangeText

DoseUnit = Literal["mg/d", "mg/kg/d", "mg/m2/d"]
_DOSE: Final = re.compile(r"^(\d+(?:\.\d+)?)(?: to (\d+(?:\.\d+)?))? (mg/d|mg/kg/d|mg/m2/d)$")


class DoseRange(msgspec.Struct, frozen=True):
    """A dose or a range of doses; `low` equals `high` where the source gives one number."""

    low: float
    high: float
    unit: DoseUnit

    def __str__(self) -> str:
        return f"{self.low:g} {self.unit}" if self.low == self.high else f"{self.low:g} to {self.high:g} {self.unit}"


def parse_dose(text: str) -> DoseRange:
    """Read "2 mg/kg/d" or "1 to 3 mg/kg/d". Raises `ValueError` for anything else."""
    shape = _DOSE.match(text.strip())
    if shape is None:
        raise ValueError(f"'{text}' is not a dose; write for example '2 mg/kg/d', '1 to 3 mg/kg/d', '50 mg/d'")
    low, high = float(shape.group(1)), float(shape.group(2) or shape.group(1))
    if not 0 < low <= high:
        raise ValueError(f"'{text}' runs backwards or is nothing")
    unit: DoseUnit = "mg/d" if shape.group(3) == "mg/d" else "mg/kg/d" if shape.group(3) == "mg/kg/d" else "mg/m2/d"
    return DoseRange(low, high, unit)


def _dose(text: str) -> str:
    parse_dose(text)
    return text


DoseText = Annotated[str, AfterValidator(_dose)]


class StatedDose(Strict):
    """One dose as a source states it."""

    dose: DoseText
    up_to: bool = Field(False, description="the source says 'up to': its most, and no dose of its own")
    or_as: DoseText | None = Field(None, description="the same said in another unit: '50 to 100 mg/d'")
    says: Text | None = Field(None, description="divided doses, time of day, and the like")
    source: Source


class DoseStep(Strict):
    """How a dose is raised or lowered: by how much, when first, how often."""

    by: DoseText
    first_after: RangeText | None = None
    every: RangeText | None = Field(None, description="at the earliest; none where the source gives no interval")
    says: Text | None = None
    source: Source


class Rounding(Strict):
    to_mg: float = Field(gt=0)
    direction: Literal["up", "down", "nearest"]
    source: Source


class WeightBasis(Strict):
    """Which weight the source multiplies by. `not-stated`: the dose is worked out for actual weight and says so."""

    basis: Literal["actual", "ideal", "not-stated"]
    source: Source


class NoResponse(Strict):
    after: RangeText
    says: Text
    source: Source


class Statement(Strict):
    """A sentence with its source."""

    says: Text
    source: Source


class DosingProtocol(Strict):
    """The dose of one drug by one body, for named indications or (none named) for all that have no own entry."""

    kind: Literal["dosing"]
    id: Path
    title: Text
    body: Text
    drug: Key
    indications: tuple[Key, ...] = Field((), description="conditions of the vocabulary; empty: any other indication")
    jurisdictions: tuple[Jurisdiction, ...]
    default_for: tuple[DefaultFor, ...] = Field((), description="used unasked for its indications in these places")
    effective: Effective = Field(default_factory=lambda: Effective.model_validate({}))
    review_by: date
    only_if: ConditionText | None = Field(None, description="whom the dose is for: 'patient.age >= 18 years'")
    together: tuple[Key, ...] = Field(
        (), description="a regimen together with these drugs, lower than the usual dose: used only when asked for"
    )
    weight: WeightBasis
    do_not_start: Statement | None = Field(None, description="the body says: not for this indication")
    start: StatedDose | None = None
    target: StatedDose | None = Field(None, description="what the start dose is raised to")
    maintenance: StatedDose | None = None
    increase: DoseStep | None = None
    decrease: DoseStep | None = None
    maximum: tuple[StatedDose, ...] = ()
    rounding: Rounding | None = None
    no_response: NoResponse | None = None
    withdrawal: Statement | None = Field(None, description="what the body says of stopping")
    notes: tuple[Statement, ...] = ()
    gaps: tuple[Text, ...] = ()


class Effect(Strict):
    """What an adjustment does to the dose; exactly one of these."""

    fraction: tuple[float, float] | None = Field(None, description="of the dose it would otherwise be, low and high")
    lower_end: Literal[True] | None = Field(None, description="the lower end of the body's own range")
    subtract: DoseText | None = None
    cap: DoseText | None = None
    avoid: Literal[True] | None = Field(None, description="no dose: another drug, or not together")
    no_number: Literal[True] | None = Field(None, description="the source asks for less and gives no number")

    @model_validator(mode="after")
    def _one_kind(self) -> "Effect":
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"an effect is exactly one of {', '.join(type(self).model_fields)}")
        return self


class Adjustment(Strict):
    """Something about the patient that changes the dose, by one source. Kidney, liver, age, other medicines."""

    id: Key
    drugs: tuple[Key, ...]
    indications: tuple[Key, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()
    except_in: tuple[Jurisdiction, ...] = ()
    when: ConditionText = Field(description="over the state, as in rules; 'this' is the drug to be started")
    tier: Tier
    cause: Text
    effect: Effect
    says: Text
    action: Action
    source: Source
    also: tuple[Source, ...] = ()
    disagrees: tuple[Disagreement, ...] = ()


class AdjustmentsFile(Strict):
    kind: Literal["dose-adjustments"]
    id: Path
    title: Text
    review_by: date
    gaps: tuple[Text, ...] = ()
    adjustments: tuple[Adjustment, ...]


class MeasuringStep(Strict):
    """A liquid is measured in steps that depend on the syringe."""

    up_to_mg: float | None = Field(None, description="none: any larger dose")
    step_mg: float = Field(gt=0)


class Presentation(Strict):
    """What can be dispensed in a place."""

    id: Key
    drug: Key
    form: Literal["tablet", "film-coated-tablet", "suspension", "injection"]
    brand: Text | None = None
    jurisdictions: tuple[Jurisdiction, ...]
    strengths_mg: tuple[float, ...] = Field((), description="tablets")
    splittable: bool | None = Field(None, description="may be halved; none: not read, so it is not halved")
    mg_per_ml: float | None = None
    measuring: tuple[MeasuringStep, ...] = ()
    round: Literal["up", "down", "nearest"] | None = Field(None, description="as the leaflet rounds")
    says: Text | None = Field(None, description="handling and food, as this product's own text has it")
    source: Source


class ProductsFile(Strict):
    kind: Literal["products"]
    id: Path
    title: Text
    review_by: date
    gaps: tuple[Text, ...] = ()
    presentations: tuple[Presentation, ...]


class Conversion(Strict):
    """mg of one drug for 1 mg of another."""

    id: Key
    from_drug: Key
    to_drug: Key
    divide_by: tuple[float, float] = Field(description="low and high where sources differ")
    says: Text
    source: Source
    disagrees: tuple[Disagreement, ...] = ()


class TaperStatement(Strict):
    """How a body lets the dose go down, or says that nobody gives numbers."""

    id: Key
    drug: Key
    indications: tuple[Key, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()
    by: DoseText | None = None
    every: RangeText | None = None
    says: Text
    source: Source


class ChangesFile(Strict):
    """Conversions and tapers."""

    kind: Literal["dose-changes"]
    id: Path
    title: Text
    review_by: date
    conversions: tuple[Conversion, ...] = ()
    tapers: tuple[TaperStatement, ...] = ()
    gaps: tuple[Text, ...] = ()
