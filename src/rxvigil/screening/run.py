"""A screen: the whole rule book asked of everybody in a store, share by share.

Each share's answers are kept as soon as they are there, so that a screen that was cut off goes on from them; memory is
needed for one share at a time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rxvigil.errors import UnreadableInput
from rxvigil.intake.bulk.work import Progress, Workers, silent
from rxvigil.population.store import Store
from rxvigil.screening.account import Account
from rxvigil.screening.databases import BackendName, database, written_out
from rxvigil.screening.finishing import finish
from rxvigil.screening.one_by_one import Answers, Setup, answer
from rxvigil.screening.opening import open_rows
from rxvigil.screening.parts import Part, by_plan, everybody_of, finished_of, keep_part, part_of, practices_of
from rxvigil.screening.places import folder_of, is_changing, key_of, read_account, store_digest
from rxvigil.screening.shares import AT_ONCE, Share, keys_on_file, shares_of
from rxvigil.screening.told import OUTPUTS
from rxvigil.screening.working import clear, fresh_whole, put_in_place, tidy, working_folder

if TYPE_CHECKING:
    from rxvigil.screening.databases import Database, PlanSql

Backend = Literal["duckdb", "postgres", "spark", "engine"]
_PIECE: Final = (100, 1_000)
"""Patients of one piece of work, at least and at most. A process reads them together, and reads for any of them through
all tables of their bucket."""


@dataclass(frozen=True)
class Request:
    """What is asked for, beside the setup."""

    backend: Backend = "duckdb"
    url: str | None = None
    explain: int = 10_000
    at_once: int = AT_ONCE
    """Patients whom a database is asked about together, at most, where a bucket of the store holds no more."""
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
    how = (request.explain, request.at_once, request.backend == "engine")
    key = key_of(store, setup.book, setup.wanted, setup.on, *how)
    folder, digest = folder_of(store, setup.on, key), store_digest(store)
    tidy(folder.parent, digest)
    if folder.is_dir() and not request.again:
        return Screen(folder, read_account(folder), fresh=False)
    with working_folder(folder, digest) as working:
        if folder.is_dir() and not request.again:
            return Screen(folder, read_account(folder), fresh=False)
        if request.again:
            clear(working)
        with Workers(request.workers) as everybody:
            account = _screened(_Job(store, setup, request, working, digest, everybody), key)
        put_in_place(working, folder)
    return Screen(folder, account, fresh=True)


def screen_into(store: Store, setup: Setup, request: Request, folder: Path) -> Account:
    """A screen in a folder of its own, which the store does not know of; its files stand in `whole` there."""
    store.require(setup.book.vocabulary)
    with Workers(request.workers) as everybody:
        return _screened(_Job(store, setup, request, folder, store_digest(store), everybody), "")


@dataclass(frozen=True)
class _Job:
    """A screen in the making."""

    store: Store
    setup: Setup
    request: Request
    working: Path
    digest: str
    """Of the store as it was at the beginning."""
    everybody: Workers

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """What is screened together."""
        with self.unchanged():
            return shares_of(self.store, self.request.at_once)

    def check(self) -> None:
        """Raise `UnreadableInput` where an import has changed the store since the beginning, or is doing so: what was
        read may be partly of before and partly of after."""
        if is_changing(self.store) or store_digest(self.store) != self.digest:
            what = "an import changed the store while it was being screened"
            raise UnreadableInput(what, str(self.store.path), "give the command again: it screens what is there then")

    def answers(self, patients: tuple[str, ...]) -> Answers:
        """The evaluator of one patient asked of all of these, of the store as it was at the beginning."""
        with self.unchanged():
            return _answers(self, patients)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What is read in here is of the store as it was at the beginning. Raises `UnreadableInput`."""
        try:
            yield
        except Exception:
            self.check()
            raise
        self.check()


def _screened(job: _Job, key: str) -> Account:
    whole = fresh_whole(job.working)
    _ask_all(job)
    opened = open_rows(job.store, job.shares, job.request.explain, job.answers, job.working)
    parts = [finished_of(job.working, share) for share in job.shares]
    return finish(job.store, job.setup, key, job.request.explain, opened, parts, whole)


def _ask_all(job: _Job) -> None:
    """The answers for everybody, kept share by share; those that are there already are not made again."""
    left = [share for share in job.shares if not part_of(job.working, share).exists()]
    backend = job.request.backend
    if backend == "engine" or not left:
        _each_share(job, left, everybody_of)
        return
    with _queries(job, backend) as (found, plan):
        monitored = frozenset(key for key, one in job.setup.book.vocabulary.drugs.items() if one.monitored)
        _each_share(job, left, partial(by_plan, found, plan, monitored))


@contextmanager
def _queries(job: _Job, backend: BackendName) -> "Iterator[tuple[Database, PlanSql]]":
    from rxvigil.cohort.plan import make_plan

    setup, request = job.setup, job.request
    request.progress("writing the queries", 0, 1)
    with job.unchanged():
        keys = keys_on_file(job.store)
    plan = make_plan(setup.book, setup.wanted, setup.on, fast=backend == "duckdb", on_file=keys).only(OUTPUTS)
    dialect = "pyspark" if backend == "spark" else backend
    with database(backend, request.url, job.working) as found:
        written = written_out(plan, dialect)
        request.progress("writing the queries", 1, 1)
        yield found, written


def _each_share(job: _Job, left: list[Share], ask: Callable[[Store, Share], Part]) -> None:
    whole = len(job.shares)
    for nth, share in enumerate(left):
        job.request.progress("screening", whole - len(left) + nth, whole)
        with job.unchanged():
            part = ask(job.store, share)
            practices = practices_of(job.store, share)
        answers = job.answers(tuple(part.tables["singly"]["patient"].to_pylist()))
        keep_part(part.with_answers(answers, practices), part_of(job.working, share))
    job.request.progress("screening", whole, whole)


def _answers(job: _Job, patients: tuple[str, ...]) -> Answers:
    """The evaluator of one patient asked of all of these, in several processes where it is worth it."""
    least, most = _PIECE
    size = min(max(least, -(-len(patients) // job.request.workers)), most)
    pieces = [patients[at : at + size] for at in range(0, len(patients), size)]
    found: dict[tuple[str, ...], Answers] = {}
    done = 0
    for piece, answers in job.everybody.each(partial(answer, job.setup), pieces):
        found[piece] = answers
        done += len(piece)
        job.request.progress("patients one by one", done, len(patients))
    whole = Answers([], [], [])
    for piece in pieces:
        whole.add(found[piece])
    return whole
