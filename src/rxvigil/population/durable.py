"""Writing that a crash, a kill or a full disk cannot leave half done."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from rxvigil.errors import RxvigilError, UnwritableOutput

_FULL = frozenset((ENOSPC, EDQUOT, EFBIG))
TEMPORARY = ".part"
"""End of the name of a file that is still being written."""


def write_durably(target: Path, content: bytes) -> None:
    """The whole content under this name, or the file that was there before."""
    with replacing(target) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A name to write to; what was written there stands under `target` afterwards, on disk, or not at all."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}{TEMPORARY}")
    try:
        yield temporary
        settle(temporary)
        os.replace(temporary, target)
        settle(target.parent)
    except BaseException as problem:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(problem, OSError):
            raise unwritable(problem, target) from None
        raise


def settle(path: Path) -> None:
    """Make the content of a file, or the names in a folder, survive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take(handle: int) -> bool:
    """Lock an open file for this process alone; false where another holds it. The lock goes when its process goes,
    however it ends. Where the system has none, one writer at a time is the user's care."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unwritable(problem: OSError, target: Path) -> RxvigilError:
    """The message for what went wrong while writing."""
    if problem.errno in _FULL:
        do = "make room, then give the same command again: it goes on from what is finished"
        return UnwritableOutput("there is no room left on the disk; the store is as it was before", str(target), do)
    why = problem.strerror or str(problem)
    return UnwritableOutput(f"cannot be written: {why}", str(target), "check the folder and its permissions")
