"""As much of a plain result as decides what it says, decoded from its bytes.

Where anything is unusual (an element more, a comparator, a status, a shape) there is no glimpse of it, and the resource
is read in the careful way. What is passed over must still be valid JSON, as it would have to be for the careful way.
"""

from typing import Final, Literal, NamedTuple

import msgspec

from rxvigil.facts import Bounds, Origin, Result, When
from rxvigil.intake.fhir.elements import Node
from rxvigil.intake.fhir.entries import LONGEST_ID
from rxvigil.intake.fhir.files import NOT_JSON
from rxvigil.intake.fhir.parts import Elsewhere, Panel
from rxvigil.intake.reading import Memory

HARMLESS: Final = frozenset(
    (
        "resourceType", "id", "meta", "text", "language", "extension", "identifier", "basedOn", "partOf", "status",
        "category", "code", "subject", "encounter", "effectiveDateTime", "issued", "performer", "valueQuantity",
        "referenceRange", "interpretation", "note", "device",
    )
)  # fmt: skip
"""Elements beside which a result means what its number says."""

_NONE: Final = msgspec.Raw(b"")
_Raw = msgspec.Raw


class GlimpsedQuantity(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A Quantity without comparator."""

    value: int | float
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Glimpse(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An Observation with none but the elements beside which a result means what its number says."""

    kind: Literal["Observation"] = msgspec.field(name="resourceType")
    id: str
    status: Literal["final"]
    code: _Raw
    taken: str = msgspec.field(name="effectiveDateTime")
    quantity: GlimpsedQuantity = msgspec.field(name="valueQuantity")
    ranges: _Raw = msgspec.field(name="referenceRange", default=_NONE)
    extension: _Raw = _NONE
    meta: _Raw = _NONE
    category: _Raw = _NONE
    subject: _Raw = _NONE
    encounter: _Raw = _NONE
    issued: _Raw = _NONE
    performer: _Raw = _NONE
    text: _Raw = _NONE
    language: _Raw = _NONE
    identifier: _Raw = _NONE
    based_on: _Raw = msgspec.field(name="basedOn", default=_NONE)
    part_of: _Raw = msgspec.field(name="partOf", default=_NONE)
    interpretation: _Raw = _NONE
    note: _Raw = _NONE
    device: _Raw = _NONE

    @property
    def is_extended(self) -> bool:
        """Whether there is an extension, which may name a gene."""
        return self.extension is not _NONE


_DECODE: Final = msgspec.json.Decoder(Glimpse).decode
_VALID: Final = Memory[bool]()
"""Pieces of JSON that were decoded before."""


def glimpse_of(body: bytes) -> Glimpse | None:
    """The glimpse of a resource; none where it is not a plain one. An id that would be cleaned is none."""
    try:
        seen = _DECODE(body)
        for piece in (seen.meta, seen.category, seen.subject, seen.encounter, seen.performer, seen.issued):
            if piece is not _NONE:
                _check(bytes(piece))
        if not (body.isascii() and _is_lean(seen)):
            msgspec.json.decode(body)
    except NOT_JSON:
        return None
    identity = seen.id
    return seen if identity and len(identity) <= LONGEST_ID and identity.isprintable() else None


def _check(piece: bytes) -> None:
    """Raise where a piece that is passed over is not valid."""
    if piece not in _VALID:
        msgspec.json.decode(piece)
        _VALID.keep(piece, True)


def _is_lean(seen: Glimpse) -> bool:
    """Whether the elements that are seldom there are not there."""
    return (
        seen.text is _NONE
        and seen.extension is _NONE
        and seen.identifier is _NONE
        and seen.note is _NONE
        and seen.interpretation is _NONE
        and seen.based_on is _NONE
        and seen.part_of is _NONE
        and seen.device is _NONE
        and seen.language is _NONE
    )


class Said(NamedTuple):
    """What a plain result says."""

    analyte: str
    when: When
    value: float
    reference: Bounds | None
    written: str


class GlimpsedEntry:
    """An entry of which a glimpse was enough, with what it says. It is an entry like any other: whoever asks for its
    resource gets all of it."""

    __slots__ = ("_resource", "body", "line", "place", "said", "source")

    type: Final = "Observation"
    full_url: Final = ""

    def __init__(self, body: bytes, source: str, place: str, line: int | None, said: Said | Elsewhere) -> None:
        self.body, self.source, self.place, self.line, self.said = body, source, place, line, said
        self._resource: Node | None = None

    @property
    def resource(self) -> Node:
        """All of it."""
        if self._resource is None:
            self._resource = msgspec.json.decode(self.body)
        return self._resource

    def has(self, element: str) -> bool:
        """Whether the resource has this element."""
        return element in HARMLESS and element in self.resource

    def origin(self, element: str = "") -> Origin:
        """Where it stood, for a fact or a complaint."""
        return Origin(self.source, f"{self.place}#{element}" if element else self.place, self.line)

    def outcome(self, panels: dict[str, Panel]) -> Result | Elsewhere:
        """The result, or that its code is none of ours."""
        said = self.said
        if not isinstance(said, Said):
            return said
        panel = panels.get(self.place) if panels else None
        return Result(
            id=self.place,
            analyte=said.analyte,
            when=said.when,
            origin=Origin(self.source, self.place, self.line),
            value=said.value,
            reference=said.reference,
            written=said.written,
            panel=panel.place if panel is not None else None,
        )
