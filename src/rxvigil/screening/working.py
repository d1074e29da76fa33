"""A screen in the making: in a hidden folder beside the place where it will stand, by one process at a time.

```text
STORE/findings/.DATE-KEY.working/.lock              held by who works here; names the state of the store
STORE/findings/.DATE-KEY.working/parts/share=000/   the answers for a share; what stands here is finished
STORE/findings/.DATE-KEY.working/opened/share=000/  the same with its rows opened
STORE/findings/.DATE-KEY.working/whole/             the files of the screen, moved in one step to its place
STORE/findings/DATE-KEY/                            the screen
```
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from rxvigil.errors import UnwritableOutput
from rxvigil.population.durable import settle, take, unwritable

WHOLE: Final = "whole"
_ENDING: Final = ".working"
_LOCK: Final = ".lock"
_REPLACED: Final = "replaced"
_MOST_TRIES: Final = 100


@contextmanager
def working_folder(folder: Path, digest: str) -> Iterator[Path]:
    """The folder for what is not finished of the screen at `folder`, of a store in the state `digest`; nobody else
    works in it meanwhile. It stays where the work was cut off. Raises `UnwritableOutput`."""
    working = folder.with_name(f".{folder.name}{_ENDING}")
    try:
        lock = _locked(working)
        if lock is None:
            do = "wait until it has ended; the same command then shows its result"
            raise UnwritableOutput("another process is making this very screen", str(folder), do)
        with lock:
            lock.truncate(0)
            lock.write(digest.encode())
            lock.flush()
            yield working
            if folder.is_dir():
                shutil.rmtree(working, ignore_errors=True)
    except OSError as problem:
        raise unwritable(problem, folder) from None


def _locked(working: Path) -> IO[bytes] | None:
    """The lock of a folder, held; none where another process holds it. Who held it before may have thrown the folder
    away since its lock was opened here: then both are made anew."""
    for _ in range(_MOST_TRIES):
        working.mkdir(parents=True, exist_ok=True)
        try:
            lock = (working / _LOCK).open("ab")
        except FileNotFoundError:
            continue
        if not take(lock.fileno()):
            lock.close()
            return None
        if _still_there(lock, working / _LOCK):
            return lock
        lock.close()
    return None


def _still_there(lock: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False


def fresh_whole(working: Path) -> Path:
    """The folder for the files of the finished screen, empty."""
    shutil.rmtree(working / WHOLE, ignore_errors=True)
    (working / WHOLE).mkdir(parents=True)
    return working / WHOLE


def clear(working: Path) -> None:
    """Throw away what was done."""
    for path in working.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def put_in_place(working: Path, folder: Path) -> None:
    """The finished screen at its place, in one step. One that was there before goes; until the step it can be made
    again from the parts."""
    if folder.is_dir():
        shutil.rmtree(working / _REPLACED, ignore_errors=True)
        os.replace(folder, working / _REPLACED)
    os.replace(working / WHOLE, folder)
    settle(folder.parent)


def tidy(screens: Path, digest: str) -> None:
    """Throw away what is left of screens with which nobody will go on: the store is no longer in that state, the screen
    has been finished, or a kill came while this was being thrown away (the lock may then be gone)."""
    for working in screens.glob(f".*{_ENDING}"):
        finished = screens / working.name[1 : -len(_ENDING)]
        with suppress(OSError), (working / _LOCK).open("a+b") as lock:
            lock.seek(0)
            left = finished.is_dir() or lock.read() != digest.encode()
            if left and take(lock.fileno()):
                shutil.rmtree(working)
