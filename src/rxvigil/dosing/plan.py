"""What is asked of the doser and what it answers: frozen records that can be saved, compared byte for byte, replayed.

Doses are milligrams per day unless the field's name says otherwise. A plan that is `refused` holds no dose to give;
what stands in its `ways` and `steps` is shown so that a person can see how far the sum went.
"""

from datetime import date
from typing import Final, Literal

import msgspec

from rxvigil.engine.assessment import ActionShown, Finding, Missing, SourceShown
from rxvigil.knowledge.dosing import DoseRange

DOSE_SCHEMA: Final = "rxvigil.dose/1"
CHANGE_SCHEMA: Final = "rxvigil.dose-change/1"
TAPER_SCHEMA: Final = "rxvigil.dose-taper/1"
CONVERSION_SCHEMA: Final = "rxvigil.dose-conversion/1"

Basis = Literal["actual", "ideal"]
Form = Literal["tablet", "suspension"]
Setting = Literal["non-malignant", "malignant"]
Because = Literal["not-responding", "toxicity", "remission"]
"""Why a dose is to change: it does not help enough, it harms, or the lowest dose that holds is looked for."""


class DoseRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the prescriber asks. What is left out is taken from the record or from the body that is followed."""

    drug: str
    indication: str | None = None
    """A condition of the vocabulary."""
    jurisdiction: str | None = None
    body: str | None = None
    """Id of a dosing protocol to follow instead of the one chosen."""
    intended: DoseRange | None = None
    """The dose the prescriber has in mind; none: the lower end of what the body gives."""
    weight_basis: Basis | None = None
    """Overrides what the body says."""
    form: Form | None = None
    deliberate_low_dose_with_allopurinol: bool = False
    start_untested: tuple[str, ...] = ()
    """Genes (tpmt, nudt15) that the prescriber has decided to start without."""
    setting: Setting = "non-malignant"


class InputShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fact that the sum rests on, where it stood and how old it is."""

    name: str
    value: str
    when: str | None = None
    """ISO date, no more precise than it is known."""
    days_old: int | None = None
    origin: str = ""


class StepShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of arithmetic, to be checked by hand."""

    label: str
    formula: str
    """In words, numbers and units: "70 kg × 2 mg/kg/d = 140 mg/d"."""
    low: float | None = None
    high: float | None = None
    unit: str = "mg/d"
    source: SourceShown | None = None


class RangeShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A range of doses in mg/d, and per kg of the weight that was used."""

    low: float
    high: float
    per_kg_low: float | None = None
    per_kg_high: float | None = None


class PieceShown(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one tablet; a half is 0.5."""

    strength_mg: float
    count: float


class DayShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is taken on a day."""

    mg: float
    tablets: tuple[PieceShown, ...] = ()
    ml: float | None = None


class OptionShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A way to give the dose with what exists: one day that repeats, or two that alternate."""

    form: str
    mg_per_day: float
    """The average of the days."""
    days: tuple[DayShown, ...]
    says: str
    """"2 tablets of 50 mg and 1 of 25 mg every day"."""
    target_mg: float
    difference_mg: float
    """Average minus target."""
    two_doses: str = ""
    """The same split into a morning and an evening dose, where that comes out with whole pieces."""
    sources: tuple[SourceShown, ...] = ()


class WayShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The dose if something that is not known were so."""

    if_: str = msgspec.field(name="if")
    range: RangeShown | None = None
    """None: no dose at all."""
    says: str = ""
    used: bool = False


class TitrationShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rise of the dose: not before `earliest`, and only after the tests have been seen."""

    number: int
    earliest: date
    latest: date | None = None
    target_mg: float
    option: OptionShown | None = None
    says: str = ""


class MaximumShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    says: str
    mg: float | None
    """None: per kg, and no weight is known."""
    source: SourceShown


class BodyShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A body's dose for the same drug and indication: the one followed, or one beside it."""

    id: str
    title: str
    body: str
    because: str
    """Why it was chosen, or what it is beside."""
    start: str = ""
    target: str = ""
    maintenance: str = ""
    maximum: str = ""
    start_mg: RangeShown | None = None
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[SourceShown, ...] = ()


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why no dose is given."""

    reason: str
    do: str
    tier: Literal["STOP", "ACT", "CANNOT SAY"] = "CANNOT SAY"
    """ACT: of a rise only. Somebody must act first; the drug itself is not forbidden."""
    sources: tuple[SourceShown, ...] = ()


class DosePlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A start dose: the range, what to give, how it was worked out, how it is raised, what stands against it."""

    schema: str
    drug: str
    name: str
    on: date
    digest: str
    """Of the rule book that answered."""
    simulated: bool = False
    """By the word of the record the patient does not exist."""
    jurisdiction: str
    request: DoseRequest
    summary: str
    """The answer in one or two sentences."""
    indication: str = ""
    followed: BodyShown | None = None
    beside: tuple[BodyShown, ...] = ()
    inputs: tuple[InputShown, ...] = ()
    steps: tuple[StepShown, ...] = ()
    check_by_hand: str = ""
    range: RangeShown | None = None
    """What the body, with every reduction, leaves. None where nothing could be worked out."""
    upper_bound_only: bool = False
    """Several reductions hold together and no source says how they combine: `range` is the lowest single one."""
    provisional: bool = False
    """Something that is not known could forbid the dose or lower it: `suggested` is at most that, and no order yet."""
    deal_with_first: tuple[str, ...] = ()
    """What was found that needs somebody before the first dose (ACT), each by its cause: `suggested` comes after it."""
    suggested: OptionShown | None = None
    options: tuple[OptionShown, ...] = ()
    """Other ways to give it."""
    ways: tuple[WayShown, ...] = ()
    genes_elsewhere: tuple[str, ...] = ()
    """What other bodies advise for TPMT and NUDT15."""
    titration: tuple[TitrationShown, ...] = ()
    titration_says: str = ""
    maximum: tuple[MaximumShown, ...] = ()
    maximum_mg: float | None = None
    """The lowest of the maxima."""
    judge_response_from: date | None = None
    judge_response_says: str = ""
    findings: tuple[Finding, ...] = ()
    refused: tuple[Refusal, ...] = ()
    missing: tuple[Missing, ...] = ()


class ChangePlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change of the dose in use: what the body's step gives, from when, and what stands against it."""

    schema: str
    drug: str
    name: str
    on: date
    digest: str
    simulated: bool = False
    """By the word of the record the patient does not exist."""
    jurisdiction: str
    request: DoseRequest
    because: Because
    summary: str
    followed: BodyShown | None = None
    inputs: tuple[InputShown, ...] = ()
    steps: tuple[StepShown, ...] = ()
    check_by_hand: str = ""
    from_mg: float | None = None
    to: OptionShown | None = None
    """None: no change is supported, or the drug is to be withheld (`action`)."""
    action: ActionShown | None = None
    earliest: date | None = None
    maximum: tuple[MaximumShown, ...] = ()
    maximum_mg: float | None = None
    findings: tuple[Finding, ...] = ()
    refused: tuple[Refusal, ...] = ()
    missing: tuple[Missing, ...] = ()


class TaperStepShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The dose from a day on; 0 is the end."""

    earliest: date
    target_mg: float
    option: OptionShown | None = None


class TaperPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the drug is withdrawn: step by step under supervision, or at once for toxicity."""

    schema: str
    drug: str
    name: str
    on: date
    digest: str
    simulated: bool = False
    """By the word of the record the patient does not exist."""
    jurisdiction: str
    request: DoseRequest
    summary: str
    at_once: bool = False
    from_mg: float | None = None
    followed: str = ""
    inputs: tuple[InputShown, ...] = ()
    steps: tuple[TaperStepShown, ...] = ()
    says: tuple[str, ...] = ()
    """What each source says of withdrawal, with its name."""
    sources: tuple[SourceShown, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: tuple[Refusal, ...] = ()
    missing: tuple[Missing, ...] = ()


class ConversionPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A dose of one thiopurine as a dose of the other. Never a straight swap after hypersensitivity or pancreatitis."""

    schema: str
    from_drug: str
    to_drug: str
    on: date
    digest: str
    simulated: bool = False
    """By the word of the record the patient does not exist."""
    summary: str
    from_mg: float
    range: RangeShown | None = None
    steps: tuple[StepShown, ...] = ()
    check_by_hand: str = ""
    says: tuple[str, ...] = ()
    sources: tuple[SourceShown, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: tuple[Refusal, ...] = ()
    missing: tuple[Missing, ...] = ()
