"""Pieces of work shared between this process and others."""

import os
import time
from multiprocessing import parent_process

import pytest

from rxvigil.intake.bulk.work import WorkerLost, Workers


def doubled(task: int) -> tuple[int, int]:
    """With who did it."""
    time.sleep(0.02)
    return 2 * task, os.getpid()


def ended_from_outside(task: int) -> int:
    if parent_process() is not None:
        os._exit(9)
    time.sleep(0.2)
    return task


@pytest.mark.parametrize("count", [1, 3])
def test_every_task_is_done_once(count: int) -> None:
    with Workers(count) as everybody:
        for _ in range(2):
            found = list(everybody.each(doubled, range(300)))
    assert sorted(task for task, _ in found) == list(range(300))
    assert all(answer == 2 * task for task, (answer, _) in found)
    others = {process for _, (_, process) in found} - {os.getpid()}
    assert len(others) <= count - 1
    assert bool(others) == (count > 1)


def test_a_process_that_is_ended_from_outside_is_a_message() -> None:
    with Workers(2) as everybody, pytest.raises(WorkerLost, match="ended from outside"):
        list(everybody.each(ended_from_outside, range(30)))
