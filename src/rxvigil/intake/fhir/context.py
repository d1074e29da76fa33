"""What every reader of a resource gets and gives: its surroundings in, outcomes out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rxvigil.intake.fhir.entries import Entry, References
from rxvigil.intake.fhir.parts import Outcome, Panel
from rxvigil.intake.reading import Finder


@dataclass
class Context:
    """What surrounds one patient's resources."""

    finder: Finder
    entries: list[Entry]
    """All resources of the patient."""
    references: References
    panels: dict[str, Panel] = field(default_factory=dict)
    """Place of an Observation -> the report or panel it is part of."""
    corrected: set[str] = field(default_factory=set)
    """Ids of results that the laboratory marked as corrected."""


Reader = Callable[[Entry, Context], Iterator[Outcome]]
