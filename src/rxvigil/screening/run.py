"""A screen: the whole rule book asked of everybody in a store, bucket by bucket.

Each bucket's answers are kept as soon as they are there, so that a screen that was cut off goes on from them. A bucket
holds a share of the patients; memory is needed for one at a time.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rxvigil.errors import UnreadableInput, UnwritableOutput
from rxvigil.intake.bulk.work import Progress, Workers, silent
from rxvigil.population.durable import take, unwritable
from rxvigil.population.store import Store
from rxvigil.screening.account import Account
from rxvigil.screening.buckets import (
    OPENED,
    PARTS,
    Part,
    by_plan,
    drugs_on_file,
    everybody_of,
    keep_part,
    part_names,
    practices_of,
)
from rxvigil.screening.databases import BackendName, database, written_out
from rxvigil.screening.finishing import finish
from rxvigil.screening.one_by_one import Answers, Setup, answer
from rxvigil.screening.opening import open_rows
from rxvigil.screening.places import folder_of, key_of, read_account, store_digest

if TYPE_CHECKING:
    from rxvigil.screening.databases import Database, PlanSql

Backend = Literal["duckdb", "postgres", "spark", "engine"]
_AT_ONCE: Final = 100
"""Patients of one piece of work: a process reads them together."""
_WORKING: Final = ".working"
_LOCK: Final = ".lock"


@dataclass(frozen=True)
class Request:
    """What is asked for, beside the setup."""

    backend: Backend = "duckdb"
    url: str | None = None
    explain: int = 10_000
    workers: int = 2
    again: bool = False
    progress: Progress = field(default=silent)


@dataclass(frozen=True)
class Screen:
    """A finished screen."""

    folder: Path
    account: Account
    fresh: bool
    """Made now; else it was there."""


def screen(store: Store, setup: Setup, request: Request) -> Screen:
    """Screen a store, or find that this very screen is there already.

    Raises `UnreadableInput`, `UnwritableOutput`, `RuleBookError` (a store read with another vocabulary)."""
    store.require(setup.book.vocabulary)
    key = key_of(store, setup.book, setup.wanted, setup.on, request.explain, request.backend == "engine")
    folder = folder_of(store, setup.on, key)
    if not request.again and folder.is_dir():
        return Screen(folder, read_account(folder), fresh=False)
    with working_folder(folder) as working:
        account = _screened(store, setup, request, key, working)
        _put_in_place(working, folder)
    return Screen(folder, account, fresh=True)


def screen_into(store: Store, setup: Setup, request: Request, folder: Path) -> Account:
    """A screen in a folder of its own, which the store does not know of."""
    store.require(setup.book.vocabulary)
    folder.mkdir(parents=True)
    return _screened(store, setup, request, "", folder)


def _screened(store: Store, setup: Setup, request: Request, key: str, working: Path) -> Account:
    before = store_digest(store)
    ask_all(store, setup, request, working)
    opened = open_rows(store, request.explain, partial(_answers, setup, request), working)
    _same_store(store, before)
    return finish(store, setup, key, request.explain, opened, working)


def ask_all(store: Store, setup: Setup, request: Request, working: Path) -> None:
    """The answers for everybody, kept bucket by bucket; those that are there already are not made again."""
    if request.backend == "engine":
        _each_bucket(store, setup, request, working, everybody_of)
        return
    with _queries(store, setup, request, request.backend, working) as (found, plan):
        monitored = frozenset(key for key, one in setup.book.vocabulary.drugs.items() if one.monitored)
        _each_bucket(store, setup, request, working, partial(by_plan, found, plan, monitored))


@contextmanager
def _queries(
    store: Store, setup: Setup, request: Request, backend: BackendName, working: Path
) -> "Iterator[tuple[Database, PlanSql]]":
    from rxvigil.cohort.plan import make_plan

    request.progress("writing the queries", 0, 1)
    drugs = drugs_on_file(store)
    plan = make_plan(setup.book, setup.wanted, setup.on, fast=backend == "duckdb", drugs=drugs)
    dialect = "pyspark" if backend == "spark" else backend
    with database(backend, request.url, working) as found:
        written = written_out(plan, dialect)
        request.progress("writing the queries", 1, 1)
        yield found, written


def _each_bucket(
    store: Store, setup: Setup, request: Request, working: Path, ask: Callable[[Store, int], Part]
) -> None:
    left = [one for one in store.buckets if not part_names(working, one).exists()]
    for nth, bucket in enumerate(left):
        request.progress("screening", len(store.buckets) - len(left) + nth, len(store.buckets))
        part = ask(store, bucket)
        names = tuple(part.tables["singly"]["patient"].to_pylist())
        answers = _answers(setup, request, names)
        keep_part(part.with_answers(answers, practices_of(store, bucket)), part_names(working, bucket))
    request.progress("screening", len(store.buckets), len(store.buckets))


def _answers(setup: Setup, request: Request, patients: tuple[str, ...]) -> Answers:
    """The evaluator of one patient asked of all of these, in several processes where it is worth it."""
    pieces = [patients[at : at + _AT_ONCE] for at in range(0, len(patients), _AT_ONCE)]
    found: dict[tuple[str, ...], Answers] = {}
    done = 0
    for piece, answers in Workers(partial(answer, setup), request.workers).each(pieces):
        found[piece] = answers
        done += len(piece)
        request.progress("patients one by one", done, len(patients))
    whole = Answers([], [], [])
    for piece in pieces:
        whole.add(found[piece])
    return whole


@contextmanager
def working_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the screen's own for what is not finished; nobody else works in it meanwhile. It stays where the
    work was cut off. Raises `UnwritableOutput`."""
    working = folder.with_name(f".{folder.name}{_WORKING}")
    try:
        working.mkdir(parents=True, exist_ok=True)
        lock = (working / _LOCK).open("wb")
    except OSError as problem:
        raise unwritable(problem, folder) from None
    with lock:
        if not take(lock.fileno()):
            do = "wait until it has ended; it goes on alone, and the same command then shows its result"
            raise UnwritableOutput("another process is making this very screen", str(folder), do)
        try:
            yield working
        except OSError as problem:
            raise unwritable(problem, folder) from None


def _same_store(store: Store, before: str) -> None:
    if store_digest(store) != before:
        do = "give the command again: it screens what the store holds now"
        raise UnreadableInput("an import changed the store while it was being screened", str(store.path), do)


def _put_in_place(working: Path, folder: Path) -> None:
    """The finished screen under its own name, in one step; one that was there before goes."""
    for name in (PARTS, OPENED, "duckdb"):
        shutil.rmtree(working / name, ignore_errors=True)
    if folder.is_dir():
        shutil.rmtree(folder)
    os.replace(working, folder)
    (folder / _LOCK).unlink(missing_ok=True)
