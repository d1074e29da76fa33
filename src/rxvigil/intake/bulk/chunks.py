"""Cutting sources into chunks that are read one by one, and knowing exactly what was read.

Every file is hashed whole before anything of it counts. A chunk of an NDJSON file begins at the beginning of a line
and knows the line's number; a packed file or a document is one chunk.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from rxvigil.errors import UnreadableInput
from rxvigil.intake.bulk.sources import Shape, Source
from rxvigil.intake.fhir.files import LONGEST_LINE, opened
from rxvigil.population.manifest import SourceFile

CHUNK: Final = 32_000_000
"""Bytes of a chunk, at least; the line that crosses the limit is its last."""
_BLOCK: Final = 1 << 20
_ALL: Final = 1 << 62
"""More bytes than any file has."""


class Stamp(NamedTuple):
    """By what it shows that a file was changed."""

    inode: int
    size: int
    changed: int
    """Nanoseconds."""


class Chunk(NamedTuple):
    """A stretch of one source file."""

    file: int
    """Number of the file in its import."""
    part: int
    path: Path
    shape: Shape
    why: str
    start: int
    end: int
    first: int
    """Number of its first line."""

    @property
    def name(self) -> str:
        """The name of the kept file it becomes."""
        return f"{self.file:05d}-{self.part:05d}.kept"


def stamp_of(path: Path) -> Stamp:
    """The state of a file now. Raises `UnreadableInput`."""
    try:
        found = path.stat()
    except OSError as problem:
        raise UnreadableInput(f"it cannot be read: {problem.strerror}", str(path), "check the path") from None
    return Stamp(found.st_ino, found.st_size, found.st_mtime_ns)


def check_unchanged(path: Path, stamp: Stamp) -> None:
    """Raise `UnreadableInput` where the file is no longer what it was."""
    if stamp_of(path) != stamp:
        what = "the file changed while it was read; nothing of it was kept"
        raise UnreadableInput(what, path.name, "wait until its export has ended, then give the command again")


def hashed(source: Source, number: int, done: Callable[[int], None]) -> tuple[SourceFile, list[Chunk]]:
    """What names the content of a file, and the chunks it is read in."""
    total, size, cuts = sha256(), 0, [Cut(0, 1)]
    lines = 1
    with _raw(source.path) as file:
        while block := file.read(_BLOCK):
            total.update(block)
            if source.shape == "lines":
                if size + len(block) - cuts[-1].start >= CHUNK and (at := block.find(b"\n")) >= 0:
                    cuts.append(Cut(size + at + 1, lines + 1))
                lines += block.count(b"\n")
            size += len(block)
            done(len(block))
    return SourceFile(source.path.name, size, total.hexdigest()), list(_chunks(source, number, cuts, size))


class Cut(NamedTuple):
    """Where a chunk begins: byte, and number of the line."""

    start: int
    line: int


def _chunks(source: Source, number: int, cuts: list[Cut], size: int) -> Iterator[Chunk]:
    ends = [cut.start for cut in cuts[1:]] + [size]
    for part, (cut, end) in enumerate(zip(cuts, ends, strict=True)):
        yield Chunk(number, part, source.path, source.shape, source.why, cut.start, end, cut.line)


@contextmanager
def _raw(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as problem:
        raise UnreadableInput(f"it cannot be read: {problem.strerror}", str(path), "check the path") from None


def lines_of(chunk: Chunk) -> Iterator[tuple[int, bytes | None]]:
    """Number and bytes of every line that is not blank, without its end; none for the bytes of one that is too long.
    Raises `UnreadableInput` where a packed file is damaged."""
    with opened(chunk.path) as stream:
        left = _ALL
        if chunk.shape == "lines":
            stream.seek(chunk.start, os.SEEK_SET)
            left = chunk.end - chunk.start
        number = chunk.first - 1
        for lines in _blocks(stream, left):
            for raw in lines:
                number += 1
                if raw is None or len(raw) >= LONGEST_LINE:
                    yield number, None
                elif line := raw.strip():
                    yield number, line


def _blocks(stream: BinaryIO, left: int) -> Iterator[list[bytes | None]]:
    """The lines of so many bytes, block by block; none for one of which not even the beginning is held."""
    rest, lost = b"", False
    while block := stream.read(min(_BLOCK, left)):
        left -= len(block)
        first, *others = block.split(b"\n")
        lines: list[bytes | None] = [rest + first, *others]
        if lost and others:
            lines[0], lost = None, False
        rest = others[-1] if others else rest + first
        yield lines[:-1]
        if lost or len(rest) >= LONGEST_LINE:
            rest, lost = b"", True
    if rest or lost:
        yield [None if lost else rest]
