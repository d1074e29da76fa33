"""The vocabulary against real and sample records, where they are at hand: no code of ours stands beside the name of
something else of ours, and a real laboratory's numbers are read.
"""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rxvigil.knowledge.loader import build, read_knowledge, shipped_knowledge
from rxvigil.knowledge.lookup import Vocabulary, normal
from rxvigil.knowledge.vocabulary import ConceptEntry

WORDS: Vocabulary = build(read_knowledge(shipped_knowledge() / "vocabulary")).vocabulary
RECORDS = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def codes_of(entry: ConceptEntry, system: str) -> tuple[str, ...]:
    return next((listed for name, listed in entry.codes.items() if name == system), ())


def resources(name: str) -> Iterator[dict[str, object]]:
    path = RECORDS / "fhir-synthea-bulk" / f"{name}.ndjson.gz"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def codings(concept: object) -> Iterator[tuple[str, str]]:
    """Code and display of each coding of a CodeableConcept."""
    for coding in concept.get("coding", ()) if isinstance(concept, dict) else ():
        if coding.get("code") and coding.get("display"):
            yield coding["code"], coding["display"]


def test_no_medicine_code_in_the_sample_records_stands_beside_another_medicine_of_ours() -> None:
    seen = {pair for one in resources("MedicationRequest") for pair in codings(one.get("medicationCodeableConcept"))}
    ours = [(code, display, match.drug) for code, display in seen if (match := WORDS.drug_by_code("rxnorm", code))]
    assert len(ours) >= 10
    for code, display, drug in ours:
        named = WORDS.drugs_named_in(display)
        assert not named or drug in named, f"{code} is {drug.key}, displayed as {display}"


@pytest.mark.parametrize(
    ("name", "kind", "system", "element", "at_least"),
    [("Condition", "condition", "snomed", "code", 15), ("Immunization", "vaccine", "cvx", "vaccineCode", 12)],
)
def test_no_code_in_the_sample_records_stands_beside_another_concept_of_ours(
    name: str, kind: str, system: str, element: str, at_least: int
) -> None:
    concepts = WORDS.concepts[kind]
    by_code = {code: entry for entry in concepts.values() for code in codes_of(entry, system)}
    by_name = {normal(said): entry for entry in concepts.values() for said in (entry.name, *entry.names)}
    seen = {pair for one in resources(name) for pair in codings(one.get(element))}
    assert sum(code in by_code for code, _ in seen) >= at_least
    for code, display in seen:
        meant, said = by_code.get(code), by_name.get(normal(display))
        assert meant is None or said is None or meant == said, f"{code} is {meant.key}, displayed as {display}"


def test_no_test_code_in_the_sample_records_stands_beside_another_test_of_ours() -> None:
    seen = {pair for one in resources("Observation") for pair in codings(one.get("code"))}
    ours = [(code, display, found) for code, display in seen if (found := WORDS.analyte_by_code("loinc", code))]
    assert len(ours) >= 20
    for code, display, analyte in ours:
        said = WORDS.analyte_by_name(display)
        assert said in (None, analyte), f"{code} is {analyte.key}, displayed as {display}"


def test_every_number_of_ours_in_a_real_laboratory_file_is_read_and_all_but_one_believed() -> None:
    """The one is a count of white cells in a field of urine that no microscope shows."""
    path = RECORDS / "labs-smart-patients" / "labs.txt"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    read = Counter[str]()
    not_believed: list[str] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            analyte = WORDS.analyte_by_code("loinc", row["LOINC"])
            number = row["VALUE"].lstrip("<>= ")
            if analyte is None or analyte.dimension is None or not row["UNITS"]:
                continue
            if not number.replace(".", "").isdigit():
                continue
            value = WORDS.convert(analyte.key, number, row["UNITS"])
            assert isinstance(value, float), f"{analyte.key} in {row['UNITS']}: {value}"
            if not WORDS.plausible(analyte.key, value):
                not_believed.append(analyte.key)
            read[analyte.key] += 1
    assert not_believed == ["urine-white-cells"]
    assert read["white-cells"] > 80
    assert read["alt"] > 60
    assert read["urine-white-cells"] > 10
