"""Models of a simulated clinic: how often things happen, when, how much results vary, and what laboratories get wrong.

Every number is data with a source. The simulation draws from them; nothing here advises anybody about a patient.
"""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from math import isclose, log, sqrt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from rxvigil.knowledge.pharmacogenes import StarName
from rxvigil.knowledge.provenance import Key, Path, Source, Strict, Text

Population = Literal["AFR", "AMR", "EAS", "EUR", "SAS"]
"""Superpopulations of the 1000 Genomes Project."""
SimulatedSex = Literal["female", "male"]
Share = Annotated[float, Field(ge=0, le=1)]
HarmKind = Literal["myelotoxicity", "hepatotoxicity", "pancreatitis", "hypersensitivity", "intolerance"]
MistakeKind = Literal[
    "missing-unit", "other-unit", "unknown-code", "not-a-number", "future-date", "delivered-twice", "corrected",
    "withdrawn",
]  # fmt: skip


def _whole(shares: Iterable[float]) -> None:
    if not isclose(sum(shares), 1.0, abs_tol=0.001):
        raise ValueError("the shares must sum to 1")


class Rate(Strict):
    """One number of the simulated clinic."""

    value: float
    unit: Text = Field(description="'of patients', 'per patient-year', 'days'")
    says: Text
    source: Source


class Waiting(Strict):
    """A log-normal time: its median, and its spread."""

    median_days: float = Field(gt=0)
    spread: float = Field(ge=0, description="standard deviation of the natural logarithm")
    longest_days: float | None = None
    says: Text
    source: Source


class PopulationShare(Strict):
    """Where the patients' ancestors come from, where the user does not say."""

    population: Population
    share: Share
    source: Source


class AlleleShare(Strict):
    """How frequent a star allele is in each population; what is left is *1. What it does, the release says."""

    gene: Literal["tpmt", "nudt15"]
    allele: StarName
    frequency: dict[Population, Share]
    source: Source


class TestPhase(Strict):
    """One stretch of tests: how often, and until the dose has been stable, or for how long."""

    every_days: int = Field(gt=0)
    until_stable_days: int | None = Field(None, gt=0, description="days since the last rise of the dose")
    until_days: int | None = Field(None, gt=0, description="days since the start")


class TestPlan(Strict):
    """When blood tests are due in one specialty; an empty list of specialties is everybody else."""

    specialties: tuple[Key, ...]
    phases: tuple[TestPhase, ...]
    source: Source


class PlannedPart(Strict):
    """From which day of treatment which part of the intended dose is taken."""

    day: int = Field(ge=0)
    part: float = Field(gt=0, le=1)


class DosePlan(Strict):
    """How the dose is raised in one specialty."""

    specialties: tuple[Key, ...]
    steps: tuple[PlannedPart, ...]
    source: Source

    @model_validator(mode="after")
    def _in_order(self) -> "DosePlan":
        if not self.steps or self.steps[0].day != 0 or any(b.day <= a.day for a, b in pairwise(self.steps)):
            raise ValueError("steps begin on day 0 and follow one another")
        return self


class Indication(Strict):
    """What azathioprine is taken for, and by whom."""

    condition: Key
    share: Share
    female: Share
    age_median: float
    age_spread: float = Field(description="standard deviation in years")
    mg_per_kg: tuple[float, float] = Field(description="intended dose, mg/kg/day, drawn between the two")
    tpmt_tested: Share = Field(description="whose TPMT is tested before the first dose")
    source: Source
    also: tuple[Source, ...] = ()


class SetPoint(Strict):
    """One analyte before treatment: between people and within one person, in its canonical unit."""

    analyte: Key
    median: dict[SimulatedSex, float]
    between: float = Field(ge=0, description="coefficient of variation between people")
    within: dict[SimulatedSex, float] = Field(description="coefficient of variation within a healthy person")
    analytical: float = Field(0, ge=0, description="coefficient of variation of the measurement")
    source: Source
    also: tuple[Source, ...] = ()


class Severity(Strict):
    """How bad a harm is: its share among the harms of its kind, and what it multiplies a result by at its worst."""

    key: Literal["mild", "moderate", "severe"]
    share: Share
    factor: tuple[float, float]


class Harm(Strict):
    """One harm of azathioprine: how often, when, how bad, and whether azathioprine may be tried again."""

    kind: HarmKind
    share: Share | None = Field(None, description="of patients who start, over all their time on treatment")
    share_in: dict[Key, Share] = Field(default_factory=dict, description="condition or class -> another share")
    per_year: float | None = Field(None, description="per patient-year on treatment, at any time")
    onset: Waiting | None = None
    severities: tuple[Severity, ...] = ()
    restart: bool = Field(description="whether the clinic may try azathioprine again")
    source: Source
    also: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _when(self) -> "Harm":
        if (self.share is None) == (self.per_year is None) or (self.onset is None) == (self.share is not None):
            raise ValueError("either a share with its onset, or a rate per year")
        if self.severities:
            _whole(one.share for one in self.severities)
        return self


class Trigger(Strict):
    """A result at which the clinic acts, if it sees it: at once, or when the repeat confirms it."""

    analyte: Key
    below: float | None = None
    above: float | None = None
    at_once: bool = False
    source: Source


class Pattern(Strict):
    """Which results move with the marrow or the liver, each by a power of what moves them all."""

    organ: Literal["marrow", "liver"]
    key: Key
    share: Share = Field(description="of the harms of this organ")
    powers: dict[Key, float]
    source: Source


class Companion(Strict):
    """Another medicine that some of these patients take."""

    drug: Key
    share: Share = Field(description="of patients whose condition is not named in share_in")
    share_in: dict[Key, Share] = Field(default_factory=dict, description="condition or class -> share")
    from_age: int = 0
    mg_per_day: float | None = None
    days: int | None = Field(None, description="a short course of this length; none: taken throughout")
    source: Source


class VaccineHabit(Strict):
    """A vaccine, and how many get it: once before the start, each autumn, or by mistake on treatment."""

    vaccine: Key
    code: Text = Field(description="CVX")
    when: Literal["before-start", "each-autumn", "on-treatment"]
    share: Share | None = Field(None, description="of patients; of patients each year")
    share_by_age: tuple[tuple[int, Share], ...] = Field((), description="from this age on -> share")
    source: Source


class Attender(Strict):
    """How one kind of patient keeps to the test plan."""

    key: Key
    share: Share
    interval: float = Field(gt=0, description="times the planned interval")
    missed: Share = Field(description="of the tests of their rhythm")
    source: Source
    also: tuple[Source, ...] = ()


class LaboratoryTest(Strict):
    """How one laboratory reports one analyte."""

    analyte: Key
    code: Text
    name: Text
    unit: Text = Field(description="as it writes it")
    digits: int = Field(ge=0, le=4)
    low: float | None = None
    high: float | None = None


class LaboratoryStyle(Strict):
    """One laboratory: its codes, names, units and reference ranges."""

    key: Key
    share: Share
    system: Literal["loinc", "local"]
    tests: tuple[LaboratoryTest, ...]
    source: Source


class Mistake(Strict):
    """Something that goes wrong between the sample and the record."""

    kind: MistakeKind
    share: Share = Field(description="of results")
    source: Source


class Habits(Strict):
    """What the clinic and its patients do."""

    attends_elsewhere: Rate
    days_late: Waiting
    chemistry_left_out: Rate
    not_followed_up: Rate
    days_to_act: Waiting
    days_to_repeat: Rate
    restarts: Rate
    harmed_again: Rate
    restart_part: Rate
    days_to_restart: Rate
    stops_otherwise: Rate
    allopurinol: Rate
    allopurinol_unplanned: Rate
    allopurinol_part: Rate
    nudt15_tested: Rate
    tpmt_by_activity: Rate
    intermediate_part: Rate
    both_intermediate_part: Rate
    screened_before: Rate
    chickenpox_immune: Rate
    pregnancies: Rate
    pregnancy_from_age: Rate
    pregnancy_to_age: Rate
    pregnancy_days: Rate
    pancreatitis_days: Rate
    allopurinol_mg: Rate
    diagnosed_before: Rate
    medicines_before: Rate
    vaccinated_before: Rate
    first_tests_before: Rate
    weighed_every: Rate
    no_known_allergy: Rate
    allergy_recorded: Rate


class Effects(Strict):
    """What azathioprine does to results."""

    exposure_days: Rate
    exposure_intermediate: Rate
    exposure_poor: Rate
    exposure_with_allopurinol: Rate
    sensitivity: Rate
    half_effect: Rate
    steepness: Rate
    harm_days: Rate
    recovery_days: Rate
    mcv_rise: Rate
    mcv_rise_spread: Rate
    mcv_days: Rate
    lymphocytes: Rate
    wider_than_healthy: Rate
    lipase_rise: Rate
    lipase_spread: Rate
    crp_rise: Rate


class BodySize(Strict):
    """Weight in kg and height in cm of adults of one sex."""

    sex: SimulatedSex
    weight: float
    weight_spread: float = Field(description="standard deviation of the natural logarithm")
    height: float
    height_spread: float = Field(description="standard deviation in cm")
    weight_varies: float = Field(description="kg, standard deviation from one weighing to the next")
    systolic: tuple[float, float] = Field(description="mmHg, mean and standard deviation of a reading")
    diastolic: tuple[float, float]
    source: Source


def spread_of(variation: float) -> float:
    """Standard deviation of the logarithm of a log-normal quantity with this coefficient of variation: sqrt(ln(1 +
    cv²))."""
    return sqrt(log(1 + variation * variation))


class ClinicScenario(Strict):
    """A whole simulated clinic."""

    kind: Literal["simulation"]
    id: Path
    title: Text
    drug: Key
    review_by: date
    gaps: tuple[Text, ...] = ()
    populations: tuple[PopulationShare, ...]
    alleles: tuple[AlleleShare, ...]
    release: Path = Field(description="pharmacogenetic release that says what alleles do and pairs of them mean")
    indications: tuple[Indication, ...]
    bodies: tuple[BodySize, ...]
    dose_plans: tuple[DosePlan, ...]
    test_plans: tuple[TestPlan, ...]
    attenders: tuple[Attender, ...]
    habits: Habits
    effects: Effects
    patterns: tuple[Pattern, ...]
    set_points: tuple[SetPoint, ...]
    harms: tuple[Harm, ...]
    triggers: tuple[Trigger, ...]
    companions: tuple[Companion, ...]
    vaccines: tuple[VaccineHabit, ...]
    laboratories: tuple[LaboratoryStyle, ...]
    mistakes: tuple[Mistake, ...]

    @model_validator(mode="after")
    def _shares(self) -> "ClinicScenario":
        for group in (self.populations, self.indications, self.attenders, self.laboratories):
            _whole(one.share for one in group)
        for organ in ("marrow", "liver"):
            _whole(one.share for one in self.patterns if one.organ == organ)
        if sum(one.share for one in self.mistakes) > 1:
            raise ValueError("more than every result would be wrong")
        return self
