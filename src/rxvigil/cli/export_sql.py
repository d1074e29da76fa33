"""`rxvigil export-sql`: the rule book as SQL for a warehouse."""

from pathlib import Path
from typing import Annotated

import typer

from rxvigil.cli import population_options as options
from rxvigil.cli.common import BadOption, load_book, read_day
from rxvigil.cli.place import Place


def export_sql(
    output: Annotated[Path, typer.Option("--output", "-o", help="New or empty folder to write into.")],
    dialect: Annotated[str, typer.Option(help="duckdb, postgres, spark, databricks or trino.")] = "duckdb",
    on: options.Day = None,
    jurisdiction: Place = None,
    protocol: options.Protocols = None,
    drug: Annotated[
        list[str] | None,
        typer.Option(help="Only these monitored drugs, by key: shorter. May be repeated. Default: all."),
    ] = None,
    rules: options.Rules = None,
    overlay: options.Overlay = None,
) -> None:
    """Write the whole rule book as statements that a warehouse runs over tables of facts, for one date.

    Example: rxvigil export-sql --on 2026-03-01 --dialect postgres --drug azathioprine -o sql
    """
    from rxvigil.screening.export_sql import DIALECTS, scripts, write_scripts

    if dialect not in DIALECTS:
        raise BadOption(
            f"'{dialect}' is not a dialect that is written", "--dialect", f"use one of {', '.join(DIALECTS)}"
        )
    book = load_book(rules, overlay)
    monitored = {key for key, one in book.vocabulary.drugs.items() if one.monitored}
    for key in drug or ():
        if key not in monitored:
            raise BadOption(f"'{key}' is no monitored drug", "--drug", f"use one of {', '.join(sorted(monitored))}")
    wanted, day = options.wanted_of(jurisdiction, protocol), read_day(on)
    made = scripts(book, wanted, day, dialect, frozenset(drug) if drug else None)
    for path in write_scripts(made, output):
        typer.echo(str(path))
    typer.echo("Read README.md there: patients in `singly` must be assessed one by one.")
