"""What the commands over a store share: options, the store, what a site asks for, and progress with rate and time
left."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rxvigil.cli.common import read_day
from rxvigil.cli.place import read_place

if TYPE_CHECKING:
    from rxvigil.engine import Wanted
    from rxvigil.population.store import Store
    from rxvigil.screening import Account

StoreFolder = Annotated[Path, typer.Argument(help="Folder of the store, as `rxvigil import` made it.")]
Day = Annotated[str | None, typer.Option("--on", help="Date to screen for, YYYY-MM-DD. Default: today.")]
ScreenDay = Annotated[
    str | None, typer.Option("--on", help="Date of the screen, YYYY-MM-DD. Default: the newest up to today.")
]
Protocols = Annotated[
    list[str] | None,
    typer.Option("--protocol", "-p", help="Protocol id to use instead of the one chosen; may be repeated."),
]
Rules = Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")]
Overlay = Annotated[Path | None, typer.Option("--overlay", help="Your site's overlay file; what it changes is shown.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")]


def open_store(path: Path) -> "Store":
    """The store in this folder. Raises `UnreadableInput`."""
    from rxvigil.population.store import Store

    return Store.open(path)


def screen_of(store: "Store", on: str | None) -> "tuple[Path, Account, tuple[str, ...]]":
    """The screen that is asked for, and what is to be said of its being taken. Raises `UnreadableInput`."""
    from rxvigil.clock import today
    from rxvigil.screening import find_screen, read_account
    from rxvigil.screening.places import AHEAD

    now = today()
    folder = find_screen(store, read_day(on) if on else None, now)
    account = read_account(folder)
    return folder, account, (AHEAD,) if on is None and account.on > now else ()


def wanted_of(jurisdiction: str | None, protocols: list[str] | None) -> "Wanted":
    """What a site asks for. Raises `BadOption`."""
    from rxvigil.engine import Wanted

    return Wanted(read_place(jurisdiction), tuple(protocols or ()))


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars with rate and time left on a terminal; nothing where nobody is looking."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _shown_on(bars)


def _silent(stage: str, done: int, whole: int) -> None:
    """Nobody is looking."""


def _shown_on(bars: Any) -> Callable[[str, int, int], None]:
    tasks: dict[str, Any] = {}

    def show(stage: str, done: int, whole: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=whole or None, rate="")
        task = next(one for one in bars.tasks if one.id == tasks[stage])
        rate = f"{done:,} of {whole:,}" + (f", {task.speed:,.1f}/s" if task.speed else "")
        bars.update(task.id, total=whole or None, completed=done, rate=rate)

    return show
