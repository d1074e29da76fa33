"""The FHIR R4 Bundle. `fhir.resources` (R4B) is the independent judge of its shape."""

import json
import re
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle

from reports.elsewhere import in_another_process
from reports.sample import FINDINGS, HOSTILE, hostile, sample_assessment, sample_record
from reports.sample_book import sample_book
from rxvigil.engine.assessment import Assessment, Finding, Missing
from rxvigil.facts import Origin
from rxvigil.reports.as_json import as_bytes
from rxvigil.reports.fhir import to_fhir

Resource = dict[str, Any]


def bundle(assessment: Assessment | None = None) -> Resource:
    return to_fhir(assessment or sample_assessment(), sample_record(), sample_book())


def of_type(found: Resource, kind: str) -> list[Resource]:
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [one for part in value.values() for one in references(part)]
    return [one for part in value for one in references(part)] if isinstance(value, list) else []


def with_finding(**changes: Any) -> Assessment:
    finding: Finding = msgspec.structs.replace(FINDINGS[4], **changes)
    return msgspec.structs.replace(sample_assessment(), findings=(finding,))


def test_the_bundle_is_valid_r4() -> None:
    Bundle.model_validate(bundle())
    Bundle.model_validate(to_fhir(*hostile(), sample_book()))
    Bundle.model_validate(
        bundle(msgspec.structs.replace(sample_assessment(), findings=(), not_understood=(), outside=()))
    )


def test_every_reference_inside_the_bundle_resolves_and_every_id_is_its_own() -> None:
    found = bundle()
    addresses = [entry["fullUrl"] for entry in found["entry"]]
    inside = [one for one in references(found) if one.startswith("urn:uuid:")]
    assert inside
    assert set(inside) <= set(addresses)
    assert len(addresses) == len(set(addresses))


class TestTheSameEachTime:
    def test_the_same_assessment_gives_the_same_bytes_in_another_process(self) -> None:
        elsewhere = in_another_process("as_bytes(to_fhir(sample_assessment(), sample_record(), sample_book()))")
        assert elsewhere == as_bytes(bundle())

    def test_no_clock_is_read(self) -> None:
        days = set(re.findall(r"20\d\d-\d\d-\d\d", json.dumps(bundle()))) - {"2026-02-20", "2026-02-25"}
        due = {test.due.isoformat() for test in sample_assessment().next_tests if test.due}
        late = {test.overdue_after.isoformat() for test in sample_assessment().next_tests if test.overdue_after}
        assert days - due - late == {"2026-03-01"}

    def test_another_date_gives_other_ids(self) -> None:
        later = msgspec.structs.replace(sample_assessment(), on=sample_assessment().on.replace(month=4))
        assert {one["id"] for one in of_type(bundle(), "DetectedIssue")}.isdisjoint(
            one["id"] for one in of_type(bundle(later), "DetectedIssue")
        )


class TestFindings:
    def test_each_finding_that_fired_is_an_issue_with_the_severity_of_its_tier(self) -> None:
        shown = {one["code"]["text"]: one["severity"] for one in of_type(bundle(), "DetectedIssue")}
        assert shown == {
            "xanthine-oxidase inhibitor with a thiopurine": "high",
            "neutrophils low": "moderate",
            "ALT or AST raised": "moderate",
            "MCV raised": "low",
        }

    def test_it_points_to_the_resources_of_the_record(self) -> None:
        issue = of_type(bundle(), "DetectedIssue")[1]
        places = [{"reference": "Observation/neutrophils-2026-02-20"}, {"reference": "Condition/throat"}]
        assert issue["implicated"] == places
        assert issue["evidence"][0]["detail"] == [{"reference": "Observation/neutrophils-2026-02-20"}]
        assert issue["evidence"][0]["code"] == [{"text": "Neutrophils 1.4 ×10⁹/L on 20 Feb 2026"}]
        assert issue["patient"]["reference"] == "Patient/Q17-204"

    def test_a_component_is_reached_through_its_resource(self) -> None:
        record = sample_record()
        first = record.results[-2]
        moved = msgspec.structs.replace(first, origin=Origin("maria.json", "Observation/abc#component[1]"))
        others = [one for one in record.results if one.id != first.id]
        found = to_fhir(sample_assessment(), msgspec.structs.replace(record, results=(*others, moved)), sample_book())
        assert "Observation/abc" in references(of_type(found, "DetectedIssue"))

    def test_what_to_do_is_proposed_and_never_told_as_done(self) -> None:
        found = bundle()
        tasks = {one["focus"]["reference"]: one for one in of_type(found, "Task")}
        stop = of_type(found, "DetectedIssue")[0]
        task = tasks[f"urn:uuid:{stop['id']}"]
        assert (task["intent"], task["status"], task["priority"]) == ("proposal", "requested", "stat")
        assert task["description"].startswith("Now (must): Stop azathioprine or allopurinol")
        assert not any("mitigation" in one for one in of_type(found, "DetectedIssue"))

    def test_what_is_only_for_information_makes_no_task(self) -> None:
        found = bundle()
        low = [f"urn:uuid:{one['id']}" for one in of_type(found, "DetectedIssue") if one["severity"] == "low"]
        assert not {one["focus"]["reference"] for one in of_type(found, "Task")}.intersection(low)


class TestCannotSay:
    def test_it_is_never_an_issue_but_asks_for_data(self) -> None:
        answers = of_type(bundle(), "GuidanceResponse")
        assert [one["status"] for one in answers] == ["data-required", "data-required"]
        assert {note["text"] for note in answers[1]["note"]} >= {
            "Could be STOP.",
            "Bilirubin: no result in the record. To settle it: find or take a result for bilirubin.",
        }

    def test_it_names_the_data_with_codes_of_the_vocabulary(self) -> None:
        need = of_type(bundle(), "GuidanceResponse")[1]["dataRequirement"]
        bilirubin = {"system": "http://loinc.org", "code": "1975-2", "display": "Bilirubin"}
        assert need == [{"type": "Observation", "codeFilter": [{"path": "code", "code": [bilirubin]}]}]

    def test_where_its_gaps_name_nothing_it_asks_for_all_that_the_rule_asks(self) -> None:
        rule = "monitoring/azathioprine/bsr-2017#hys-law"
        assessment = with_finding(unanswered=(rule,), missing=(Missing("results", "the record holds none", "ask"),))
        need = of_type(bundle(assessment), "GuidanceResponse")[0]["dataRequirement"]
        assert [one["codeFilter"][0]["code"][0]["code"] for one in need] == ["1742-6", "1975-2"]

    def test_where_no_advice_was_published_no_data_is_asked_for(self) -> None:
        answer = of_type(bundle(with_finding(missing=(), unanswered=(), rule="x/y")), "GuidanceResponse")[0]
        assert answer["status"] == "success"
        assert "dataRequirement" not in answer

    def test_what_was_not_understood_stands_with_its_place(self) -> None:
        issues = of_type(bundle(), "OperationOutcome")[0]["issue"]
        assert [one["severity"] for one in issues] == ["warning", "warning", "information"]
        assert "Observation/neutrophils-2026-02-25 (maria.json, line 31)" in issues[0]["diagnostics"]


class TestTests:
    def test_only_tests_due_are_requested_and_only_proposed(self) -> None:
        requests = {one["code"]["text"]: one for one in of_type(bundle(), "ServiceRequest")}
        assert set(requests) == {"Creatinine", "Liver tests"}
        assert {one["intent"] for one in requests.values()} == {"proposal"}
        assert requests["Creatinine"]["occurrencePeriod"] == {"start": "2025-11-03", "end": "2025-11-17"}

    def test_a_code_is_given_only_where_the_vocabulary_has_one(self) -> None:
        requests = {one["code"]["text"]: one for one in of_type(bundle(), "ServiceRequest")}
        assert requests["Creatinine"]["code"]["coding"] == [
            {"system": "http://loinc.org", "code": "2160-0", "display": "Creatinine"}
        ]
        assert "coding" not in requests["Liver tests"]["code"]


def test_every_statement_has_its_provenance() -> None:
    found = bundle()
    told = {target["reference"] for one in of_type(found, "Provenance") for target in one["target"]}
    kinds = ("DetectedIssue", "GuidanceResponse", "Task", "ServiceRequest")
    assert told == {f"urn:uuid:{one['id']}" for kind in kinds for one in of_type(found, kind)}
    first = of_type(found, "Provenance")[0]
    values = [one["what"]["identifier"]["value"] for one in first["entity"]]
    assert "interactions/xanthine-oxidase#full-dose" in values
    assert sample_assessment().book.digest in values
    assert first["occurredDateTime"] == "2026-03-01"


class TestOtherInputs:
    def test_a_patient_from_a_spreadsheet_is_an_identifier_not_a_reference(self) -> None:
        assessment, record = sample_assessment(), sample_record()
        results = tuple(
            msgspec.structs.replace(one, origin=Origin("labs.csv", "column ALT", 7)) for one in record.results
        )
        bare = msgspec.structs.replace(record, results=results, prescriptions=(), genotypes=(), symptoms=())
        issue = of_type(to_fhir(assessment, bare, sample_book()), "DetectedIssue")[1]
        assert issue["patient"] == {"type": "Patient", "identifier": {"value": "Q17-204"}}
        assert "implicated" not in issue

    def test_hostile_text_stays_text(self) -> None:
        found = to_fhir(*hostile(), sample_book())
        issue = of_type(found, "DetectedIssue")[0]
        assert "<script" not in issue["text"]["div"]
        assert "\x1b" not in json.dumps(found, ensure_ascii=False)
        assert "reference" not in issue
        assert issue["code"]["text"].startswith(HOSTILE[:20])


@pytest.mark.parametrize("kind", ["DetectedIssue", "GuidanceResponse", "Task", "ServiceRequest"])
def test_a_system_that_shows_only_the_narrative_shows_the_point(kind: str) -> None:
    for one in of_type(bundle(), kind):
        assert one["text"]["status"] == "generated"
        assert len(re.sub(r"<[^>]+>", "", one["text"]["div"])) > 10
