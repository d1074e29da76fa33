"""The releases, ready; loaded from the pharmacogenetic files alone."""

import pytest

from rxvigil.genetics import ReadyGene, ready_genes
from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.pharmacogenes import Release

PARTS = ("pharmacogenes", "sources", "vocabulary")
VERSIONS = {
    "A": "pharmacogenes/cpic-2024",
    "B": "pharmacogenes/cpic-2026-02",
    "C": "pharmacogenes/cpic-2026-05",
}


@pytest.fixture(scope="session")
def pharmacogenes() -> RuleBook:
    """The pharmacogenetic part of the shipped rule book."""
    return build([document for document in read_knowledge() if document.name.split("/")[0] in PARTS])


@pytest.fixture(scope="session")
def releases(pharmacogenes: RuleBook) -> dict[str, Release]:
    return pharmacogenes.releases


@pytest.fixture(scope="session")
def versions(releases: dict[str, Release]) -> dict[str, Release]:
    """The three versions of CPIC's rules, by the letter they are called here."""
    return {letter: releases[name] for letter, name in VERSIONS.items()}


@pytest.fixture(scope="session")
def ready(versions: dict[str, Release]) -> dict[tuple[str, str], ReadyGene]:
    """(letter, gene) -> ready gene."""
    return {(letter, key): gene for letter, one in versions.items() for key, gene in ready_genes(one).items()}


@pytest.fixture(scope="session")
def activity(pharmacogenes: RuleBook) -> ActivityFile:
    return pharmacogenes.activities["pharmacogenes/tpmt-activity"]
