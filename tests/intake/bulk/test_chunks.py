"""The lines of a file, cut into chunks and read block by block."""

import gzip
import random
from pathlib import Path

from rxvigil.intake.bulk.chunks import hashed, lines_of
from rxvigil.intake.bulk.sources import Source
from rxvigil.intake.fhir.files import LONGEST_LINE

Lines = list[tuple[int, bytes | None]]


def lines_in(path: Path) -> Lines:
    source = Source(path, "packed lines") if path.suffix == ".gz" else Source(path, "lines")
    _, chunks = hashed(source, 0, lambda _: None)
    return [line for chunk in chunks for line in lines_of(chunk)]


def one_by_one(content: bytes) -> Lines:
    stripped = ((number, line.strip()) for number, line in enumerate(content.split(b"\n"), 1))
    return [(number, line) for number, line in stripped if line]


def test_lines_of_all_lengths(tmp_path: Path) -> None:
    """Blank, ended in two ways, and some longer than a block; plain and packed."""
    drawn = random.Random(8)
    lengths = [drawn.choice([0, 1, 7, 600, 70_000, 1_500_000]) for _ in range(40)]
    content = b"".join(b"x" * length + drawn.choice([b"\n", b"\r\n", b" \n"]) for length in lengths) + b"last"
    for name, written in (("a.ndjson", content), ("a.ndjson.gz", gzip.compress(content, 1))):
        (tmp_path / name).write_bytes(written)
        assert lines_in(tmp_path / name) == one_by_one(content)


def test_lines_that_are_too_long(tmp_path: Path) -> None:
    """They count as lines, and hide none; over several chunks."""
    most = b"m" * (LONGEST_LINE - 1)
    longer, endless = b"l" * LONGEST_LINE, b"e" * (LONGEST_LINE * 2 + 5)
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"\n".join((b"a", most, b"b", longer, endless, b"", b"c", longer, b"d", endless)))
    found = [(number, line[:1] if line is not None else None) for number, line in lines_in(path)]
    expected = [b"a", b"m", b"b", None, None, b"c", None, b"d", None]
    assert found == list(zip([1, 2, 3, 4, 5, 7, 8, 9, 10], expected, strict=True))
