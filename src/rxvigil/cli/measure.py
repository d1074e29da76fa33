"""`rxvigil measure`: how well a population is monitored, in numbers that may be shown."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rxvigil.cli import population_options as options
from rxvigil.cli.common import BadOption, load_book, write_text, write_whole
from rxvigil.cli.forms import WITHOUT, form_of
from rxvigil.errors import RuleBookError

if TYPE_CHECKING:
    from rxvigil.reports.measures import Measures


class Form(StrEnum):
    """What to write."""

    text = "text"
    json = "json"
    html = "html"
    fhir = "fhir"


_MOST_MONTHS: Final = 120


def measure(
    store: options.StoreFolder,
    on: options.ScreenDay = None,
    format_: Annotated[
        Form | None,
        typer.Option("--format", "-f", help="text, json, html or fhir." + WITHOUT),
    ] = None,
    output: options.Output = None,
    months: Annotated[int, typer.Option(help="How many months back.")] = 12,
    exact: Annotated[
        bool, typer.Option("--exact", help="Show small numbers too: for the care team, not for publication.")
    ] = False,
    rules: options.Rules = None,
    overlay: options.Overlay = None,
) -> None:
    """Measure monitoring from the newest screen: coverage by month, practice, drug and age, time to action, alerts.

    Small numbers are hidden and the others rounded, so that the result may leave the building.

    Example: rxvigil measure clinic.store -o monitoring.html
    """
    from rxvigil.engine import Wanted
    from rxvigil.screening.measuring import Population, measured

    if not 1 <= months <= _MOST_MONTHS:
        raise BadOption(f"{months} months are not possible", "--months", f"write 1 to {_MOST_MONTHS}")
    form, found = form_of(format_, output, Form), options.open_store(store)
    folder, account, notes = options.screen_of(found, on)
    book = load_book(rules, overlay)
    if book.digest != account.book:
        do = "name the rule book of the screen with --rules and --overlay, or screen again"
        raise RuleBookError("the screen was made with another rule book", str(folder), do)
    place = None if account.jurisdiction.endswith("(assumed)") else account.jurisdiction
    wanted = Wanted(place, account.protocols)
    write(measured(Population(found, folder, account, book, wanted, months, exact, notes)), form, output)


def write(made: "Measures", format_: Form, output: Path | None) -> None:
    """Write measures in one of the forms."""
    import msgspec

    from rxvigil import reports

    match format_:
        case Form.text:
            write_text(lambda console: reports.measures_to_text(made, console), output)
        case Form.json:
            write_whole(reports.as_bytes(msgspec.to_builtins(made, order="deterministic")), output)
        case Form.html:
            write_whole(reports.measures_to_html(made).encode(), output)
        case Form.fhir:
            write_whole(reports.as_bytes(reports.measures_to_fhir(made)), output)
