"""`rxvigil demo`: eight patients, what needs doing for each, and a page per patient."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from rxvigil.cli.assess import evaluate
from rxvigil.cli.common import load_book, write_whole

ON: Final = date(2026, 3, 2)
"""The samples are dated around this day."""


def demo(
    folder: Annotated[Path | None, typer.Option(help="Also write a page (HTML) per patient into this folder.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the whole assessment of each patient.")] = False,
) -> None:
    """Assess eight made-up patients on azathioprine and show what needs doing for each, and why."""
    from rich.console import Console

    from rxvigil.intake import read_patient
    from rxvigil.reports import to_brief, to_html, to_text
    from rxvigil.samples import samples

    console = Console()
    book = load_book(None, None)
    console.print(
        f"Eight made-up patients on azathioprine, assessed for {ON:%-d %b %Y}, rule book {book.digest[:12]}.\n"
    )
    for sample in samples():
        record = read_patient(sample.path, book.vocabulary)
        assessment = evaluate(book, record, ON, explain=explain)
        console.rule(sample.title, align="left")
        if explain:
            to_text(assessment, explain=False, console=console)
        else:
            to_brief(assessment, console=console)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(to_html(assessment, record, book).encode(), folder / f"{sample.name}.html")
    if folder is not None:
        console.print(f"\nA page for each patient is in {folder}. Open one, or print it.")
    console.print("\nYour own record: rxvigil assess record.json     Why a rule was silent: add --explain")
