"""Whose rules hold: the option that many commands ask, and what may be written there."""

from typing import Annotated, Final

import typer

from rxvigil.cli.common import BadOption

JURISDICTIONS: Final = ("UK", "US", "EU", "FR", "CH", "DE", "IT", "DK", "FI", "NL", "AU", "NZ", "CA")
"""Those of the rule book, which is not loaded to show the help; what holds everywhere (INT) is no place to choose."""
Place = Annotated[
    str | None, typer.Option("--jurisdiction", "-j", help=f"One of {', '.join(JURISDICTIONS)}. Default: UK, said so.")
]


def read_place(text: str | None) -> str | None:
    """The jurisdiction that the option names; none where it was not given. Raises `BadOption`."""
    place = text.upper() if text else None
    if place is not None and place not in JURISDICTIONS:
        what = f"'{text}' is not a jurisdiction of the rule book"
        raise BadOption(what, "--jurisdiction", f"use one of {', '.join(JURISDICTIONS)}")
    return place
