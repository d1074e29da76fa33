"""Worked patients: for every rule one where it fires, one where it is silent, one where it cannot say.

A case is a few lines a clinician can read; `shorthand` turns them into a record.
"""

from datetime import date
from typing import Annotated, Literal, cast, get_args

from pydantic import Field, StringConstraints

from rxvigil.knowledge.provenance import Path, Strict, Text

Expected = Literal["fires", "silent", "cannot-say"]
CaseName = Annotated[str, StringConstraints(pattern=r"^(fires|silent|cannot-say)(-[a-z0-9-]+)?$")]


class Case(Strict):
    """Facts added to the file's base; `alone` leaves the base out."""

    facts: tuple[Text, ...] = ()
    on: date | None = None
    patient: Text | None = None
    alone: bool = False


class Base(Strict):
    on: date
    patient: Text = "unknown born 1980"
    facts: tuple[Text, ...] = ()


class CasesFile(Strict):
    """Rule id (within the file it is `of`) -> case name -> facts, or a case with more said about it."""

    kind: Literal["cases"]
    of: Path
    base: Base
    cases: dict[str, dict[CaseName, tuple[Text, ...] | Case]] = Field(
        description="case names begin with the outcome: fires, silent, cannot-say; several as fires-at-the-limit"
    )


def expected_of(name: str) -> Expected:
    """The outcome a case name promises."""
    for outcome in get_args(Expected):
        if name == outcome or name.startswith(f"{outcome}-"):
            return cast(Expected, outcome)
    raise ValueError(f"'{name}' does not begin with fires, silent or cannot-say")
