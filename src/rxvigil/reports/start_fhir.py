"""The assessment before the first tablet as a FHIR R4 Bundle (collection).

A GuidanceResponse holds the verdict and points to a CarePlan; the checklist is a QuestionnaireResponse; a DetectedIssue
stands for each concern and finding; what is to be settled are proposed Tasks, tests to order and the calendar proposed
ServiceRequests. Nothing in it is an order and no dose is prescribed: a person decides. Identifiers follow from content.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rxvigil.engine.assessment import Finding
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.reports import start_words, words
from rxvigil.reports.fhir_needs import codings
from rxvigil.reports.fhir_shapes import (
    SEVERITY,
    Resource,
    bundle,
    device,
    identity_of,
    narrative,
    not_read,
    provenance,
    rests_on_rule_book,
    rests_on_source,
    subject,
    url_of,
)
from rxvigil.starting.assessment import ItemShown, SettleShown, StartAssessment, TestShown, VaccineShown, VisitShown

_CHECKLIST: Final = "urn:rxvigil:checklist"


def start_to_fhir(assessment: StartAssessment, record: Record, book: RuleBook) -> Resource:
    """The Bundle. `record` tells whether the patient came as a FHIR resource; `book` holds the codes of tests."""
    making = _Making(assessment, record, book)
    made = [*making.issues(), *making.tasks(), *making.requests()]
    resources = [making.device, making.verdict(), making.care_plan(), making.answers(), *made]
    if making.outcome:
        resources.append(making.outcome)
    resources.append(making.provenance(resources[1:]))
    return bundle(making.identity, resources, simulated=assessment.patient.simulated)


@dataclass(frozen=True)
class _Making:
    """Builds the resources of one Bundle."""

    shown: StartAssessment
    record: Record
    book: RuleBook

    def identity(self, *what: str) -> str:
        about = (self.shown.book.digest, self.shown.patient.id, self.shown.on.isoformat(), self.shown.drug, "start")
        return identity_of(*about, *what)

    @property
    def on(self) -> str:
        return self.shown.on.isoformat()

    @cached_property
    def patient(self) -> Resource:
        places = [one.origin.place for one in self.record.results]
        places += [one.origin.place for one in self.record.prescriptions]
        places += [one.origin.place for one in self.record.conditions]
        as_fhir = any(re.match(r"[A-Z][A-Za-z]+/", place) for place in places)
        return subject(self.shown.patient.id, as_resource=as_fhir)

    @cached_property
    def device(self) -> Resource:
        return device(self.identity, self.shown.book.digest)

    @cached_property
    def outcome(self) -> Resource | None:
        """What was not understood; none where everything was."""
        issues = not_read(self.shown.not_understood)
        if not issues:
            return None
        return {"resourceType": "OperationOutcome", "id": self.identity("OperationOutcome"), "issue": issues}

    def verdict(self) -> Resource:
        """The verdict in a word and a sentence, and how long it counts."""
        open_ = any(one.kind in ("ask", "test") for one in self.shown.to_settle)
        return {
            "resourceType": "GuidanceResponse",
            "id": self.identity("GuidanceResponse"),
            "text": narrative(self.shown.says),
            "moduleUri": f"urn:rxvigil:start:{self.shown.drug}",
            "status": "data-required" if open_ else "success",
            "subject": self.patient,
            "occurrenceDateTime": self.on,
            "performer": {"reference": url_of(self.device)},
            "reasonCode": [{"text": self.shown.verdict}],
            "note": [
                {"text": self.shown.says},
                {"text": start_words.about(self.shown)},
                {"text": f"Counts until {start_words.counts_until(self.shown)}"},
            ],
            "evaluationMessage": [{"reference": url_of(self.outcome)}] if self.outcome else [],
            "result": {"reference": url_of(self.care_plan())},
        }

    def care_plan(self) -> Resource:
        """The plan: what to settle, tests to order, the calendar; the dose and what to tell only as notes."""
        notes = [*start_words.dose_lines(self.shown), self.shown.plan.calendar_says]
        notes += [f"Tell the patient: {one.name}. {one.says}" for one in self.shown.plan.tell]
        return {
            "resourceType": "CarePlan",
            "id": self.identity("CarePlan"),
            "text": narrative(start_words.about(self.shown)),
            "status": "draft",
            "intent": "proposal",
            "title": f"Before the first tablet: {self.shown.name}",
            "subject": self.patient,
            "period": {"start": self.on},
            "created": self.on,
            "author": {"reference": url_of(self.device)},
            "activity": [{"reference": {"reference": url_of(one)}} for one in (*self.tasks(), *self.requests())],
            "note": [{"text": one} for one in notes],
        }

    def answers(self) -> Resource:
        """The checklist with its answers."""
        open_ = any(one.says == "cannot say" for one in self.shown.items)
        return {
            "resourceType": "QuestionnaireResponse",
            "id": self.identity("QuestionnaireResponse"),
            "questionnaire": f"{_CHECKLIST}:{self.shown.drug}",
            "status": "in-progress" if open_ else "completed",
            "subject": self.patient,
            "authored": self.on,
            "author": {"reference": url_of(self.device)},
            "item": [
                {"linkId": f"subject-{number}", "text": subject, "item": [_answer(item) for item in items]}
                for number, (subject, items) in enumerate(start_words.subjects(self.shown).items(), 1)
            ],
        }

    def issues(self) -> Iterator[Resource]:
        """Concerns that are there, and what the rules find."""
        for item in self.shown.items:
            if item.says == "yes":
                yield self._concern(item)
        for finding in self.shown.findings:
            yield self._finding(finding)

    def _concern(self, item: ItemShown) -> Resource:
        positions = [f"{one.body} ({one.weight}): {one.says}" for one in start_words.asked_here(item)]
        tier = "STOP" if item.weight == "blocking" else "ACT" if item.deal_with_first else "KNOW"
        return {
            **self._issue(item.name, SEVERITY[tier], f"item-{item.id}"),
            "text": narrative(f"{item.name}: {item.do}"),
            "evidence": [{"code": [{"text": start_words.evidence_line(one)}]} for one in item.evidence],
            "detail": " ".join((item.do, *positions)),
        }

    def _finding(self, finding: Finding) -> Resource:
        return {
            **self._issue(finding.cause, SEVERITY.get(finding.tier, "low"), finding.rule),
            "text": narrative(finding.says),
            "evidence": [{"code": [{"text": one.says}]} for one in finding.because],
            "detail": f"{finding.says} {finding.action.says}",
            "reference": next((one.url for one in finding.sources if words.is_address(one.url)), None),
        }

    def _issue(self, cause: str, severity: str, what: str) -> Resource:
        return {
            "resourceType": "DetectedIssue",
            "id": self.identity("DetectedIssue", what, cause),
            "status": "final",
            "code": {"text": cause},
            "severity": severity,
            "patient": self.patient,
            "identifiedDateTime": self.on,
            "author": {"reference": url_of(self.device)},
        }

    def tasks(self) -> Iterator[Resource]:
        """What is to be settled, and vaccines to give first, as proposals that somebody may take up."""
        for settle in self.shown.to_settle:
            yield self._task(settle.kind, settle.what, f"{_sentence(settle)} {settle.do}")
        for vaccine in self.shown.plan.vaccines:
            yield self._task("vaccinate", vaccine.name, _vaccine(vaccine))

    def _task(self, kind: str, what: str, says: str) -> Resource:
        return {
            "resourceType": "Task",
            "id": self.identity("Task", kind, what),
            "text": narrative(says),
            "status": "requested",
            "intent": "proposal",
            "priority": "routine",
            "code": {"text": kind},
            "description": says,
            "for": self.patient,
            "authoredOn": self.on,
            "restriction": {"period": {"end": self.shown.start.isoformat()}},
            "requester": {"reference": url_of(self.device)},
        }

    def requests(self) -> Iterator[Resource]:
        """Tests before the first dose, and the calendar of the first year."""
        for test in self.shown.plan.tests:
            yield self._test(test)
        if self.shown.verdict != "may not start":
            yield from (self._visit(visit) for visit in self.shown.plan.calendar)

    def _test(self, test: TestShown) -> Resource:
        loinc = [
            one
            for key in test.test.split("|")
            for one in codings(key, self.book.vocabulary)
            if one["system"] == "http://loinc.org"
        ]
        return {
            **self._request(test.test, f"{test.name}: {start_words.test_why(test)}"),
            "code": {"coding": loinc[:1], "text": test.name},
            "occurrencePeriod": {"end": self.shown.start.isoformat()},
            "reasonCode": [{"text": test.why}],
        }

    def _visit(self, visit: VisitShown) -> Resource:
        tests = ", ".join(visit.tests)
        return {
            **self._request(f"visit-{visit.on.isoformat()}", f"{tests}: {'; '.join(visit.why)}"),
            "code": {"text": tests},
            "occurrenceDateTime": visit.on.isoformat(),
            "reasonCode": [{"text": why} for why in visit.why],
        }

    def _request(self, what: str, says: str) -> Resource:
        return {
            "resourceType": "ServiceRequest",
            "id": self.identity("ServiceRequest", what),
            "text": narrative(says),
            "status": "draft",
            "intent": "proposal",
            "subject": self.patient,
            "authoredOn": self.on,
            "requester": {"reference": url_of(self.device)},
        }

    def provenance(self, made: list[Resource]) -> Resource:
        """By which rule book, resting on which publications."""
        sources = dict.fromkeys(start_words.all_sources(self.shown))
        published = [rests_on_source(one, one.url or one.ref) for one in sources]
        rests_on = [rests_on_rule_book(self.shown.book.digest), *published]
        return provenance(self.identity("Provenance"), made, self.on, self.device, rests_on)


def _answer(item: ItemShown) -> Resource:
    found = [{"valueString": item.says}]
    texts = [*(start_words.evidence_line(one) for one in item.evidence), *([item.answered] if item.answered else [])]
    rests = "; ".join(texts) or item.why
    return {
        "linkId": item.id,
        "text": item.question,
        "answer": [{**found[0], "item": [{"linkId": f"{item.id}.rests-on", "text": rests}]}],
    }


def _sentence(settle: SettleShown) -> str:
    return f"{start_words.settle_line(settle)}."


def _vaccine(vaccine: VaccineShown) -> str:
    return f"{vaccine.name} ({vaccine.strength}): {vaccine.says}{start_words.if_given_today(vaccine)}"
