"""Writes docs/reference from the code and the rule book: `make docs`.

Nothing below docs/reference is written by hand. tests/docs compares the files with what this makes, so a page that has
fallen behind fails the build.
"""

from pathlib import Path

from reference import (
    agreement,
    commands,
    doses,
    formats,
    genes,
    hazards,
    index,
    measures,
    protocols,
    rules,
    sources,
    starting,
    state,
    tables,
    vocabulary,
)

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build, read_knowledge

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"


def pages(book: RuleBook) -> dict[str, str]:
    """Every page of the reference: its name below docs/reference, and its text."""
    made: dict[str, str] = {}
    parts = (
        state, rules, protocols, tables, starting, doses, genes, vocabulary, sources, agreement, hazards, commands,
        formats, measures,
    )  # fmt: skip
    for part in parts:
        made |= part.pages(book)
    made |= index.pages(made)
    return dict(sorted(made.items()))


def write(made: dict[str, str], folder: Path = REFERENCE) -> None:
    """Write every page and remove those that are no longer made."""
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in made:
            old.unlink()
    for name, text in made.items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(pages(build(read_knowledge())))
