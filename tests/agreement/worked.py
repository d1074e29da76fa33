"""The worked patients that stand beside the shipped rules, asked of all evaluators under the shipped rule book."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from backends import load, run

from agreement.compare import OUTPUTS, Tally, compare
from agreement.people import numbered
from rxvigil.casebook import WorkedCase, read_cases
from rxvigil.cohort.plan import make_plan
from rxvigil.engine import Wanted
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import tables_of

ON: Final = date(2026, 3, 1)
"""The day on which nearly all of them are assessed."""


class Round(NamedTuple):
    """A rule book as a site uses it, and worked patients to ask it of."""

    book: RuleBook
    wanted: Wanted
    records: list[Record]

    def asked_of(self, con: Any, *, fast: bool = False) -> Tally:
        """What comes out alike on this database, and what does not."""
        load(con, tables_of(self.records, self.book.vocabulary))
        rows = run(con, make_plan(self.book, self.wanted, ON, fast=fast), OUTPUTS)
        return compare(self.records, ON, self.wanted, self.book, rows)


def everybody(book: RuleBook, wanted: Wanted) -> Round:
    """All of them, of every rule, under the whole book."""
    return Round(book, wanted, numbered([one.record for one in _worked(book)]))


def under_protocols(book: RuleBook) -> Iterator[Round]:
    """Each monitoring protocol once, asked for by name, with its own patients: one of every drug at a time. The rules
    of topics are left out: they hold under any protocol."""
    cases: dict[str, list[WorkedCase]] = defaultdict(list)
    for one in _worked(book):
        cases[one.cases.of].append(one)
    by_drug: dict[str, list[str]] = defaultdict(list)
    for key, protocol in sorted(book.protocols.items()):
        by_drug[protocol.applies.drugs[0]].append(key)
    bare = replace(book, topics={}, tables={})
    for chosen in zip_longest(*by_drug.values()):
        protocols = tuple(one for one in chosen if one)
        yield Round(bare, Wanted(None, protocols), numbered([one.record for key in protocols for one in cases[key]]))


def _worked(book: RuleBook) -> list[WorkedCase]:
    return [one for one in read_cases(book) if one.cases.of not in book.checklists]
