"""`rxvigil demo`: eight patients on the drug and one before it, what needs doing for each, and a page per patient."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rxvigil.cli.assess import evaluate
from rxvigil.cli.common import load_book, write_whole

if TYPE_CHECKING:
    from rich.console import Console

    from rxvigil.knowledge.book import RuleBook

ON: Final = date(2026, 3, 2)
"""The samples are dated around this day."""
START: Final = date(2026, 3, 19)
"""The ninth is to start two weeks later."""


def demo(
    folder: Annotated[Path | None, typer.Option(help="Also write a page (HTML) per patient into this folder.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the whole assessment of each patient.")] = False,
) -> None:
    """Assess eight made-up patients on azathioprine, and one before the first tablet: what needs doing, and why."""
    from rich.console import Console

    from rxvigil.intake import read_patient
    from rxvigil.reports import to_brief, to_html, to_text
    from rxvigil.samples import samples

    console = Console()
    book = load_book(None, None)
    console.print(
        f"Eight made-up patients on azathioprine and one before it, assessed for {ON:%-d %b %Y}, "
        f"rule book {book.digest[:12]}.\n"
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
    _before_the_first_tablet(book, console, folder, whole=explain)
    if folder is not None:
        console.print(f"\nA page for each patient is in {folder}. Open one, or print it.")
    console.print("\nYour own record: rxvigil assess record.json     Why a rule was silent: add --explain")
    console.print("Before a start:  rxvigil start record.json --indication crohns-disease")


def _before_the_first_tablet(book: "RuleBook", console: "Console", folder: Path | None, *, whole: bool) -> None:
    from rxvigil.intake import read_patient
    from rxvigil.reports import start_to_brief, start_to_html, start_to_text
    from rxvigil.samples import before_the_first_tablet
    from rxvigil.starting import Starter, StartRequest

    sample = before_the_first_tablet()
    record = read_patient(sample.path, book.vocabulary)
    request = StartRequest(drug="azathioprine", indication="crohns-disease", start=START)
    assessment = Starter(book).assess(record, ON, request)
    console.rule(sample.title, align="left")
    if whole:
        start_to_text(assessment, console)
    else:
        start_to_brief(assessment, console)
    if folder is not None:
        write_whole(start_to_html(assessment).encode(), folder / f"{sample.name}.html")
