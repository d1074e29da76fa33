"""A small clinic to screen: the sample patients, and some whose ids would do harm in a spreadsheet or a page."""

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from rxvigil.engine import Wanted
from rxvigil.facts import Record
from rxvigil.intake import read_patient
from rxvigil.intake.bulk.writing import import_records
from rxvigil.knowledge.book import RuleBook
from rxvigil.population.store import Store
from rxvigil.samples import samples
from rxvigil.screening import Request, Screen, Setup, screen

ON = date(2026, 3, 2)
HOSTILE = ("=HYPERLINK(1)", "@cmd", "+1", "<script>alert(1)</script>", "two\nlines", "-2+3", "'; DROP TABLE findings")


@pytest.fixture(scope="session")
def records(book: RuleBook) -> list[Record]:
    """The samples, and the fourth of them (STOP) under every hostile id."""
    own = [read_patient(one.path, book.vocabulary) for one in samples() if not one.name.startswith("9")]
    stop = own[3]
    return [*own, *(named(stop, identity) for identity in HOSTILE)]


def named(record: Record, identity: str) -> Record:
    """The same record of another patient."""
    return msgspec.structs.replace(record, patient=msgspec.structs.replace(record.patient, id=identity))


@pytest.fixture(scope="session")
def make_store(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Store]:
    """A store of records; half of the patients are of one practice."""

    def make(records: list[Record], buckets: int = 3) -> Store:
        folder = tmp_path_factory.mktemp("clinic")
        source = folder / "source.txt"
        source.write_text("records of this test", encoding="utf-8")
        pairs = [(one, "North" if number % 2 else None) for number, one in enumerate(records)]
        import_records(folder / "a.store", pairs, [source], book.vocabulary, buckets=buckets)
        return Store.open(folder / "a.store")

    return make


@pytest.fixture(scope="session")
def clinic(records: list[Record], make_store: Callable[..., Store]) -> Store:
    """The store of the small clinic."""
    return make_store(records)


def setup_of(store: Store, book: RuleBook, on: date = ON) -> Setup:
    """The usual request."""
    return Setup(store.path, book, Wanted("UK"), on)


@pytest.fixture(scope="session")
def screened(clinic: Store, book: RuleBook) -> Screen:
    """The clinic screened by the plan on DuckDB."""
    return screen(clinic, setup_of(clinic, book), Request(workers=1))


BUCKET_BY_BUCKET = Request(backend="engine", at_once=1, workers=1)
"""The evaluator of one patient asked of everybody, of each bucket by itself."""


@pytest.fixture(scope="session")
def one_by_one(clinic: Store, book: RuleBook) -> Screen:
    """The clinic screened by the evaluator of one patient alone."""
    return screen(clinic, setup_of(clinic, book), BUCKET_BY_BUCKET)
