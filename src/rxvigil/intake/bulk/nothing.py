"""Where nothing comes of a source: no store is made of it, and the message shows what would have been in quarantine."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from rxvigil.errors import PatientCountError, UnreadableInput
from rxvigil.facts import NotUnderstood, Record
from rxvigil.intake.bulk.kept import Kept, piece_of
from rxvigil.population.store import reasons_among

_SHOWN: Final = 5
"""Reasons in a message."""


_KINDS: Final = (
    "results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events",
    "denials", "outside", "unread",
)  # fmt: skip
_MOST: Final = 100_000
"""Entries that are remembered for a message."""


class NothingUnderstood(UnreadableInput):
    """Nothing at all of a source could be understood."""


def nothing_understood(complaints: Iterable[NotUnderstood], store: Path) -> NothingUnderstood:
    """For a source of which no line and no file could be read."""
    what = f"nothing of the source could be understood, and nothing was kept: {_reasons(complaints)}"
    return NothingUnderstood(what, str(store), "mend the source, or export it again; the store is as it was before")


def no_patient(complaints: Iterable[NotUnderstood], store: Path) -> PatientCountError:
    """For sources in which nobody is named."""
    why = _reasons(complaints)
    what = "the input holds no patient" + (f", and this could not be understood: {why}" if why else "")
    return PatientCountError(what, str(store), "give FHIR R4 resources with at least one Patient")


class Sense:
    """Looks at finished records, one after another, until there is sense in one."""

    def __init__(self) -> None:
        self._found = False
        self._complaints: list[NotUnderstood] = []

    def look(self, record: Record) -> None:
        """At the next record."""
        if self._found:
            return
        self._found = _says_something(record)
        if self._found:
            self._complaints.clear()
        elif len(self._complaints) < _MOST:
            self._complaints += record.not_understood

    def require(self, store: Path) -> None:
        """Raise `NothingUnderstood` where no record said anything, and something was not understood."""
        if self._complaints:
            raise nothing_understood(self._complaints, store)


def _says_something(record: Record) -> bool:
    who = record.patient
    return bool(who.born or who.died or who.sex != "unknown" or any(getattr(record, kind) for kind in _KINDS))


def complaints_in(kept: Iterable[Kept]) -> Iterator[NotUnderstood]:
    """What could not be read of the lines and files in kept files."""
    for one in kept:
        for stream in one.streams:
            for line in one.lines(stream):
                body = piece_of(line).body
                if body.startswith(b"!"):
                    yield msgspec.json.decode(body[1:], type=NotUnderstood)


def _reasons(complaints: Iterable[NotUnderstood]) -> str:
    found = reasons_among((one.what, one.why, str(one.origin)) for one in complaints)
    told = [
        f"{one.count:,} \N{MULTIPLICATION SIGN} {one.what}: {one.why}, as at {one.example}" for one in found[:_SHOWN]
    ]
    more = [f"and {len(found) - _SHOWN:,} further reasons"] if len(found) > _SHOWN else []
    return "; ".join([*told, *more])
