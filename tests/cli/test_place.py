"""Whose rules hold: one option, one list, one message in every command that asks."""

from typing import get_args

import pytest
import typer

from rxvigil.cli.app import app
from rxvigil.cli.common import BadOption
from rxvigil.cli.place import JURISDICTIONS, read_place
from rxvigil.knowledge.rules import Jurisdiction


def test_every_jurisdiction_of_the_rule_book_may_be_chosen() -> None:
    """What holds everywhere is no place."""
    assert {*JURISDICTIONS, "INT"} == set(get_args(Jurisdiction))


def test_small_letters_will_do_and_nothing_is_assumed_here() -> None:
    assert read_place("uk") == "UK"
    assert read_place(None) is None


@pytest.mark.parametrize("text", ["Mars", "INT", "U K"])
def test_another_place_is_a_message_that_lists_them(text: str) -> None:
    with pytest.raises(BadOption, match=f"'{text}' is not a jurisdiction of the rule book") as problem:
        read_place(text)
    assert problem.value.do.startswith("use one of UK, US, EU")


def test_every_command_asks_in_the_same_words() -> None:
    asked = {
        name: (option.opts, option.help)
        for name, command in _commands(typer.main.get_command(app))
        for option in command.params
        if "--jurisdiction" in option.opts
    }
    assert {"assess", "start", "screen", "export-sql"} <= asked.keys()
    assert len({str(one) for one in asked.values()}) == 1


def _commands(group, before=""):
    for name, command in getattr(group, "commands", {}).items():
        yield f"{before}{name}", command
        yield from _commands(command, f"{name} ")
