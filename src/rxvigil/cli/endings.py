"""How a command ends when it is not left to finish: whoever reads along goes away, the disk is full, or Ctrl-C."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EPIPE
from threading import Event
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from rxvigil.errors import Stopped, UnwritableOutput

_INTERRUPTED: Final = Event()
"""Ctrl-C has come. Libraries that run a query meanwhile make errors of their own out of it."""


class Commands(TyperGroup):
    """The commands, each of which ends in an answer, in a message, or quietly."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Reads the command line, and shows the help that it asks for."""
        with ending():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command."""
        with ending():
            found = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
            return found


@contextmanager
def ending() -> Iterator[None]:
    """Who reads along and goes away (`| head`) ends the command in silence. Raises `Stopped` for Ctrl-C, and
    `UnwritableOutput` where standard output takes no more."""
    try:
        yield
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt) or _INTERRUPTED.is_set():
            raise Stopped from None
        if isinstance(problem, SystemExit) and isinstance(problem.__context__, BrokenPipeError):
            raise typer.Exit from None  # rich has noticed before us that nobody reads
        if isinstance(problem, OSError) and problem.errno is not None and problem.filename is None:
            _no_more_output(problem)
        raise


def _no_more_output(problem: OSError) -> NoReturn:
    """What is still held back would be written when Python ends, and fail again: it goes nowhere."""
    handle = os.open(os.devnull, os.O_WRONLY)
    os.dup2(handle, sys.stdout.fileno())
    os.close(handle)
    if problem.errno == EPIPE:
        raise typer.Exit
    what = f"cannot be written: {problem.strerror}"
    raise UnwritableOutput(what, "standard output", "make room, or write elsewhere with --output") from None


def prepare() -> None:
    """Before any command. A letter that the terminal's encoding does not have (`×10⁹/L` on an old one) is written by
    its number instead of ending the command; Ctrl-C is remembered, unless somebody has said that it be ignored."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)


def _interrupted(_number: int, _frame: object) -> NoReturn:
    _INTERRUPTED.set()
    raise KeyboardInterrupt
