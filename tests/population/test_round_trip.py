"""A record written into columns and read back is the same record."""

from pathlib import Path

import msgspec
import pytest

from rxvigil.intake import read_patients
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import records_of, tables_of


@pytest.mark.parametrize("folder", ["fhir-synthea-bulk", "fhir-synthea-bundles"])
def test_real_records_survive_the_way_into_columns_and_back(folder: str, book: RuleBook, data: Path) -> None:
    records = sorted(read_patients(data / folder, book.vocabulary), key=lambda one: one.patient.id)
    found = list(records_of(tables_of(records, book.vocabulary)))
    assert found == records
    assert [msgspec.json.encode(one) for one in found] == [msgspec.json.encode(one) for one in records]
