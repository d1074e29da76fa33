"""What is written is what the formats promise, and says everywhere that it is simulated."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lint.provenance import sources_in
from rxvigil.simulation import SCENARIO, Form, write_clinic
from rxvigil.simulation.writers.omop import COLUMNS
from simulation.clinic import clinic

RESOURCES = {"Patient", "Observation", "MedicationRequest", "Condition", "AllergyIntolerance", "Immunization"}


@pytest.fixture(scope="module")
def written(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clinic of forty patients in each form."""
    folder = tmp_path_factory.mktemp("clinics")
    for form in Form:
        write_clinic(clinic(book), book, folder / form, 40, form)
    return folder


def resources(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in folder.glob("*.ndjson") for line in path.read_text().splitlines()]


def test_fhir_is_valid_r4(written: Path) -> None:
    """Every resource of a sample against the models of fhir.resources."""
    seen = set()
    for path in (written / "fhir").glob("*.ndjson"):
        for line in path.read_text().splitlines()[:150]:
            resource = json.loads(line)
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
            seen.add(resource["resourceType"])
    assert seen == RESOURCES


def test_every_resource_is_labelled_as_test_data(written: Path) -> None:
    for resource in resources(written / "fhir"):
        label = resource["meta"]["security"][0]
        assert label["system"] == "http://terminology.hl7.org/CodeSystem/v3-ActReason"
        assert label["code"] == "HTEST"


def test_ids_are_unique_and_references_lead_to_a_patient(written: Path) -> None:
    all_of_them = resources(written / "fhir")
    ids = [(one["resourceType"], one["id"]) for one in all_of_them]
    assert len(ids) == len(set(ids))
    patients = {f"Patient/{one['id']}" for one in all_of_them if one["resourceType"] == "Patient"}
    for one in all_of_them:
        if one["resourceType"] != "Patient":
            about = one.get("subject") or one["patient"]
            assert about["reference"] in patients


def test_nobody_has_a_name(written: Path) -> None:
    for one in resources(written / "fhir"):
        if one["resourceType"] == "Patient":
            assert set(one) == {"resourceType", "id", "meta", "gender", "birthDate"}


@pytest.mark.parametrize("form", list(Form))
def test_the_readme_says_what_it_is_and_how_it_was_made(written: Path, book: RuleBook, form: Form) -> None:
    text = (written / form / "README.txt").read_text()
    assert text.startswith("SIMULATED")
    assert "--seed 7" in text
    assert book.digest in text
    assert f"--format {form}" in text


def test_the_readme_names_every_source_with_its_mark(written: Path, book: RuleBook) -> None:
    text = " ".join((written / "fhir" / "README.txt").read_text().split())
    for _, source in sources_in(book.simulations[SCENARIO]):
        assert " ".join(f"[{source.mark}: {source.ref}, {source.where}".split()) in text
        assert f"- {source.ref}: " in text


def test_the_omop_columns_are_those_of_cdm_5_4(data: Path) -> None:
    """Against the headers of OHDSI's own sample."""
    with zipfile.ZipFile(data / "omop-synthea27nj" / "Synthea27Nj_5.4.zip") as sample:
        theirs = {Path(name).name: name for name in sample.namelist()}
        for table, columns in COLUMNS.items():
            with sample.open(theirs[table]) as file:
                header = io.TextIOWrapper(file, encoding="utf-8-sig").readline().strip()
            assert columns == header, table


def test_omop_rows_belong_to_a_person_within_their_period(written: Path) -> None:
    folder = written / "omop"
    periods = {row["person_id"]: row for row in rows(folder / "OBSERVATION_PERIOD.csv")}
    assert {row["person_id"] for row in rows(folder / "PERSON.csv")} == set(periods)
    keys = set()
    for row in rows(folder / "MEASUREMENT.csv"):
        assert row["person_id"] in periods
        keys.add(row["measurement_id"])
    assert len(keys) == len(list(rows(folder / "MEASUREMENT.csv")))
    assert "SIMULATED" in (folder / "CDM_SOURCE.csv").read_text()


def test_omop_concepts_are_those_of_the_vocabulary_or_none(written: Path, book: RuleBook) -> None:
    known = {code for one in book.vocabulary.analytes.values() for code in one.codes.get("omop", ())}
    used = {row["measurement_concept_id"] for row in rows(written / "omop" / "MEASUREMENT.csv")}
    assert used <= known | {"0"}
    assert len(used) > 8


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
