"""Assessing real and public records: nobody is flagged who takes no monitored drug; and once azathioprine is put on
their medicine lists, the findings are those that a scan of the raw files, without rxvigil, expects."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rxvigil.engine import Assessment, Evaluator
from rxvigil.facts import Dose, Origin, Prescription, Record, on_day
from rxvigil.intake import read_patients
from rxvigil.knowledge.book import RuleBook

ON = date(2020, 3, 1)
START = date(2019, 3, 1)
ALLOPURINOL, WARFARIN = "197319", "855332"
"""The only RxNorm codes of the two in these files (a scan of the raw text says so below)."""


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    return data / "fhir-synthea-bulk"


@pytest.fixture(scope="module")
def records(folder: Path, book: RuleBook) -> list[Record]:
    return list(read_patients(folder, book.vocabulary))


def raw(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / f"{kind}.ndjson.gz", "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def owner(resource: dict[str, Any]) -> str:
    reference = (resource.get("subject") or resource["patient"])["reference"]
    return reference.removeprefix("urn:uuid:").rpartition("/")[2]


def on_azathioprine(record: Record) -> Record:
    """The same person, taking azathioprine 100 mg/day for a year."""
    added = Prescription(
        id="added", drug="azathioprine", origin=Origin("test", "added"), status="active", start=on_day(START),
        dose=Dose(100, 100), product="azathioprine 50 mg tablets",
    )  # fmt: skip
    kept = {field: getattr(record, field) for field in record.__struct_fields__}
    kept["prescriptions"] = (*record.prescriptions, added)
    kept["lists"] = tuple(sorted({*record.lists, "prescriptions"}))
    return Record(**kept)


def still_taking(drug: str, record: Record) -> Record:
    """The same person, with the old prescriptions of a drug never ended (all of these files' are)."""
    kept = {field: getattr(record, field) for field in record.__struct_fields__}
    kept["prescriptions"] = tuple(
        msgspec.structs.replace(one, status="active", end=None, supply_until=None) if one.drug == drug else one
        for one in record.prescriptions
    )
    return Record(**kept)


def causes(assessment: Assessment, tier: str) -> set[str]:
    return {finding.cause for finding in assessment.findings if finding.tier == tier}


def test_nobody_without_a_monitored_drug_is_flagged(records: list[Record], evaluator: Evaluator) -> None:
    assert len(records) == 400
    flagged = 0
    for record in records:
        assessment = evaluator.assess(record, ON)
        if not assessment.courses:
            assert assessment.findings == (), record.patient.id
        flagged += bool(assessment.courses)
    assert flagged == _taking_methotrexate_or_another_monitored_drug(records)


def _taking_methotrexate_or_another_monitored_drug(records: list[Record]) -> int:
    monitored = {"methotrexate", "ciclosporin", "tacrolimus", "leflunomide", "sulfasalazine", "penicillamine"}
    taking = 0
    for record in records:
        mine = [one for one in record.prescriptions if one.drug in monitored and one.status == "active"]
        taking += any(one.start is None or one.start.first <= ON for one in mine)
    return taking


def test_allopurinol_beside_azathioprine_is_always_found(
    records: list[Record], folder: Path, evaluator: Evaluator
) -> None:
    expected = {
        owner(one)
        for one in raw(folder, "MedicationRequest")
        if ALLOPURINOL in json.dumps(one["medicationCodeableConcept"])
    }  # one that begins after the date counts too: it is planned
    assert expected, "the files hold nobody who ever took allopurinol: the test would prove nothing"
    together = "xanthine-oxidase inhibitor with a thiopurine"
    found = {
        record.patient.id
        for record in records
        if together in causes(evaluator.assess(still_taking("allopurinol", on_azathioprine(record)), ON), "STOP")
    }
    assert found == expected


def test_who_has_no_full_blood_count_within_the_schedule_is_overdue(
    records: list[Record], folder: Path, evaluator: Evaluator
) -> None:
    days: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in raw(folder, "Observation"):
        for coding in one["code"]["coding"]:
            days[owner(one)][coding["code"]].add(one.get("effectiveDateTime", "")[:10])
    oldest = date(2019, 11, 26).isoformat()  # 84 days and the grace of 12 before 1 March 2020
    for record in records:
        counted = days[record.patient.id]
        full = set.intersection(*(counted[code] for code in ("6690-2", "718-7", "777-3"))) & counted["751-8"]
        recent = any(oldest <= day <= ON.isoformat() for day in full)
        overdue = "blood tests overdue" in causes(evaluator.assess(on_azathioprine(record), ON), "ACT")
        assert overdue or recent, record.patient.id


def test_warfarin_beside_azathioprine_is_said_when_azathioprine_stops(
    records: list[Record], folder: Path, evaluator: Evaluator
) -> None:
    on_warfarin = {
        owner(one)
        for one in raw(folder, "MedicationRequest")
        if WARFARIN in json.dumps(one["medicationCodeableConcept"])
        and one["status"] == "active"
        and one["authoredOn"][:10] <= ON.isoformat()
    }
    assert on_warfarin
    for record in records:
        stopped = on_azathioprine(record)
        last = stopped.prescriptions[-1]
        ended = Prescription(
            id=last.id, drug=last.drug, origin=last.origin, status="ended", start=last.start,
            end=on_day(date(2020, 2, 20)), dose=last.dose, product=last.product,
        )  # fmt: skip
        kept = {field: getattr(stopped, field) for field in stopped.__struct_fields__}
        kept["prescriptions"] = (*stopped.prescriptions[:-1], ended)
        found = causes(evaluator.assess(Record(**kept), ON), "ACT")
        assert ("vitamin K antagonist with a thiopurine" in found) == (record.patient.id in on_warfarin)


def test_no_result_in_the_files_is_a_danger_that_is_missed(
    records: list[Record], folder: Path, evaluator: Evaluator
) -> None:
    """Haemoglobin below 80 g/L in the raw files (they write g/dL) needs somebody once the person takes azathioprine."""
    newest: dict[str, tuple[str, float]] = {}
    for one in raw(folder, "Observation"):
        code, day = one["code"]["coding"][0]["code"], one.get("effectiveDateTime", "")[:10]
        value = one.get("valueQuantity", {})
        if code == "718-7" and value.get("unit") == "g/dL" and START.isoformat() <= day <= ON.isoformat():
            newest[owner(one)] = max(newest.get(owner(one), ("", 0.0)), (day, value["value"]))
    low = {patient for patient, (_, value) in newest.items() if value < 8.0}
    found = {
        record.patient.id
        for record in records
        if "haemoglobin low" in causes(evaluator.assess(on_azathioprine(record), ON), "ACT")
    }
    assert found == low
