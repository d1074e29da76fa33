"""Observation: laboratory results and measurements; genotypes, pregnancy and symptoms are handed on."""

from collections.abc import Iterator
from typing import NamedTuple

from rxvigil.facts import Result, When
from rxvigil.intake.fhir.activity import measured_activity
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import (
    Concept,
    Misshapen,
    Node,
    child_of,
    children_of,
    concept_of,
    moment_of,
    reference_of,
    text_of,
)
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.genotype import (
    gene_studied,
    genes_in_words,
    is_effect,
    left_open,
    read_effect,
    read_genotype,
)
from rxvigil.intake.fhir.parts import Elsewhere, Outcome, listed, refuse_modifiers, withdrawn
from rxvigil.intake.fhir.states import read_state, state_named
from rxvigil.intake.fhir.values import (
    Value,
    answers_in,
    interpretation_of,
    reference_of_result,
    unit_of,
    value_of,
)
from rxvigil.intake.reading import Doubt, Finder, Found, Measured, clean, named_method
from rxvigil.knowledge.vocabulary import Analyte

_RELEASED = frozenset(("final", "amended", "corrected"))
_CORRECTED = frozenset(("amended", "corrected"))
_EARLY = frozenset(("preliminary", "registered"))
_NOT_DONE = frozenset(("not-performed", "not-applicable"))


class Sample(NamedTuple):
    """What the parts of one Observation share."""

    entry: Entry
    status: str
    when: When | None
    panel: str | None
    assay: str
    specimen: str


def read_observation(entry: Entry, context: Context) -> Iterator[Outcome]:
    """Every result in the Observation and its components, and why any of it cannot be used."""
    resource = entry.resource
    code = concept_of(resource, "code")
    status = text_of(resource, "status")
    if status == "entered-in-error":
        yield withdrawn(entry, code.shown)
        return
    refuse_modifiers(resource)
    if status == "cancelled":
        yield listed(entry, code.shown, "the test was cancelled: there is no result")
        return
    if resource.get("focus"):
        yield listed(entry, code.shown, "it is about somebody or something other than the patient")
        return
    sample = _sample(entry, status, context)
    yield from _read_part(sample, resource, code, "", context)
    if "component" in resource:
        for number, part in enumerate(children_of(resource, "component")):
            refuse_modifiers(part)
            yield from _read_part(sample, part, concept_of(part, "code"), f"component[{number}]", context)


def _sample(entry: Entry, status: str, context: Context) -> Sample:
    resource = entry.resource
    when = moment_of(resource, "effective")
    specimen = _specimen(entry, context) if "specimen" in resource else None
    if when is None and specimen is not None:
        when = moment_of(child_of(specimen.resource, "collection"), "collected")
    assay = concept_of(resource, "method").shown if "method" in resource else ""
    kind = concept_of(specimen.resource, "type").shown if specimen is not None else ""
    panel = context.panels.get(entry.place)
    if panel is None:
        return Sample(entry, status, when, None, assay, kind)
    return Sample(entry, status, when or panel.when, panel.place, assay, kind)


def _specimen(entry: Entry, context: Context) -> Entry | None:
    return context.references.find(reference_of(entry.resource, "specimen"), "Specimen", entry)


def _read_part(sample: Sample, node: Node, code: Concept, element: str, context: Context) -> Iterator[Outcome]:
    value, problem = _stated(node)
    if value is None and problem is None and (node.get("component") or node.get("hasMember")):
        return
    match = context.finder.analyte(code.codings, code.text, value.either_unit if value else None, sample.specimen)
    if problem is not None and isinstance(match, Found):
        yield listed(sample.entry, match.entry.name, str(problem), (match.entry.key,), sample.when, element)
    elif isinstance(match, Found):
        measured = sample._replace(assay=_assay(sample, code, match.entry))
        yield from _read_result(measured, node, match.entry, value, element, context)
    elif (gene := gene_studied(code, node, context.finder)) is not None:
        yield read_genotype(gene, value, sample.entry, element, sample.when, context)
    elif is_effect(code):
        yield from read_effect(value, sample.entry, element, sample.when, context)
    elif (state := state_named(code, context.finder)) is not None:
        yield from read_state(state, value, sample.entry, element, sample.when)
    elif isinstance(match, Doubt):
        yield match.listed(code.shown or "a test", sample.entry.origin(element), sample.when)
    elif not element and (named := genes_in_words(code, value, context.finder)):  # a part speaks through its whole
        yield from left_open(named, sample.entry, element, sample.when)
    else:
        yield Elsewhere("result", match)


def _assay(sample: Sample, code: Concept, analyte: Analyte) -> str:
    """The method as stated, and a method of the analyte that only its name tells ("6-TGN (Lennard)")."""
    named = named_method(analyte, " ".join((code.text, *(one.display for one in code.codings))))
    return "; ".join(one for one in (sample.assay, named) if one)


def _stated(node: Node) -> tuple[Value | None, Misshapen | None]:
    """The value, or why it is none: that matters only where the code is one of ours."""
    try:
        return value_of(node), None
    except Misshapen as problem:
        return None, problem


def _read_result(
    sample: Sample, node: Node, analyte: Analyte, value: Value | None, element: str, context: Context
) -> Iterator[Outcome]:
    entry, when = sample.entry, sample.when
    if value is None and (missing := _why_missing(sample, node, analyte)) is not None:
        yield missing.listed(analyte.name, entry.origin(element), when)
        return
    measured, unit = _measure(context.finder, analyte, value or Value(None), node)
    if isinstance(measured, Doubt):
        yield measured.listed(analyte.name, entry.origin(element), when)
        return
    if when is None:
        yield listed(entry, analyte.name, "the day of the sample is not stated", (analyte.key,), None, element)
        return
    ranged = "referenceRange" in node and measured.value is not None
    reference = reference_of_result(node, context.finder, analyte, unit) if ranged else None
    if isinstance(reference, Doubt):
        yield reference.listed(analyte.name, entry.origin(element), when)
        reference = None
    if sample.status not in _RELEASED and sample.status not in _EARLY:
        why = "its status is not known: it may raise an alarm, but not reassure"
        yield listed(entry, analyte.name, why, (), when, element)
    result = Result(
        id=f"{entry.place}#{element}" if element else entry.place,
        analyte=analyte.key,
        when=when,
        origin=entry.origin(element),
        value=measured.value,
        comparator=measured.comparator,
        category=measured.category,
        reference=reference,
        written=measured.written,
        preliminary=sample.status not in _RELEASED,
        panel=sample.panel,
        assay=sample.assay or None,
        made_from=_made_from(entry, context) if "derivedFrom" in node else (),
    )
    if sample.status in _CORRECTED:
        context.corrected.add(result.id)
    yield result


def _why_missing(sample: Sample, node: Node, analyte: Analyte) -> Doubt | None:
    """Why a test of ours has no value; none where the interpretation may still answer."""
    if sample.status == "registered":
        return Doubt("the test is registered, and its result is not here yet", ())
    reason = concept_of(node, "dataAbsentReason")
    if reason.has(*_NOT_DONE):
        return Doubt(f"the test was not done ({reason.shown})", ())
    if reason.codings or reason.text:
        return Doubt(f"it has no value: {reason.shown}", (analyte.key,))
    return None


def _measure(finder: Finder, analyte: Analyte, value: Value, node: Node) -> tuple[Measured | Doubt, str]:
    """The value in canonical form, with the unit it was read in. Words of the interpretation answer a qualitative
    test whose value is missing or is a bare signal."""
    if value.concept is not None:
        return _categorise(finder, analyte, answers_in(value.concept)), ""
    if (activity := measured_activity(finder, analyte, value, node)) is not None:
        return activity, ""
    unit = unit_of(finder, analyte, value.code, value.unit)
    if isinstance(unit, Doubt):
        return unit, ""
    measured = finder.measured(analyte, value.value, unit or None, value.comparator)
    if isinstance(measured, Doubt) and analyte.categories and "interpretation" in node:
        answer = _categorise(finder, analyte, interpretation_of(node))
        return (measured if isinstance(answer, Doubt) else answer), unit
    return measured, unit


def _categorise(finder: Finder, analyte: Analyte, answers: list[str]) -> Measured | Doubt:
    if not answers:
        return Doubt("it has no value", (analyte.key,))
    found = {answer: category for answer in answers if (category := finder.category(analyte, answer)) is not None}
    if len(set(found.values())) > 1:
        return Doubt("its code and its words give different answers", (analyte.key,))
    if not found:
        return finder.measured(analyte, answers[0], None)
    return Measured(None, "", next(iter(found.values())), clean(answers[0]))


def _made_from(entry: Entry, context: Context) -> tuple[str, ...]:
    sources = (text_of(one, "reference") for one in children_of(entry.resource, "derivedFrom"))
    found = (context.references.find(one, "Observation", entry) for one in sources if one)
    return tuple(one.place for one in found if one is not None)
