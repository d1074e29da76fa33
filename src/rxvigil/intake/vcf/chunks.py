"""The bytes of a VCF, unpacked: plain, gzip or bgzip, whole or from one place on. One block is held at a time."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from rxvigil.errors import UnreadableInput

PIECE: Final = 1 << 18
"""Bytes read at a time."""
EOF_MARKER: Final = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block at the end of every whole bgzip file (SAM specification, section 4.1.2)."""
_GZIP: Final = b"\x1f\x8b"
_HEADER: Final = 12
_LARGEST_BLOCK: Final = 1 << 16  # bytes that a bgzip block unpacks to at most
_WHOLE_GZIP: Final = 31  # zlib's window bits for a gzip member with its header and check sum


class Readable(Protocol):
    """The part of a binary file that is used here."""

    def read(self, size: int, /) -> bytes: ...


class Damaged(Exception):
    """The compressed bytes end too early or are not what they should be; the reader of lines adds the place."""


def is_gzip(first: bytes) -> bool:
    """Whether a file with these first bytes is gzip or bgzip."""
    return first.startswith(_GZIP)


def is_bgzip(first: bytes) -> bool:
    """Whether a gzip header has bgzip's extra field, which gives the length of its block."""
    return is_gzip(first) and len(first) >= 18 and bool(first[3] & 4) and first[12:14] == b"BC"


def unpacked(file: Readable, first: bytes) -> Iterator[bytes]:
    """The content of a file of which `first` was read already. Raises `Damaged`."""
    if is_bgzip(first):
        return bgzip_blocks(_Ahead(file, first))
    if is_gzip(first):
        return _gzip(file, first)
    return _plain(file, first)


def _plain(file: Readable, first: bytes) -> Iterator[bytes]:
    yield first
    while piece := file.read(PIECE):
        yield piece


def _gzip(file: Readable, piece: bytes) -> Iterator[bytes]:
    """One gzip member after another; zero bytes may pad the end."""
    member = zlib.decompressobj(_WHOLE_GZIP)
    while piece:
        try:
            yield member.decompress(piece)
        except zlib.error:
            raise Damaged("the gzip data is damaged") from None
        piece = member.unused_data or file.read(PIECE)
        if member.eof:
            piece = piece.lstrip(b"\0") or file.read(PIECE).lstrip(b"\0")
            if not piece:
                return
            if not is_gzip(piece) and piece != _GZIP[:1]:
                raise Damaged("something that is not gzip follows the gzip data")
            member = zlib.decompressobj(_WHOLE_GZIP)
    raise Damaged("the gzip data ends too early: the file is cut off")


class _Ahead:
    """A file of which the first bytes were read already."""

    def __init__(self, file: Readable, first: bytes) -> None:
        self._file = file
        self._first = first

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        given, self._first = self._first[:size], self._first[size:]
        while len(given) < size and (more := self._file.read(size - len(given))):
            given += more
        return given


def bgzip_blocks(file: Readable) -> Iterator[bytes]:
    """The content of each bgzip block from here to the end, which must be the empty block that marks it."""
    empty = False
    while header := file.read(_HEADER):
        content = _block(file, header)
        empty = not content
        if content:
            yield content
    if not empty:
        raise Damaged("the bgzip end marker is missing: the file is cut off")


def _block(file: Readable, header: bytes) -> bytes:
    """One block: its header names its own length. Raises `Damaged`."""
    if len(header) < _HEADER or not is_gzip(header):
        raise Damaged("the bgzip data is damaged or cut off")
    extra = file.read(int.from_bytes(header[10:12], "little"))
    rest = _block_size(extra) - _HEADER - len(extra)
    body = file.read(rest) if rest > 0 else b""
    if rest <= 0 or len(body) < rest:
        raise Damaged("a bgzip block ends too early: the file is cut off")
    try:
        return zlib.decompress(header + extra + body, _WHOLE_GZIP, _LARGEST_BLOCK)
    except zlib.error:
        raise Damaged("a bgzip block is damaged") from None


def _block_size(extra: bytes) -> int:
    """Bytes of the whole block, from its extra fields; 0 where they do not say."""
    at = 0
    while at + 4 <= len(extra):
        length = int.from_bytes(extra[at + 2 : at + 4], "little")
        if extra[at : at + 2] == b"BC" and length == 2:
            return int.from_bytes(extra[at + 4 : at + 6], "little") + 1
        at += 4 + length
    return 0


def check_end_marker(path: Path) -> None:
    """Raises where a bgzip file, read in part only, does not end as a whole one does."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(EOF_MARKER)))
        if file.read() == EOF_MARKER:
            return
    raise UnreadableInput(
        "the bgzip end marker is missing: the file is cut off", path.name, "copy or download the file again"
    )
