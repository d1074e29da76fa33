"""Doing independent pieces of work, in this process or in several."""

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from rxvigil.errors import RxvigilError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

Task = TypeVar("Task")
Done = TypeVar("Done")

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, what is done of it and how much it is (bytes, records or buckets; 0: not known)."""

_HEARTBEAT: Final = 1.0
"""Seconds after which a process whose parent is gone ends itself, and Ctrl-C is answered."""


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


class Workers:
    """This process and others beside it, `count` in all, that do independent pieces of work. A context manager: the
    others start when they are first needed, and end with it."""

    def __init__(self, count: int) -> None:
        self._others = count - 1
        self._pool: ProcessPoolExecutor | None = None
        self._before: list[BaseProcess] = []
        """Children of this process that are none of the pool's, which begins its own when it needs them."""

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is None:
            return
        from multiprocessing import active_children

        with _ctrl_c_held_back():
            if kind is not None:  # nobody wants what they are doing any more, and it may take a minute
                for process in active_children():
                    if process not in self._before:
                        process.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self) -> None:
        """Start the others now, for what will soon be there to do."""
        if self._others > 0 and self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import active_children, get_context

            self._before = active_children()
            self._pool = ProcessPoolExecutor(self._others, get_context("spawn"), _watch_parent, (os.getpid(),))
            with _leaving_ctrl_c_to_the_parent():
                for _ in range(self._others):
                    self._pool.submit(_ready)

    def each(self, work: Callable[[Task], Done], tasks: Sequence[Task]) -> Iterator[tuple[Task, Done]]:
        """Every task with what came of it, as it is finished."""
        if len(tasks) > 1:
            self.start()
        if self._pool is None or len(tasks) < 2:
            for task in tasks:
                yield task, work(task)
            return
        from concurrent.futures.process import BrokenProcessPool

        try:
            yield from self._shared(self._pool, work, deque(tasks))
        except BrokenProcessPool:
            raise WorkerLost from None

    def _shared(
        self, pool: "ProcessPoolExecutor", work: Callable[[Task], Done], waiting: deque[Task]
    ) -> Iterator[tuple[Task, Done]]:
        """The others take the first tasks, each with one more that waits for it; this process takes the last."""
        from concurrent.futures import FIRST_COMPLETED, Future, wait

        given: dict[Future[Done], Task] = {}
        while waiting or given:
            with _ctrl_c_held_back():
                while waiting and len(given) < 2 * self._others:
                    task = waiting.popleft()
                    given[pool.submit(work, task)] = task
            if waiting:
                mine = waiting.pop()
                yield mine, work(mine)
            with _ctrl_c_held_back():
                ready, _ = wait(given, timeout=0 if waiting else _HEARTBEAT, return_when=FIRST_COMPLETED)
                finished = [(given.pop(future), future.result()) for future in ready]
            yield from finished


def _ready() -> None:
    """That a process has started, and read what it needs."""


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Ctrl-C in here is answered at the end of it: in the midst of what the pool does, locks would be left held, and
    ending it would wait for them for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


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


@contextmanager
def without_collecting() -> Iterator[None]:
    """Nothing here forms cycles, and looking for them would take longer than the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
