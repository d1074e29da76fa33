"""Kept files: the lines of a source sorted into the buckets of their patients, compressed, with an index at the end.

One file for each piece of a source. It is written once, whole, and never changed; what a bucket needs of it is read
without reading the rest.

```text
frame frame frame ... index (JSON) length of the index (8 bytes)
```
A frame holds lines of one stream: a bucket (0, 1 ...) or one of those below. A line is
`FILE LINE OWNER BODY`: number of the file in its import, line in the file (0 for a whole document), the name by which
the input calls the patient, and the JSON. Instead of JSON stand `*N` for the document in frame N of the stream
`DOCUMENTS`, and `!` with a not-understood entry in JSON.

Plain results stand apart, as a pair of frames for each bucket: what they say, in columns (`plain_lines`), and their
JSON, one after another in the same order.
"""

import os
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.intake.bulk.plain_lines import PlainLine, bodies_of, columns_of
from rxvigil.population.durable import replacing
from rxvigil.population.manifest import Totals

NOBODY: Final = -1
"""Stream of what does not say whose it is."""
FINDABLE: Final = -2
"""Medicines and specimens that others refer to."""
DOCUMENTS: Final = -3
"""Documents of several patients, one to a frame."""
NAMES: Final = -4
"""Other names of patients: JSON pairs of a name and `Patient/id`."""

_TAIL: Final = struct.Struct("<Q")
_BUFFERED: Final = 48_000_000
"""Bytes that wait to be compressed."""
_LEVEL: Final = 1


class Frame(NamedTuple):
    """Where a compressed piece stands: first byte, length, length unpacked."""

    start: int
    packed: int
    size: int


class PlainFrames(NamedTuple):
    """Plain results of one bucket: number of their file in its import, their columns, and their JSON."""

    file: int
    columns: Frame
    bodies: Frame


class About(msgspec.Struct):
    """What a piece of a source holds beside its lines."""

    read: int = 0
    """Resources, and lines that could not be read."""
    shared: dict[str, int] = {}
    """Resources that belong to nobody, by type."""
    deleted: dict[str, tuple[str, str, int | None]] = {}
    """Address -> file, place and line of the entry that says it was deleted."""
    odd: list[str] = []
    """Names that patients are referred to by, other than `Patient/id` and `urn:uuid:id`."""
    totals: Totals | None = None
    """How the rows ended, where the lines are finished records."""
    simulated: int = 0
    """Patients of whom it says that they do not exist."""
    torn: int = 0
    """Lines and files among `read` that could not be read at all."""


class _Index(msgspec.Struct):
    frames: dict[int, list[Frame]]
    about: About
    plain: dict[int, list[PlainFrames]] = {}
    """By bucket."""


class KeptWriter:
    """Writes a kept file; nothing stands under its name before it is whole."""

    def __init__(self, target: Path, number: int = 0) -> None:
        """`number`: of the source file in its import."""
        import pyarrow as pa

        self._number = number
        self._codec = pa.Codec("zstd", _LEVEL)
        self._replacing = replacing(target)
        self._file = self._replacing.__enter__().open("wb")
        self._waiting: defaultdict[int, list[bytes]] = defaultdict(list)
        self._size = 0
        self._frames: defaultdict[int, list[Frame]] = defaultdict(list)
        self._plain: defaultdict[int, list[PlainFrames]] = defaultdict(list)
        self._written = 0

    def __enter__(self) -> "KeptWriter":
        return self

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> None:
        try:
            self._file.close()
        except OSError as full:
            self._replacing.__exit__(type(full), full, full.__traceback__)
        else:
            self._replacing.__exit__(kind, problem, trace)

    def put(self, stream: int, line: bytes) -> None:
        """A line into a stream."""
        self._waiting[stream].append(line)
        self._size += len(line)
        if self._size > _BUFFERED:
            self._flush()

    def put_plain(self, bucket: int, results: list[PlainLine]) -> None:
        """Plain results into their bucket."""
        columns, bodies = self._frame(columns_of(results)), self._frame(bodies_of(results))
        self._plain[bucket].append(PlainFrames(self._number, columns, bodies))

    def put_alone(self, stream: int, content: bytes) -> int:
        """A frame of its own; its number in the stream."""
        self._frames[stream].append(self._frame(content))
        return len(self._frames[stream]) - 1

    def end(self, about: About) -> None:
        """The last that is written."""
        self._flush()
        plain = dict(sorted(self._plain.items()))
        index = msgspec.json.encode(_Index(dict(sorted(self._frames.items())), about, plain))
        self._file.write(index + _TAIL.pack(len(index)))
        self._file.flush()

    def _flush(self) -> None:
        for stream, lines in sorted(self._waiting.items()):
            self._frames[stream].append(self._frame(b"\n".join(lines)))
        self._waiting.clear()
        self._size = 0

    def _frame(self, content: bytes) -> Frame:
        packed = self._codec.compress(content, asbytes=True)
        self._file.write(packed)
        self._written += len(packed)
        return Frame(self._written - len(packed), len(packed), len(content))


class Kept:
    """A kept file that is there. Raises `UnreadableInput` where it is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                file.seek(-_TAIL.size, os.SEEK_END)
                length = _TAIL.unpack(file.read(_TAIL.size))[0]
                file.seek(-_TAIL.size - length, os.SEEK_END)
                index = msgspec.json.decode(file.read(length), type=_Index)
        except (OSError, struct.error, msgspec.DecodeError):
            raise _damaged(path) from None
        self.about = index.about
        self._frames = index.frames
        self._plain = index.plain

    @property
    def buckets(self) -> list[int]:
        """The buckets that something stands in."""
        return [*(stream for stream in self._frames if stream >= 0), *self._plain]

    @property
    def streams(self) -> list[int]:
        """Everything that has lines."""
        return [*self._frames]

    @property
    def shares(self) -> bool:
        """Whether there is something in it that any patient's resources may refer to."""
        return FINDABLE in self._frames

    def lines(self, stream: int) -> Iterator[bytes]:
        """Every line of a stream, in order."""
        for number in range(len(self._frames.get(stream, ()))):
            yield from self.frame(stream, number).split(b"\n")

    def plain(self, bucket: int) -> list[PlainFrames]:
        """Where the plain results of a bucket stand."""
        return self._plain.get(bucket, [])

    def frame(self, stream: int, number: int) -> bytes:
        """One frame of a stream, unpacked."""
        return self.unpacked(self._frames[stream][number])

    def unpacked(self, frame: Frame) -> bytes:
        """What stands in a frame."""
        import pyarrow as pa

        try:
            with self.path.open("rb") as file:
                file.seek(frame.start)
                packed = file.read(frame.packed)
            return bytes(pa.Codec("zstd").decompress(packed, frame.size, asbytes=True))
        except (OSError, pa.ArrowInvalid):
            raise _damaged(self.path) from None


def _damaged(path: Path) -> UnreadableInput:
    what = "a kept file of the store is damaged or missing"
    return UnreadableInput(what, str(path), "import the sources again into a new folder")


def head(file: int, line: int, owner: str) -> bytes:
    """The beginning of a line, up to its body."""
    return f"{file} {line} {quote(owner, safe='/:|')} ".encode()


class Piece(NamedTuple):
    """A line of a kept file, taken apart."""

    file: int
    line: int
    owner: bytes
    """As it stands there, quoted."""
    body: bytes


def piece_of(line: bytes) -> Piece:
    """A line taken apart."""
    file, number, owner, body = line.split(b" ", 3)
    return Piece(int(file), int(number), owner, body)


def name_of(owner: bytes) -> str:
    """The name of a patient as the input has it."""
    return unquote(owner.decode())
