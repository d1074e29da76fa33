"""An import in the making: one at a time, in a folder of its own inside the store, and put in place in one step.

`staging/plan.json` says what is being imported. Kept files and buckets that stand in the folder are finished, and are
not made again when the same command is given after an interruption. When all is there, `commit.json` is written; from
then on the import counts, and whoever comes next moves what has not been moved yet.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rxvigil.errors import UnreadableInput, UnwritableOutput
from rxvigil.intake.bulk.building import account_of
from rxvigil.population import COLUMNS
from rxvigil.population.durable import TEMPORARY, settle, take, unwritable, write_durably
from rxvigil.population.manifest import Import, Manifest
from rxvigil.population.store import FACTS, JOURNAL, KEPT, MANIFEST, NOBODY, STAGING, encode, part_of

PLAN = "plan.json"
FETCHED = "fetched"
"""Files of a server's export that are not imported yet."""
_LOCK = ".lock"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is being imported. Another plan makes nothing of what is staged."""

    new: Import | None
    """Without what was read; none where the kept resources are only read anew."""
    vocabulary: str
    buckets: int


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """What remains to be done for a finished import to be in place."""

    manifest: Manifest
    number: int
    """Of the import whose kept files are moved; 0 for none."""
    buckets: tuple[int, ...]
    nobody: bool


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Nobody else imports into this store meanwhile. Raises `UnwritableOutput`."""
    try:
        store.mkdir(parents=True, exist_ok=True)
        file = (store / _LOCK).open("wb")
    except OSError as problem:
        raise unwritable(problem, store) from None
    with file:
        if not take(file.fileno()):
            raise UnwritableOutput("another import is writing to this store", str(store), "wait until it has ended")
        yield


def begin(store: Path, plan: Plan) -> Path:
    """The staging folder for this plan, with what is finished of it."""
    staged = store / STAGING
    try:
        before = _plan_in(staged)
        if before != plan:
            _forget_all_but(_same_files(before, plan), store)
            for folder in (staged, staged / KEPT, staged / "accounts"):
                folder.mkdir(exist_ok=True)
        for path in staged.rglob(f".*{TEMPORARY}"):
            path.unlink(missing_ok=True)
    except OSError as problem:
        raise unwritable(problem, store) from None
    write_durably(staged / PLAN, encode(plan))
    return staged


def _plan_in(staged: Path) -> Plan | None:
    try:
        return msgspec.json.decode((staged / PLAN).read_bytes(), type=Plan)
    except (OSError, msgspec.DecodeError):
        return None


def _same_files(before: Plan | None, plan: Plan) -> set[str]:
    """Beginnings of the names of kept files that can stay: one source file of several was mended or came new."""
    if before is None or before.new is None or plan.new is None or before.buckets != plan.buckets:
        return set()
    pairs = enumerate(zip(before.new.files, plan.new.files, strict=False))
    return {f"{number:05d}-" for number, (old, new) in pairs if old == new}


def _forget_all_but(beginnings: set[str], store: Path) -> None:
    staged = store / STAGING
    if not beginnings:
        clear(store)
        return
    (staged / PLAN).unlink()
    for name in (FACTS, "accounts"):
        shutil.rmtree(staged / name, ignore_errors=True)
    for path in (staged / KEPT).iterdir():
        if path.name[:6] not in beginnings:
            path.unlink()


def clear(store: Path) -> None:
    """Throw away what is staged, and what was left of a manifest that was being written."""
    for path in store.glob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)
    if (store / STAGING).exists():
        shutil.rmtree(store / STAGING)


def commit(store: Path, done: Commit) -> None:
    """Put a finished import in place."""
    staged = store / STAGING
    for folder in (*(staged / FACTS / table for table in COLUMNS), staged / FACTS, staged / KEPT, staged):
        if folder.exists():
            settle(folder)
    write_durably(staged / JOURNAL, encode(done))
    complete(store)


def complete(store: Path) -> None:
    """End what was begun of putting an import in place; nothing where nothing was."""
    staged = store / STAGING
    if not (staged / JOURNAL).exists():
        return
    done = _journal(staged / JOURNAL)
    try:
        for bucket in done.buckets:
            for table in COLUMNS:
                _move(staged / part_of(table, bucket), store / part_of(table, bucket))
            _move(account_of(bucket, staged), account_of(bucket, store))
        if done.number:
            _move(staged / KEPT, store / KEPT / f"import-{done.number:04d}")
        _move(staged / NOBODY, store / NOBODY)
        if not done.nobody:
            (store / NOBODY).unlink(missing_ok=True)
        write_durably(store / MANIFEST, encode(done.manifest))
        clear(store)
    except OSError as problem:
        raise unwritable(problem, store) from None


def _journal(path: Path) -> Commit:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Commit)
    except (OSError, msgspec.DecodeError):
        what = "the journal of an import is damaged"
        raise UnreadableInput(what, str(path), "import the sources again into a new folder") from None


def _move(source: Path, target: Path) -> None:
    """Atomic; what is no longer at its source was moved before."""
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
        settle(target.parent)


def fresh(store: Path) -> bool:
    """Whether a store may be made here: a folder that is new, empty, or holds nothing but a first import that is not
    finished."""
    if not store.exists() or (store / STAGING / JOURNAL).exists():
        return True
    return all(one.name in (_LOCK, STAGING, FETCHED) for one in store.iterdir())
