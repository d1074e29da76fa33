"""A rule book of a few lines over the shipped vocabulary, for tests that show one thing at a time."""

from datetime import date
from functools import cache

from rxvigil.casebook import record_of
from rxvigil.engine import Assessment, Evaluator, Wanted
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lint import Problem, lint_book
from rxvigil.knowledge.loader import build, read_knowledge, shipped_knowledge
from rxvigil.knowledge.yamlfile import Document, parse_document, read_document

HOUSE = "{ref: house, where: a test, mark: house, checked: 2026-11-22, note: made up for a test}"
"""A source that needs no publication to be read."""


@cache
def _ground() -> tuple[Document, ...]:
    """The shipped vocabulary and publications: what every rule book stands on."""
    root = shipped_knowledge()
    sources = [read_document(path, f"sources/{path.name}") for path in sorted((root / "sources").glob("*.yaml"))]
    return (*read_knowledge(root / "vocabulary"), *sources)


def documents_of(*texts: str) -> list[Document]:
    """The files of a small rule book; SOURCE in a text stands for a house source."""
    own = [parse_document(text.replace("SOURCE", HOUSE), f"file-{number}.yaml") for number, text in enumerate(texts, 1)]
    return [*_ground(), *own]


def book_of(*texts: str) -> RuleBook:
    """A rule book of these files."""
    return build(documents_of(*texts))


def problems_of(*texts: str) -> list[Problem]:
    """What lint says of these files, the vocabulary aside."""
    documents = documents_of(*texts)
    return [one for one in lint_book(documents, build(documents)) if one.place.startswith(("file-", "vocabulary"))]


def assess(
    book: RuleBook, *facts: str, on: str = "2026-03-01", patient: str = "female born 1980", wanted: Wanted | None = None
) -> Assessment:
    """The assessment of a patient noted in shorthand, explained."""
    record = record_of(facts, patient, book.vocabulary)
    return Evaluator(book, wanted).assess(record, date.fromisoformat(on), explain=True)
