"""The project's documents, and the examples in them.

An example is a fenced block. ```console and ```python blocks are run, ```yaml blocks are loaded with the real models.
A comment line just before the fence may say more:

    <!-- file: clinic.yaml -->        written to this file, for the examples that follow
    <!-- part: Rule -->               a piece of a knowledge file, checked against this model
    <!-- not run: needs a network --> left alone, for this reason
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(
    r"(?:^ *<!-- (?P<word>file|part|not run): (?P<said>.+?) -->\n)?"
    r"^(?P<indent> *)```(?P<language>[a-z]*)\n(?P<body>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, the line it stands on and what was said before it."""

    language: str
    text: str
    line: int
    word: str = ""
    said: str = ""


def documents() -> list[Path]:
    """Every document people write: what is generated has its own test."""
    found = [*ROOT.glob("*.md"), *(ROOT / "safety").glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path for path in found if path.relative_to(ROOT).parts[:2] != ("docs", "reference"))


def blocks(path: Path) -> Iterator[Block]:
    """The fenced blocks of a document, in order."""
    text = path.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        indent = len(found["indent"])
        body = "".join(line[indent:] if line.strip() else line for line in found["body"].splitlines(keepends=True))
        line = text.count("\n", 0, found.start()) + 1
        yield Block(found["language"], body, line, found["word"] or "", found["said"] or "")


def name_of(path: Path) -> str:
    """The path within the project."""
    return path.relative_to(ROOT).as_posix()
