"""Small records that the readers hand to one another."""

from typing import NamedTuple

from rxvigil.facts import When
from rxvigil.intake.reading import NotOurs


class Elsewhere(NamedTuple):
    """Something read and none of ours, with its kind for counting."""

    kind: str
    other: NotOurs


class Unread(NamedTuple):
    """An entry that says nothing to the rules, counted under this name."""

    kind: str


class Panel(NamedTuple):
    """A report or panel that results are part of: where it stands, and the day it gives for all of them."""

    place: str
    when: When | None
