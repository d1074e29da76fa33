"""Doing independent pieces of work, in this process or in several."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from rxvigil.errors import RxvigilError

if TYPE_CHECKING:
    from concurrent.futures import Future

Task = TypeVar("Task")
Done = TypeVar("Done")

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, what is done of it and how much it is (bytes, records or buckets; 0: not known)."""

_HEARTBEAT: Final = 1.0
"""Seconds after which a process whose parent is gone ends itself."""


class WorkerLost(RxvigilError):
    """A process that worked for us was ended from outside."""

    exit_code = 13

    def __init__(self) -> None:
        super().__init__(
            "a process that worked for this command was ended from outside, most likely for want of memory",
            "",
            "give the command again: it goes on from what is finished (--workers 1 needs less memory)",
        )

    def __reduce__(self) -> tuple[type["WorkerLost"], tuple[()]]:
        return WorkerLost, ()


def silent(stage: str, done: int, whole: int) -> None:
    """Progress that nobody looks at."""


class Counted:
    """Counts what is done of a stage."""

    def __init__(self, progress: Progress, stage: str, whole: int) -> None:
        self._progress, self._stage, self._whole, self._done = progress, stage, whole, 0

    def add(self, more: int) -> None:
        """That so much more is done."""
        self._done += more
        self._progress(self._stage, self._done, self._whole)


class Workers(Generic[Task, Done]):
    """`count` processes that do tasks of one kind; none, and the work is done here, for 1."""

    def __init__(self, work: Callable[[Task], Done], count: int) -> None:
        self._work = work
        self._count = count

    def each(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Done]]:
        """Every task with what came of it, as it is finished."""
        if self._count < 2 or len(tasks) < 2:
            for task in tasks:
                yield task, self._work(task)
            return
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        pool = ProcessPoolExecutor(self._count, get_context("spawn"), _watch_parent, (os.getpid(),))
        try:
            with _leaving_ctrl_c_to_the_parent():
                futures: dict[Future[Done], Task] = {pool.submit(self._work, task): task for task in tasks}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            raise WorkerLost from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _leaving_ctrl_c_to_the_parent() -> Iterator[None]:
    """A process begun in here does not hear Ctrl-C, of which it would print a traceback: its parent ends it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _watch_parent(parent: int) -> None:
    """End with the parent, however it ends: nobody would know of a process that is left behind."""

    def watch() -> None:
        while os.getppid() == parent:
            threading.Event().wait(_HEARTBEAT)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
