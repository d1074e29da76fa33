"""The plain results of one patient, beside which everything else of them is read in the careful way."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Final, cast

import msgspec

from rxvigil.facts import Origin, Result
from rxvigil.intake.bulk.plain_results import Line, PlainResults
from rxvigil.intake.fhir.elements import Node
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import Panel
from rxvigil.intake.reading import NotOurs


class Unopened:
    """An Observation that others refer to. It is an entry like any other: whoever asks for its resource gets it."""

    type: Final = "Observation"
    full_url: Final = ""

    def __init__(self, results: PlainResults, row: int) -> None:
        self._results, self._row = results, row
        origin = results.origin(row)
        self.source, self.place, self.line = origin.source, origin.place, origin.line

    @cached_property
    def resource(self) -> Node:
        """All of it."""
        found: Node = msgspec.json.decode(self._results.body(self._row))
        return found

    def has(self, element: str) -> bool:
        """Whether the resource has this element."""
        return element in self.resource

    def origin(self, element: str = "") -> Origin:
        """Where it stood, for a fact or a complaint."""
        return Origin(self.source, f"{self.place}#{element}" if element else self.place, self.line)


class PlainOfOne:
    """The plain results of one patient, as far as they are not left to the careful way."""

    def __init__(self, results: PlainResults, person: int) -> None:
        self._results = results
        self._person = person
        self._look()

    def _look(self) -> None:
        self._rows = self._results.results_of(self._person)
        self._places: dict[str, int] | None = None

    @property
    def count(self) -> int:
        """How many results there are."""
        return len(self._rows)

    @property
    def outside(self) -> Counter[NotOurs]:
        """What is none of ours."""
        return self._results.outside.get(self._person, Counter())

    @property
    def lines_to_read(self) -> list[Line]:
        """What is for the careful way."""
        return list(map(self._results.line, self._results.to_read.get(self._person, ())))

    def leave(self, rows: list[int]) -> bool:
        """Leave these to the careful way; whether there are any."""
        if rows:
            self._results.leave(rows)
            self._look()
        return bool(rows)

    def leave_all(self) -> None:
        """Leave everything to the careful way."""
        self.leave(self._results.rows_of(self._person))

    def leave_named(self, entries: Iterable[Entry]) -> bool:
        """Leave to the careful way what has the address of one of these entries."""
        addresses = {name for one in entries for name in (one.place, one.full_url) if name.startswith("Observation/")}
        named = [one for one in addresses if self._results.holds(one)]
        return self.leave([row for name in named if (row := self._by_place().get(name)) is not None])

    def leave_near(self, results: Iterable[Result]) -> bool:
        """Leave to the careful way what is of the same test and moment as one of these results."""
        moments = {(one.analyte, one.when.instant or one.when.first) for one in results}
        return self.leave(self._results.near(self._rows, moments) if moments and self._rows else [])

    def find(self, address: str) -> Entry | None:
        """The Observation of this address."""
        row = self._by_place().get(address) if address.startswith("Observation/") else None
        return cast(Entry, Unopened(self._results, row)) if row is not None else None

    def put_into(self, panels: dict[str, Panel]) -> None:
        """Note which of these are part of a report or panel."""
        for row in self._rows if panels else ():
            if (panel := panels.get(self._results.place(row))) is not None:
                self._results.put_into_panel(row, panel)

    def parts(self, others: Iterable[Result]) -> list[Result]:
        """The results from which something may follow together with one another, or with the others."""
        return list(map(self._results.result, self._results.parts_of(self._person, others)))

    def _by_place(self) -> dict[str, int]:
        if self._places is None:
            others = set(self._results.to_read.get(self._person, ()))
            rows = self._results.rows_of(self._person)
            self._places = {self._results.place(row): row for row in rows if row not in others}
        return self._places
