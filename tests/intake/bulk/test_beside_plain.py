"""Plain results that are read all at once, in columns, end in the same bytes as in the careful way, whatever stands
beside them.

The careful way is asked for by an empty extension: it says nothing, and a resource that has one is not plain."""

import gzip
import json
import shutil
import tarfile
from datetime import date
from pathlib import Path

import pytest
from bulk_samples import (
    LOINC,
    UCUM,
    bring,
    content_of,
    export,
    lines,
    observation,
    one_by_one,
    patient,
    stored,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rxvigil.intake.fhir.files import opened
from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import ready, write_clinic


def carefully(source: Path, target: Path) -> Path:
    """The same files, with an empty extension in every Observation, Bundled or not."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.is_file() and path.suffix in (".ndjson", ".json", ".gz"):
            with opened(path) as stream:
                read = stream.read()
            text = read.replace(b'"resourceType":"Observation"', b'"extension":[],"resourceType":"Observation"')
            text = text.replace(b'"resourceType": "Observation"', b'"extension": [], "resourceType": "Observation"')
            (target / path.name).write_bytes(gzip.compress(text, 1) if path.suffix == ".gz" else text)
    return target


def facts_of(store: Path) -> dict[str, bytes]:
    """Every table with its bytes, and how everything ended."""
    told = json.loads((store / "store.json").read_bytes())
    return content_of(store / "facts") | {"totals": json.dumps([told["totals"], told["patients"]]).encode()}


def same_in_both_ways(source: Path, folder: Path, buckets: int = 3) -> None:
    for name in ("careful", "plainly", "carefully"):
        shutil.rmtree(folder / name, ignore_errors=True)
    bring(source, folder / "plainly", buckets)
    bring(carefully(source, folder / "careful"), folder / "carefully", buckets)
    assert facts_of(folder / "plainly") == facts_of(folder / "carefully")


def test_a_simulated_clinic(book: RuleBook, tmp_path: Path) -> None:
    clinic = ready(book, 11, date(2022, 1, 1), date(2026, 3, 1))
    write_clinic(clinic, book, tmp_path / "clinic", 60)
    same_in_both_ways(tmp_path / "clinic", tmp_path)


@pytest.mark.parametrize("folder", ["fhir-synthea-bulk", "fhir-synthea-bundles"])
def test_real_exports(folder: str, data: Path, tmp_path: Path) -> None:
    same_in_both_ways(data / folder, tmp_path)


def test_the_official_examples(data: Path, tmp_path: Path) -> None:
    """As one file of lines, so that what is plain among them is read so."""
    with tarfile.open(data / "fhir-hl7-r4-examples" / "examples.tar.gz") as archive:
        archive.extractall(tmp_path / "examples", filter="data")
    found = [json.loads(path.read_bytes()) for path in sorted((tmp_path / "examples").rglob("*.json"))]
    source = export(tmp_path / "in", Examples=lines(*found))
    same_in_both_ways(source, tmp_path)
    assert stored(tmp_path / "plainly") == one_by_one(source)


# --- awkward ones ---------------------------------------------------------------------------------------------------

DATES = st.sampled_from(
    ["2026-02-20", "2026-02-20", "2026-02", "2026", "2026-02-20T23:30:00-05:00", "2026-02-21T04:30:00Z",
     "2026-02-21T04:30:00.000+00:00", "2026-02-21T05:30:00+01:00", "2026-02-21T04:30:00.000001Z", "2026-02-20T09:00:00",
     "2026-02-20T09:00Z", "2026-02-30", "soon", "1700-01-01", " 2026-02-20", "2024-02-29", "1969-12-31T23:59:59.5Z"]
)  # fmt: skip
NUMBERS = st.sampled_from(
    ["3", "3.0", "3.10", "0", "-0.0", "-1", "1e0", "30e-1", "0.30000000000000004", "1e400", "12345678901234567890",
     "9007199254740993", "1e22", "5e-324", "3.1", "4.2", "47", "true", '"3"', "null", "[]"]
)  # fmt: skip
TESTS = st.sampled_from(
    [("751-8", "Neutrophils", "10*9/L"), ("751-8", "Neutrophils", "10*9/L"), ("6690-2", "White cells", "10*9/L"),
     ("770-8", "Neutrophils %", "%"), ("1742-6", "ALT", "U/L"), ("1742-6", "ALT", "furlong"), ("2160-0", "", "umol/L"),
     ("2160-0", "Creatinine", "mg/dL"), ("0-0", "Zinc", "umol/L"), ("0-0", "NUDT15 copies", "1"),
     ("15410-4", "Varicella zoster IgG", ""), ("15410-4", "", ""), ("0-0", "TPMT", "U/L"),
     ("32660-3", "6-TGN (Lennard)", "pmol/8x10^8 RBC"),
     ("5763-8", "Zink in \u00b5mol", "umol/L")]
)  # fmt: skip
MORE = st.sampled_from(
    [{}, {}, {}, {}, {"status": "amended"}, {"status": "preliminary"}, {"status": "entered-in-error"},
     {"hasMember": [{"reference": "Observation/b"}, {"reference": "Observation/none"}]}, {"comparator": "<"},
     {"derivedFrom": [{"reference": "Observation/a"}]}, {"meta": {"versionId": "2"}}, {"meta": {"versionId": "3"}},
     {"meta": {"lastUpdated": "2026-03-01T00:00:00Z", "tag": [{"code": "x"}]}}, {"note": [{"text": "n\u00fcchtern"}]},
     {"referenceRange": [{"low": {"value": 2}, "high": {"value": 7.5}}]}, {"referenceRange": [{"text": "2-7"}]},
     {"interpretation": [{"text": "H"}]}, {"method": {"text": "flow"}}, {"valueString": "haemolysed"},
     {"valueString": None}, {"valueString": "<3 U/L"}, {"valueString": "Positive"}, {"valueCodeableConcept": None},
     {"valueCodeableConcept": {"text": "Positive"}}, {"valueCodeableConcept": {"coding": [{"code": "x"}]}},
     {"id": "\u0007x"}, {"subject": {"reference": "Patient/p1", "display": "A"}},
     {"encounter": {"reference": "Encounter/1", "id": 1}},
     {"component": [{"code": {"text": "ALT"}, "valueQuantity": {"value": 9, "unit": "U/L"}}]}]
)  # fmt: skip
WHO = st.sampled_from(["Patient/p1", "Patient/p1", "Patient/p2", "urn:uuid:p1", "urn:uuid:u2", "Patient/p3"])


@st.composite
def measured(draw: st.DrawFn) -> bytes:
    """The line of an Observation, plain or nearly."""
    code, name, unit = draw(TESTS)
    quantity = {"value": "NUMBER", "unit": unit, "system": UCUM, "code": unit}
    one = observation(
        draw(st.sampled_from(["a", "b", "c", "d", "e", "f", "\u00e9"])),
        draw(WHO),
        code={"coding": [{"system": LOINC, "code": code, "display": name}], "text": name},
        effectiveDateTime=draw(DATES),
        valueQuantity={key: quantity[key] for key in quantity if key == "value" or draw(st.integers(0, 6))},
    )
    more = draw(MORE)
    if "comparator" in more:
        one["valueQuantity"] |= more
    else:
        one |= more
    if {"valueString", "valueCodeableConcept"} & more.keys() and draw(st.integers(0, 3)):
        del one["valueQuantity"]
    return json.dumps(one, ensure_ascii=draw(st.booleans())).encode().replace(b'"NUMBER"', draw(NUMBERS).encode())


@st.composite
def others(draw: st.DrawFn) -> bytes:
    """A patient, a report of several results, or a deletion of one."""
    number, who = draw(st.sampled_from("abcdef")), draw(WHO)
    named = [{"reference": f"Observation/{one}"} for one in draw(st.lists(st.sampled_from("abcdef"), max_size=3))]
    made = [
        patient(draw(st.sampled_from(["p1", "p2"]))),
        {"resourceType": "DiagnosticReport", "id": number, "status": "final", "code": {"text": "FBC"},
         "subject": {"reference": who}, "result": named},
        {"resourceType": "Bundle", "entry": [
            {"request": {"method": "DELETE", "url": f"Observation/{number}"}},
            {"fullUrl": "urn:uuid:u2", "resource": patient("p2")}]},
        {"resourceType": "Bundle", "entry": [{"fullUrl": f"Observation/{number}", "resource": observation("z", who)}]},
    ]  # fmt: skip
    return json.dumps(draw(st.sampled_from(made))).encode()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(st.lists(measured() | measured() | measured() | others(), min_size=1, max_size=9), max_size=2),
    one_import=st.booleans(),
)
def test_awkward_results(files: list[list[bytes]], one_import: bool, tmp_path: Path) -> None:
    """Of two patients, in one import or in one after the other."""
    for name in ("in", "turn", "careful", "plainly", "carefully"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    named = {f"F{number}": b"\n".join(file) + b"\n" for number, file in enumerate(files)}
    named["People"] = lines(patient(), patient("p2"))
    if one_import:
        source = export(tmp_path / "in", **named)
        same_in_both_ways(source, tmp_path, 2)
        assert stored(tmp_path / "plainly") == one_by_one(source)
        return
    for name, content in named.items():
        source = export(tmp_path / "turn" / name, **{name: lines(patient("p9")) + content})
        bring(source, tmp_path / "plainly", 2)
        bring(carefully(source, tmp_path / "careful" / name), tmp_path / "carefully", 2)
    assert facts_of(tmp_path / "plainly") == facts_of(tmp_path / "carefully")


def test_a_method_that_only_the_name_tells(tmp_path: Path) -> None:
    """The limits of 6-TGN depend on it."""
    named = {"coding": [{"system": LOINC, "code": "32660-3"}], "text": "6-TGN (Lennard)"}
    measured = {"value": 300, "unit": "pmol/8x10^8 RBC"}
    source = export(tmp_path / "in", A=lines(patient(), patient("p2"), observation(code=named, valueQuantity=measured)))
    bring(source, tmp_path / "store")
    assert [one.assay for one in stored(tmp_path / "store")["p1"].results] == ["Lennard"]
    assert stored(tmp_path / "store") == one_by_one(source)


def test_the_careful_way_is_taken(tmp_path: Path) -> None:
    """Or the tests above would compare a thing with itself."""
    source = export(tmp_path / "in", A=lines(patient(), patient("p2"), observation()))
    bring(source, tmp_path / "plainly")
    bring(carefully(source, tmp_path / "careful"), tmp_path / "carefully")
    kept = [next((tmp_path / name / "kept").rglob("*.kept")).read_bytes() for name in ("plainly", "carefully")]
    assert [b'"plain":{}' in one for one in kept] == [False, True]
