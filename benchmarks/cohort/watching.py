"""A command and all processes that it starts, watched from outside: time, and what they hold together.

The kernel counts the children of a process once they have ended and been waited for. Java that a command leaves to end
by itself is not among them, and of memory only the largest process is counted. So their entries in /proc are read too,
some times a second.
"""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_EVERY: Final = 0.3
"""Seconds."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Used:
    """One run of a command with all its processes."""

    wall: float
    """Seconds by the clock."""
    processor: float
    """Seconds of processor."""
    megabytes: float
    """The most memory that they held together, as seen, or one of them ever."""
    code: int


@dataclass
class _Watch:
    """What is seen of a process and those below it."""

    root: int
    ticks: dict[int, int] = field(default_factory=dict)
    most: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def look_on(self) -> None:
        """Until the command has ended."""
        while not self.ended.wait(_EVERY):
            self.look()

    def look(self) -> None:
        """Once."""
        every = {one.pid: one for one in _processes()}
        mine = [one for one in every.values() if self._below(one.pid, every)]
        self.ticks |= {one.pid: one.ticks for one in mine}
        self.most = max(self.most, sum(one.pages for one in mine) * _PAGE)

    def _below(self, pid: int, every: "dict[int, _Process]") -> bool:
        while pid in every and pid != self.root:
            pid = every[pid].parent
        return pid == self.root

    @property
    def processor(self) -> float:
        return sum(self.ticks.values()) / _TICKS


@dataclass(frozen=True)
class _Process:
    pid: int
    parent: int
    ticks: int
    pages: int


def _processes() -> Iterator[_Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parts = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield _Process(int(folder.name), int(parts[1]), int(parts[11]) + int(parts[12]), int(parts[21]))


def watched(command: list[str]) -> Used:
    """Run a command to its end, its output thrown away."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    begun = time.perf_counter()
    actions = [(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (0, 1, 2)]
    watch = _Watch(os.posix_spawn(command[0], command, os.environ, file_actions=actions))
    looking = threading.Thread(target=watch.look_on)
    looking.start()
    try:
        _, status, used = os.wait4(watch.root, 0)
    finally:
        watch.ended.set()
        looking.join()
        os.close(nowhere)
    return Used(
        wall=time.perf_counter() - begun,
        processor=max(used.ru_utime + used.ru_stime, watch.processor),
        megabytes=max(used.ru_maxrss / 1024, watch.most / 2**20),
        code=os.waitstatus_to_exitcode(status),
    )
