"""What our intake reads of a simulated clinic: everything where laboratories make no mistakes, and otherwise
everything but what was planted."""

from pathlib import Path

import pytest

from rxvigil.facts import Record
from rxvigil.intake import read_patient, read_patients
from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import Form, Simulated, write_clinic
from rxvigil.simulation.writers.days import iso
from simulation.clinic import clinic, people, records_of

NUMBER = 60
LISTED = {"missing-unit", "not-a-number", "withdrawn"}
"""What intake lists always: a withdrawn result as one that was left out."""

GONE_FROM_TABLES = ("withdrawn", "unknown-code", "delivered-twice")


@pytest.fixture(scope="module")
def clean(book: RuleBook) -> list[Simulated]:
    return people(clinic(book, clean=True), NUMBER)


@pytest.fixture(scope="module")
def clean_records(
    book: RuleBook, clean: list[Simulated], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Record]:
    return records_of(clean, clinic(book, clean=True), book, tmp_path_factory.mktemp("clean") / "c")


@pytest.fixture(scope="module")
def spoilt(book: RuleBook) -> list[Simulated]:
    return people(clinic(book), NUMBER)


@pytest.fixture(scope="module")
def spoilt_records(
    book: RuleBook, spoilt: list[Simulated], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Record]:
    return records_of(spoilt, clinic(book), book, tmp_path_factory.mktemp("spoilt") / "c")


def test_a_clean_clinic_is_understood_wholly(clean_records: dict[str, Record]) -> None:
    assert len(clean_records) == NUMBER
    for record in clean_records.values():
        assert record.not_understood == ()
        assert record.outside == ()


def test_every_fact_arrives(clean: list[Simulated], clean_records: dict[str, Record]) -> None:
    for one in clean:
        record = clean_records[one.id]
        assert len(record.results) == len(one.results)
        assert len(record.prescriptions) == len(one.medicines)
        assert len(record.conditions) + len(record.events) == len(one.diagnoses)
        assert len(record.allergies) == len(one.allergies)
        assert len(record.immunisations) == len(one.vaccinations)
        assert {found.gene for found in record.genotypes} == {gene.gene for gene in one.genes}
        assert record.patient.sex == one.sex


def test_values_come_back_whatever_the_laboratorys_unit(
    clean: list[Simulated], clean_records: dict[str, Record]
) -> None:
    """The newest neutrophils and ALT against the truth, which never passed through a unit."""
    compared = 0
    for one in clean:
        newest = one.truth.newest
        assert newest is not None
        for result in clean_records[one.id].results:
            if result.analyte in ("neutrophils", "alt") and result.when.iso == iso(newest.day):
                true = newest.values[result.analyte]
                assert result.value == pytest.approx(true, abs=0.7 if result.analyte == "alt" else 0.006)
                compared += 1
    assert compared > NUMBER


def test_doses_come_back(clean: list[Simulated], clean_records: dict[str, Record]) -> None:
    for one in clean:
        told = [dose.mg_per_day for dose in one.truth.doses if dose.mg_per_day]
        read = [each for each in clean_records[one.id].prescriptions if each.drug == "azathioprine"]
        read.sort(key=lambda each: each.start.first if each.start else None)
        assert [each.dose.high for each in read if each.dose] == told


def number_of(origin: str) -> int:
    return int(origin.rpartition("-o")[2])


def test_exactly_what_was_planted_is_not_understood(
    book: RuleBook, spoilt: list[Simulated], spoilt_records: dict[str, Record]
) -> None:
    """Without a unit, or without a number: always. In another laboratory's unit: where the number is unbelievable."""
    kinds = set()
    for one in spoilt:
        slips = {slip.result: slip.kind for slip in one.truth.slips}
        listed = {number_of(each.origin.place) for each in spoilt_records[one.id].not_understood}
        assert listed <= set(slips)
        assert {slips[number] for number in listed} <= LISTED | {"other-unit"}
        assert {number for number, kind in slips.items() if kind in LISTED} <= listed
        for number in [number for number, kind in slips.items() if kind == "other-unit"]:
            told = one.results[number]
            value = book.vocabulary.convert(told.analyte, told.value, told.unit)
            believed = isinstance(value, float) and book.vocabulary.plausible(told.analyte, value)
            assert believed == (number not in listed)
        kinds |= set(slips.values())
    assert kinds == {mistake.kind for mistake in clinic(book).scenario.mistakes}


def test_unknown_codes_are_outside_and_nothing_else_is(
    spoilt: list[Simulated], spoilt_records: dict[str, Record]
) -> None:
    for one in spoilt:
        planted = sum(slip.kind == "unknown-code" for slip in one.truth.slips)
        assert sum(each.count for each in spoilt_records[one.id].outside) == planted


def test_what_is_lost_is_what_was_planted(spoilt: list[Simulated], spoilt_records: dict[str, Record]) -> None:
    """Every result is read, listed, outside or a second copy."""
    for one in spoilt:
        record = spoilt_records[one.id]
        copies = sum(slip.kind == "delivered-twice" for slip in one.truth.slips)
        outside = sum(each.count for each in record.outside)
        assert len(record.results) + len(record.not_understood) + outside == len(one.results) - copies


def test_a_csv_clinic_is_read_with_the_mapping_beside_it(book: RuleBook, tmp_path: Path) -> None:
    plan = clinic(book, seed=11, clean=True)
    folder = tmp_path / "c"
    write_clinic(plan, book, folder, 25, Form.csv)
    records = list(read_patients(folder, book.vocabulary, mapping=folder / "clinic.mapping.yaml"))
    assert len(records) == 25
    for one, record in zip(people(plan, 25), records, strict=True):
        assert record.patient.id == one.id
        assert record.not_understood == ()
        assert len(record.results) == len(one.results)
        assert len(record.prescriptions) == len(one.medicines)
        assert len(record.immunisations) == len(one.vaccinations)
        assert len(record.allergies) == len(one.allergies)
        # A pregnancy stands among the diagnoses, and is read as the event it is.
        assert len(record.conditions) + len(record.events) == len(one.diagnoses)
        assert record.outside == ()
    assert any(one.events for one in records)


def test_a_spoilt_csv_clinic_is_understood_but_for_what_was_planted(
    book: RuleBook, spoilt: list[Simulated], tmp_path: Path
) -> None:
    """Tables count a withdrawn result as unread; without a unit its reference range is listed too."""
    folder = tmp_path / "c"
    write_clinic(clinic(book), book, folder, NUMBER, Form.csv)
    records = read_patients(folder, book.vocabulary, mapping=folder / "clinic.mapping.yaml")
    for one, record in zip(spoilt, records, strict=True):
        kinds = [slip.kind for slip in one.truth.slips]
        unread = kinds.count("missing-unit") + kinds.count("not-a-number")
        listed = [each for each in record.not_understood if each.origin.place == "value"]
        assert all("reference range" in each.what for each in record.not_understood if each not in listed)
        assert unread <= len(listed) <= unread + kinds.count("other-unit")
        assert sum(each.count for each in record.outside) == kinds.count("unknown-code")
        gone = len(listed) + sum(kinds.count(kind) for kind in GONE_FROM_TABLES)
        assert len(record.results) == len(one.results) - gone


def test_csv_and_fhir_tell_the_same_of_azathioprine_and_neutrophils(book: RuleBook, tmp_path: Path) -> None:
    plan = clinic(book, clean=True)
    for form in (Form.csv, Form.fhir):
        write_clinic(plan, book, tmp_path / form, 8, form)
    mapping = tmp_path / "csv" / "clinic.mapping.yaml"
    for index in range(1, 9):
        name = f"sim-7-{index:08d}"
        table = read_patient(tmp_path / "csv", book.vocabulary, patient=name, mapping=mapping)
        fhir = read_patient(tmp_path / "fhir", book.vocabulary, patient=name)
        assert neutrophils(table) == neutrophils(fhir)
        assert doses(table) == doses(fhir)


def test_genotypes_come_back_from_csv_as_from_fhir(book: RuleBook, tmp_path: Path) -> None:
    """Every report of a gene, with its day, its alleles and its phenotype."""
    plan = clinic(book, clean=True)
    read = {}
    for form in (Form.csv, Form.fhir):
        write_clinic(plan, book, tmp_path / form, NUMBER, form)
        mapping = tmp_path / form / "clinic.mapping.yaml" if form is Form.csv else None
        records = read_patients(tmp_path / form, book.vocabulary, mapping=mapping)
        read[form] = {record.patient.id: genotypes(record) for record in records}
    assert read[Form.csv] == read[Form.fhir]
    told = {one.id: sorted((gene.gene, iso(gene.day)) for gene in one.genes) for one in people(plan, NUMBER)}
    assert {name: [(gene, day) for gene, day, *_ in found] for name, found in read[Form.csv].items()} == told
    assert any(phenotype and alleles for found in read[Form.csv].values() for *_, phenotype, alleles in found)


def genotypes(record: Record) -> list[tuple[str, str | None, str | None, tuple[str, ...]]]:
    return sorted(
        (one.gene, one.when.iso if one.when else None, one.phenotype, one.diplotypes) for one in record.genotypes
    )


def neutrophils(record: Record) -> list[tuple[str, float | None]]:
    return sorted((one.when.iso, one.value) for one in record.results if one.analyte == "neutrophils")


def doses(record: Record) -> list[tuple[str, float]]:
    return sorted(
        (one.start.iso, one.dose.high)
        for one in record.prescriptions
        if one.drug == "azathioprine" and one.start and one.dose
    )
