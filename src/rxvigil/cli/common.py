"""What several commands need: the rule book, a date, a place to write."""

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rxvigil.errors import RxvigilError, UnwritableOutput

if TYPE_CHECKING:
    from rich.console import Console

    from rxvigil.knowledge.book import RuleBook
    from rxvigil.knowledge.dosing import DoseRange


EARLIEST: Final = date(1850, 1, 1)
LATEST: Final = date(2199, 12, 31)
"""As for the dates of a record: what is reckoned from a day, months ahead or back, must be a day too."""


class BadOption(RxvigilError):
    """An option's value was not understood."""

    exit_code = 2


def load_book(folder: Path | None, overlay: Path | None) -> "RuleBook":
    """The rule book of a folder (the shipped one by default), with a site's overlay if there is one."""
    from rxvigil.knowledge import load_rule_book

    return load_rule_book(folder, overlay)


def read_day(text: str | None, option: str = "--on") -> date:
    """The date that an option gives, or today."""
    from rxvigil.clock import today

    if text is None:
        return today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadOption(f"'{text}' is not a date", option, "write YYYY-MM-DD, for example 2026-03-01") from None
    if not EARLIEST <= day <= LATEST:
        raise BadOption("the day lies before 1850 or after 2199", option, "write a day between them")
    return day


def read_dose(text: str, option: str) -> "DoseRange":
    """A dose in mg. Grams and micrograms are refused: a thousandfold error must not pass as a unit."""
    from rxvigil.knowledge.dosing import parse_dose

    written = text.strip().replace("/day", "/d")
    try:
        return parse_dose(f"{written}/d" if written.endswith(" mg") else written)
    except ValueError:
        do = "write milligrams, for example '2 mg/kg/d', '1 to 3 mg/kg/d' or '100 mg/d'; not grams or micrograms"
        raise BadOption("it is not a dose in milligrams", option, do) from None


def write_text(show: "Callable[[Console], None]", target: Path | None) -> None:
    """What `show` prints: on the terminal, or 100 columns wide and without colour in a file."""
    from io import StringIO

    from rich.console import Console

    if target is None:
        show(Console())
        return
    page = StringIO()
    show(Console(file=page, width=100, no_color=True))
    write_whole(page.getvalue().encode(), target)


def write_whole(content: bytes, target: Path | None) -> None:
    """Write to a file, all or nothing; without a target, to standard output. Raises `UnwritableOutput`."""
    if target is None:
        _write_out(content)
        return
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)  # a pipe or device, such as /dev/stdout, is written to and stays what it is
        else:
            _replace(target.resolve(), content)
    except OSError as problem:
        raise UnwritableOutput(
            f"cannot be written: {problem.strerror}", str(target), "check folder and space"
        ) from None


def _write_out(content: bytes) -> None:
    if sys.stdout is None:
        raise UnwritableOutput("it is closed", "standard output", "write to a file with --output")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _replace(target: Path, content: bytes) -> None:
    """The whole content in place of what was there. Only its owner may read it: it is about patients."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
