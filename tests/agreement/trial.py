"""One trial: a rule book and patients made up from a seed, asked of the evaluator of one patient and of a database."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeVar

from backends import load, run
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from property.patients import DAYS

from agreement.books import Setting, book_of, book_settings
from agreement.compare import OUTPUTS, Tally, compare
from agreement.people import numbered, people
from rxvigil.cohort.plan import make_plan
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import tables_of

Made = TypeVar("Made")

ROUNDS: Final = 12
"""Rule books that meet the same patients before new ones are made: a book is quickly made, patients are not."""


def collected(strategy: st.SearchStrategy[Made], count: int, number: int) -> list[Made]:
    """The first examples of a strategy from a seed: the same ones for the same seed."""
    found: list[Made] = []

    @seed(number)
    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def gather(made: Made) -> None:
        found.append(made)

    gather()
    return found[:count]


class Trial(NamedTuple):
    """A rule book as a site uses it, and the patients it is asked of."""

    setting: Setting
    book: RuleBook
    records: list[Record]

    def asked_of(self, con: Any, *, fast: bool = False) -> Tally:
        """What comes out alike on this database, and what does not."""
        load(con, tables_of(self.records, self.book.vocabulary))
        plan = make_plan(self.book, self.setting.wanted, self.setting.on, fast=fast)
        return compare(self.records, self.setting.on, self.setting.wanted, self.book, run(con, plan, OUTPUTS))


def trials(number: int, patients: int) -> Iterator[Trial]:
    """Trials without end from a seed, each with so many patients."""
    while True:
        pools = {on: numbered(collected(people(on), patients, number)) for on in DAYS}
        for setting in collected(book_settings(), ROUNDS, number):
            yield Trial(setting, book_of(setting.made), pools[setting.on])
        number += 1
