"""`rxvigil rehearse`: what a new rule book would change, before it is switched on."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rxvigil.cli import population_options as options
from rxvigil.cli.common import load_book, read_day, write_text, write_whole
from rxvigil.cli.forms import WITHOUT, form_of
from rxvigil.cli.place import Place

if TYPE_CHECKING:
    from rxvigil.knowledge.book import RuleBook
    from rxvigil.reports.rehearsal import Rehearsal


class Form(StrEnum):
    """What to write."""

    text = "text"
    csv = "csv"
    html = "html"
    json = "json"


class Backend(StrEnum):
    """What answers."""

    duckdb = "duckdb"
    engine = "engine"


def rehearse(
    store: options.StoreFolder,
    new_rules: Annotated[Path, typer.Argument(help="Folder of the new rule book, or an overlay file.")],
    on: options.Day = None,
    format_: Annotated[
        Form | None,
        typer.Option("--format", "-f", help="text, csv, html or json." + WITHOUT),
    ] = None,
    output: options.Output = None,
    jurisdiction: Place = None,
    protocol: options.Protocols = None,
    backend: Annotated[
        Backend, typer.Option(help="duckdb, or 'engine': the evaluator of one patient asked of everybody.")
    ] = Backend.duckdb,
    workers: Annotated[int, typer.Option(help="Processes for patients who are assessed one by one.", min=1)] = 2,
    rules: options.Rules = None,
    overlay: options.Overlay = None,
) -> None:
    """Screen under the present rules and under new ones: who becomes flagged, who no longer, whose tier changes.

    Nothing is kept in the store. --rules and --overlay name the present rule book where it is not the shipped one.

    Example: rxvigil rehearse clinic.store ours.overlay.yaml --on 2026-03-01
    """
    from rxvigil.screening import Request, Setup
    from rxvigil.screening.rehearsing import rehearse as compared

    day, wanted, found = read_day(on), options.wanted_of(jurisdiction, protocol), options.open_store(store)
    form, now, new = form_of(format_, output, Form), load_book(rules, overlay), _new_book(new_rules, rules)
    with options.progress() as progress:
        request = Request(backend=backend.value, explain=0, workers=workers, progress=progress)
        made = compared(found, Setup(found.path, now, wanted, day), new, request)
    write(made, form, output)


def _new_book(path: Path, present: Path | None) -> "RuleBook":
    """A folder is a whole rule book; a file is an overlay on the present one."""
    return load_book(path, None) if path.is_dir() else load_book(present, path)


def write(made: "Rehearsal", format_: Form, output: Path | None) -> None:
    """Write a rehearsal in one of the forms."""
    import msgspec

    from rxvigil import reports

    match format_:
        case Form.text:
            write_text(lambda console: reports.rehearsal_to_text(made, console), output)
        case Form.csv:
            write_whole(reports.rehearsal_to_csv(made), output)
        case Form.html:
            write_whole(reports.rehearsal_to_html(made).encode(), output)
        case Form.json:
            write_whole(reports.as_bytes(msgspec.to_builtins(made, order="deterministic")), output)
