"""Imports after imports: corrections supersede, deletions and errors go, nothing is doubled, all is accounted for."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from bulk_samples import (
    bring,
    content_of,
    export,
    lines,
    observation,
    one_by_one,
    patient,
    request,
    stored,
    vocabulary,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.errors import PatientCountError, UnreadableInput
from rxvigil.intake.bulk import Sources, import_fhir, sources_at
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.store import Store


def version(number: int, value: float, **more: Any) -> dict[str, Any]:
    return observation(meta={"versionId": str(number)}, valueQuantity={"value": value, "unit": "10*9/L"}, **more)


def in_turn(tmp_path: Path, *files: bytes) -> Path:
    """A store into which each file was imported by itself."""
    for number, content in enumerate(files):
        bring(export(tmp_path / f"in{number}", **{f"F{number}": content}), tmp_path / "store")
    return tmp_path / "store"


def test_a_newer_version_supersedes_whichever_import_it_came_with(tmp_path: Path) -> None:
    for order in ([1, 2], [2, 1]):
        folder = tmp_path / str(order)
        store = in_turn(folder, *(lines(patient(), version(number, number)) for number in order))
        assert [one.value for one in stored(store)["p1"].results] == [2]


def test_a_result_entered_in_error_goes(tmp_path: Path) -> None:
    store = in_turn(tmp_path, lines(patient(), version(1, 3)), lines(version(2, 3, status="entered-in-error")))
    [found] = stored(store).values()
    assert found.results == ()
    assert [one.why for one in found.not_understood] == ["entered in error: withdrawn by its author and left out"]


def test_a_deletion_goes_through_all_imports(tmp_path: Path) -> None:
    deletion = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Observation/o1"}}],
    }
    store = in_turn(tmp_path, lines(patient(), patient("p2"), observation()), lines(deletion))
    assert stored(store)["p1"].results == ()


def test_what_comes_again_after_its_deletion_is_there(tmp_path: Path) -> None:
    """As it came last; what had been deleted stays gone."""
    deletion = {"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE", "url": "Observation/o1"}}]}
    again = observation(valueQuantity={"value": 4, "unit": "10*9/L"})
    store = in_turn(tmp_path, lines(patient(), patient("p2"), observation()), lines(deletion), lines(again))
    assert [one.value for one in stored(store)["p1"].results] == [4]
    assert Store.open(store).manifest.totals.superseded == 1


def test_a_medicine_that_comes_later_is_found(tmp_path: Path) -> None:
    ordered = request(medicationReference={"reference": "Medication/m"}, medicationCodeableConcept=None)
    medicine = {"resourceType": "Medication", "id": "m", "code": {"text": "Azathioprine 50 mg tablets"}}
    store = in_turn(tmp_path, lines(patient(), patient("p2"), ordered), lines(medicine))
    assert [one.drug for one in stored(store)["p1"].prescriptions] == ["azathioprine"]


def test_a_name_that_is_explained_later_is_understood(tmp_path: Path) -> None:
    number = {"system": "urn:nhs", "value": "943"}
    first = lines(patient("p2"), observation() | {"subject": {"identifier": number}})
    store = in_turn(tmp_path, first, lines(patient("p7", identifier=[number])))
    assert {key: len(one.results) for key, one in stored(store).items()} == {"p2": 0, "p7": 1}


def test_a_second_patient_takes_nothing_from_the_first(tmp_path: Path) -> None:
    """What belonged to nobody was the only patient's, as long as there was one."""
    store = in_turn(tmp_path, lines(patient(), observation() | {"subject": None}), lines(patient("p2")))
    assert stored(store).keys() == {"p1", "p2", "(no patient named)"}
    assert stored(store)["p1"].not_understood == ()


WHO = st.sampled_from(["Patient/p1", "Patient/p2", "urn:uuid:p1"])


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    meta = draw(st.sampled_from([{}, {"versionId": "1"}, {"versionId": "2"}, {"lastUpdated": "2026-03-01T00:00:00Z"}]))
    number, value = draw(st.sampled_from("abc")), {"value": draw(st.integers(1, 5)), "unit": "10*9/L"}
    status = draw(st.sampled_from(["final", "final", "corrected", "preliminary", "entered-in-error"]))
    made = [
        patient(draw(st.sampled_from(["p1", "p2"]))),
        observation(number, draw(WHO), valueQuantity=value, status=status, meta=meta),
        {"resourceType": "DiagnosticReport", "id": number, "status": "final", "code": {"text": "FBC"},
         "subject": {"reference": draw(WHO)}, "result": [{"reference": f"Observation/{number}"}]},
    ]  # fmt: skip
    return draw(st.sampled_from(made))


@settings(max_examples=30, deadline=None)
@given(files=st.lists(st.lists(resources(), min_size=1, max_size=5), min_size=2, max_size=3))
def test_one_by_one_or_all_at_once_is_the_same(
    files: list[list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever comes in however many imports, the records are those of all files read together."""
    folder = tmp_path_factory.mktemp("turns")
    apart = [{"resourceType": "Organization", "id": str(number)} for number in range(3)]
    names = {f"F{number}": lines(apart[number], patient("p9"), *file) for number, file in enumerate(files)}
    store = in_turn(folder, *names.values())
    together = one_by_one(export(folder / "all", **names))
    found = stored(store)
    found.pop("(no patient named)", None), together.pop("(no patient named)", None)
    assert found == together


# --- the account ---------------------------------------------------------------------------------------------------


def test_every_resource_ends_in_one_way(tmp_path: Path) -> None:
    """Counted by hand: twelve lines, each in one of five."""
    source = export(
        tmp_path / "in",
        A=lines(
            patient(),
            patient("p2"),
            observation("kept"),
            observation("kept"),
            observation("no-unit", valueQuantity={"value": 3}),
            observation("error", status="entered-in-error"),
            observation("zinc", code={"coding": [{"system": "http://loinc.org", "code": "5763-8", "display": "Zinc"}]}),
            observation("copy"),
            {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p1"}},
            {"resourceType": "Organization", "id": "o"},
            observation("whose") | {"subject": None},
        )
        + b"{torn\n",
    )
    totals = bring(source, tmp_path / "store").totals
    assert (totals.kept, totals.quarantined, totals.outside, totals.superseded) == (3, 4, 1, 2)
    assert totals.ignored == {"Encounter": 1, "Organization": 1}
    assert totals.all == 12


def test_a_torn_first_line_costs_that_line_alone(tmp_path: Path) -> None:
    for name, pack in (("A.ndjson", bytes), ("A.ndjson.gz", gzip.compress)):
        source = tmp_path / name / "in"
        source.mkdir(parents=True)
        (source / name).write_bytes(pack(b'{"resourceType": "Obs\n' + lines(patient(), patient("p2"), observation())))
        totals = bring(source, tmp_path / name / "store").totals
        assert (totals.kept, totals.quarantined) == (3, 1)
        assert stored(tmp_path / name / "store") == one_by_one(source)


NOTHING = {
    "a torn line": b"{torn\n{torn",
    "torn lines": b'{"resourceType": "Observation", "subject": {"reference": "Patient/p1"}, "val\n{torn\n',
    "no FHIR": lines({"a": 1}, {"b": 2}),
}


@pytest.mark.parametrize("content", NOTHING.values(), ids=NOTHING)
def test_of_a_source_without_sense_no_store_is_made_and_the_message_says_why(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"nothing .* understood.*\(A.ndjson") as problem:
        bring(export(tmp_path / "in", A=content), tmp_path / "store")
    assert problem.value.exit_code == 10
    assert [one.name for one in (tmp_path / "store").iterdir()] == [".lock"]
    bring(export(tmp_path / "in", A=lines(patient())), tmp_path / "store")
    assert list(stored(tmp_path / "store")) == ["p1"]


@pytest.mark.parametrize("content", NOTHING.values(), ids=NOTHING)
def test_a_store_that_is_there_stays_as_it_was(tmp_path: Path, content: bytes) -> None:
    store = in_turn(tmp_path, lines(patient(), patient("p2"), observation()))
    before = content_of(store)
    with pytest.raises(UnreadableInput, match="nothing of the source could be understood"):
        bring(export(tmp_path / "later", B=content), store)
    assert content_of(store) == before


def test_what_holds_nobody_says_so_with_what_was_not_understood(tmp_path: Path) -> None:
    whose = observation("whose") | {"subject": None}
    with pytest.raises(PatientCountError, match=r"no patient, and .*Observation/whose"):
        bring(export(tmp_path / "in", A=lines({"resourceType": "Location", "id": "l"}, whose)), tmp_path / "store")
    assert [one.name for one in (tmp_path / "store").iterdir()] == [".lock"]


def test_one_torn_file_beside_others_is_quarantined(tmp_path: Path) -> None:
    """Also where the others are in the store already: what is given again means the same."""
    source = export(tmp_path / "in", A=lines(patient(), patient("p2"), observation()))
    bring(source, tmp_path / "store")
    manifest = bring(export(source, B=b"{torn"), tmp_path / "store")
    assert manifest.totals.quarantined == 1
    assert bring(source, tmp_path / "store") == manifest


def test_the_quarantine_says_why_and_where(tmp_path: Path) -> None:
    source = export(
        tmp_path / "in",
        A=lines(patient(), patient("p2"), *(observation(f"o{n}", valueQuantity={"value": n}) for n in range(1, 4))),
    )
    bring(source, tmp_path / "store")
    [reason] = Store.open(tmp_path / "store").quarantine()
    assert (reason.what, reason.why, reason.count) == ("Neutrophils", "it has no unit", 3)
    assert reason.example == "Observation/o1 (A.ndjson, line 3)"


def test_a_line_that_is_not_utf_8_is_quarantined(tmp_path: Path) -> None:
    broken = lines(observation()).replace(b"Patient/p1", b"Patient/\xff")
    store = in_turn(tmp_path, lines(patient()) + broken)
    assert Store.open(store).manifest.totals.quarantined == 1
    assert stored(store)["p1"].results == ()


def test_another_vocabulary_is_read_anew_from_what_is_kept(tmp_path: Path) -> None:
    """Without the sources, which may be gone: what was outside becomes a fact, once the vocabulary knows it."""
    source = export(tmp_path / "in", A=lines(patient(), patient("p2"), observation()))
    small = Vocabulary(dimensions=vocabulary().dimensions)
    import_fhir(sources_at(source), tmp_path / "store", small, workers=1)
    assert stored(tmp_path / "store")["p1"].results == ()
    import_fhir(Sources(()), tmp_path / "store", vocabulary(), workers=1)
    assert stored(tmp_path / "store") == one_by_one(source)


def test_files_that_are_there_already_are_not_read_again(tmp_path: Path) -> None:
    source = export(tmp_path / "in", A=lines(patient(), patient("p2"), observation()))
    bring(source, tmp_path / "store")
    before = content_of(tmp_path / "store")
    bring(source, tmp_path / "store")
    assert content_of(tmp_path / "store") == before
    export(source, B=lines(observation("o2", effectiveDateTime="2026-03-01")))
    manifest = bring(source, tmp_path / "store")
    assert [[file.name for file in one.files] for one in manifest.imports] == [["A.ndjson"], ["B.ndjson"]]
    assert len(stored(tmp_path / "store")["p1"].results) == 2


# --- sources -------------------------------------------------------------------------------------------------------


def test_the_manifest_of_an_export(tmp_path: Path) -> None:
    export(tmp_path / "in", A=lines(patient(), patient("p2")), B=lines(observation()), C=lines(observation("other")))
    listed = {
        "transactionTime": "2026-03-01T00:00:00Z",
        "output": [{"url": "A.ndjson"}, {"url": "http://x/y/B.ndjson"}],
    }
    (tmp_path / "in" / "manifest.json").write_text(json.dumps(listed))
    manifest = bring(tmp_path / "in" / "manifest.json", tmp_path / "store")
    assert [file.name for file in manifest.imports[0].files] == ["A.ndjson", "B.ndjson"]
    assert manifest.imports[0].exported == "2026-03-01T00:00:00Z"
    with_folder = bring(tmp_path / "in", tmp_path / "store2")
    assert [file.name for file in with_folder.imports[0].files] == ["A.ndjson", "B.ndjson", "C.ndjson"]


def test_a_file_that_a_manifest_names_and_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps({"transactionTime": "2026", "output": [{"url": "A.ndjson"}]}))
    with pytest.raises(UnreadableInput, match="which is not there"):
        sources_at(tmp_path / "m.json")


def test_an_input_of_nobody_is_a_message(tmp_path: Path) -> None:
    source = export(tmp_path / "in", A=lines({"resourceType": "Organization", "id": "o"}))
    with pytest.raises(PatientCountError, match="no patient"):
        bring(source, tmp_path / "store")
    assert not (tmp_path / "store" / "store.json").exists()


def test_a_store_is_not_made_among_other_files(tmp_path: Path) -> None:
    source = export(tmp_path / "in", A=lines(patient()))
    with pytest.raises(UnreadableInput, match="not empty"):
        bring(source, source)
    assert sorted(one.name for one in source.iterdir()) == ["A.ndjson"]
