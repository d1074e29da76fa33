"""The doser: a rule book made ready to work out doses, for any number of people."""

from datetime import date
from typing import Final, TypeVar

from msgspec.structs import replace

from rxvigil.dosing.adjusting import compile_adjustments
from rxvigil.dosing.case import Case
from rxvigil.dosing.changing import change
from rxvigil.dosing.converting import convert
from rxvigil.dosing.kidney import with_kidney_function
from rxvigil.dosing.plan import Because, ChangePlan, ConversionPlan, DosePlan, DoseRequest, TaperPlan
from rxvigil.dosing.request import check, check_drug
from rxvigil.dosing.start import start
from rxvigil.dosing.withdrawing import taper
from rxvigil.engine import Evaluator, Wanted
from rxvigil.engine.choose import ASSUMED
from rxvigil.engine.state import State
from rxvigil.facts import Patient, Record
from rxvigil.knowledge.book import RuleBook

NOBODY: Final = Record(patient=Patient(id="nobody"))
"""A record of which nothing is known."""
Plan = TypeVar("Plan", DosePlan, ChangePlan, TaperPlan, ConversionPlan)


class Doser:
    """Works out doses by the dosing protocols of a rule book. Pure: the same question gives the same answer."""

    def __init__(self, book: RuleBook, jurisdiction: str | None = None) -> None:
        self.book = book
        self.jurisdiction = jurisdiction
        self._ready = compile_adjustments(book)
        self._evaluators: dict[str, Evaluator] = {}

    def start(self, record: Record, on: date, request: DoseRequest) -> DosePlan:
        """The first dose, and how it is raised. Raises `BadRequest` for a name that the rule book does not hold."""
        return _of(record, start(self._case(record, on, request), self._ready))

    def change(self, record: Record, on: date, request: DoseRequest, because: Because) -> ChangePlan:
        """A change of the dose in use. Never a rise while tests are worrying, overdue or unknown."""
        return _of(record, change(self._case(record, on, request), because, self._ready))

    def taper(self, record: Record, on: date, request: DoseRequest, *, toxicity: bool = False) -> TaperPlan:
        """The supervised withdrawal, by the sources that give steps; at once for toxicity."""
        return _of(record, taper(self._case(record, on, request), toxicity=toxicity))

    def convert(
        self,
        mg: float,
        from_drug: str,
        to_drug: str,
        on: date,
        record: Record = NOBODY,
        jurisdiction: str | None = None,
    ) -> ConversionPlan:
        """mg a day of one thiopurine as a dose of the other. Without a record, an earlier reaction is not excluded."""
        check_drug(from_drug, self.book)
        request = DoseRequest(drug=to_drug, jurisdiction=jurisdiction)
        return _of(record, convert(self._case(record, on, request), mg, from_drug))

    def _case(self, record: Record, on: date, request: DoseRequest) -> Case:
        check(request, self.book)
        stated = request.jurisdiction or self.jurisdiction
        place = stated or ASSUMED
        record, filtration = with_kidney_function(record, on, self.book.vocabulary)
        state = State(record, on, self.book.vocabulary)
        return Case(request, record, state, self._evaluator(place), place, stated is not None, filtration)

    def _evaluator(self, place: str) -> Evaluator:
        """One for each jurisdiction, made once."""
        if place not in self._evaluators:
            self._evaluators[place] = Evaluator(self.book, Wanted(place))
        return self._evaluators[place]


def _of(record: Record, plan: Plan) -> Plan:
    """With what the record says of whether the patient exists."""
    return replace(plan, simulated=record.patient.simulated)
