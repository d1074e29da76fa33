"""Putting more rows than fit in memory in order of their persons: sorted pieces on disk, merged as they are read."""

import heapq
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from rxvigil.errors import UnwritableOutput

Thing = TypeVar("Thing")

ROWS_IN_A_PIECE: Final = 250_000


def in_order_on_disk(
    things: Iterable[Thing], key: Callable[[Thing], str], shared: Callable[[Any], bool]
) -> Iterator[Thing]:
    """The things in order of their key; those of one key in the order they came. `shared` names the objects in them
    that many have in common, which are not written down each time. Raises `UnwritableOutput` where the disk is full."""
    with ExitStack() as stack:
        known: dict[int, Any] = {}
        pieces = []
        source = iter(things)
        while piece := sorted(islice(source, ROWS_IN_A_PIECE), key=key):
            file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
            _write(piece, file, shared, known)
            pieces.append(_read(file, known))
        yield from heapq.merge(*pieces, key=key)


def _write(piece: list[Any], file: IO[bytes], shared: Callable[[Any], bool], known: dict[int, Any]) -> None:
    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> int | None:
            if not shared(obj):
                return None
            known[id(obj)] = obj
            return id(obj)

    try:
        for thing in piece:
            Pickler(file, protocol=5).dump(thing)
        file.seek(0)
    except OSError as problem:
        do = "make room, or set TMPDIR to a folder with room; or sort the tables by patient and state `sorted: true`"
        why = f"the rows cannot be sorted on disk: {problem.strerror}"
        raise UnwritableOutput(why, str(Path(tempfile.gettempdir())), do) from None


def _read(file: IO[bytes], known: dict[int, Any]) -> Iterator[Any]:
    class Unpickler(pickle.Unpickler):
        def persistent_load(self, pid: int) -> Any:
            return known[pid]

    while True:
        try:
            yield Unpickler(file).load()
        except EOFError:
            return
