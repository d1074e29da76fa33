"""`rxvigil map`: a first mapping file for a spreadsheet, to be confirmed by a person."""

from pathlib import Path
from typing import Annotated

import typer

from rxvigil.cli.common import load_book, write_whole


def suggest(
    table: Annotated[Path, typer.Argument(help="CSV, TSV or XLSX file, or a folder of them.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")] = None,
) -> None:
    """Suggest a mapping file from a spreadsheet's headers. Every guess is marked: read it before you use it.

    Example: rxvigil map labs.csv -o labs.mapping.yaml, then: rxvigil assess labs.csv --mapping labs.mapping.yaml
    """
    from rxvigil.intake.tables import suggest_mapping

    write_whole(suggest_mapping(table, load_book(None, None).vocabulary).encode(), output)
