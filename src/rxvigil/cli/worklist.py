"""`rxvigil worklist`: who among everybody screened needs somebody first."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rxvigil.cli import population_options as options
from rxvigil.cli.common import BadOption, read_day, write_text, write_whole
from rxvigil.cli.forms import WITHOUT, form_of

if TYPE_CHECKING:
    from rxvigil.engine.assessment import Tier
    from rxvigil.population.store import Store
    from rxvigil.reports.worklist import Worklist
    from rxvigil.screening import Account


_MOST_ROWS: Final = 100_000
"""Of a workbook. A sheet could hold ten times as many, and making it would take all the memory of a small machine."""


class Form(StrEnum):
    """What to write."""

    text = "text"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"
    json = "json"


def worklist(
    store: options.StoreFolder,
    on: options.ScreenDay = None,
    format_: Annotated[
        Form | None,
        typer.Option("--format", "-f", help="text, csv, xlsx, html or json." + WITHOUT),
    ] = None,
    output: options.Output = None,
    tier: Annotated[
        list[str] | None,
        typer.Option("--tier", "-t", help="STOP, ACT, KNOW or 'CANNOT SAY'; may be repeated. Default: STOP and ACT."),
    ] = None,
    drug: Annotated[str | None, typer.Option(help="Only patients who take this drug, or may: its key or name.")] = None,
    cause: Annotated[str | None, typer.Option(help="Only causes or rule ids that contain this.")] = None,
    practice: Annotated[str | None, typer.Option(help="Only this practice or department.")] = None,
    overdue: Annotated[int | None, typer.Option(help="Only tests overdue by at least so many days.")] = None,
    new_since: Annotated[
        str | None, typer.Option("--new-since", help="Only what the screen of this date did not say, YYYY-MM-DD.")
    ] = None,
    most: Annotated[int | None, typer.Option("--most", "-n", help="Only the first so many patients.")] = None,
) -> None:
    """List who needs somebody first, from the newest screen: what, why, since when, what to do, by which source.

    Example: rxvigil worklist clinic.store -o worklist.html
    """
    from rxvigil.screening.listing import Filters
    from rxvigil.screening.listing import worklist as listed

    if overdue is not None and overdue < 0:
        raise BadOption("days overdue cannot be negative", "--overdue", "write 0 or more")
    if most is not None and most < 1:
        raise BadOption(f"{most} patients cannot be listed", "--most", "write 1 or more")
    form, found = form_of(format_, output, Form), options.open_store(store)
    folder, account, notes = options.screen_of(found, on)
    filters = Filters(
        tiers=read_tiers(tier),
        drug=_key(drug, account.names),
        cause=cause,
        practice=practice,
        overdue_days=overdue,
        since=_earlier(found, folder, new_since),
        most=most,
    )
    write(listed(found, folder, account, filters, notes), form, output)


def read_tiers(given: list[str] | None) -> "tuple[Tier, ...]":
    """The tiers asked for. Raises `BadOption`."""
    from rxvigil.reports.words import TIERS

    if not given:
        return ("STOP", "ACT")
    named = {one.lower().replace(" ", "-"): one for one in TIERS}
    wanted = [text.strip().lower().replace(" ", "-").replace("_", "-") for text in given]
    for text, one in zip(given, wanted, strict=True):
        if one not in named:
            raise BadOption(f"'{text}' is not a tier", "--tier", "write STOP, ACT, KNOW or 'CANNOT SAY'")
    return tuple(tier for key, tier in named.items() if key in wanted)


def _key(drug: str | None, names: dict[str, str]) -> str | None:
    """The key of a drug from its key or name. Raises `BadOption` for one that nobody screened has on file."""
    if drug is None:
        return None
    for key, name in names.items():
        if drug.strip().lower() in (key, name.lower()):
            return key
    raise BadOption(f"nobody who was screened has '{drug}' on file", "--drug", "write the name of a monitored drug")


def _earlier(store: "Store", folder: Path, day: str | None) -> "tuple[Path, Account] | None":
    from rxvigil.screening import find_screen, read_account

    if day is None:
        return None
    found = find_screen(store, read_day(day, "--new-since"))
    if found == folder:
        raise BadOption("the screen cannot be compared with itself", "--new-since", "name the day of an earlier screen")
    return found, read_account(found)


def check_rows(rows: int) -> None:
    """Raise `BadOption` for more than a workbook should hold."""
    if rows > _MOST_ROWS:
        do = "write .csv, or fewer: --most, --practice, --tier STOP"
        raise BadOption(f"{rows:,} rows are too many for a workbook, which holds {_MOST_ROWS:,}", "--format xlsx", do)


def write(made: "Worklist", format_: Form, output: Path | None) -> None:
    """Write a worklist in one of the forms."""
    import msgspec

    from rxvigil import reports

    match format_:
        case Form.text:
            write_text(lambda console: reports.worklist_to_text(made, console), output)
        case Form.csv:
            write_whole(reports.worklist_to_csv(made), output)
        case Form.xlsx:
            if output is None:
                raise BadOption("a workbook is no text for a terminal", "--format xlsx", "add --output worklist.xlsx")
            check_rows(sum(len(entry.items) for entry in made.entries))
            write_whole(reports.worklist_to_xlsx(made), output)
        case Form.html:
            write_whole(reports.worklist_to_html(made).encode(), output)
        case Form.json:
            write_whole(reports.as_bytes(msgspec.to_builtins(made, order="deterministic")), output)
