"""DiagnosticReport and panel Observations: which results belong to one sample, and results that are missing."""

from collections.abc import Iterable, Iterator

from rxvigil.facts import When
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import Concept, Misshapen, children_of, concept_of, concepts_of, moment_of, text_of
from rxvigil.intake.fhir.entries import Entry, References
from rxvigil.intake.fhir.observation import read_observation
from rxvigil.intake.fhir.parts import Outcome, Panel, listed, refuse_modifiers, withdrawn
from rxvigil.intake.reading import Found, short_system
from rxvigil.knowledge.lookup import Vocabulary, normal
from rxvigil.knowledge.vocabulary import TestPanel

_MEMBERS = {"DiagnosticReport": "result", "Observation": "hasMember"}
_ANY_RESULT = ("any-result",)


def panels_among(entries: Iterable[Entry], references: References) -> dict[str, Panel]:
    """Place of an Observation -> the report, or else the panel, that it is part of."""
    found: dict[str, Panel] = {}
    groups = [entry for entry in entries if entry.has(_MEMBERS.get(entry.type, ""))]
    for group in sorted(groups, key=lambda one: one.type):
        panel = Panel(group.place, _when(group))
        for address in _addresses(group):
            member = references.find(address, "Observation", group)
            if member is not None:
                found.setdefault(member.place, panel)
    return found


def read_report(entry: Entry, context: Context) -> Iterator[Outcome]:
    """The results inside the report, and those it names that are not in the input."""
    code = concept_of(entry.resource, "code")
    status = text_of(entry.resource, "status")
    if status == "entered-in-error":
        yield withdrawn(entry, code.shown)
        return
    refuse_modifiers(entry.resource)
    when = moment_of(entry.resource, "effective")
    yield from _read_members(entry, code, when, context)
    if not entry.resource.get("result") and status != "cancelled":
        affects = _tests_of(code, context.finder.vocabulary) or _test_of(code, context)
        if affects:
            yield listed(entry, code.shown, "the report holds no result that can be read", affects, when)


def read_panel(entry: Entry, context: Context) -> Iterator[Outcome]:
    """An Observation, with the members that it contains or that are not in the input."""
    yield from read_observation(entry, context)
    if "hasMember" in entry.resource and text_of(entry.resource, "status") != "entered-in-error":
        code = concept_of(entry.resource, "code")
        yield from _read_members(entry, code, moment_of(entry.resource, "effective"), context)


def _read_members(entry: Entry, code: Concept, when: When | None, context: Context) -> Iterator[Outcome]:
    for member in children_of(entry.resource, _MEMBERS[entry.type]):
        address = text_of(member, "reference")
        found = context.references.find(address, "Observation", entry)
        if found is None:
            name = text_of(member, "display")
            affects = _test_of(Concept((), name), context) or _tests_of(code, context.finder.vocabulary)
            anything = () if _is_vital_sign(entry) else _ANY_RESULT
            why = "it refers to a result that is not in the input"
            yield listed(entry, name or code.shown, why, affects or anything, when, _MEMBERS[entry.type])
        elif address.startswith("#"):
            yield from read_observation(found, context)


def _is_vital_sign(entry: Entry) -> bool:
    return any(one.has("vital-signs") for one in concepts_of(entry.resource, "category"))


def _find(address: str, group: Entry, references: References) -> Entry | None:
    return references.find(address, "Observation", group)


def _addresses(group: Entry) -> list[str]:
    try:
        return [text_of(one, "reference") for one in children_of(group.resource, _MEMBERS[group.type])]
    except Misshapen:
        return []


def _when(group: Entry) -> When | None:
    try:
        return moment_of(group.resource, "effective")
    except Misshapen:
        return None


def _test_of(code: Concept, context: Context) -> tuple[str, ...]:
    if not code.codings and not code.text:
        return ()
    found = context.finder.analyte(code.codings, code.text)
    return (found.entry.key,) if isinstance(found, Found) else ()


def _tests_of(code: Concept, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The tests of the panel of ours that the code means, or none."""
    for panel in vocabulary.panels.values():
        if _means(code, panel):
            return (*panel.all, *(test for group in panel.any for test in group))
    return ()


def _means(code: Concept, panel: TestPanel) -> bool:
    codes = {str(system): known for system, known in panel.codes.items()}
    if any(coding.code in codes.get(short_system(coding.system), ()) for coding in code.codings):
        return True
    names = {normal(name) for name in (panel.name, *panel.names)}
    return any(normal(said) in names for said in (code.text, *(coding.display for coding in code.codings)) if said)
