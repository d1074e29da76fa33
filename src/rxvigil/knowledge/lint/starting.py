"""Checklists and counselling: names that exist, answers that stand for something, no question under two ids."""

from collections import Counter
from collections.abc import Iterator

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.lint.conditions import check_condition
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Panel
from rxvigil.knowledge.starting import Item, Point, Stated

_KINDS = {"result": "analyte", "allergy": "drug", "denial": None}


def check_item(item: Item, book: RuleBook) -> Iterator[str]:
    """Everything wrong with one item, each in a sentence."""
    words = book.vocabulary
    for text in (item.only_if, item.concern, item.cleared_by):
        if text:
            yield from check_condition(text, words)
    for panel in [Panel(all=item.needs.all, any=item.needs.any)] if item.needs else []:
        yield from _check_needs(panel, words)
    for one in (*item.answer_yes, *item.answer_no):
        yield from _check_stated(one, words)
    if item.answer_with and words.kind_of(item.answer_with.of) != _kind_of(item.answer_with.kind):
        yield f"'{item.answer_with.of}' is no {_kind_of(item.answer_with.kind)} of the vocabulary"
    for key in (*(one.after for one in item.wait), *(one.vaccine for one in item.vaccine_first)):
        if words.kind_of(key) != "vaccine":
            yield f"'{key}' is not a vaccine of the vocabulary"
    yield from _check_links(item, book)


def check_point(point: Point, book: RuleBook) -> Iterator[str]:
    """Everything wrong with one point of counselling."""
    if point.only_if:
        yield from check_condition(point.only_if, book.vocabulary)


def check_ids(book: RuleBook) -> Iterator[tuple[str, str]]:
    """(file, problem) where two items of the book have one id: answers files could not tell them apart."""
    counts = Counter(item.id for file in book.checklists.values() for item in file.items)
    for file in book.checklists.values():
        for item in file.items:
            if counts[item.id] > 1:
                yield f"{file.id}#{item.id}", f"the item id '{item.id}' stands in more than one place"
    named = [*(one.drugs for one in book.checklists.values()), *(one.drugs for one in book.counselling.values())]
    for drug in sorted({drug for drugs in named for drug in drugs}):
        if book.vocabulary.kind_of(drug) != "drug":
            yield "starting", f"'{drug}' is not a drug of the vocabulary"


def _check_needs(panel: Panel, words: Vocabulary) -> Iterator[str]:
    for key in (*panel.all, *(one for group in panel.any for one in group)):
        if key not in words.panels and words.kind_of(key) not in ("analyte", "gene", "event", "vaccine"):
            yield f"'{key}' is neither a test nor a panel of tests"


def _kind_of(kind: str) -> str | None:
    return _KINDS.get(kind, kind)


def _check_stated(one: Stated, words: Vocabulary) -> Iterator[str]:
    kind, wanted = words.kind_of(one.of), _kind_of(one.kind)
    if kind is None or (wanted is not None and kind != wanted):
        yield f"'{one.of}' is not a {wanted or 'name'} of the vocabulary"
    elif one.measure:
        term = f"{one.of}.{one.measure}"
        parse(term)
        # A measure that takes a length of time is denied whatever the length: it is checked without its arguments.
        yield from (what for what in check_condition(term, words) if "needs within" not in what)


def _check_links(item: Item, book: RuleBook) -> Iterator[str]:
    known = {identity for identity, _ in book.rules()} | book.topics.keys()
    for link in item.rules:
        if link not in known:
            yield f"there is no rule or topic '{link}'"
