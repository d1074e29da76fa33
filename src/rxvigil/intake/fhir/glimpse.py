"""As much of a plain result as decides what it says, decoded from its bytes.

Where anything is unusual (an element more, a comparator, a status, a shape) there is no glimpse of it, and the resource
is read in the careful way. What is passed over must still be valid JSON, as it would have to be for the careful way.
"""

from typing import Any, Final, Literal

import msgspec

from rxvigil.intake.fhir.entries import LONGEST_ID
from rxvigil.intake.fhir.files import NOT_JSON
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
_LONGEST: Final = 4000
"""Bytes of what is worth remembering."""
_EXACT: Final = 1 << 53
"""Up to here every whole number is a float."""


class _Reference(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    reference: str
    type: str | None = None
    display: str | None = None


class _Meta(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    version: str | None = msgspec.field(name="versionId", default=None)
    updated: str | None = msgspec.field(name="lastUpdated", default=None)
    source: str | None = None
    profile: list[str] | None = None
    security: _Raw = _NONE
    tag: _Raw = _NONE


class _Narrative(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    status: str | None = None
    div: str | None = None


class GlimpsedQuantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A Quantity without comparator."""

    value: int | float
    """0 where there is no Quantity: then the answer is in words."""
    unit: str | None = None
    system: str | None = None
    code: str | None = None


_NO_QUANTITY: Final = GlimpsedQuantity(0)
_NO_WORDS: Final = "(no words)"
"""Known by being this very text."""


class Glimpse(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An Observation with none but harmless elements, without extension."""

    kind: Literal["Observation"] = msgspec.field(name="resourceType")
    id: str
    status: Literal["final"]
    code: _Raw
    subject: _Reference
    taken: str = msgspec.field(name="effectiveDateTime")
    quantity: GlimpsedQuantity = msgspec.field(name="valueQuantity", default=_NO_QUANTITY)
    concept: _Raw = msgspec.field(name="valueCodeableConcept", default=_NONE)
    words: str = msgspec.field(name="valueString", default=_NO_WORDS)
    ranges: _Raw = msgspec.field(name="referenceRange", default=_NONE)
    category: _Raw = _NONE
    meta: _Meta | None = None
    encounter: _Reference | None = None
    issued: str | None = None
    language: str | None = None
    text: _Narrative | None = None
    performer: _Raw = _NONE
    interpretation: _Raw = _NONE
    identifier: _Raw = _NONE
    based_on: _Raw = msgspec.field(name="basedOn", default=_NONE)
    part_of: _Raw = msgspec.field(name="partOf", default=_NONE)
    note: _Raw = _NONE
    device: _Raw = _NONE


_DECODE: Final = msgspec.json.Decoder(Glimpse).decode
_VALID: Final = Memory[bool]()
"""Pieces of JSON that were decoded before."""


class Glimpser:
    """Has glimpses of one resource after another."""

    def __init__(self) -> None:
        self._questions = Memory[bytes]()
        self._category, self._security, self._tag = _NONE, _NONE, _NONE

    def glimpse_of(self, body: bytes) -> tuple[Glimpse, bytes] | None:
        """The glimpse of a resource, and its question: all that its meaning depends on, as the JSON of an Observation,
        the same for many results. None where it is not a plain one. An id that would be cleaned is none, nor is a
        whole number that no float holds."""
        try:
            seen = _DECODE(body)
            quantity, meta = seen.quantity, seen.meta
            key: tuple[Any, ...] = (bytes(seen.code), quantity.unit, quantity.code, quantity.system, bytes(seen.ranges))
            if quantity is _NO_QUANTITY or seen.words is not _NO_WORDS or seen.concept is not _NONE:
                if [quantity is _NO_QUANTITY, seen.words is _NO_WORDS, seen.concept is _NONE].count(False) != 1:
                    return None
                key = (*key, bytes(seen.concept), seen.words)
            question = self._questions.get(key) or self._ask(key, seen)
            if seen.category != self._category or (
                meta is not None and (meta.security != self._security or meta.tag != self._tag)
            ):
                self._check_usual(seen)
            if not _is_lean(seen):
                _check_rest(seen)
            if not body.isascii():
                body.decode()
        except NOT_JSON:
            return None
        identity, value = seen.id, quantity.value
        if not identity or len(identity) > LONGEST_ID or not identity.isprintable() or len(question) > _LONGEST:
            return None
        return None if type(value) is int and not -_EXACT <= value <= _EXACT else (seen, question)

    def _ask(self, key: tuple[Any, ...], seen: Glimpse) -> bytes:
        question = _question(seen)
        return self._questions.keep(key, question) if len(question) <= _LONGEST else question

    def _check_usual(self, seen: Glimpse) -> None:
        """What stands in nearly every resource is mostly what stood in the one before."""
        _check(seen.category)
        self._category = seen.category
        if seen.meta is not None:
            _check(seen.meta.security)
            _check(seen.meta.tag)
            self._security, self._tag = seen.meta.security, seen.meta.tag


def _question(seen: Glimpse) -> bytes:
    """Raises where a part of it is not valid: the decoder lets numbers pass that are too large, where it passes over
    them."""
    stated: dict[str, Any] = {"code": seen.code}
    if seen.quantity is not _NO_QUANTITY:
        stated["valueQuantity"] = _unit_of(seen.quantity)
    if seen.words is not _NO_WORDS:
        stated["valueString"] = seen.words
    for name, piece in (("valueCodeableConcept", seen.concept), ("referenceRange", seen.ranges)):
        if piece is not _NONE:
            stated[name] = piece
    question = msgspec.json.encode(stated)
    msgspec.json.decode(question)
    return question


def _unit_of(quantity: GlimpsedQuantity) -> dict[str, Any]:
    """The Quantity with another value."""
    unit = {"unit": quantity.unit, "system": quantity.system, "code": quantity.code}
    return {"value": 0, **{name: text for name, text in unit.items() if text is not None}}


def _check(piece: _Raw) -> None:
    if piece is not _NONE and (content := bytes(piece)) not in _VALID:
        msgspec.json.decode(content)
        if len(content) <= _LONGEST:
            _VALID.keep(content, True)


def _check_rest(seen: Glimpse) -> None:
    for piece in (
        seen.performer, seen.interpretation, seen.identifier, seen.based_on, seen.part_of, seen.note, seen.device,
    ):  # fmt: skip
        _check(piece)


def _is_lean(seen: Glimpse) -> bool:
    """Whether the elements that the decoder passes over, beside the usual, are not there."""
    return (
        seen.performer is _NONE
        and seen.interpretation is _NONE
        and seen.identifier is _NONE
        and seen.based_on is _NONE
        and seen.part_of is _NONE
        and seen.note is _NONE
        and seen.device is _NONE
    )
