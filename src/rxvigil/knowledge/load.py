"""The rule book in one call."""

from pathlib import Path

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.overlay import with_overlay


def load_rule_book(folder: Path | None = None, overlay: Path | None = None) -> RuleBook:
    """The rule book of a folder (the shipped one by default), with a site's overlay where there is one.

    Raises `RuleBookError` naming file and line."""
    documents = read_knowledge(folder)
    return with_overlay(documents, overlay) if overlay else build(documents)
