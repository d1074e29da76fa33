"""The doser: a rule book made ready to work out doses, for any number of people."""

from datetime import date

from rxvigil.dosing.adjusting import compile_adjustments
from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import DosePlan, DoseRequest
from rxvigil.dosing.request import check
from rxvigil.dosing.start import start
from rxvigil.engine import Evaluator, Wanted
from rxvigil.engine.choose import ASSUMED
from rxvigil.engine.state import State
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook


class Doser:
    """Works out doses by the dosing protocols of a rule book. Pure: the same question gives the same answer."""

    def __init__(self, book: RuleBook, jurisdiction: str | None = None) -> None:
        self.book = book
        self.jurisdiction = jurisdiction
        self._ready = compile_adjustments(book)
        self._evaluators: dict[str, Evaluator] = {}

    def start(self, record: Record, on: date, request: DoseRequest) -> DosePlan:
        """The first dose, and how it is raised. Raises `BadRequest` for a name that the rule book does not hold."""
        return start(self._case(record, on, request), self._ready)

    def _case(self, record: Record, on: date, request: DoseRequest) -> Case:
        check(request, self.book)
        stated = request.jurisdiction or self.jurisdiction
        place = stated or ASSUMED
        state = State(record, on, self.book.vocabulary)
        return Case(request, record, state, self._evaluator(place), place, stated is not None)

    def _evaluator(self, place: str) -> Evaluator:
        """One for each jurisdiction, made once."""
        if place not in self._evaluators:
            self._evaluators[place] = Evaluator(self.book, Wanted(place))
        return self._evaluators[place]
