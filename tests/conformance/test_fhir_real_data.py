"""FHIR as others write it: 400 synthetic patients in bulk, whole Bundles, the official examples, older releases.

No file may end in anything but a record or a plain message, and every resource must be accounted for.
"""

import gzip
import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rxvigil.errors import PatientCountError, RxvigilError, UnsupportedInput
from rxvigil.facts import Record
from rxvigil.intake import read_patient, read_patients
from rxvigil.intake.fhir import NOBODY
from rxvigil.knowledge.book import RuleBook


@pytest.fixture(scope="module")
def examples(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The official FHIR R4 examples, unpacked."""
    folder = tmp_path_factory.mktemp("examples")
    with tarfile.open(data / "fhir-hl7-r4-examples" / "examples.tar.gz") as archive:
        for member in archive:
            packed = archive.extractfile(member) if member.isfile() and member.name.endswith(".json") else None
            if packed is not None:
                (folder / Path(member.name).name).write_bytes(packed.read())
    (folder / "package.json").unlink(missing_ok=True)
    return folder


def resources_in(document: Any) -> Iterator[dict[str, Any]]:
    """Every resource of a document, Bundles opened."""
    if document.get("resourceType") != "Bundle":
        yield document
        return
    for entry in document.get("entry", ()):
        if isinstance(entry.get("resource"), dict):
            yield from resources_in(entry["resource"])


def key_of(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource.get('id', '')}"


def accounted(records: list[Record]) -> tuple[set[str], int]:
    """The resources that became facts or were listed, and how many others were counted."""
    places: set[str] = set()
    counted = 0
    for record in records:
        facts = (
            *record.results, *record.prescriptions, *record.conditions, *record.allergies, *record.immunisations,
            *record.genotypes, *record.symptoms, *record.events, *record.not_understood,
        )  # fmt: skip
        places |= {fact.origin.place.partition("#")[0] for fact in facts}
        counted += sum(one.count for one in record.outside) + sum(record.unread.values())
    return places, counted


def test_400_patients_in_bulk(data: Path, book: RuleBook) -> None:
    folder = data / "fhir-synthea-bulk"
    records = list(read_patients(folder, book.vocabulary))
    assert len(records) == 400
    assert all(record.patient.born and record.patient.sex in ("female", "male") for record in records)
    places, counted = accounted(records)
    kinds: Counter[str] = Counter()
    for path in sorted(folder.glob("*.ndjson.gz")):
        with gzip.open(path) as lines:
            kinds.update(json.loads(line)["resourceType"] for line in lines)
    assert len(places) + counted + kinds["Patient"] >= sum(kinds.values())
    assert not any(one.affects == ("any-drug",) for record in records for one in record.not_understood)


def test_bulk_and_one_by_one_are_the_same(data: Path, book: RuleBook, tmp_path: Path) -> None:
    """A patient joined from seven files is the patient of a Bundle with the same resources."""
    folder = data / "fhir-synthea-bulk"
    wanted = next(iter(read_patients(folder, book.vocabulary)))
    own: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.ndjson.gz")):
        with gzip.open(path) as lines:
            own += [json.loads(line) for line in lines if wanted.patient.id.encode() in line]
    bundle = tmp_path / "one.json"
    bundle.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in own]}))
    record = read_patient(bundle, book.vocabulary)
    assert [one.value for one in record.results] == [one.value for one in wanted.results]
    assert [one.drug for one in record.prescriptions] == [one.drug for one in wanted.prescriptions]
    assert (record.patient, record.outside, record.unread, record.lists) == (
        wanted.patient,
        wanted.outside,
        wanted.unread,
        wanted.lists,
    )


def test_whole_bundles(data: Path, book: RuleBook) -> None:
    for path in sorted((data / "fhir-synthea-bundles").glob("*.json.gz")):
        record = read_patient(path, book.vocabulary)
        resources = [key_of(one) for one in resources_in(json.loads(gzip.decompress(path.read_bytes())))]
        places, counted = accounted([record])
        assert len(places & set(resources)) + counted + 1 >= len(resources)
        assert {"results", "prescriptions", "conditions", "allergies", "immunisations"} == set(record.lists)
        assert any(result.panel for result in record.results)
        assert not record.not_understood


def test_every_official_example_alone(examples: Path, book: RuleBook) -> None:
    outcomes: Counter[str] = Counter()
    for path in sorted(examples.glob("*.json")):
        try:
            records = list(read_patients(path, book.vocabulary))
        except RxvigilError as problem:
            outcomes[type(problem).__name__] += 1
            continue
        outcomes["read"] += 1
        of_people = [one for one in resources_in(json.loads(path.read_bytes())) if "subject" in one or "patient" in one]
        resources = {key_of(one) for one in of_people}
        places, counted = accounted(records)
        assert len(places & resources) + counted >= len(resources), path.name
    assert outcomes == {"read": 242, "PatientCountError": 76}


def test_all_official_examples_together(examples: Path, book: RuleBook) -> None:
    records = list(read_patients(examples, book.vocabulary))
    assert len({record.patient.id for record in records}) == len(records) > 50
    assert records[-1].patient.id == NOBODY
    with pytest.raises(PatientCountError, match=f"the input holds {len(records) - 1} patients"):
        read_patient(examples, book.vocabulary)
    places, counted = accounted(records)
    resources = [one for path in examples.glob("*.json") for one in resources_in(json.loads(path.read_bytes()))]
    patients = sum(one["resourceType"] == "Patient" for one in resources)
    assert len(places) + counted + patients >= len({key_of(one) for one in resources})


def test_an_official_genotype_example(examples: Path, book: RuleBook) -> None:
    record = read_patient(examples / "Observation-example-TPMT-diplotype.json", book.vocabulary)
    assert [(one.gene, one.diplotypes) for one in record.genotypes] == [("tpmt", ("*1/*4",))]


def test_bundles_of_an_older_release_are_refused_by_evidence(data: Path, book: RuleBook) -> None:
    """119 STU3 files: what shows STU3 is refused; what is the same in both releases is read; none is misread."""
    outcomes: Counter[str] = Counter()
    for path in sorted((data / "fhir-smart-stu3").glob("*.json.gz")):
        resources = list(resources_in(json.loads(gzip.decompress(path.read_bytes()))))
        try:
            record = read_patient(path, book.vocabulary)
        except UnsupportedInput as problem:
            outcomes[problem.what.partition(",")[0]] += 1
        except PatientCountError:
            assert not any(one["resourceType"] == "Patient" or "subject" in one for one in resources)
            outcomes["no patient"] += 1
        else:
            assert {one["resourceType"] for one in resources} <= {"Patient", "Observation"}
            assert not any({"context", "related", "comment"} & one.keys() for one in resources)
            places, counted = accounted([record])
            assert len(places) + counted + 1 >= len(resources)
            outcomes["read"] += 1
    assert outcomes == {"this is FHIR STU3": 106, "no patient": 10, "read": 3}


def test_the_first_release_is_refused(data: Path, book: RuleBook) -> None:
    for name in ("Observation", "MedicationPrescription", "Condition", "DiagnosticReport", "Patient"):
        with pytest.raises(UnsupportedInput, match="not R4"):
            read_patient(data / "labs-rheum-pacer-1" / f"{name}.txt", book.vocabulary)
