"""Where to begin reading for a region: the linear index of a tabix file (.tbi).

The format is that of the tabix specification: for each contig a list of virtual offsets, one for every 16,384 bases,
that of the first record overlapping them. The bins of the index are not needed for one region.
"""

import gzip
import struct
import zlib
from pathlib import Path
from typing import Final

WINDOW_BITS: Final = 14
"""One entry of the linear index covers 2 to this power of bases."""


def index_of(path: Path) -> Path | None:
    """The index beside a file, if it is there and not older than the file: an old one may point anywhere."""
    index = path.with_name(path.name + ".tbi")
    try:
        return index if index.stat().st_mtime >= path.stat().st_mtime else None
    except OSError:
        return None


class TabixIndex:
    """The linear index of each contig."""

    def __init__(self, offsets: dict[bytes, tuple[int, ...]]) -> None:
        self._offsets = offsets

    @property
    def contigs(self) -> frozenset[bytes]:
        """The contigs that the file has records of."""
        return frozenset(self._offsets)

    def start(self, contig: bytes, position: int) -> int | None:
        """Virtual offset of the first record that may reach `position` (counted from 1); none if there is none."""
        windows = self._offsets.get(contig, ())
        first = (position - 1) >> WINDOW_BITS
        return next((offset for offset in windows[first:] if offset), None)


def read_index(path: Path) -> TabixIndex | None:
    """An index, or none where it cannot be read: the file is then read from its beginning."""
    try:
        data = gzip.decompress(path.read_bytes())
        if data[:4] != b"TBI\1":
            return None
        return TabixIndex(_contigs(data))
    except (OSError, EOFError, zlib.error, struct.error, ValueError):
        return None


def _contigs(data: bytes) -> dict[bytes, tuple[int, ...]]:
    count, *_, length = struct.unpack_from("<8i", data, 4)
    if count < 1 or length < 1:
        raise ValueError
    names = data[36 : 36 + length].split(b"\0")[:count]
    at = 36 + length
    found: dict[bytes, tuple[int, ...]] = {}
    for name in names:
        found[name], at = _linear(data, at)
    return found


def _linear(data: bytes, at: int) -> tuple[tuple[int, ...], int]:
    """The linear index of one contig, past its bins, and where the next contig begins."""
    (bins,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(bins):
        (pieces,) = struct.unpack_from("<4xi", data, at)
        if pieces < 0:
            raise ValueError
        at += 8 + 16 * pieces
    (windows,) = struct.unpack_from("<i", data, at)
    return struct.unpack_from(f"<{windows}Q", data, at + 4), at + 4 + 8 * windows
