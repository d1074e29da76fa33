"""Where nothing comes of a source: no store is made of it, and the message shows what would have been in quarantine."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from rxvigil.errors import PatientCountError, UnreadableInput
from rxvigil.facts import NotUnderstood
from rxvigil.intake.bulk.kept import Kept, piece_of
from rxvigil.population.store import reasons_among

_SHOWN: Final = 5
"""Reasons in a message."""


def nothing_understood(kept: Iterable[Kept], store: Path) -> UnreadableInput:
    """For a source of which no line and no file could be read."""
    what = f"nothing of the source could be understood, and nothing was kept: {_reasons(_complaints(kept))}"
    return UnreadableInput(what, str(store), "mend the source, or export it again; the store is as it was before")


def no_patient(complaints: Iterable[NotUnderstood], store: Path) -> PatientCountError:
    """For sources in which nobody is named."""
    why = _reasons(complaints)
    what = "the input holds no patient" + (f", and this could not be understood: {why}" if why else "")
    return PatientCountError(what, str(store), "give FHIR R4 resources with at least one Patient")


def _complaints(kept: Iterable[Kept]) -> Iterator[NotUnderstood]:
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
