"""What a simulated patient consists of: what the record says, and what is true."""

from typing import Literal

import msgspec

from rxvigil.knowledge.simulation import HarmKind, MistakeKind, Population, SimulatedSex

ResultStatus = Literal["final", "amended", "entered-in-error"]


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """One result as a laboratory reported it. Days are proleptic ordinals."""

    number: int
    """Within the patient."""
    analyte: str
    day: int
    minute: int
    system: Literal["loinc", "local"]
    laboratory: str
    code: str
    name: str
    value: str
    """As written: a number, or words."""
    unit: str
    is_number: bool = True
    low: float | None = None
    high: float | None = None
    status: ResultStatus = "final"
    sample: int = 0
    """Samples are numbered within the patient; 0 is none."""


class Medicine(msgspec.Struct, frozen=True, kw_only=True):
    """One prescription at one dose."""

    number: int
    drug: str
    start: int
    end: int | None = None
    """Last day; none: still taken."""
    mg_per_day: float | None = None


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """A condition, or a pregnancy."""

    number: int
    concept: str
    kind: Literal["condition", "event"] = "condition"
    onset: int
    ended: int | None = None


class Intolerance(msgspec.Struct, frozen=True, kw_only=True):
    """An allergy, or the statement that none is known."""

    number: int
    drug: str | None
    day: int


class Vaccination(msgspec.Struct, frozen=True, kw_only=True):
    """A vaccine given."""

    number: int
    vaccine: str
    code: str
    day: int


class GeneReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a laboratory reported of a gene."""

    number: int
    gene: str
    day: int
    text: str


class Dose(msgspec.Struct, frozen=True):
    """The dose from one day on."""

    day: int
    mg_per_day: float


class Harmed(msgspec.Struct, frozen=True, kw_only=True):
    """One harm as it truly happened."""

    kind: HarmKind
    onset: int
    severity: str = ""
    factor: float = 1.0
    """What it multiplies the leading result by at its worst."""
    pattern: str = ""


class Planned(msgspec.Struct, frozen=True):
    """One planned blood test."""

    day: int
    done: int | None


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake on the way from the sample to the record."""

    kind: MistakeKind
    result: int
    """Number of the result that carries it."""
    analyte: str
    true_value: float
    true_unit: str
    true_day: int
    of: int | None = None
    """Number of the result it repeats or replaces."""


class Measured(msgspec.Struct, frozen=True):
    """True values of one sample, in canonical units, before any laboratory touched them."""

    day: int
    values: dict[str, float]


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of a simulated patient, whatever the record says."""

    patient: str
    population: Population
    sex: SimulatedSex
    age_at_start: int
    weight_kg: float
    condition: str
    attender: str
    laboratory: str
    diplotypes: dict[str, str]
    phenotypes: dict[str, str]
    known_before_start: tuple[str, ...]
    set_points: dict[str, float]
    sensitivity: float
    start: int
    intended_mg_per_day: float
    doses: tuple[Dose, ...]
    """Every change of the true dose of azathioprine; 0 is a stop."""
    stopped_for: tuple[str, ...]
    harms: tuple[Harmed, ...]
    ignored: tuple[int, ...]
    """Days of results that called for action and that nobody followed up."""
    allopurinol: Literal["", "planned", "unplanned"]
    tests: tuple[Planned, ...]
    newest: Measured | None
    slips: tuple[Slip, ...]


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """One whole simulated patient."""

    index: int
    id: str
    sex: SimulatedSex
    born: int
    population: Population
    first_day: int
    last_day: int
    results: tuple[Reported, ...]
    medicines: tuple[Medicine, ...]
    diagnoses: tuple[Diagnosis, ...]
    allergies: tuple[Intolerance, ...]
    vaccinations: tuple[Vaccination, ...]
    genes: tuple[GeneReport, ...]
    truth: Truth
