"""Files as they come: every kind, every damage, one patient or many."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fhir_samples import (
    Resource,
    bundle,
    condition,
    immunization,
    observation,
    patient,
    quantity,
    read,
    request,
    vocabulary,
    without,
    words,
)

from rxvigil.errors import PatientCountError, RxvigilError, UnreadableInput, UnsupportedInput
from rxvigil.facts import Record
from rxvigil.intake import read_patient, read_patients, record_from_resources
from rxvigil.intake.fhir import NOBODY, files, index


def put(folder: Path, name: str, content: bytes | str | Resource) -> Path:
    data = json.dumps(content) if isinstance(content, dict) else content
    path = folder / name
    raw = data.encode() if isinstance(data, str) else data
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def lines(*resources: Resource) -> str:
    return "".join(json.dumps(one) + "\n" for one in resources)


def everybody(path: Path) -> list[Record]:
    return list(read_patients(path, vocabulary()))


def of(person: str, resource: Resource) -> Resource:
    name = "patient" if "patient" in resource else "subject"
    return resource | {name: {"reference": f"Patient/{person}"}}


WHOLE = bundle(patient(), observation(), request())


# --- kinds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction", "document", "batch", "history", "message"])
def test_a_bundle_of_any_kind(tmp_path: Path, kind: str) -> None:
    record = read_patient(put(tmp_path, "p.json", WHOLE | {"type": kind}), vocabulary())
    assert (len(record.results), len(record.prescriptions)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bundle.json", json.dumps(WHOLE)),
        ("bundle.json.gz", json.dumps(WHOLE)),
        ("named-anything", json.dumps(WHOLE, indent=2)),
        ("with-mark.json", b"\xef\xbb\xbf" + json.dumps(WHOLE).encode()),
        ("resources.ndjson", lines(patient(), observation(), request())),
        ("resources.ndjson.gz", lines(patient(), observation(), request())),
        ("gaps.ndjson", "\n" + lines(patient(), observation()) + "\n\n" + lines(request()).strip()),
        ("list.json", json.dumps([patient(), observation(), request()])),
        ("bundles-in-lines.ndjson", lines(bundle(patient()), bundle(observation(), request()))),
        ("nested.json", json.dumps(bundle(bundle(patient(), observation()), request()))),
    ],
)
def test_one_patient_in_every_kind_of_file(tmp_path: Path, name: str, content: str | bytes) -> None:
    path = put(tmp_path, name, content)
    record = read_patient(path, vocabulary())
    assert (record.patient.id, len(record.results), len(record.prescriptions)) == ("p1", 1, 1)
    assert not record.not_understood
    assert [one.patient.id for one in everybody(path)] == ["p1"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (json.dumps(WHOLE), lines(patient(), observation(), request())):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        record = read_patient(None, vocabulary())
        assert record.results[0].origin.source == "standard input"


def test_a_single_resource(tmp_path: Path) -> None:
    record = read_patient(put(tmp_path, "o.json", observation()), vocabulary())
    assert record.patient.id == "p1"
    assert "sex and birth date are not known" in record.not_understood[0].why


def test_a_folder_is_joined_by_patient(tmp_path: Path) -> None:
    put(tmp_path, "Patient.ndjson", lines(patient(id="a"), patient(id="b")))
    put(tmp_path, "Observation.ndjson.gz", lines(of("b", observation("1")), of("a", observation("2"))))
    put(tmp_path, "Condition.json", of("b", condition()))
    put(tmp_path, "Medication.ndjson", lines({"resourceType": "Medication", "id": "m", "code": words("azathioprine")}))
    order = without(request(), "medicationCodeableConcept") | {"medicationReference": {"reference": "Medication/m"}}
    put(tmp_path, "MedicationRequest.ndjson", lines(of("a", order)))
    put(tmp_path, "notes.txt", "not FHIR")
    first, second = everybody(tmp_path)
    assert (first.patient.id, [one.id for one in first.results]) == ("a", ["Observation/2"])
    assert [one.drug for one in first.prescriptions] == ["azathioprine"]
    assert (second.patient.id, [one.id for one in second.results]) == ("b", ["Observation/1"])
    assert [one.concept for one in second.conditions] == ["crohns-disease"]


def test_facts_say_where_they_stood(tmp_path: Path) -> None:
    path = put(tmp_path, "o.ndjson", lines(patient(), observation()) + lines(observation("o2", valueQuantity={})))
    record = read_patient(path, vocabulary())
    assert str(record.results[0].origin) == "Observation/o1 (o.ndjson, line 2)"
    assert str(record.not_understood[0].origin) == "Observation/o2 (o.ndjson, line 3)"


# --- who -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p1"},
        {"reference": "https://ehr.example.org/fhir/Patient/p1"},
        {"reference": "Patient/p1/_history/4"},
        {"reference": "urn:uuid:p1"},
        {"reference": "urn:uuid:full"},
        {"identifier": {"system": "urn:nhs", "value": "999"}},
    ],
)
def test_a_patient_is_found_under_every_name(subject: Resource) -> None:
    whose = patient(identifier=[{"system": "urn:nhs", "value": "999"}])
    entry = [{"fullUrl": "urn:uuid:full", "resource": whose}, {"resource": observation(subject=subject)}]
    record = record_from_resources([{"resourceType": "Bundle", "type": "transaction", "entry": entry}], vocabulary())
    assert len(record.results) == 1


def test_two_patients_are_never_mixed(tmp_path: Path) -> None:
    path = put(tmp_path, "two.json", bundle(patient(), patient(id="p2"), observation(), of("p2", request())))
    with pytest.raises(PatientCountError, match="2 patients where one was asked for") as problem:
        read_patient(path, vocabulary())
    assert "choose one by the id" in problem.value.do
    chosen = read_patient(path, vocabulary(), patient="p2")
    assert (chosen.patient.id, len(chosen.results), len(chosen.prescriptions)) == ("p2", 0, 1)
    with pytest.raises(PatientCountError, match="no patient of that id"):
        read_patient(path, vocabulary(), patient="p3")


def test_a_patient_who_is_only_referred_to_is_a_patient() -> None:
    with pytest.raises(PatientCountError, match="2 patients"):
        record_from_resources([patient(), observation(), of("p2", request())], vocabulary())


def test_no_patient(tmp_path: Path) -> None:
    for content in (bundle(), bundle({"resourceType": "Organization", "id": "x"})):
        with pytest.raises(PatientCountError, match="holds no patient"):
            read_patient(put(tmp_path, "none.json", content), vocabulary())


def test_what_belongs_to_nobody_comes_last_in_an_input_of_many(tmp_path: Path) -> None:
    nobody = without(observation(), "subject")
    hospital = {"resourceType": "Organization", "id": "x"}
    path = put(tmp_path, "many.ndjson", lines(patient(id="a"), patient(id="b"), nobody, hospital))
    records = everybody(path)
    assert [one.patient.id for one in records] == ["a", "b", NOBODY]
    assert records[2].not_understood[0].affects == ("neutrophils",)
    assert records[2].unread == {"Organization": 1}


def test_an_observation_of_a_group_is_not_the_patient_s() -> None:
    record = read(observation(subject={"reference": "Group/herd"}))
    assert record.unread == {"Observation": 1}


# --- incomplete ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stated",
    [
        {"link": [{"relation": "self", "url": "x"}, {"relation": "next", "url": "y"}]},
        {"type": "searchset", "total": 40},
    ],
)
def test_one_page_of_a_search_is_not_the_whole_record(stated: Resource) -> None:
    record = record_from_resources([WHOLE | stated], vocabulary())
    assert {"any-drug", "any-result"} <= set(record.not_understood[0].affects)


def test_a_deleted_resource_is_left_out_and_said() -> None:
    deleting = {"request": {"method": "DELETE", "url": "Observation/o1"}}
    record = record_from_resources([WHOLE | {"entry": [*WHOLE["entry"], deleting]}], vocabulary())
    assert not record.results
    assert "it was deleted" in record.not_understood[0].why


@pytest.mark.parametrize("entry", ["x", 7, None, {}, {"resource": []}, {"resource": "x"}, {"fullUrl": 1}])
def test_an_entry_that_is_no_resource_may_have_been_anything(entry: Any) -> None:
    record = record_from_resources([WHOLE | {"entry": [*WHOLE["entry"], entry]}], vocabulary())
    assert len(record.not_understood[0].affects) == 5


def test_circular_and_dangling_references_end() -> None:
    loop = observation("g", valueQuantity=None, hasMember=[{"reference": "Observation/g"}])
    contained = observation("h", contained=[loop], hasMember=[{"reference": "#g"}, {"reference": "#gone"}])
    record = read(loop, contained)
    assert record.not_understood


# --- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what", "where"),
    [
        ("", "it is empty", ""),
        (" \n ", "it is empty", ""),
        ('{"resourceType": "Bundle",\n "entry": [}', "it is not valid JSON", ":2:12"),
        ('{"resourceType": "Bundle"', "cut short", ""),
        ('{"resourceType": "Patient", "id": NaN}', "it is not valid JSON", ":1:35"),
        ("{}", "it has no resourceType", ""),
        ("[1, 2", "cut short", ""),
        (json.dumps(WHOLE).encode("utf-16"), "UTF-16", ""),
        (b'{"resourceType": "Patient", "id": "\xff\xfe"}', "not", ""),
        ('{"a":' * 100_000, "nested too deeply", ""),
        ("[" * 200_000 + "]" * 200_000, "nested too deeply", ""),
        (b"\x1f\x8b\x08\x00broken", "damaged or cut short", ""),
        (gzip.compress(json.dumps(WHOLE).encode())[:-20], "damaged or cut short", ""),
    ],
    ids=range(13),
)
def test_a_damaged_file_is_named_with_what_is_wrong(
    tmp_path: Path, content: str | bytes, what: str, where: str
) -> None:
    path = put(tmp_path, "bad.json", content)
    with pytest.raises(UnreadableInput) as problem:
        read_patient(path, vocabulary())
    assert what in problem.value.what
    assert problem.value.where == f"bad.json{where}"
    assert problem.value.do


@pytest.mark.parametrize(
    ("content", "what"),
    [("<Bundle/>", "XML"), ("%PDF-1.7", "PDF"), ("MSH|^~\\&|LAB", "HL7 v2")],
)
def test_other_formats_are_refused_by_name(tmp_path: Path, content: str, what: str) -> None:
    with pytest.raises(UnsupportedInput, match=what):
        read_patient(put(tmp_path, "x", content), vocabulary())


def test_a_table_needs_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no mapping"):
        read_patient(put(tmp_path, "labs.csv", "pid,date\n1,2026-01-01\n"), vocabulary())


def test_a_missing_file_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_patient(tmp_path / "gone.json", vocabulary())
    with pytest.raises(UnreadableInput, match="no FHIR file"):
        read_patient(tmp_path, vocabulary())


def test_a_torn_line_is_listed_with_its_number_and_its_patient(tmp_path: Path) -> None:
    torn = json.dumps(of("a", observation("1")))[:-40]
    path = put(tmp_path, "o.ndjson", lines(patient(id="a"), patient(id="b"), of("b", observation())) + torn)
    first, second = everybody(path)
    assert first.not_understood[0].origin.line == 4
    assert len(first.not_understood[0].affects) == 5
    assert not second.not_understood


def test_a_torn_line_of_nobody_is_listed_for_the_only_patient_or_under_nobody(tmp_path: Path) -> None:
    one = put(tmp_path, "one.ndjson", lines(patient(), observation()) + '{"resourceType": "Obs')
    assert read_patient(one, vocabulary()).not_understood[0].origin.line == 3
    two = put(tmp_path, "two.ndjson", lines(patient(), patient(id="b")) + '{"resourceType": "Obs\n')
    assert [record.patient.id for record in everybody(two)] == ["p1", "b", NOBODY]


def test_a_line_whose_reference_is_not_utf_8_is_listed(tmp_path: Path) -> None:
    broken = lines(of("p9", observation())).encode().replace(b"Patient/p9", b"Patient/\xff")
    [alone] = everybody(put(tmp_path, "a.ndjson", lines(patient()).encode() + broken))
    assert "not UTF-8" in alone.not_understood[0].why
    *_, nobody = everybody(put(tmp_path, "b.ndjson", lines(patient(), patient(id="p2")).encode() + broken))
    assert nobody.patient.id == NOBODY
    assert "not UTF-8" in nobody.not_understood[0].why


def test_a_damaged_file_in_a_folder_is_listed_and_the_others_are_read(tmp_path: Path) -> None:
    put(tmp_path, "a.json", WHOLE)
    put(tmp_path, "b.json", "{")
    record = read_patient(tmp_path, vocabulary())
    assert len(record.results) == 1
    assert record.not_understood[0].origin.source == "b.json"


def test_size_is_limited_in_one_document_and_not_in_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_DOCUMENT", 2000)
    many = [observation(str(number), effectiveDateTime=f"20{number:02}-01-01") for number in range(20)]
    with pytest.raises(UnreadableInput, match="is not read") as problem:
        read_patient(put(tmp_path, "big.json", bundle(patient(), *many)), vocabulary())
    assert "NDJSON" in problem.value.do
    assert len(read_patient(put(tmp_path, "big.ndjson", lines(patient(), *many)), vocabulary()).results) == 20


def test_an_endless_line_is_listed_and_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "LONGEST_LINE", 3000)
    endless = json.dumps(observation("x", note=[{"text": "x" * 10_000}])) + "\n"
    path = put(tmp_path, "o.ndjson", lines(patient()) + endless + lines(observation()))
    record = read_patient(path, vocabulary())
    assert len(record.results) == 1
    assert record.not_understood[0].origin.line == 2


# --- other releases ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "release"),
    [
        (observation(context={"reference": "Encounter/1"}), "STU3"),
        (observation(related=[{"type": "has-member"}]), "STU3"),
        (condition(clinicalStatus="active"), "STU3"),
        (without(immunization(), "occurrenceDateTime") | {"date": "2020-01-01", "notGiven": False}, "STU3"),
        (request(dosageInstruction=[{"doseQuantity": quantity(50, "mg")}]), "STU3"),
        ({"resourceType": "MedicationStatement", "taken": "y", "subject": {"reference": "Patient/p1"}}, "STU3"),
        ({"resourceType": "MedicationOrder", "patient": {"reference": "Patient/p1"}}, "DSTU2"),
        ({"resourceType": "Condition", "patient": {"reference": "Patient/p1"}}, "DSTU2"),
        ({"resourceType": "MedicationPrescription", "patient": {"reference": "Patient/p1"}}, "DSTU1"),
        (request(medication={"concept": words("azathioprine")}), "R5"),
    ],
)
def test_another_release_is_refused_in_one_sentence(resource: Resource, release: str) -> None:
    with pytest.raises(UnsupportedInput, match=f"this is FHIR {release}, not R4") as problem:
        read(resource)
    assert "export it as FHIR R4" in problem.value.do


def test_single_resources_of_another_release_among_r4_are_listed() -> None:
    old = observation(context={"reference": "Encounter/1"})
    record = read(condition(recordedDate="2020-01-01"), old)
    assert record.not_understood[0].affects == ("neutrophils",)
    assert "STU3" in record.not_understood[0].why


def test_an_old_bundle_of_the_first_release() -> None:
    with pytest.raises(UnsupportedInput, match="DSTU1"):
        record_from_resources([{"resourceType": "Bundle", "entry": [{"content": observation()}]}], vocabulary())


def test_errors_hold_no_word_of_the_record(tmp_path: Path) -> None:
    for content in ('{"resourceType": "Patient", "name": "SECRET', bundle(patient(id="SECRET"), patient(id="b"))):
        with pytest.raises(RxvigilError) as problem:
            read_patient(put(tmp_path, "x.json", content), vocabulary())
        assert "SECRET" not in str(problem.value)
