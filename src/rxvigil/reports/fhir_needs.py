"""What a question needs to be answered, as FHIR data requirements: from the names in the rules that asked it."""

from collections.abc import Iterator
from typing import Any, Final

from rxvigil.engine.assessment import Finding
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import Term, parse, terms
from rxvigil.knowledge.lookup import SYSTEMS, Vocabulary
from rxvigil.knowledge.rules import Rule

_TYPE: Final = {
    "analyte": "Observation",
    "gene": "Observation",
    "event": "Observation",
    "drug": "MedicationRequest",
    "condition": "Condition",
    "symptom": "Condition",
    "vaccine": "Immunization",
    "patient": "Patient",
}
_ADDRESS: Final = {short: address for address, short in reversed(SYSTEMS.items()) if address.startswith("http")}
"""Short name of a code system -> its FHIR address; the first of several stands."""

HGNC: Final = _ADDRESS["hgnc"]
"""Identifies a gene, not a test of it: never the code of an Observation."""

Need = dict[str, Any]


def needs(finding: Finding, book: RuleBook) -> list[Need]:
    """The data that would settle a finding: what its gaps name, or else everything its rules ask for."""
    asked = list(dict.fromkeys(_asked(finding, book)))
    gaps = [gap.what.lower() for gap in finding.missing]
    named = [term for term in asked if any(book.vocabulary.show(term.subject).lower() in gap for gap in gaps)]
    found = [need(term, book.vocabulary) for term in named or asked]
    return [one for index, one in enumerate(found) if one not in found[:index]]


def need(term: Term, words: Vocabulary) -> Need:
    """One quantity of a rule as a requirement; a code only where the vocabulary holds one."""
    kind = words.kind_of(term.subject) or "analyte"
    if kind == "patient":
        return {"type": "Patient"}
    resource = "AllergyIntolerance" if term.measure == "allergy" else _TYPE[kind]
    codes = [one for one in codings(term.subject, words) if one["system"] != HGNC] or [
        {"display": words.show(term.subject)}
    ]
    path = {"MedicationRequest": "medication", "Immunization": "vaccineCode"}.get(resource, "code")
    return {"type": resource, "codeFilter": [{"path": path, "code": codes}]}


def codings(key: str, words: Vocabulary) -> list[dict[str, str]]:
    """The codes of an analyte, panel, drug or concept, in systems that FHIR has an address for."""
    concepts = (found.get(key) for found in words.concepts.values())
    entries = (words.analytes.get(key), words.panels.get(key), words.drugs.get(key), *concepts)
    entry = next((one for one in entries if one is not None), None)
    return [
        {"system": _ADDRESS[system], "code": code, "display": words.show(key)}
        for system, codes in sorted(entry.codes.items() if entry else ())
        if system in _ADDRESS
        for code in codes
    ]


def _asked(finding: Finding, book: RuleBook) -> Iterator[Term]:
    rules = dict(book.rules())
    for identity in finding.unanswered or (finding.rule,):
        if identity in rules:
            yield from _terms_of(rules[identity])
        table = book.tables.get(identity.partition("#")[0])
        if table is not None:
            yield from (term for axis in table.axes for term in terms(parse(axis.of)))


def _terms_of(rule: Rule) -> Iterator[Term]:
    """The quantities of a rule, with the drugs it is for in the place of `this`."""
    for term in terms(parse(rule.when)):
        for subject in rule.applies.drugs if term.subject == "this" else (term.subject,):
            yield Term(subject, term.measure, term.arguments)
