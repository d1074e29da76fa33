"""`rxvigil simulate`: a made-up azathioprine clinic of any size, with the truth beside it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, get_args

import typer

from rxvigil.cli.common import BadOption, load_book, read_day

if TYPE_CHECKING:
    from rxvigil.knowledge.simulation import Population


class Form(StrEnum):
    """What to write."""

    fhir = "fhir"
    omop = "omop"
    csv = "csv"


_YEARS: Final = 4
_EARLIEST: Final = date(1950, 1, 1)
_LATEST: Final = date(2199, 12, 31)
_MOST_PATIENTS: Final = 99_999_999
"""Ids have eight digits."""


def simulate(
    folder: Annotated[Path, typer.Argument(help="New or empty folder to write into.")],
    patients: Annotated[int, typer.Option(help="How many patients.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed makes the same patients.")] = 1,
    format_: Annotated[Form, typer.Option("--format", "-f", help="fhir, omop or csv.")] = Form.fhir,
    population: Annotated[
        str | None,
        typer.Option(help="Mix of the populations AFR, AMR, EAS, EUR and SAS, for example EUR=0.7,EAS=0.3."),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="First day on which somebody starts. Default: 4 years before --on.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="Last day of the records, YYYY-MM-DD. Default: today.")] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Laboratories make no mistakes.")] = False,
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the files of data.")] = False,
    scenario: Annotated[
        Path | None, typer.Option(help="Your own scenario: a changed copy of the shipped file, see the how-to.")
    ] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")] = None,
) -> None:
    """Write a made-up azathioprine clinic: starts, doses, blood tests, harms, missed tests, laboratories' mistakes.

    SIMULATED: nobody in it exists. README.txt in the folder names the source of every rate; truth/truth.ndjson says
    what is true of each patient.

    Example: rxvigil simulate clinic --patients 1000 --seed 7 --on 2026-03-01
    """
    from rxvigil.simulation import Form as Written
    from rxvigil.simulation import read_scenario, ready, write_clinic

    if not 1 <= patients <= _MOST_PATIENTS:
        raise BadOption(f"{patients} patients cannot be made", "--patients", f"write 1 to {_MOST_PATIENTS:,}")
    if not 0 <= seed < 2**63:
        raise BadOption("the seed is out of range", "--seed", "write a whole number from 0 to 9223372036854775807")
    if gzip and format_ is Form.csv:
        raise BadOption("compressed CSV cannot be read back", "--gzip", "leave it out, or write fhir or omop")
    last = read_day(on)
    first = _first_day(from_, last)
    book = load_book(rules, None)
    own = read_scenario(scenario, book) if scenario else None
    clinic = ready(book, seed, first, last, mix=read_mix(population), clean=clean, scenario=own)
    with _progress(patients) as done:
        results = write_clinic(clinic, book, folder, patients, Written(format_.value), compressed=gzip, done=done)
    typer.echo(
        f"SIMULATED: {patients:,} patients with {results:,} results are in {folder}. Read README.txt there first."
    )


def read_mix(text: str | None) -> "dict[Population, float] | None":
    """The mix of populations, made to sum to 1. Raises `BadOption`."""
    from rxvigil.knowledge.simulation import Population

    if text is None:
        return None
    found: dict[Population, float] = {}
    for part in text.split(","):
        name, _, share = part.partition("=")
        key = next((one for one in get_args(Population) if one == name.strip().upper()), None)
        if key is None or key in found or not _is_share(share):
            example = "write for example EUR=0.7,EAS=0.3"
            raise BadOption(f"'{part[:40]}' is not a population and its share", "--population", example)
        found[key] = float(share)
    total = sum(found.values())
    if total <= 0:
        raise BadOption("the shares sum to nothing", "--population", "give at least one population a share")
    return {name: share / total for name, share in found.items()}


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False


def _first_day(text: str | None, last: date) -> date:
    if not _EARLIEST <= last <= _LATEST:
        raise BadOption("the last day lies before 1950 or after 2199", "--on", "write a day between them")
    if text is None:
        return max(_EARLIEST, date(last.year - _YEARS, last.month, min(last.day, 28)))
    try:
        first = date.fromisoformat(text)
    except ValueError:
        raise BadOption(f"'{text[:40]}' is not a date", "--from", "write YYYY-MM-DD, for example 2022-01-01") from None
    if not _EARLIEST <= first <= last:
        raise BadOption("the first start lies after the last day, or before 1950", "--from", "choose an earlier --from")
    return first


@contextmanager
def _progress(patients: int) -> Iterator[Callable[[int], None] | None]:
    """A bar on a terminal; nothing where nobody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("simulating", total=patients)

        def done(number: int) -> None:
            if number % 100 == 0:
                bar.update(task, completed=number)

        yield done
