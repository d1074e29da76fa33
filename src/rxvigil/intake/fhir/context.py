"""What every reader of a resource gets and gives: its surroundings in, outcomes out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from rxvigil.intake.fhir.elements import Misshapen, children_of, text_of
from rxvigil.intake.fhir.entries import Entry, References
from rxvigil.intake.fhir.parts import Outcome, Panel
from rxvigil.intake.reading import Finder

_TAKEN_BACK = frozenset(("entered-in-error", "cancelled"))


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

    @cached_property
    def derivations(self) -> Mapping[str, list[Entry]]:
        """Place of an Observation -> the Observations in force that say they were derived from it."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.type == "Observation" and entry.has("derivedFrom"):
                for source in self.sources_of(entry):
                    found.setdefault(source.place, []).append(entry)
        return found

    def sources_of(self, entry: Entry) -> list[Entry]:
        """The Observations that one in force was derived from, as far as they are in the input."""
        try:
            if text_of(entry.resource, "status") in _TAKEN_BACK:
                return []
            named = [text_of(one, "reference") for one in children_of(entry.resource, "derivedFrom")]
        except Misshapen:
            return []
        found = (self.references.find(one, "Observation", entry) for one in named if one)
        return [one for one in found if one is not None and one.place != entry.place]


Reader = Callable[[Entry, Context], Iterator[Outcome]]
