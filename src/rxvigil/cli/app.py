"""The commands together, and the one place where a user's mistake becomes a message and an exit code."""

import sys
from typing import Annotated

import typer

from rxvigil.cli import (
    assess,
    demo,
    doctor,
    dose,
    export_sql,
    genotype,
    import_,
    measure,
    rehearse,
    rules,
    screen,
    simulate,
    spreadsheet,
    start,
    views,
    worklist,
)
from rxvigil.cli.endings import Commands, prepare
from rxvigil.errors import EXIT_CODES, RxvigilError

_EXITS = "  ".join(f"{code}: {meaning}." for code, meaning in EXIT_CODES.items())

app = typer.Typer(
    name="rxvigil",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would double the start-up time
    add_completion=True,
    help="Keeps people on azathioprine, and other blood-monitored immunosuppressants, safe: reads a patient's record, "
    "applies published monitoring rules, and says what needs doing, why, by which source - and what cannot be said. "
    "For professionals; not a certified medical device; local sign-off is needed before clinical use.",
    epilog=f"Exit codes. {_EXITS}",
)
app.command(name="assess")(assess.assess)
app.command(name="start")(start.start)
app.command(name="genotype")(genotype.genotype)
app.command(name="demo")(demo.demo)
app.command(name="map")(spreadsheet.suggest)
app.command(name="views")(views.views)
app.command(name="import")(import_.import_)
app.command(name="screen")(screen.screen)
app.command(name="worklist")(worklist.worklist)
app.command(name="measure")(measure.measure)
app.command(name="rehearse")(rehearse.rehearse)
app.command(name="export-sql")(export_sql.export_sql)
app.command(name="simulate")(simulate.simulate)
app.command(name="doctor")(doctor.doctor)
app.add_typer(dose.app, name="dose")
app.add_typer(rules.app, name="rules")


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"rxvigil {installed('rxvigil')}")
        raise typer.Exit


def main() -> None:
    """Run a command; a `RxvigilError` is shown as a message, never as a traceback."""
    prepare()
    try:
        app()
    except RxvigilError as problem:
        typer.echo(f"rxvigil: {problem}", err=True)
        sys.exit(problem.exit_code)
