"""A record that is read back from a store is the record that the one-patient intake makes of the same files."""

import gzip
import shutil
import tarfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bulk_samples import bring, export, lines, observation, one_by_one, patient, request, stored, vocabulary
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rxvigil.errors import PatientCountError, RxvigilError, UnreadableInput
from rxvigil.intake.bulk import import_fhir, sources_at
from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import ready, write_clinic


@pytest.mark.parametrize("folder", ["fhir-synthea-bulk", "fhir-synthea-bundles"])
def test_real_exports(folder: str, data: Path, tmp_path: Path) -> None:
    manifest = bring(data / folder, tmp_path / "store")
    assert stored(tmp_path / "store") == one_by_one(data / folder)
    assert manifest.patients in (400, 2)


def test_the_official_examples(data: Path, tmp_path: Path) -> None:
    """318 resources that belong to many patients and to nobody, in every shape that FHIR R4 knows."""
    with tarfile.open(data / "fhir-hl7-r4-examples" / "examples.tar.gz") as archive:
        archive.extractall(tmp_path / "examples", filter="data")
    bring(tmp_path / "examples", tmp_path / "store")
    assert stored(tmp_path / "store") == one_by_one(tmp_path / "examples")


def test_a_simulated_clinic_read_by_two_processes(book: RuleBook, tmp_path: Path) -> None:
    clinic = ready(book, 5, date(2022, 1, 1), date(2026, 3, 1))
    write_clinic(clinic, book, tmp_path / "clinic", 40)
    here = import_fhir(sources_at(tmp_path / "clinic"), tmp_path / "one", vocabulary(), buckets=4, workers=1)
    there = import_fhir(sources_at(tmp_path / "clinic"), tmp_path / "many", vocabulary(), buckets=4, workers=2)
    assert here == there
    assert stored(tmp_path / "one") == stored(tmp_path / "many") == one_by_one(tmp_path / "clinic")


def test_packed_files(tmp_path: Path) -> None:
    source = export(tmp_path / "in", Patient=lines(patient(), patient("p2")))
    (source / "Observation.ndjson.gz").write_bytes(gzip.compress(lines(observation(), observation("o2", "Patient/p2"))))
    bring(source, tmp_path / "store")
    assert stored(tmp_path / "store") == one_by_one(source)


def test_one_patient_alone_has_what_belongs_to_nobody(tmp_path: Path) -> None:
    """A hospital, a line that cannot be read, and a result that does not say whose it is."""
    nobody = observation("o2") | {"subject": None}
    source = export(
        tmp_path / "in", A=lines(patient(), observation(), nobody, {"resourceType": "Location"}) + b"{torn\n"
    )
    bring(source, tmp_path / "store")
    found = stored(tmp_path / "store")
    assert found == one_by_one(source)
    assert found["p1"].unread == {"Location": 1}


def test_every_way_to_name_a_patient(tmp_path: Path) -> None:
    """By id, by urn, by a server's address, by identifier, and by the urn of the Bundle they came in."""
    number = {"system": "urn:nhs", "value": "943"}

    def result(day: int, of: str = "") -> dict[str, Any]:
        return observation(f"o{day}", of, effectiveDateTime=f"2026-02-{day:02d}")

    medicine = {"resourceType": "Medication", "id": "med", "code": {"text": "Azathioprine 25 mg tablets"}}
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:aaaa", "resource": patient("p2", identifier=[number])},
            {"fullUrl": "urn:uuid:bbbb", "resource": result(9, "urn:uuid:aaaa")},
            {"resource": result(10, "Patient/p1")},
            {"resource": medicine},
        ],
    }
    ordered = request("m2", medicationReference={"reference": "Medication/med"}, medicationCodeableConcept=None)
    source = export(
        tmp_path / "in",
        A=lines(patient(), result(1, "urn:uuid:p1"), result(2, "http://here/fhir/Patient/p1")),
        B=lines(result(3, "urn:uuid:aaaa"), result(4) | {"subject": {"identifier": number}}),
        C=lines(bundle, ordered),
    )
    bring(source, tmp_path / "store", buckets=7)
    found = stored(tmp_path / "store")
    assert found == one_by_one(source)
    assert {key: len(one.results) for key, one in found.items()} == {"p1": 3, "p2": 3}
    assert [one.drug for one in found["p1"].prescriptions] == ["azathioprine"]


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        3.1,
        "",
        "x",
        "Patient/p1",
        "Patient/p2",
        "urn:uuid:p1",
        "urn:uuid:zz",
        "?",
        "2026-02-30",
        [],
        {},
    ]
) | st.text(max_size=3)
KEYS = st.sampled_from(
    ["id", "subject", "patient", "status", "code", "valueQuantity", "effectiveDateTime", "meta", "component",
     "hasMember", "derivedFrom", "extension", "focus", "resourceType", "identifier", "fullUrl", "entry", "contained"]
)  # fmt: skip
LETTERS = st.sampled_from("ab")
VERSIONS = st.sampled_from([{}, {"versionId": "1"}, {"versionId": "2"}, {"lastUpdated": "2026-03-01T00:00:00Z"}])


@st.composite
def awkward(draw: st.DrawFn) -> Any:
    """A resource with a few things wrong; sometimes a Bundle of two, a deletion, or no resource at all."""
    who = draw(st.sampled_from(["Patient/p1", "Patient/p2", "urn:uuid:p1", "urn:uuid:u2", "Patient/p3", "Patient/"]))
    number = draw(st.sampled_from(["a", "b", "c"]))
    made = [
        patient(draw(st.sampled_from(["p1", "p2"])), identifier=[{"system": "s", "value": draw(LETTERS)}]),
        observation(number, who, valueQuantity={"value": draw(st.integers(0, 9)), "unit": "10*9/L"}),
        request(number, who),
        {"resourceType": "Encounter", "id": number, "subject": {"reference": who}},
        {"resourceType": "DiagnosticReport", "id": number, "status": "final", "code": {"text": "FBC"},
         "subject": {"reference": who}, "result": [{"reference": f"Observation/{number}"}]},
        {"resourceType": "Organization", "id": number},
    ]  # fmt: skip
    one = draw(st.sampled_from(made)) | {"meta": draw(VERSIONS)}
    if draw(st.booleans()):
        one = one | {draw(KEYS): draw(VALUES)}
    kind = draw(st.integers(0, 9))
    if kind == 0:
        deletion = {"request": {"method": "DELETE", "url": f"Observation/{number}"}}
        whole = {
            "fullUrl": draw(st.sampled_from(["urn:uuid:u2", "Patient/p1", "http://x/Patient/p2", ""])),
            "resource": one,
        }
        return {"resourceType": "Bundle", "entry": [whole, deletion, {"resource": draw(st.sampled_from(made))}]}
    return draw(VALUES) if kind == 1 else one


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(awkward(), min_size=1, max_size=6), min_size=1, max_size=3), buckets=st.integers(1, 3))
def test_awkward_resources(files: list[list[Any]], buckets: int, tmp_path: Path) -> None:
    """The same record, or the same refusal; but where one by one there is somebody or nobody of whom nothing at all was
    understood, no store is made."""
    for name in ("in", "store"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    source = export(tmp_path / "in", **{f"f{number}": lines(*file) for number, file in enumerate(files)})
    expected, found = answer(lambda: one_by_one(source)), answer(lambda: bring(source, tmp_path / "store", buckets))
    if isinstance(found, type) and not isinstance(expected, type):
        assert issubclass(found, UnreadableInput | PatientCountError)
        assert all(one.not_understood and not one.results and not one.prescriptions for one in expected.values())
        return
    if isinstance(expected, type) or isinstance(found, type):
        assert found is expected
        return
    assert stored(tmp_path / "store") == expected
    assert found.totals.all == sum(one.read for one in found.imports)


def answer(of: Callable[[], Any]) -> Any:
    """What comes of it, or which refusal."""
    try:
        return of()
    except RxvigilError as problem:
        return type(problem)
