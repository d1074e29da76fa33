"""`rxvigil screen`: who in a whole population needs somebody now."""

import time
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rxvigil.cli import population_options as options
from rxvigil.cli.common import BadOption, load_book, read_day
from rxvigil.cli.place import Place

if TYPE_CHECKING:
    from rxvigil.screening import Account, Opened, Screen


class Backend(StrEnum):
    """What answers."""

    duckdb = "duckdb"
    spark = "spark"
    postgres = "postgres"
    engine = "engine"


_MOST_WORKERS: Final = 64
_SHOWN_REASONS: Final = 10


def screen(
    store: options.StoreFolder,
    on: options.Day = None,
    jurisdiction: Place = None,
    protocol: options.Protocols = None,
    backend: Annotated[
        Backend,
        typer.Option(
            help="duckdb, spark, or postgres (with --url); 'engine' asks the evaluator of one patient of everybody."
        ),
    ] = Backend.duckdb,
    url: Annotated[str | None, typer.Option(help="Of the PostgreSQL database: postgresql://host/name.")] = None,
    explain: Annotated[
        int, typer.Option(help="Of how many patients with something to do the rows are opened and confirmed.")
    ] = 10_000,
    workers: Annotated[int, typer.Option(help="Processes for patients who are assessed one by one.")] = 2,
    at_once: Annotated[
        int, typer.Option(help="Patients who are screened together; fewer need less memory and take longer.")
    ] = 100_000,
    again: Annotated[bool, typer.Option("--again", help="Screen anew even if this very screen is there.")] = False,
    rules: options.Rules = None,
    overlay: options.Overlay = None,
) -> None:
    """Ask every rule of everybody in a store, as of a date: findings, tests due and courses as Parquet in the store.

    A screen that was cut off goes on when the same command is given again; one that is there is not made again.

    Example: rxvigil screen clinic.store --on 2026-03-01, then: rxvigil worklist clinic.store
    """
    from rxvigil.screening import Request, Setup
    from rxvigil.screening import screen as make

    if not 1 <= workers <= _MOST_WORKERS:
        raise BadOption(f"{workers} processes are not possible", "--workers", f"write 1 to {_MOST_WORKERS}")
    if explain < 0:
        raise BadOption(f"{explain} patients cannot be opened", "--explain", "write 0 or more")
    if at_once < 1:
        raise BadOption(f"{at_once} patients cannot be screened together", "--at-once", "write 1 or more")
    if url and backend is not Backend.postgres:
        raise BadOption("an address is for PostgreSQL", "--url", "add --backend postgres, or leave it out")
    day, wanted, found = read_day(on), options.wanted_of(jurisdiction, protocol), options.open_store(store)
    setup = Setup(found.path, load_book(rules, overlay), wanted, day)
    began = time.monotonic()
    with options.progress() as progress:
        request = Request(backend.value, url, explain, at_once, workers, again, progress)
        made = make(found, setup, request)
    if simulated := found.manifest.says:
        typer.echo(simulated)
    for line in told(made):
        typer.echo(line)
    if made.fresh:
        typer.echo(f"It took {time.monotonic() - began:,.1f} seconds.")


def told(made: "Screen") -> Iterator[str]:
    """The account of a screen in words."""
    from rxvigil.facts import show_day

    account = made.account
    there = "" if made.fresh else " This very screen was there already; --again makes it anew."
    yield f"{_patients(account.patients)} as of {show_day(account.on)}, jurisdiction {account.jurisdiction}.{there}"
    yield f"{account.taking:>10,}  take a blood-monitored medicine, or may"
    yield from _tiers(account)
    yield f"{account.unsaid:>10,}  patients with nothing to do that could be said, and a grave question left open"
    yield f"{account.quiet:>10,}  patients without any finding"
    yield from _answered(account)
    yield f"Kept in {made.folder}. Who needs somebody first: rxvigil worklist {made.folder.parents[1]}"


def _patients(count: int) -> str:
    return "1 patient" if count == 1 else f"{count:,} patients"


def _tiers(account: "Account") -> Iterator[str]:
    for tier in ("STOP", "ACT", "KNOW", "CANNOT SAY"):
        count = account.tiers.get(tier)
        findings, patients = (count.findings, count.patients) if count else (0, 0)
        yield f"{patients:>10,}  patients with {tier} ({findings:,} findings)"


def _answered(account: "Account") -> Iterator[str]:
    if account.singly:
        total = sum(account.singly.values())
        yield f"{_patients(total)} assessed by the single-patient engine from the start, for:"
        for reason, count in list(account.singly.items())[:_SHOWN_REASONS]:
            yield f"{count:>10,}  {reason}"
        if len(account.singly) > _SHOWN_REASONS:
            yield f"{'':>10}  and {len(account.singly) - _SHOWN_REASONS:,} further reasons, all in screen.json"
    yield from _confirmed(account.opened)


def _confirmed(opened: "Opened") -> Iterator[str]:
    if opened.patients:
        yield f"Confirmed by the single-patient engine: {opened.agreed:,} of {opened.patients:,} patients opened."
    if opened.left:
        yield f"Not opened, of those with something to do (--explain): {_patients(opened.left)}."
    if opened.disagreed:
        yield (
            f"DISAGREEMENT: of {_patients(len(opened.disagreed))} the plan and the single-patient engine differ. What "
            "the engine says stands in the findings; screen.json names the patients. This is a defect in rxvigil: "
            "please report it."
        )
