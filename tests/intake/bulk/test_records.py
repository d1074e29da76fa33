"""Finished records, as the readers of OMOP and spreadsheets make them, go into a store with the same promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bulk_samples import bring, content_of, export, lines, observation, patient, stored, vocabulary

from rxvigil.errors import RuleBookError, RxvigilError, UnreadableInput, UnsupportedInput
from rxvigil.facts import Denial, NotUnderstood, Origin, Outside, Patient, Record, Result, on_day
from rxvigil.facts.when import parse_when
from rxvigil.intake.bulk import import_records
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.manifest import Manifest, Mode, Totals

DAY = on_day(parse_when("2026-02-20").first)


def result(value: float, day: str = "2026-02-20", number: int = 1) -> Result:
    return Result(
        id=f"row {number}", analyte="neutrophils", when=parse_when(day), value=value, written=f"{value}",
        origin=Origin("a.csv", "n", number),
    )  # fmt: skip


def record(*results: Result, of: str = "p1", **more: object) -> Record:
    return Record(**{"patient": Patient(of, DAY, "female"), "results": results, "lists": ("results",)} | more)


def put(store: Path, file: Path, *records: Record, mode: Mode | None = None, **more: object) -> Manifest:
    file.write_text(repr(records))
    return import_records(store, [(one, None) for one in records], [file], vocabulary(), mode=mode, **more)


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    denied = Denial(id="d", subject="allopurinol", measure="active", when=DAY, origin=Origin("a", "b"))
    doubt = NotUnderstood(origin=Origin("a", "b", 3), what="ALT", why="it has no unit", affects=("alt",))
    outside = Outside("result", "loinc", "1-1", "Zinc", 4)
    whole = record(result(3), denials=(denied,), not_understood=(doubt,), outside=(outside,), unread={"Visit": 3})
    manifest = put(tmp_path / "store", tmp_path / "a.csv", whole)
    assert stored(tmp_path / "store") == {"p1": whole}
    assert manifest.totals == Totals(kept=3, quarantined=1, ignored={"Visit": 3}, outside=4)
    assert manifest.imports[0].read == 11


def test_the_same_files_again_change_nothing_and_are_not_read(tmp_path: Path) -> None:
    def unread() -> Iterator[tuple[Record, str | None]]:
        raise AssertionError("the producer was asked again")
        yield

    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)))
    before = content_of(tmp_path / "store")
    import_records(tmp_path / "store", unread(), [tmp_path / "a.csv"], vocabulary())
    assert content_of(tmp_path / "store") == before


def test_a_second_import_must_say_whether_it_adds(tmp_path: Path) -> None:
    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)))
    before = content_of(tmp_path / "store")
    with pytest.raises(UnsupportedInput, match="adds to it or replaces it"):
        put(tmp_path / "store", tmp_path / "b.csv", record(result(4)))
    assert content_of(tmp_path / "store") == before


def test_what_is_added_stands_beside_what_there_was(tmp_path: Path) -> None:
    """What comes twice is there once."""
    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)), record(of="p2"))
    added = record(result(3, number=9), result(4, "2026-03-01", 2))
    manifest = put(tmp_path / "store", tmp_path / "b.csv", added, record(of="p3"), mode="adds")
    found = stored(tmp_path / "store")
    assert [one.value for one in found["p1"].results] == [3, 4]
    assert (sorted(found), manifest.patients) == (["p1", "p2", "p3"], 3)


def test_what_replaces_takes_the_place_of_everything_known_of_its_patients(tmp_path: Path) -> None:
    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)), record(result(5), of="p2"))
    put(tmp_path / "store", tmp_path / "b.csv", record(result(4, "2026-03-01")), mode="replaces")
    found = stored(tmp_path / "store")
    assert [one.value for one in found["p1"].results] == [4]
    assert [one.value for one in found["p2"].results] == [5]


def test_a_patient_who_comes_twice_is_one(tmp_path: Path) -> None:
    """Sexes that contradict one another are left open, and said."""
    man = Record(patient=Patient("p1", DAY, "male"), results=(result(4, "2026-03-01"),))
    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)), man)
    [found] = stored(tmp_path / "store").values()
    assert (found.patient, len(found.results)) == (Patient("p1", DAY, "unknown"), 2)
    assert [one.what for one in found.not_understood] == ["sex"]


def test_a_producer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def torn() -> Iterator[tuple[Record, str | None]]:
        yield record(result(3)), None
        raise UnreadableInput("row 2 is torn", "a.csv")

    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(UnreadableInput, match="row 2 is torn"):
        import_records(tmp_path / "store", torn(), [tmp_path / "a.csv"], vocabulary())
    assert not (tmp_path / "store" / "store.json").exists()
    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)))
    assert list(stored(tmp_path / "store")) == ["p1"]


def test_a_file_that_changes_under_the_producer_is_refused(tmp_path: Path) -> None:
    def slow() -> Iterator[tuple[Record, str | None]]:
        (tmp_path / "a.csv").write_text("longer than before")
        yield record(result(3)), None

    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(UnreadableInput, match="changed while it was read"):
        import_records(tmp_path / "store", slow(), [tmp_path / "a.csv"], vocabulary())


def test_records_and_resources_do_not_mix(tmp_path: Path) -> None:
    fhir = export(tmp_path / "in", A=lines(patient(), observation()))
    bring(fhir, tmp_path / "fhir")
    with pytest.raises(UnsupportedInput, match="do not mix"):
        put(tmp_path / "fhir", tmp_path / "a.csv", record(result(3)), mode="adds")
    put(tmp_path / "records", tmp_path / "a.csv", record(result(3)))
    with pytest.raises(UnsupportedInput, match="does not mix"):
        bring(fhir, tmp_path / "records")


def test_another_vocabulary_needs_a_new_store(tmp_path: Path) -> None:
    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)))
    (tmp_path / "b.csv").write_text("y")
    with pytest.raises(RuleBookError, match="vocabulary has changed"):
        import_records(tmp_path / "store", [(record(), None)], [tmp_path / "b.csv"], Vocabulary(), mode="adds")


def test_nobody_at_all_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(RxvigilError, match="no patient"):
        put(tmp_path / "store", tmp_path / "a.csv")


def test_records_in_which_nothing_was_understood_change_nothing(tmp_path: Path) -> None:
    """Least of all do they replace what is known."""
    doubt = NotUnderstood(origin=Origin("b.csv", "row", 1), what="patient id", why="there is no patient id")
    blank = Record(patient=Patient("p1"), not_understood=(doubt,))
    with pytest.raises(UnreadableInput, match=r"nothing of the source.*1 \u00d7 patient id: there is no patient id"):
        put(tmp_path / "store", tmp_path / "b.csv", blank)
    assert [one.name for one in (tmp_path / "store").iterdir()] == [".lock"]
    put(tmp_path / "store", tmp_path / "a.csv", record(result(3)))
    before = content_of(tmp_path / "store")
    with pytest.raises(UnreadableInput, match="nothing of the source"):
        put(tmp_path / "store", tmp_path / "b.csv", blank, mode="replaces")
    assert content_of(tmp_path / "store") == before
