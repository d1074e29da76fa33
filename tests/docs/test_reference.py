"""The reference is made from the code and the rule book, is up to date, and leaves nothing out."""

import importlib
import re
from types import ModuleType

import pytest

from docs.blocks import ROOT
from rxvigil.errors import EXIT_CODES
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.measures import MEASURES
from rxvigil.knowledge.schemas import SCHEMA_KINDS

REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        return importlib.import_module("make_reference")


@pytest.fixture(scope="module")
def made(maker: ModuleType, book: RuleBook) -> dict[str, str]:
    return dict(maker.pages(book))


def test_the_reference_is_up_to_date(made: dict[str, str]) -> None:
    there = {path.relative_to(REFERENCE).as_posix(): path for path in REFERENCE.rglob("*.md")}
    assert there.keys() == made.keys(), "run `make docs`"
    behind = [name for name, text in made.items() if there[name].read_text(encoding="utf-8") != text]
    assert not behind, f"run `make docs`: {behind} have fallen behind"


def test_making_it_twice_gives_the_same_bytes(made: dict[str, str], maker: ModuleType, book: RuleBook) -> None:
    assert maker.pages(book) == made


def test_every_command_is_documented(made: dict[str, str]) -> None:
    words = importlib.import_module("reference.commands").commands()
    for command in words:
        assert f"\n## {' '.join(('rxvigil', *command))}\n" in made["cli.md"]


def test_every_exit_code_is_documented(made: dict[str, str]) -> None:
    for code, meaning in EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in made["exit-codes.md"]


def test_every_measure_is_documented(made: dict[str, str]) -> None:
    for measure in MEASURES:
        assert re.search(rf"`[a-z0-9-]+\.{measure.name}`", made["state.md"]), measure.name


def test_every_kind_of_file_is_documented(made: dict[str, str]) -> None:
    for kind in SCHEMA_KINDS:
        assert f"\n## {kind}\n" in made["file-formats.md"]


def test_every_rule_stands_on_a_page_with_its_mark_and_condition(made: dict[str, str], book: RuleBook) -> None:
    for identity, rule in book.rules():
        home, _, name = identity.partition("#")
        page = (
            f"{home.replace('monitoring/', 'protocols/', 1)}.md"
            if home in book.protocols
            else f"rules/{home.replace('/', '-')}.md"
        )
        section = made[page].partition(f"# {name}\n")[2].partition("\n#")[0]
        assert f"`{rule.when}`" in section, identity
        assert rule.source.mark in section, identity


def test_every_publication_has_its_place(made: dict[str, str], book: RuleBook) -> None:
    for key in book.publications:
        assert f'<a id="{key}">' in made["sources.md"]


def test_text_of_the_rule_book_is_never_taken_for_markup(maker: ModuleType) -> None:
    text = importlib.import_module("reference.markdown").text
    assert text("counts < 3 10*9/L | a_b [x]") == r"counts \< 3 10\*9/L \| a\_b \[x\]"
    assert text("see https://example.org/a_b") == "see https://example.org/a_b"
    assert text("`when_baseline` is a_b") == r"`when_baseline` is a\_b"
    assert text("an odd ` alone") == "an odd ' alone"
