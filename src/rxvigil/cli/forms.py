"""In which form a command writes: as `--format` says; else as the output file ends; else text."""

from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from rxvigil.cli.common import BadOption

Form = TypeVar("Form", bound=StrEnum)

WITHOUT: Final = " Default: as the output file ends, or text."
"""What the help says of a command without `--format`."""

_OTHERWISE_NAMED: Final = {"htm": "html", "txt": "text", "md": "text", "log": "text", "": "text"}
_OF_OTHER_PROGRAMS: Final = ("csv", "doc", "docx", "html", "json", "ods", "odt", "pdf", "tsv", "xls", "xlsx", "xml")
"""Endings by which other programs know what to open: text under such a name would be found broken, and late."""


def form_of(given: Form | None, output: Path | None, forms: type[Form]) -> Form:
    """The form of a command's own `forms`. Raises `BadOption` for a file whose ending promises another one."""
    if given is not None:
        return given
    ending = output.suffix.lower().removeprefix(".") if output else ""
    named = _OTHERWISE_NAMED.get(ending, ending)
    if named in set(forms):
        return forms(named)
    if ending in _OF_OTHER_PROGRAMS:
        do = f"end the name otherwise, or say with --format which of: {', '.join(forms)}"
        raise BadOption(f"no .{ending} file is written here", "--output", do)
    return forms("text")
