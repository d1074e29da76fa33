"""One trial: a rule book and patients made up from a seed, asked of the evaluator of one patient and of a database."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from backends import load, run
from property.patients import DAYS

from agreement.books import Setting, book_of, book_settings
from agreement.compare import OUTPUTS, Tally, compare
from agreement.gather import collected
from agreement.people import numbered, people
from agreement.smallest import smallest
from rxvigil.cohort.plan import make_plan
from rxvigil.engine import Evaluator
from rxvigil.facts import Record
from rxvigil.population import tables_of

ROUNDS: Final = 12
"""Rule books that meet the same patients before new ones are made: a book is quickly made, patients are not."""


class Trial(NamedTuple):
    """A rule book as a site uses it, and the patients it is asked of."""

    seed: int
    setting: Setting
    records: list[Record]

    def asked_of(self, con: Any, *, fast: bool = False) -> Tally:
        """What comes out alike on this database, and what does not. Every other seed, only drugs and analytes that some
        record mentions are looked at, as in a screen."""
        book = book_of(self.setting.made)
        evaluator = Evaluator(book, self.setting.wanted)
        tables = tables_of(self.records, book.vocabulary)
        load(con, tables)
        keys = _mentioned(tables) if self.seed % 2 else None
        rows = run(con, make_plan(book, self.setting.wanted, self.setting.on, fast=fast, on_file=keys), OUTPUTS)
        return compare(self.records, self.setting.on, self.setting.wanted, book, rows, evaluator)

    def smallest(self, con: Any, patient: str, *, fast: bool = False) -> "Trial":
        """The disagreement about one of the patients, with as little as it takes."""
        record = next(one for one in self.records if one.patient.id == patient)

        def differ(setting: Setting, records: list[Record]) -> list[int]:
            try:
                tally = Trial(self.seed, setting, records).asked_of(con, fast=fast)
            except Exception:  # what is left is no rule book any more, or another fault than the one looked at
                return []
            wrong = {one.patient for one in tally.disagreements}
            return [number for number, one in enumerate(records) if one.patient.id in wrong]

        setting, least = smallest(self.setting, record, differ)
        return Trial(self.seed, setting, numbered([least]))


def _mentioned(tables: dict[str, Any]) -> frozenset[str]:
    """As `screening.shares.keys_on_file` gathers them."""
    said = (("prescriptions", "drug"), ("results", "analyte"), ("doubts", "key"))
    return frozenset(key for table, column in said for key in tables[table][column].to_pylist())


def trials(seed: int, patients: int) -> Iterator[Trial]:
    """Trials without end from a seed, each with so many patients."""
    while True:
        pools = {on: numbered(collected(people(on), patients, seed)) for on in DAYS}
        for setting in collected(book_settings(), ROUNDS, seed):
            yield Trial(seed, setting, pools[setting.on])
        seed += 1
