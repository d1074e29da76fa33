"""Sources: does the publication exist, is a reading traceable, is a house value justified, is a review due?"""

from collections.abc import Iterator
from datetime import date

from pydantic import BaseModel

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.provenance import Source


def sources_in(model: BaseModel, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Source]]:
    """Every source in a model, with the path to it."""
    for name, value in model:
        yield from _sources_in_value(value, (*path, name))


def _sources_in_value(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Source]]:
    if isinstance(value, Source):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from sources_in(value, path)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _sources_in_value(item, (*path, index))


def check_source(source: Source, book: RuleBook, today: date | None) -> Iterator[str]:
    """Everything wrong with one citation, each in a sentence."""
    if source.ref not in book.publications:
        yield f"the publication '{source.ref}' is in no sources file"
    if source.mark in ("derived", "house") and not source.note:
        yield f"a {source.mark} value must say in 'note' " + (
            "by which formula it was derived" if source.mark == "derived" else "why it was chosen"
        )
    if source.mark == "secondary" and not (source.via or source.note) and _is_guideline(source, book):
        yield "a secondary reading must say in 'via' where it was read"
    if today and source.checked > today:
        yield f"'checked' lies in the future ({source.checked})"


def _is_guideline(source: Source, book: RuleBook) -> bool:
    """A page that restates others is its own place of reading; a guideline read elsewhere is not."""
    publication = book.publications.get(source.ref)
    return publication is None or publication.url is None
