"""An assessment as a FHIR R4 Bundle (collection) that another system can store and show.

One DetectedIssue per finding with a proposed Task for what to do; a GuidanceResponse that asks for data per question
that could not be answered; a proposed ServiceRequest per test due; an OperationOutcome for what was not understood; and
a Provenance for each, naming rule, rule book and date. What to do is *not* written as `mitigation`: that element says
what was done, and nothing was. Identifiers follow from the content, so the same assessment gives the same Bundle.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rxvigil.engine.assessment import Assessment, DueTest, FactShown, Finding, SourceShown
from rxvigil.facts import Allergy, Condition, Event, Genotype, Immunisation, Prescription, Record, Result, Symptom
from rxvigil.knowledge.book import RuleBook
from rxvigil.reports import words
from rxvigil.reports.fhir_needs import codings, needs
from rxvigil.reports.fhir_shapes import (
    SEVERITY,
    Resource,
    bundle,
    device,
    entity,
    identity_of,
    narrative,
    not_read,
    provenance,
    rests_on_rule_book,
    rests_on_source,
    subject,
    url_of,
)

_Fact = Result | Prescription | Condition | Allergy | Immunisation | Genotype | Symptom | Event

_PRIORITY: Final = {"now": "stat", "today": "asap", "this week": "urgent"}
_ORIGIN: Final = re.compile(
    r"^((?:Observation|DiagnosticReport|MedicationRequest|MedicationStatement|MedicationAdministration"
    r"|MedicationDispense|Condition|AllergyIntolerance|Immunization|Procedure|Patient)/[A-Za-z0-9\-.]{1,64})(?:#.*)?$"
)


def to_fhir(assessment: Assessment, record: Record, book: RuleBook) -> Resource:
    """The Bundle. `record` tells where each fact stood; `book` holds the codes of tests."""
    making = _Making(assessment, _origins(record), book)
    resources = [making.device, *making.findings(), *making.tests()]
    if making.outcome:
        resources.append(making.outcome)
    return bundle(making.identity, resources, simulated=assessment.patient.simulated)


def _origins(record: Record) -> dict[str, str]:
    """Id of a fact -> the resource it was read from, where it was a resource."""
    facts: tuple[_Fact, ...] = (
        *record.results, *record.prescriptions, *record.conditions, *record.allergies, *record.immunisations,
        *record.genotypes, *record.symptoms, *record.events,
    )  # fmt: skip
    found = {fact.id: _ORIGIN.match(fact.origin.place) for fact in facts}
    return {identity: match.group(1) for identity, match in found.items() if match}


@dataclass(frozen=True)
class _Making:
    """Builds the resources of one Bundle."""

    assessment: Assessment
    origins: dict[str, str]
    book: RuleBook

    def identity(self, *what: str) -> str:
        """An id that follows from rule book, patient, date and what it is for."""
        about = (self.assessment.book.digest, self.assessment.patient.id, self.assessment.on.isoformat(), *what)
        return identity_of(*about)

    @property
    def on(self) -> str:
        return self.assessment.on.isoformat()

    @property
    def patient(self) -> Resource:
        return subject(self.assessment.patient.id, as_resource=bool(self.origins))

    @property
    def device(self) -> Resource:
        return device(self.identity, self.assessment.book.digest)

    @property
    def outcome(self) -> Resource | None:
        """What was not understood and which codes no rule knows; none where there is neither."""
        issues = not_read(self.assessment.not_understood)
        issues += [
            {
                "severity": "information",
                "code": "informational",
                "diagnostics": f"No rule knows {one.kind} code {one.code} of {one.system}, seen {one.count} times.",
            }
            for one in self.assessment.outside
        ]
        return (
            {"resourceType": "OperationOutcome", "id": self.identity("OperationOutcome"), "issue": issues}
            if issues
            else None
        )

    def findings(self) -> Iterator[Resource]:
        for finding in self.assessment.findings:
            about = self._unanswered(finding) if finding.tier == "CANNOT SAY" else self._issue(finding)
            made = [about] if finding.tier == "KNOW" else [about, self._task(finding, about)]
            yield from made
            yield self._provenance(made, [finding.rule, *finding.also, *finding.unanswered], finding.sources)

    def tests(self) -> Iterator[Resource]:
        for test in self.assessment.next_tests:
            if test.status in ("due", "overdue"):
                request = self._request(test)
                yield request
                yield self._provenance([request], test.protocols, ())

    def _issue(self, finding: Finding) -> Resource:
        rule_out = f"First rule out: {'; '.join(finding.attest)}." if finding.attest else ""
        return {
            "resourceType": "DetectedIssue",
            "id": self.identity("DetectedIssue", finding.rule, finding.cause),
            "text": narrative(finding.says),
            "status": "final",
            "code": {"text": finding.cause},
            "severity": SEVERITY[finding.tier],
            "patient": self.patient,
            "identifiedDateTime": self.on,
            "author": {"reference": url_of(self.device)},
            "implicated": [{"reference": one} for one in self._references(finding.because)],
            "evidence": [self._evidence(fact) for fact in finding.because],
            "detail": " ".join(part for part in (finding.says, rule_out, *finding.notes) if part),
            "reference": next((one.url for one in finding.sources if words.is_address(one.url)), None),
        }

    def _references(self, facts: tuple[FactShown, ...]) -> list[str]:
        return list(dict.fromkeys(self.origins[fact.id] for fact in facts if fact.id in self.origins))

    def _evidence(self, fact: FactShown) -> Resource:
        return {"code": [{"text": fact.says}], "detail": [{"reference": one} for one in self._references((fact,))]}

    def _unanswered(self, finding: Finding) -> Resource:
        """A question with no answer: for want of data, or, where nothing is missing, of published advice."""
        outcome = self.outcome
        return {
            "resourceType": "GuidanceResponse",
            "id": self.identity("GuidanceResponse", finding.rule, finding.cause),
            "text": narrative(finding.says),
            "moduleUri": f"urn:rxvigil:rule:{finding.rule}",
            "status": "data-required" if finding.missing else "success",
            "subject": self.patient,
            "occurrenceDateTime": self.on,
            "performer": {"reference": url_of(self.device)},
            "reasonCode": [{"text": finding.cause}],
            "note": [{"text": text} for text in _question(finding)],
            "evaluationMessage": [{"reference": url_of(outcome)}] if outcome else [],
            "dataRequirement": needs(finding, self.book),
        }

    def _task(self, finding: Finding, about: Resource) -> Resource:
        """What to do, as a proposal that somebody may take up."""
        says = f"{words.when_to_act(finding.action)}: {finding.action.says}"
        return {
            "resourceType": "Task",
            "id": self.identity("Task", finding.rule, finding.cause),
            "text": narrative(says),
            "status": "requested",
            "intent": "proposal",
            "priority": _PRIORITY.get(finding.action.urgency, "routine"),
            "code": {"text": finding.action.verb},
            "description": says,
            "focus": {"reference": url_of(about)},
            "for": self.patient,
            "authoredOn": self.on,
            "requester": {"reference": url_of(self.device)},
        }

    def _request(self, test: DueTest) -> Resource:
        loinc = [one for one in codings(test.test, self.book.vocabulary) if one["system"] == "http://loinc.org"]
        return {
            "resourceType": "ServiceRequest",
            "id": self.identity("ServiceRequest", test.test),
            "text": narrative(f"{test.name}: {words.due_line(test)}"),
            "status": "active",
            "intent": "proposal",
            "code": {"coding": loinc[:1], "text": test.name},
            "subject": self.patient,
            "occurrencePeriod": {
                "start": test.due.isoformat() if test.due else None,
                "end": test.overdue_after.isoformat() if test.overdue_after else None,
            },
            "authoredOn": self.on,
            "requester": {"reference": url_of(self.device)},
            "reasonCode": [{"text": test.because}],
        }

    def _provenance(
        self, made: list[Resource], rules: list[str] | tuple[str, ...], sources: tuple[SourceShown, ...]
    ) -> Resource:
        """By which rules of which rule book, resting on which publications."""
        named = [entity("urn:rxvigil:rule", rule, rule) for rule in dict.fromkeys(rules)]
        published = [rests_on_source(one, one.url) for one in sources]
        rests_on = [*named, rests_on_rule_book(self.assessment.book.digest), *published]
        return provenance(self.identity("Provenance", made[0]["id"]), made, self.on, self.device, rests_on)


def _question(finding: Finding) -> list[str]:
    could = [f"Could be {finding.would_be}."] if finding.would_be else []
    gaps = [f"{gap.what}: {gap.why}. To settle it: {gap.settles}." for gap in finding.missing]
    return [finding.says, *could, *gaps]
