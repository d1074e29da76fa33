"""What several commands need: the rule book, a date, a place to write."""

import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rxvigil.errors import RxvigilError, UnwritableOutput

if TYPE_CHECKING:
    from rxvigil.knowledge.book import RuleBook


class BadOption(RxvigilError):
    """An option's value was not understood."""

    exit_code = 2


def load_book(folder: Path | None, overlay: Path | None) -> "RuleBook":
    """The rule book of a folder (the shipped one by default), with a site's overlay if there is one."""
    from rxvigil.knowledge import load_rule_book

    return load_rule_book(folder, overlay)


def read_day(text: str | None) -> date:
    """The date of an assessment: as given, or today."""
    from rxvigil.clock import today

    if text is None:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadOption(f"'{text}' is not a date", "--on", "write YYYY-MM-DD, for example 2026-03-01") from None


def write_whole(content: bytes, target: Path | None) -> None:
    """Write to a file, all or nothing; without a target, to standard output."""
    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise UnwritableOutput(
            f"cannot be written: {problem.strerror}", str(target), "check folder and space"
        ) from None
