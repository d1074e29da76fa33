"""Worked patients of the checklist: for every item one of whom the concern is there, one cleared, one of whom nobody
can say. They are written and counted like those of rules: fires, silent, cannot-say.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.casefile import Expected
from rxvigil.starting import Starter, StartRequest

ANSWERED_AS: Final = {"yes": "fires", "no": "silent", "cannot say": "cannot say"}


def item_outcome(starter: Starter, identity: str, record: Record, on: date) -> tuple[str, str]:
    """What the checklist answers of one item, in the words of rules, and why."""
    home, _, name = identity.partition("#")
    drug = starter.book.checklists[home].drugs[0]
    shown = starter.answer(name, record, on, StartRequest(drug=drug))
    return ANSWERED_AS[shown.says], shown.why


def items_needing_cases(book: RuleBook) -> Iterator[tuple[str, set[Expected]]]:
    """Every item with the outcomes it needs a case of; what can only be known or not known never fires."""
    for file in book.checklists.values():
        for item in file.items:
            known: set[Expected] = {"silent", "cannot-say"}
            yield f"{file.id}#{item.id}", known | {"fires"} if item.concern else known
