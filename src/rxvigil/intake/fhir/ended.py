"""How the entries of an input ended: each in one way, so that the ways add up to the entries."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from rxvigil.facts import Record
from rxvigil.intake.fhir.entries import Entry

End = Literal["kept", "quarantined", "outside", "ignored"]

_FACTS = (
    "results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events",
)  # fmt: skip


class Ended:
    """The ends of one patient's entries."""

    def __init__(self) -> None:
        self.kept = self.quarantined = self.outside = 0
        self.superseded = 0
        """Older versions and copies; and entries of which all facts are copies or were replaced by corrected ones."""
        self.ignored: Counter[str] = Counter()
        self._read: list[str] = []

    def note(self, entry: Entry, end: End) -> None:
        """An entry that was read."""
        if end == "kept":
            self._read.append(entry.place)
        elif end == "quarantined":
            self.quarantined += 1
        elif end == "outside":
            self.outside += 1
        else:
            self.ignored[entry.type] += 1

    def settle(self, record: Record) -> None:
        """Once the record is there: what became facts and is no longer among them has been superseded."""
        if not self._read:
            return
        there = set(_places_in(record))
        for place in self._read:
            if place in there:
                self.kept += 1
            else:
                self.superseded += 1
        self._read = []


def _places_in(record: Record) -> Iterator[str]:
    """Places of the resources that facts of the record come from."""
    for kind in _FACTS:
        for fact in getattr(record, kind):
            place: str = fact.origin.place
            yield place.partition("#")[0] if "#" in place else place
