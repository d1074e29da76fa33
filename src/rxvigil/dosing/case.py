"""One question to the doser, with everything that answers it."""

from dataclasses import dataclass
from functools import cached_property

from rxvigil.dosing.plan import DoseRequest
from rxvigil.engine import Evaluator
from rxvigil.engine.state import State
from rxvigil.facts import Record
from rxvigil.formulae import Calculated
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary


@dataclass(frozen=True)
class Case:
    """A request about one record on one date, in one jurisdiction."""

    request: DoseRequest
    record: Record
    state: State
    evaluator: Evaluator
    jurisdiction: str
    stated: bool
    """Whether somebody named the jurisdiction; else it is assumed."""
    filtration: Calculated | None = None
    """How the eGFR was worked out, where it was not reported."""

    @property
    def book(self) -> RuleBook:
        return self.evaluator.book

    @property
    def words(self) -> Vocabulary:
        return self.book.vocabulary

    @property
    def drug(self) -> str:
        return self.request.drug

    @cached_property
    def name(self) -> str:
        """The drug's name as it stands at the beginning of a sentence."""
        return self.words.show(self.drug)

    @property
    def place(self) -> str:
        """The jurisdiction as a reader must see it."""
        return self.jurisdiction if self.stated else f"{self.jurisdiction} (assumed)"
