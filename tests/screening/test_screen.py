"""A screen: what it holds, that the two evaluators agree on it, that it is kept, goes on, and never runs twice."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pyarrow import parquet

from rxvigil.engine import Evaluator, Wanted
from rxvigil.errors import RxvigilError, UnreadableInput, UnwritableOutput
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.population.store import Store
from rxvigil.screening import Request, Screen, find_screen, is_current, read_account, screen
from rxvigil.screening import run as running
from rxvigil.screening.columns import FILES
from rxvigil.screening.places import folder_of, key_of, store_digest
from rxvigil.screening.shares import Share, keys_on_file, shares_of
from rxvigil.screening.working import working_folder

from .conftest import BUCKET_BY_BUCKET, ON, setup_of


def rows(made: Screen, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parquet.read_table(made.folder / f"{name}.parquet").to_pylist()
    return found


def told(made: Screen) -> list[tuple[str, str, str, str]]:
    """Who has which cause at which tier, by which rule."""
    found = (row for row in rows(made, "findings") if row["kind"] != "cannot-say")
    return sorted((row["patient"], row["cause"], row["tier"], row["rule"]) for row in found)


def copy_of(store: Store, folder: Path) -> Store:
    shutil.copytree(store.path, folder / "copy.store", ignore=shutil.ignore_patterns("findings"))
    return Store.open(folder / "copy.store")


def test_it_says_of_everybody_what_an_assessment_says(
    one_by_one: Screen, records: list[Record], book: RuleBook
) -> None:
    evaluator = Evaluator(book, Wanted("UK"))
    expected = [
        (record.patient.id, one.cause, one.tier, one.rule, one.says)
        for record in records
        for one in evaluator.assess(record, ON).findings
    ]
    found = [
        (row["patient"], row["cause"], row["tier"], row["rule"], row["says"]) for row in rows(one_by_one, "findings")
    ]

    assert sorted(found) == sorted(expected)


def test_the_plan_and_the_evaluator_of_one_patient_say_the_same(screened: Screen, one_by_one: Screen) -> None:
    assert told(screened) == told(one_by_one)
    assert screened.account.opened.patients > 0
    assert screened.account.opened.disagreed == ()
    assert screened.account.opened.agreed == screened.account.opened.patients


def test_rows_with_something_to_do_are_opened(screened: Screen) -> None:
    urgent = [row for row in rows(screened, "findings") if row["tier"] in ("STOP", "ACT")]

    assert urgent
    assert all(row["by"] in ("both", "engine") for row in urgent)
    assert not any("…" in row["says"] for row in urgent)


def test_a_limit_leaves_the_rest_unopened_and_counts_it(clinic: Store, book: RuleBook, tmp_path: Path) -> None:
    store = copy_of(clinic, tmp_path)
    made = screen(store, setup_of(store, book), Request(explain=1, workers=1))

    assert made.account.opened.patients == 1
    assert made.account.opened.left > 0


def test_numbers_add_up(screened: Screen, records: list[Record]) -> None:
    account = screened.account
    persons = {row["person"] for row in rows(screened, "findings")}

    assert account.patients == len(records)
    assert account.quiet == len(records) - len(persons)
    for tier, tally in account.tiers.items():
        mine = [row["person"] for row in rows(screened, "findings") if row["tier"] == tier]
        assert (tally.findings, tally.patients) == (len(mine), len(set(mine)))


def test_the_same_screen_is_not_made_twice(clinic: Store, one_by_one: Screen, book: RuleBook) -> None:
    again = screen(clinic, setup_of(clinic, book), BUCKET_BY_BUCKET)

    assert not again.fresh
    assert again.folder == one_by_one.folder


def test_made_again_it_is_the_same_bytes(clinic: Store, one_by_one: Screen, book: RuleBook) -> None:
    before = {path.name: path.read_bytes() for path in one_by_one.folder.iterdir()}
    screen(clinic, setup_of(clinic, book), replace(BUCKET_BY_BUCKET, again=True))

    assert {path.name: path.read_bytes() for path in one_by_one.folder.iterdir()} == before
    assert set(before) == {"screen.json", *(f"{name}.parquet" for name in FILES)}


def test_cut_off_it_goes_on_from_what_is_finished(
    clinic: Store, one_by_one: Screen, book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = copy_of(clinic, tmp_path)
    setup, request = setup_of(store, book), BUCKET_BY_BUCKET
    asked: list[int] = []
    whole = running.everybody_of

    def breaks_off(of: Store, share: Share) -> Any:
        asked.append(share.number)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return whole(of, share)

    monkeypatch.setattr(running, "everybody_of", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        screen(store, setup, request)
    with pytest.raises(UnreadableInput, match="no finished screen"):
        find_screen(store, None)
    made = screen(store, setup, request)

    assert asked == [0, 1, 1, 2]
    assert {path.name: path.read_bytes() for path in made.folder.iterdir()} == {
        path.name: path.read_bytes() for path in one_by_one.folder.iterdir()
    }


def test_two_at_once_do_not_meet(clinic: Store, book: RuleBook, tmp_path: Path) -> None:
    store = copy_of(clinic, tmp_path)
    request = Request(backend="engine", workers=1)
    setup = setup_of(store, book)
    key = key_of(store, book, setup.wanted, ON, request.explain, request.at_once, True)
    held = working_folder(folder_of(store, ON, key), store_digest(store))

    with held, pytest.raises(UnwritableOutput, match="this very"):
        screen(store, setup, request)


def test_a_store_without_patients(book: RuleBook, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "empty.store", book.vocabulary)
    made = screen(store, setup_of(store, book), Request(workers=1))

    assert made.account.patients == 0
    assert rows(made, "findings") == []


def test_a_store_that_was_read_with_another_vocabulary_is_refused(book: RuleBook, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "old.store", book.vocabulary)
    text = (store.path / "store.json").read_text()
    (store.path / "store.json").write_text(text.replace(store.vocabulary_digest, "0" * 64))

    with pytest.raises(RxvigilError, match="vocabulary has changed"):
        screen(Store.open(store.path), setup_of(store, book), Request(workers=1))


def test_a_store_that_changed_since_is_noticed(
    make_store: Callable[..., Store], records: list[Record], book: RuleBook
) -> None:
    store = make_store(records[:2])
    made = screen(store, setup_of(store, book), Request(backend="engine", workers=1))
    assert is_current(made.account, store)
    text = (store.path / "store.json").read_text()
    (store.path / "store.json").write_text(text + "\n")

    assert not is_current(read_account(made.folder), Store.open(store.path))


def test_the_newest_date_is_found(make_store: Callable[..., Store], records: list[Record], book: RuleBook) -> None:
    store = make_store(records[:2])
    days = (date(2026, 3, 2), date(2026, 2, 2))
    for day in days:
        screen(store, setup_of(store, book, day), Request(backend="engine", workers=1))

    assert find_screen(store, None).name.startswith("2026-03-02")
    assert find_screen(store, days[1]).name.startswith("2026-02-02")
    assert find_screen(store, None, today=date(2026, 3, 2)).name.startswith("2026-03-02")
    assert find_screen(store, None, today=date(2026, 3, 1)).name.startswith("2026-02-02")
    assert find_screen(store, None, today=date(2026, 1, 1)).name.startswith("2026-02-02")


@pytest.mark.parametrize("at_once", [1, 5, 1_000])
def test_however_many_are_screened_together_the_same_is_found(
    clinic: Store, screened: Screen, book: RuleBook, at_once: int
) -> None:
    made = screen(clinic, setup_of(clinic, book), Request(workers=1, at_once=at_once))

    for name in FILES:
        assert sorted(rows(made, name), key=repr) == sorted(rows(screened, name), key=repr), name
    assert msgspec.structs.replace(made.account, key="") == msgspec.structs.replace(screened.account, key="")


def test_buckets_are_taken_together_in_order_up_to_a_number_of_patients(
    make_store: Callable[..., Store], records: list[Record]
) -> None:
    store = make_store(records, buckets=5)
    held = [shares_of(store, at_once) for at_once in (1, len(records) // 2, len(records), 100_000)]

    assert [len(one) for one in held[:1] + held[3:]] == [5, 1]
    assert 1 < len(held[1]) < 5
    for shares in held:
        assert [bucket for share in shares for bucket in share.buckets] == [0, 1, 2, 3, 4]
        assert [share.number for share in shares] == list(range(len(shares)))


def test_what_is_on_file_is_drugs_analytes_and_what_nobody_could_read(clinic: Store, records: list[Record]) -> None:
    found = keys_on_file(clinic)

    assert found >= {one.drug for record in records for one in record.prescriptions}
    assert found >= {one.analyte for record in records for one in record.results}
    assert found >= {key for record in records for one in record.not_understood for key in one.affects}
