"""Who does not exist, by the word of the source: it stays said in the record and in the store."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rxvigil.facts import Record, said_of_patient, said_of_patients
from rxvigil.intake import read_patients
from rxvigil.intake.bulk import import_fhir, import_records, sources_at
from rxvigil.intake.bulk.finished import finished_records
from rxvigil.intake.omop import read_omop
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import person_number
from rxvigil.population.manifest import Manifest, Mode
from rxvigil.population.store import Store
from rxvigil.simulation import Form, ready, write_clinic

HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
SYNTHEA = {"system": "https://github.com/synthetichealth/synthea", "value": "x"}


def people(folder: Path, *patients: dict[str, Any]) -> Path:
    """A FHIR export of these patients, each with an appointment."""
    folder.mkdir(parents=True)
    whole = [{"resourceType": "Patient", "gender": "female"} | one for one in patients]
    (folder / "Patient.ndjson").write_text("".join(json.dumps(one) + "\n" for one in whole))
    return folder


def clinic(folder: Path, book: RuleBook, form: Form) -> Path:
    write_clinic(ready(book, 5, date(2025, 9, 1), date(2026, 3, 1)), book, folder, 5, form)
    return folder


def bring_fhir(source: Path, store: Path, book: RuleBook) -> Manifest:
    return import_fhir(sources_at(source), store, book.vocabulary, buckets=2, workers=1)


def bring_finished(source: Path, store: Path, book: RuleBook, mapping: Path | None, mode: Mode | None) -> Manifest:
    with finished_records(str(source), mapping, book.vocabulary) as found:
        return import_records(
            store, found.records, found.files, book.vocabulary, mode=mode, beside=found.beside, totals=found.totals
        )


# --- what says so --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "simulated"),
    [
        ({"meta": {"security": [HTEST]}}, True),
        ({"meta": {"security": [{"system": "urn:x", "code": "R"}, HTEST | {"display": "test health data"}]}}, True),
        ({"identifier": [{"system": "urn:x", "value": "1"}, SYNTHEA]}, True),
        ({}, False),
        ({"meta": {"security": [{"code": "HTEST"}]}}, False),
        ({"meta": {"security": [HTEST | {"system": "urn:x"}]}}, False),
        ({"meta": {"security": "HTEST"}, "identifier": SYNTHEA}, False),
        ({"name": [{"family": "Test", "given": ["HTEST"]}]}, False),
    ],
)
def test_a_patient_resource_says_so_by_label_or_identifier(
    tmp_path: Path, book: RuleBook, stated: dict[str, Any], simulated: bool
) -> None:
    [found] = read_patients(people(tmp_path / "in", {"id": "a"} | stated), book.vocabulary)
    assert found.patient.simulated is simulated


def test_one_labelled_result_does_not_make_a_patient_simulated(tmp_path: Path, book: RuleBook) -> None:
    source = people(tmp_path / "in", {"id": "a"})
    code = {"coding": [{"system": "http://loinc.org", "code": "751-8"}]}
    result = {
        "resourceType": "Observation", "id": "o", "status": "final", "meta": {"security": [HTEST]}, "code": code,
        "subject": {"reference": "Patient/a"}, "effectiveDateTime": "2026-01-01",
        "valueQuantity": {"value": 3, "unit": "10*9/L"},
    }  # fmt: skip
    (source / "Observation.ndjson").write_text(json.dumps(result))
    [found] = read_patients(source, book.vocabulary)
    assert (len(found.results), found.patient.simulated) == (1, False)


def test_two_entries_that_differ_in_it_are_said_to_contradict(tmp_path: Path, book: RuleBook) -> None:
    """Taken for real: nobody real may be passed over."""
    source = people(tmp_path / "in", {"id": "a", "meta": {"security": [HTEST]}}, {"id": "a"})
    [found] = read_patients(source, book.vocabulary)
    assert not found.patient.simulated
    assert "contradicts another entry" in found.not_understood[-1].why


@pytest.mark.parametrize(
    ("told", "simulated"),
    [
        ([{"cdm_source_abbreviation": "SIMULATED"}], True),
        ([{"cdm_etl_reference": "https://github.com/OHDSI/ETL-Synthea"}], True),
        ([{"source_documentation_reference": "https://synthetichealth.github.io/synthea/"}], True),
        ([{"cdm_source_abbreviation": "Royal", "cdm_etl_reference": "https://example.org/etl"}], False),
        ([{"cdm_source_abbreviation": "SIMULATED"}, {"cdm_source_abbreviation": "Royal"}], False),
        ([], False),
    ],
)
def test_omop_says_so_in_cdm_source(
    tmp_path: Path, book: RuleBook, told: list[dict[str, str]], simulated: bool
) -> None:
    columns = ("cdm_source_abbreviation", "source_documentation_reference", "cdm_etl_reference")
    (tmp_path / "PERSON.csv").write_text("person_id,gender_concept_id,year_of_birth\n1,8532,1980\n")
    with (tmp_path / "CDM_SOURCE.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(told)
    [(found, _)] = read_omop(tmp_path, book.vocabulary)
    assert found.patient.simulated is simulated


def test_synthea_is_known_in_both_shapes(data: Path, book: RuleBook) -> None:
    """Real exports of it: FHIR Bulk Data, and OMOP whose CDM_SOURCE was given another name."""
    assert all(one.patient.simulated for one in read_patients(data / "fhir-synthea-bulk", book.vocabulary))
    found = list(read_omop(data / "omop-synthea27nj" / "Synthea27Nj_5.4.zip", book.vocabulary))
    assert len(found) == 28
    assert all(one.patient.simulated for one, _ in found)


# --- what becomes of it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", list(Form))
def test_what_is_simulated_is_so_in_the_store(tmp_path: Path, book: RuleBook, form: Form) -> None:
    source = clinic(tmp_path / "clinic", book, form)
    if form is Form.fhir:
        manifest = bring_fhir(source, tmp_path / "store", book)
        assert bring_fhir(source, tmp_path / "store", book) == manifest
    else:
        mapping = source / "clinic.mapping.yaml" if form is Form.csv else None
        manifest = bring_finished(source, tmp_path / "store", book, mapping, None)
        assert bring_finished(source, tmp_path / "store", book, mapping, None) == manifest
    store = Store.open(tmp_path / "store")
    assert (store.manifest.patients, store.manifest.simulated, store.imports[0].simulated) == (5, 5, 5)
    assert all(one.patient.simulated for one in store.records())
    assert len(store.simulated()) == 5
    assert manifest.says.startswith("SIMULATED: none of the 5 patients exists.")


def test_a_mix_says_which_and_how_many(tmp_path: Path, book: RuleBook) -> None:
    bring_fhir(people(tmp_path / "real", {"id": "r1"}, {"id": "r2"}), tmp_path / "store", book)
    assert Store.open(tmp_path / "store").manifest.says == ""
    labelled = people(tmp_path / "made", *({"id": f"m{one}", "meta": {"security": [HTEST]}} for one in range(3)))
    manifest = bring_fhir(labelled, tmp_path / "store", book)
    store = Store.open(tmp_path / "store")
    assert {one.patient.id for one in store.records() if one.patient.simulated} == {"m0", "m1", "m2"}
    assert store.simulated() == {person_number(one) for one in ("m0", "m1", "m2")}
    assert [one.simulated for one in manifest.imports] == [0, 3]
    assert manifest.says.startswith(
        "SIMULATED IN PART: 3 of the 5 patients do not exist; they came with import 2 (Patient.ndjson). "
    )


def test_a_newer_version_without_the_label_is_real(tmp_path: Path, book: RuleBook) -> None:
    first = people(tmp_path / "a", {"id": "p", "meta": {"versionId": "1", "security": [HTEST]}}, {"id": "q"})
    bring_fhir(first, tmp_path / "store", book)
    manifest = bring_fhir(people(tmp_path / "b", {"id": "p", "meta": {"versionId": "2"}}), tmp_path / "store", book)
    assert manifest.simulated == 0


def test_two_imports_of_records_that_differ_in_it(tmp_path: Path, book: RuleBook) -> None:
    whole = next(iter(read_patients(clinic(tmp_path / "clinic", book, Form.fhir), book.vocabulary)))
    real = msgspec.structs.replace(whole, patient=msgspec.structs.replace(whole.patient, simulated=False))
    put(tmp_path, book, "a", whole)
    put(tmp_path, book, "b", real)
    [found] = Store.open(tmp_path / "store").records()
    assert not found.patient.simulated
    assert [one.what for one in found.not_understood][-1] == "whether the patient exists"


def put(folder: Path, book: RuleBook, name: str, record: Record) -> None:
    (folder / name).write_text(name)
    import_records(folder / "store", [(record, None)], [folder / name], book.vocabulary, mode="adds")


def test_a_store_of_before_is_read_as_before(tmp_path: Path, book: RuleBook) -> None:
    """Without the table, and without the words in its manifest."""
    bring_fhir(people(tmp_path / "in", {"id": "a"}, {"id": "b"}), tmp_path / "store", book)
    for path in (tmp_path / "store" / "facts" / "simulated").rglob("*.parquet"):
        path.unlink()
    manifest = json.loads((tmp_path / "store" / "store.json").read_text())
    del manifest["simulated"], manifest["imports"][0]["simulated"]
    (tmp_path / "store" / "store.json").write_text(json.dumps(manifest))
    store = Store.open(tmp_path / "store")
    assert [one.patient.simulated for one in store.records()] == [False, False]
    assert (store.manifest.says, store.simulated()) == ("", frozenset())


# --- what is said --------------------------------------------------------------------------------------------------


def test_the_sentences() -> None:
    rest = "Not for the care of anybody, nor as evidence of how often anything happens."
    assert said_of_patients(10, 0, ()) == ""
    assert said_of_patients(1, 1, ()) == f"SIMULATED: the only patient does not exist. {rest}"
    assert said_of_patients(1200, 1200, ()) == f"SIMULATED: none of the 1,200 patients exists. {rest}"
    came = "they came with import 1 (a) and with import 3 (b)"
    some = said_of_patients(5, 2, ("import 1 (a)", "import 3 (b)"))
    together = "What is counted over all patients together is no evidence of how often anything happens."
    assert some == f"SIMULATED IN PART: 2 of the 5 patients do not exist; {came}. {together}"


def test_of_one_patient(book: RuleBook, tmp_path: Path) -> None:
    [found] = read_patients(people(tmp_path / "in", {"id": "a", "meta": {"security": [HTEST]}}), book.vocabulary)
    assert said_of_patient(found.patient).startswith("SIMULATED: this patient does not exist.")
