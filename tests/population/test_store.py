"""A store: what is written comes back, by patient and by bucket; another vocabulary or layout, and damage, are said."""

import json
from pathlib import Path

import duckdb
import msgspec
import pytest

from rxvigil.errors import PatientCountError, RuleBookError, RxvigilError, UnreadableInput, UnsupportedInput
from rxvigil.facts import Origin, Patient, Record, Result, on_day
from rxvigil.facts.when import parse_when
from rxvigil.intake.bulk import import_records
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import COLUMNS
from rxvigil.population.store import Store, digest_of, is_store


def result(number: int, value: float = 3.1, day: str = "2026-02-20") -> Result:
    return Result(
        id=f"r{number}", analyte="neutrophils", when=parse_when(day), value=value, written=f"{value} 10*9/L",
        origin=Origin("a.csv", "row", number),
    )  # fmt: skip


def record(patient: str, *results: Result) -> Record:
    return Record(patient=Patient(patient, on_day(parse_when("1980-05-01").first)), results=results, lists=("results",))


RECORDS = [record(f"p{number}", *(result(n, n + number / 8) for n in range(number % 4))) for number in range(30)]


@pytest.fixture
def store(book: RuleBook, tmp_path: Path) -> Store:
    import_records(tmp_path / "store", [(one, "Ward 3") for one in RECORDS], [], book.vocabulary, buckets=4)
    return Store.open(tmp_path / "store")


def test_every_record_comes_back(store: Store) -> None:
    assert sorted(store.records(), key=lambda one: one.patient.id) == sorted(RECORDS, key=lambda one: one.patient.id)


def test_one_patient_comes_back(store: Store) -> None:
    assert store.record("p7") == RECORDS[7]
    assert list(store.records(["p3", "p11"])) in ([RECORDS[3], RECORDS[11]], [RECORDS[11], RECORDS[3]])


def test_who_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(PatientCountError, match="no patient of that id"):
        store.record("p99")


def test_the_pattern_of_a_table_is_read_by_duckdb(store: Store) -> None:
    """Every bucket has a file of every table, so that no pattern is ever empty; a patient is in one bucket."""
    assert list(store.buckets) == [0, 1, 2, 3]
    for name in COLUMNS:
        duckdb.sql(f"from read_parquet('{store.glob(name)}')").fetchall()
    found = duckdb.sql(f"""
        select count(*), count(distinct patient), count(distinct person), min(practice)
        from read_parquet('{store.glob("patients")}')
    """).fetchall()
    assert found == [(30, 30, 30, "Ward 3")]
    [(results,)] = duckdb.sql(f"select count(*) from read_parquet('{store.glob('results')}')").fetchall()
    assert results == sum(len(one.results) for one in RECORDS)


def test_a_file_is_sorted_by_person(store: Store) -> None:
    for bucket in store.buckets:
        [path] = store.tables(bucket)["results"]
        persons = [row[0] for row in duckdb.sql(f"select person from '{path}'").fetchall()]
        assert persons == sorted(persons)


def test_an_empty_store_is_empty(book: RuleBook, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store", book.vocabulary, buckets=2)
    assert list(Store.open(tmp_path / "store").records()) == []
    assert (store.imports, store.quarantine(), store.nobody()) == ((), [], None)


def test_another_vocabulary_is_refused(store: Store, book: RuleBook) -> None:
    store.require(book.vocabulary)
    analytes = dict(book.vocabulary.analytes)
    changed = analytes["neutrophils"]
    analytes["neutrophils"] = changed.model_copy(update={"names": (*changed.names, "Polymorphs, all")})
    other = type(book.vocabulary)(**{**vars_of(book), "analytes": analytes})
    assert digest_of(other) != digest_of(book.vocabulary)
    with pytest.raises(RuleBookError, match="vocabulary has changed"):
        store.require(other)


def vars_of(book: RuleBook) -> dict[str, object]:
    return {name: getattr(book.vocabulary, name) for name in book.vocabulary.__dataclass_fields__}


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", UnreadableInput), (b"{}", UnreadableInput), (b"[]", UnreadableInput), (b"\xff", UnreadableInput)],
)
def test_damage_is_a_message(store: Store, content: bytes, kind: type[RxvigilError]) -> None:
    (store.path / "store.json").write_bytes(content)
    with pytest.raises(kind):
        Store.open(store.path)


def test_another_layout_is_not_read(store: Store) -> None:
    manifest = json.loads((store.path / "store.json").read_bytes())
    (store.path / "store.json").write_bytes(msgspec.json.encode(manifest | {"format": 99}))
    with pytest.raises(UnsupportedInput, match="layout 99"):
        Store.open(store.path)


def test_what_is_no_store_is_said(tmp_path: Path) -> None:
    assert not is_store(tmp_path)
    with pytest.raises(UnreadableInput, match="no store"):
        Store.open(tmp_path)


def test_a_store_is_not_made_among_other_files(book: RuleBook, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(RxvigilError, match="not empty"):
        Store.create(tmp_path, book.vocabulary)
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]
