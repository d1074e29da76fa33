"""Reading one resource after another: every one ends as a fact, a not-understood entry, outside, or unread."""

import re
from collections.abc import Mapping

from rxvigil.facts import (
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Prescription,
    Result,
)
from rxvigil.intake.fhir.allergy import read_allergy
from rxvigil.intake.fhir.composition import read_composition
from rxvigil.intake.fhir.condition import read_condition
from rxvigil.intake.fhir.context import Context, Reader
from rxvigil.intake.fhir.elements import Misshapen, concept_of
from rxvigil.intake.fhir.ended import End, Ended
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.immunisation import read_immunisation
from rxvigil.intake.fhir.medicine import medicine_of
from rxvigil.intake.fhir.newest import without_superseded
from rxvigil.intake.fhir.parts import ANYTHING, Elsewhere, EmptyList, Outcome, Unread, listed
from rxvigil.intake.fhir.plain import PlainReader
from rxvigil.intake.fhir.prescription import read_prescription
from rxvigil.intake.fhir.procedure import read_order, read_procedure
from rxvigil.intake.fhir.report import read_panel, read_report
from rxvigil.intake.fhir.states import state_named
from rxvigil.intake.fhir.versions import foreign_release, refuse_without_r4
from rxvigil.intake.reading import Doubt, Fact, Found, Gathering, ListKind, NotOurs
from rxvigil.knowledge.lookup import ConceptKind
from rxvigil.knowledge.vocabulary import Analyte, ConceptEntry

READERS: dict[str, Reader] = {
    "Observation": read_panel,
    "DiagnosticReport": read_report,
    "MedicationRequest": read_prescription,
    "MedicationStatement": read_prescription,
    "MedicationDispense": read_prescription,
    "MedicationAdministration": read_prescription,
    "Condition": read_condition,
    "AllergyIntolerance": read_allergy,
    "Immunization": read_immunisation,
    "Procedure": read_procedure,
    "ServiceRequest": read_order,
    "Composition": read_composition,
}
"""Resource types that can hold facts of a patient, with who reads them."""

_LISTS: dict[str, tuple[ListKind, str]] = {
    "Observation": ("results", "any-result"),
    "DiagnosticReport": ("results", "any-result"),
    "MedicationRequest": ("prescriptions", "any-drug"),
    "MedicationStatement": ("prescriptions", "any-drug"),
    "MedicationDispense": ("prescriptions", "any-drug"),
    "MedicationAdministration": ("prescriptions", "any-drug"),
    "MedicationOrder": ("prescriptions", "any-drug"),
    "MedicationPrescription": ("prescriptions", "any-drug"),
    "MedicationUsage": ("prescriptions", "any-drug"),
    "Condition": ("conditions", "any-condition"),
    "AllergyIntolerance": ("allergies", "any-allergy"),
    "Immunization": ("immunisations", "any-vaccine"),
}
"""The list a resource of this type stands in, and what it may be where nobody can say."""
_CONCEPTS: dict[str, tuple[str, ConceptKind]] = {
    "Condition": ("code", "condition"),
    "Immunization": ("vaccineCode", "vaccine"),
    "Procedure": ("code", "event"),
}


_TYPE = re.compile(r"^[A-Z][A-Za-z]+$")
_MEDICATIONS = frozenset(kind for kind, reader in READERS.items() if reader is read_prescription)


class Tray:
    """Gathers what the resources of one patient say."""

    def __init__(self, plain: PlainReader, ended: Ended | None = None) -> None:
        self.gathering = Gathering()
        self._plain = plain
        self._ended = ended
        self._results: list[Result] = []

    def read(self, entry: Entry, context: Context) -> None:
        """Everything the resource says."""
        if entry.type == "Observation":
            plain = self._plain.outcome(entry, context.panels)
            if isinstance(plain, Result):
                self._results.append(plain)
                self._note_end(entry, "kept")
                return
            if plain is not None:
                self.gathering.outside(plain.kind, plain.other)
                self._note_end(entry, "outside")
                return
        outcomes = outcomes_of(entry, context)
        for outcome in outcomes:
            if isinstance(outcome, Result):
                self._results.append(outcome)
            else:
                self._put(outcome, entry)
        self._note_end(entry, _end_of(outcomes))

    def read_of_nobody(self, entry: Entry, context: Context) -> None:
        """A resource that does not say whose it is: nothing of it is believed, all that it may affect is named."""
        outcomes = outcomes_of(entry, context)
        for outcome in outcomes:
            if isinstance(outcome, (Elsewhere, Unread, NotUnderstood, EmptyList)):
                self._put(outcome, entry)
            else:
                why = "it does not say whose it is"
                self._put(listed(entry, key_of(outcome), why, (key_of(outcome),)), entry)
        end = _end_of(outcomes)
        self._note_end(entry, "quarantined" if end == "kept" else end)

    def settle_results(self, corrected: set[str]) -> None:
        """Put the results in, without those that a corrected or released one supersedes."""
        kept, superseded = without_superseded(self._results, corrected)
        for result in kept:
            self.gathering.add(result)
        for complaint in superseded:
            self.gathering.add(complaint)
        self._results = []

    def put_beside(self, results: int, outside: Mapping[NotOurs, int]) -> None:
        """Plain results that are read apart, and what among them is none of ours: how many there are."""
        if results:
            self.gathering.there_is("results")
        for other, count in outside.items():
            self.gathering.outside("result", other, count)
        if self._ended is not None:
            self._ended.kept += results
            self._ended.outside += sum(outside.values())

    def _note_end(self, entry: Entry, end: End) -> None:
        if self._ended is not None:
            self._ended.note(entry, end)

    def _put(self, outcome: Outcome, entry: Entry) -> None:
        if isinstance(outcome, Unread):
            self.gathering.unread(outcome.kind)
        elif isinstance(outcome, EmptyList):
            self.gathering.there_is(outcome.kind)
            self.gathering.unread("Section that is stated to be empty")
        elif isinstance(outcome, Elsewhere):
            self.gathering.outside(outcome.kind, outcome.other)
        elif isinstance(outcome, NotUnderstood):
            self.gathering.add(outcome)
            if outcome.affects and entry.type in _LISTS:
                self.gathering.there_is(_LISTS[entry.type][0])
        else:
            self.gathering.add(outcome)


def _end_of(outcomes: list[Outcome]) -> End:
    """How an entry ended that said all this: what tells most of it counts."""
    if any(not isinstance(one, (Elsewhere, Unread, NotUnderstood, EmptyList)) for one in outcomes):
        return "kept"
    if any(isinstance(one, NotUnderstood) for one in outcomes):
        return "quarantined"
    return "outside" if any(isinstance(one, Elsewhere) for one in outcomes) else "ignored"


def outcomes_of(entry: Entry, context: Context) -> list[Outcome]:
    """What the resource says; never nothing. A shape that is not FHIR R4 makes the rest of it not understood."""
    reader = READERS.get(entry.type)
    foreign = foreign_release(entry)
    if foreign is not None:
        refuse_without_r4(*foreign, entry, context.entries, entry.source)
        release, element = foreign
        why = f"it is written in FHIR {release}, not R4"
        return [listed(entry, _called(entry), why, might_be(entry, context), None, element)]
    if reader is None and _TYPE.match(entry.type):
        return [Unread(entry.type)]
    if reader is None:
        return [listed(entry, entry.type, "it does not say what it is", ANYTHING)]
    found: list[Outcome] = []
    try:
        for outcome in reader(entry, context):
            found.append(outcome)
    except Misshapen as problem:
        found.append(listed(entry, _called(entry), str(problem), might_be(entry, context), None, problem.element))
    return found or [Unread(entry.type)]


def _called(entry: Entry) -> str:
    """What a person would call the thing that cannot be read."""
    for name in ("code", "vaccineCode", "medicationCodeableConcept"):
        try:
            shown = concept_of(entry.resource, name).shown
        except Misshapen:
            continue
        if shown:
            return shown
    return entry.type


def might_be(entry: Entry, context: Context) -> tuple[str, ...]:
    """What a resource that cannot be read might have told: what its code means, or anything of its kind."""
    anything = (_LISTS[entry.type][1],) if entry.type in _LISTS else ()
    try:
        named = _named_by(entry, context)
    except Misshapen:
        return anything
    return anything if named is None else named


def _named_by(entry: Entry, context: Context) -> tuple[str, ...] | None:
    """The keys its code means, nothing where it means none of ours, none where that cannot be said."""
    if entry.type in _MEDICATIONS:
        drugs = medicine_of(entry, context).meant
        return tuple(taken.drug.key for taken in drugs) if isinstance(drugs, tuple) else _affected(drugs)
    if entry.type in _CONCEPTS:
        name, kind = _CONCEPTS[entry.type]
        code = concept_of(entry.resource, name)
        meant = _affected(context.finder.concept(kind, code.codings, code.text))
        state = state_named(code, context.finder)
        return (state[1].key,) if not meant and state is not None else meant
    if entry.type != "Observation" or entry.resource.get("component"):
        return None
    code = concept_of(entry.resource, "code")
    gene = context.finder.concept("gene", code.codings, code.text)
    state = state_named(code, context.finder)
    if isinstance(gene, Found) or state is not None:
        return (gene.entry.key,) if isinstance(gene, Found) else (state[1].key,) if state else ()
    return _affected(context.finder.analyte(code.codings, code.text))


def _affected(meant: Found[Analyte] | Found[ConceptEntry] | NotOurs | Doubt) -> tuple[str, ...]:
    if isinstance(meant, Found):
        return (meant.entry.key,)
    return meant.affects if isinstance(meant, Doubt) else ()


def key_of(fact: Fact) -> str:
    """The key of our vocabulary that a fact is about."""
    if isinstance(fact, Result):
        return fact.analyte
    if isinstance(fact, Prescription):
        return fact.drug
    if isinstance(fact, Immunisation):
        return fact.vaccine
    if isinstance(fact, Genotype):
        return fact.gene
    return fact.kind if isinstance(fact, Event) else fact.concept
