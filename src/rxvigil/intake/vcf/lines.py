"""The lines of a VCF with their numbers, so that every message can say where."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from rxvigil.errors import UnreadableInput
from rxvigil.intake.vcf.chunks import Damaged

LONGEST: Final = 1 << 29
"""Bytes. A line for ten million samples is shorter."""


class Lines:
    """Lines one after another. `number` is that of the last one given; 0 where reading began in the middle."""

    def __init__(self, chunks: Iterator[bytes], name: str, *, numbered: bool = True) -> None:
        self.name = name
        self.number = 0
        self.numbered = numbered
        self._chunks = self._sound(chunks)
        self._lines = self._split()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.number += 1
            yield line

    def peek(self) -> bytes:
        """The beginning of the content, which stays to be read."""
        first = next((chunk for chunk in self._chunks if chunk), b"")
        self._chunks = chain((first,), self._chunks)
        return first

    def place(self, other: str = "") -> str:
        """Where the last line stands: by its number, or by what the caller can say of it."""
        return f"{self.name}, line {self.number}" if self.numbered else f"{self.name}, {other or 'a record'}"

    def wrong(self, what: str, do: str, other: str = "") -> UnreadableInput:
        """The error for the last line."""
        return UnreadableInput(what, self.place(other), do)

    def _split(self) -> Iterator[bytes]:
        open_line: list[bytes] = []
        length = 0
        for chunk in self._chunks:
            first, *others = chunk.split(b"\n")
            open_line.append(first)
            length += len(first)
            if length > LONGEST:
                raise UnreadableInput(
                    f"the line is longer than {LONGEST >> 20} MB", self._after(), "is this file really a VCF?"
                )
            if others:
                yield b"".join(open_line)
                yield from others[:-1]
                open_line, length = [others[-1]], len(others[-1])
        if any(open_line):
            yield b"".join(open_line)

    def _sound(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from chunks
        except Damaged as problem:
            raise UnreadableInput(str(problem), self._after(), "copy or download the file again") from None
        except OSError as problem:
            raise UnreadableInput(
                f"cannot be read: {problem.strerror or 'error of the device'}", self._after(), "check the file"
            ) from None

    def _after(self) -> str:
        return f"{self.name}, after line {self.number}" if self.numbered else self.name
