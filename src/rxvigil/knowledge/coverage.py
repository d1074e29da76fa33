"""Measures of how a population is monitored, as somebody has defined them: who counts, and what counts as done.

The other `measures` (`knowledge.measures`) are the quantities that rules ask about one patient.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from rxvigil.knowledge.provenance import Key, Path, Source, Strict, Text


class Ages(Strict):
    """From the first to the last age in years, both counted."""

    first: int = Field(ge=0, le=150)
    last: int = Field(ge=0, le=150)


class Supply(Strict):
    """Who is on the drug: it was supplied in each of two periods before the first of the month."""

    recent: int = Field(ge=1, le=24, description="months before the first of the month, without the other drugs")
    before: int = Field(ge=1, le=24, description="months before those")


class Further(Strict):
    """What is asked besides of people on one of the drugs."""

    drug: Key
    panels: tuple[Key, ...] = Field(min_length=1)


class Coverage(Strict):
    """The share of people on some drugs who had their tests, on the first of each month."""

    id: Key
    title: Text
    means: Text
    numerator: Text
    denominator: Text
    drugs: tuple[Key, ...] = Field(min_length=1, description="one of these, of late none of the others")
    supplied: Supply
    ages: Ages
    bands: tuple[int, ...] = Field(min_length=1, description="lowest age of each band, in years, rising")
    panels: tuple[Key, ...] = Field(min_length=1, description="of each, what the vocabulary's panel asks for")
    further: tuple[Further, ...] = ()
    within: int = Field(ge=1, le=24, description="whole months before the first of the month")
    differs: Text = Field(description="where rxvigil counts otherwise than the source")
    source: Source


class Action(Strict):
    """How soon somebody acts on a result beyond a limit."""

    followed: int = Field(ge=1, le=365, description="days for which every result counted could be followed")
    shown: tuple[int, ...] = Field(min_length=1, description="days within which the share of results acted on is shown")
    source: Source


class CoverageFile(Strict):
    """What `rxvigil measure` counts by a definition that is not a patient's own protocol."""

    kind: Literal["population-measures"]
    id: Path
    title: Text
    review_by: date
    gaps: tuple[Text, ...] = ()
    coverage: Coverage
    action: Action
