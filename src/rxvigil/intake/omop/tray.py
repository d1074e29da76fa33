"""One person's facts as they come, and how each row of the source ended: in one way, so that the ways add up."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rxvigil.facts import NotUnderstood, Origin, Record, When
from rxvigil.intake.fhir.parts import Elsewhere, EmptyList, Outcome, Unread
from rxvigil.intake.reading import clean
from rxvigil.intake.tables.tray import Tray
from rxvigil.population.manifest import Totals

_FACTS: Final = (
    "results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events",
)  # fmt: skip


class Where(NamedTuple):
    """Where a row stands."""

    source: str
    table: str
    key: str

    @property
    def place(self) -> str:
        """`measurement/17`."""
        return f"{self.table}/{self.key}"

    def origin(self, element: str = "") -> Origin:
        """For a fact made of the row, or of a part of it."""
        return Origin(source=self.source, place=f"{self.place}#{element}" if element else self.place)

    def listed(self, what: str, why: str, affects: tuple[str, ...] = (), when: When | None = None) -> NotUnderstood:
        """A not-understood entry about this row."""
        what = clean(what) or self.table
        return NotUnderstood(origin=self.origin(), what=what, why=clean(why, 400), affects=affects, when=when)


class Ends:
    """How the rows of all persons ended."""

    def __init__(self) -> None:
        self.kept = self.quarantined = self.outside = self.superseded = 0
        self.ignored: Counter[str] = Counter()

    @property
    def totals(self) -> Totals:
        """All of them."""
        return Totals(
            kept=self.kept,
            quarantined=self.quarantined,
            ignored=dict(sorted(self.ignored.items())),
            superseded=self.superseded,
            outside=self.outside,
        )


class PersonTray:
    """Everything the source says of one person."""

    def __init__(self, identity: str, ends: Ends) -> None:
        self.people = Tray(identity)
        self._ends = ends
        self._read: list[str] = []
        self._keys: Counter[tuple[str, str]] = Counter()

    def where(self, source: str, table: str, key: str) -> Where:
        """The place of a row; a further row of the same number is told apart."""
        self._keys[table, key] += 1
        again = self._keys[table, key]
        return Where(source, table, key if again == 1 else f"{key} ({again})")

    def take(self, where: Where, outcomes: Iterable[Outcome]) -> None:
        """Everything that came of one row."""
        kept = quarantined = outside = False
        for one in outcomes:
            if isinstance(one, Elsewhere):
                self.people.gathering.outside(one.kind, one.other)
                outside = True
            elif isinstance(one, Unread):
                self.people.gathering.unread(one.kind)
            elif not isinstance(one, EmptyList):
                self.people.gathering.add(one)
                quarantined |= isinstance(one, NotUnderstood)
                kept |= not isinstance(one, NotUnderstood)
        if kept:
            self._read.append(where.place)
        elif quarantined:
            self._ends.quarantined += 1
        elif outside:
            self._ends.outside += 1
        else:
            self._ends.ignored[where.table] += 1

    def described(self, complaint: NotUnderstood | None, *, kept: bool) -> None:
        """A row about the person, and what of it could not be used."""
        if complaint is not None:
            self.people.gathering.add(complaint)
        self._ends.kept += kept
        self._ends.quarantined += not kept

    def pass_over(self, table: str, count: int) -> None:
        """Rows of a table that says nothing to the rules."""
        self.people.gathering.unread(table, count)
        self._ends.ignored[table] += count

    def record(self) -> Record:
        """The person's record. What became a fact and is no longer among them was a copy."""
        record = self.people.record()
        if self._read:
            there = set(_places_in(record))
            kept = sum(place in there for place in self._read)
            self._ends.kept += kept
            self._ends.superseded += len(self._read) - kept
        return record


def _places_in(record: Record) -> Iterator[str]:
    for kind in _FACTS:
        for fact in getattr(record, kind):
            place: str = fact.origin.place
            yield place.partition("#")[0]
