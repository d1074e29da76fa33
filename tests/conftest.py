"""What every test may use: the shipped rule book and, where it is there, the public test data."""

import os
from pathlib import Path

import pytest
from backends import duckdb, postgres, spark

from rxvigil.engine import Evaluator
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build, read_knowledge

__all__ = ["duckdb", "postgres", "spark"]
"""Fixtures that are made elsewhere."""

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def book() -> RuleBook:
    """The shipped rule book."""
    return build(read_knowledge())


@pytest.fixture(scope="session")
def evaluator(book: RuleBook) -> Evaluator:
    """The shipped rule book, ready."""
    return Evaluator(book)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of public test data beside the project; tests that need it are skipped without it."""
    if not DATA.is_dir():
        pytest.skip(f"the public test data is not at {DATA.parent.name}/{DATA.name} beside the project")
    return DATA


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: a test that did not run proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if os.environ.get("RXVIGIL_NOTHING_SKIPPED") and skipped and session.exitstatus == 0:
        session.exitstatus = 1
        print(f"\n{skipped} tests were skipped, and here nothing may be.")
