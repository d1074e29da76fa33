"""Model of what can mislead a measured enzyme activity (TPMT in red cells)."""

from datetime import date
from typing import Literal

from pydantic import Field

from rxvigil.knowledge.provenance import Key, Path, Source, Strict, Text
from rxvigil.knowledge.vocabulary import DurationText

Circumstance = Literal["transfused", "on-thiopurine", "leukaemia", "interfering-drug"]


class ActivityCaveat(Strict):
    """A circumstance in which the measured activity is not the person's own."""

    id: Key
    when: Circumstance
    within: DurationText | None = Field(None, description="how long the circumstance counts before the sample")
    drugs: tuple[Key, ...] = Field((), description="drugs of the vocabulary, for interfering-drug")
    reads: Literal["higher", "lower", "either"] = Field(description="'higher' and 'either' can hide a deficiency")
    says: Text
    source: Source


class ActivityFile(Strict):
    """What can mislead the measured activity of one gene's enzyme."""

    kind: Literal["enzyme-activity"]
    id: Path
    title: Text
    gene: Key
    review_by: date
    caveats: tuple[ActivityCaveat, ...]
    gaps: tuple[Text, ...] = ()
