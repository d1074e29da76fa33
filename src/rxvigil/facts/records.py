"""What is known of one patient: frozen, typed facts, each with where it came from.

Concepts are named by the keys of our own vocabulary ("neutrophils", "azathioprine"); this package does not know
what those keys mean. Amounts are in the concept's canonical unit. Nothing here decides anything.
"""

from datetime import date
from typing import Literal

import msgspec

from rxvigil.facts.when import When

Comparator = Literal["", "<", "<=", ">", ">="]
Sex = Literal["female", "male", "other", "unknown"]
PrescriptionStatus = Literal["active", "ended", "on-hold", "planned", "unknown"]
DiagnosisStatus = Literal["active", "past", "refuted", "uncertain"]
VaccineStatus = Literal["given", "planned", "not-given"]
EventStatus = Literal["happened", "planned", "not"]
Phenotype = Literal["normal", "intermediate", "possible-intermediate", "poor", "indeterminate"]


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a fact stood in the input: enough for a person to find it again."""

    source: str
    """File name, or 'record' where the input had none."""
    place: str
    """Resource and element ("Observation/123", "Observation/123#component[1]") or column."""
    line: int | None = None
    """Line of an NDJSON or CSV file, counted from 1."""

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        return f"{self.place} ({self.source}{line})"


class Bounds(msgspec.Struct, frozen=True, omit_defaults=True):
    """A laboratory's own reference range, in the analyte's canonical unit; either end may be missing."""

    low: float | None = None
    high: float | None = None


class Patient(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who the record is about, and no more than the rules need."""

    id: str
    born: When | None = None
    sex: Sex = "unknown"
    died: When | None = None
    simulated: bool = False
    """The record says of itself that nobody is meant by it: made up for tests, training or demonstration."""


class Result(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One laboratory result or measurement, number or category."""

    id: str
    analyte: str
    when: When
    origin: Origin
    value: float | None = None
    comparator: Comparator = ""
    category: str | None = None
    """For qualitative results: positive, negative, undetectable, indeterminate ..."""
    reference: Bounds | None = None
    written: str = ""
    """Value and unit as the laboratory wrote them."""
    preliminary: bool = False
    """A preliminary result may raise an alarm but never reassures."""
    panel: str | None = None
    """Report or panel it was part of: parts of one sample may be combined."""
    assay: str | None = None
    made_from: tuple[str, ...] = ()
    """Ids of the results this one was calculated from."""


class Dose(msgspec.Struct, frozen=True):
    """Milligrams per day, as a range where the instruction leaves one ("1 to 2 tablets daily")."""

    low: float
    high: float


class Prescription(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """That a medicine was prescribed, supplied, given or reported."""

    id: str
    drug: str
    origin: Origin
    status: PrescriptionStatus
    start: When | None = None
    end: When | None = None
    supply_until: When | None = None
    """Last day covered by what was supplied, where the record says so."""
    dose: Dose | None = None
    product: str = ""
    written: str = ""
    """Dosage instruction as written."""
    kind: Literal["ordered", "supplied", "given", "reported"] = "ordered"


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A diagnosis or problem."""

    id: str
    concept: str
    origin: Origin
    status: DiagnosisStatus
    onset: When | None = None
    ended: When | None = None


class Allergy(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An allergy or intolerance to a drug or class; concept `none-known` states that there is none."""

    id: str
    concept: str
    origin: Origin
    status: DiagnosisStatus = "active"
    reaction: str = ""
    serious: bool | None = None


class Immunisation(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A vaccine given or planned."""

    id: str
    vaccine: str
    when: When
    origin: Origin
    status: VaccineStatus = "given"


class Genotype(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a laboratory stated of TPMT or NUDT15."""

    id: str
    gene: str
    origin: Origin
    when: When | None = None
    phenotype: Phenotype | None = None
    diplotypes: tuple[str, ...] = ()
    """Every pair of star alleles consistent with the report; more than one where it is not resolved."""
    written: str = ""


class Symptom(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A complaint reported by the patient or noted by staff."""

    id: str
    concept: str
    when: When
    origin: Origin
    ended: When | None = None


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Pregnancy, breastfeeding, surgery, infection, attendance, response to treatment ..."""

    id: str
    kind: str
    origin: Origin
    start: When | None = None
    end: When | None = None
    status: EventStatus = "happened"
    value: str | None = None


class Denial(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """That somebody was asked, and said that a thing is not so: no pancreatitis ever, no allopurinol now.

    It settles what would otherwise be unknown for want of a list or an entry. It never outweighs an entry that says
    the opposite, nor one that is unconfirmed.
    """

    id: str
    subject: str
    """The key a rule speaks of; for a class it holds for every member."""
    measure: str
    """The measure that is denied (`ever`, `active`, `allergy`, `planned` ...). `ever` denies the present too."""
    when: When
    origin: Origin
    until: date | None = None
    """Last day on which the answer still counts; none: it does not grow old."""


class NotUnderstood(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something in the input that could not be read, and what it might have changed.

    `affects` names vocabulary keys, or `any-drug`, `any-result`, `any-condition`, `any-allergy`, `any-vaccine`
    where it could have been anything of that kind: a rule that would have said "no" then says "cannot say".
    """

    origin: Origin
    what: str
    why: str
    affects: tuple[str, ...] = ()
    when: When | None = None


class Outside(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code that was read and recognised as none of ours: counted, because a code nobody knows is how
    monitoring falls silent."""

    kind: str
    system: str
    code: str
    display: str
    count: int


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All facts of one patient, and everything in the input that was not understood."""

    patient: Patient
    results: tuple[Result, ...] = ()
    prescriptions: tuple[Prescription, ...] = ()
    conditions: tuple[Condition, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    immunisations: tuple[Immunisation, ...] = ()
    genotypes: tuple[Genotype, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    events: tuple[Event, ...] = ()
    denials: tuple[Denial, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    outside: tuple[Outside, ...] = ()
    unread: dict[str, int] = {}
    """Kinds of resource that say nothing to the rules (Encounter, Claim ...), with how many there were."""
    lists: tuple[str, ...] = ()
    """Kinds of fact of which the input held at least one entry, ours or not: 'prescriptions', 'conditions',
    'allergies', 'immunisations', 'results'. Absence from a list that is there means no; from one that is not,
    cannot say."""
