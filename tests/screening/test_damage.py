"""Files that are damaged, missing or another's: a message that names the file and the way out, never a traceback."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rxvigil.engine import Wanted
from rxvigil.errors import UnreadableInput
from rxvigil.knowledge.book import RuleBook
from rxvigil.population.store import Store
from rxvigil.screening import Request, Screen, find_screen, read_account, screen
from rxvigil.screening.listing import Filters, worklist
from rxvigil.screening.measuring import Population, measured

from .conftest import setup_of

Spoil = Callable[[bytes], bytes]
DAMAGE: dict[str, Spoil] = {
    "empty": lambda whole: b"",
    "cut short": lambda whole: whole[: len(whole) // 2],
    "text": lambda whole: b"Patient,Tier\n" * 20,
    "footer": lambda whole: whole[:-60] + b"\xff" * 52 + whole[-8:],
    "middle": lambda whole: whole[:100] + bytes(255 - one for one in whole[100:500]) + whole[500:],
}


@pytest.fixture
def copied(clinic: Store, one_by_one: Screen, tmp_path: Path) -> Store:
    shutil.copytree(clinic.path, tmp_path / "a.store")
    return Store.open(tmp_path / "a.store")


@pytest.fixture(params=DAMAGE)
def spoil(request: pytest.FixtureRequest) -> Spoil:
    return DAMAGE[request.param]


@pytest.mark.parametrize("backend", ["engine", "duckdb"])
def test_a_table_of_the_store(copied: Store, book: RuleBook, spoil: Spoil, backend: str) -> None:
    """Found while the drugs on file are counted, before a plan is written."""
    path = copied.tables(1)["prescriptions"][0]
    path.write_bytes(spoil(path.read_bytes()))
    request = Request(backend="engine" if backend == "engine" else "duckdb", workers=1, again=True)
    with pytest.raises(UnreadableInput, match="damaged") as problem:
        screen(copied, setup_of(copied, book), request)
    assert str(copied.path) in problem.value.where
    assert "import the sources again" in problem.value.do


def test_a_table_of_another_kind(copied: Store, book: RuleBook) -> None:
    shutil.copy(copied.tables(1)["symptoms"][0], copied.tables(1)["results"][0])
    with pytest.raises(UnreadableInput, match="the column analyte is missing"):
        screen(copied, setup_of(copied, book), Request(backend="engine", workers=1, again=True))


def test_a_file_of_the_screen(copied: Store, spoil: Spoil) -> None:
    folder = find_screen(copied, None)
    path = folder / "findings.parquet"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(UnreadableInput) as problem:
        worklist(copied, folder, read_account(folder), Filters())
    assert str(folder) in problem.value.where
    assert "--again" in problem.value.do


@pytest.mark.parametrize("which", ["facts", "screen"])
def test_what_is_measured(copied: Store, book: RuleBook, which: str) -> None:
    folder = find_screen(copied, None)
    path = copied.tables(0)["results"][0] if which == "facts" else folder / "clocks.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    of = Population(copied, folder, read_account(folder), book, Wanted("UK"), 12, exact=False)
    with pytest.raises(UnreadableInput) as problem:
        measured(of)
    assert problem.value.where == str(path)


def test_a_store_whose_first_import_is_not_finished(tmp_path: Path) -> None:
    (tmp_path / "a.store" / "staging").mkdir(parents=True)
    with pytest.raises(UnreadableInput, match="its first import is not finished") as problem:
        Store.open(tmp_path / "a.store")
    assert "give its command again" in problem.value.do
