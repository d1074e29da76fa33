"""The command line, from its own help, and the exit codes."""

from collections.abc import Iterator
from typing import Any

import typer.main
from typer.testing import CliRunner

from reference.markdown import page, table
from rxvigil.cli.app import app
from rxvigil.errors import EXIT_CODES
from rxvigil.knowledge.book import RuleBook

WIDTH = "88"


def pages(book: RuleBook) -> dict[str, str]:
    """A page of commands and one of exit codes."""
    lines = ["Every command, as `--help` prints it. Exit codes are on [their own page](exit-codes.md)."]
    for command in commands():
        name = " ".join(("rxvigil", *command))
        lines += ["", f"## {name}", "", "```text", help_of(command), "```"]
    return {"cli.md": page("Commands", lines), "exit-codes.md": _exit_codes()}


def commands() -> Iterator[tuple[str, ...]]:
    """The words after `rxvigil` of every command, groups before what is in them."""
    yield from _below((), typer.main.get_command(app))


def _below(words: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from _below((*words, name), inner)


def help_of(command: tuple[str, ...]) -> str:
    """What `rxvigil <command> --help` prints in a terminal of fixed width."""
    answered = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": WIDTH}, prog_name="rxvigil")
    if answered.exit_code:
        raise RuntimeError(f"rxvigil {' '.join(command)} --help ended with {answered.exit_code}")
    return "\n".join(line.rstrip() for line in answered.output.strip().splitlines())


def _exit_codes() -> str:
    lines = [
        "The exit code says what kind of problem there was, so that a job runner can act without reading the message.",
        "It never depends on what was found in a patient: a STOP finding is an answer, not an error; its code is 0.",
        "",
        *table(("Code", "Meaning"), ((str(code), meaning) for code, meaning in EXIT_CODES.items())),
    ]
    return page("Exit codes", lines)
