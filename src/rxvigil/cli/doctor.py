"""`rxvigil doctor`: is this installation whole, and what is it?"""

import platform
import sys

import typer

from rxvigil.errors import RxvigilError

PARTS = ("msgspec", "pydantic", "PyYAML", "typer", "rich", "jinja2")


def doctor() -> None:
    """Check this installation: versions, rule book, worked patients, reviews due. Nothing leaves this machine."""
    from importlib.metadata import version

    typer.echo(f"rxvigil {version('rxvigil')}, Python {platform.python_version()} on {platform.system()}")
    healthy = all([_parts(), _book()])
    typer.echo("Network: none is used. Records are read on this machine and never sent.")
    typer.echo("Everything is in order." if healthy else "Something is wrong: see above.")
    if not healthy:
        sys.exit(11)


def _parts() -> bool:
    from importlib.metadata import PackageNotFoundError, version

    whole = True
    for name in PARTS:
        try:
            typer.echo(f"  {name} {version(name)}")
        except PackageNotFoundError:
            typer.echo(f"  {name}: not installed; run `pip install rxvigil` again")
            whole = False
    return whole


def _book() -> bool:
    from rxvigil.casebook import judge_all
    from rxvigil.cli.common import load_book
    from rxvigil.clock import today
    from rxvigil.knowledge.lint import lint

    try:
        problems = lint(today=today())
        book = load_book(None, None)
    except RxvigilError as problem:
        typer.echo(f"Rule book: {problem}")
        return False
    errors = [problem for problem in problems if problem.level == "error"]
    rules = list(book.rules())
    silent = sum(1 for _, rule in rules if rule.source.mark == "memory")
    typer.echo(
        f"Rule book {book.digest[:12]}: {len(rules)} rules, {len(book.protocols)} protocols, {len(book.tables)} tables"
    )
    typer.echo(f"  {silent} rules rest on memory only: shown, never fired")
    typer.echo(f"  lint: {len(errors)} errors, {len(problems) - len(errors)} reviews due")
    report = judge_all(book)
    typer.echo(
        f"  worked patients: {report.held} hold, {len(report.wrong)} do not, {len(report.lacking)} rules lack a case"
    )
    return not (errors or report.wrong or report.lacking)
