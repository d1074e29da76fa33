"""The doser: a rule book made ready to work out doses, for any number of people."""

from datetime import date

from rxvigil.dosing.plan import (
    DOSE_SCHEMA,
    DosePlan,
    DoseRequest,
    Refusal,
)
from rxvigil.engine.choose import ASSUMED, Wanted
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook


class Doser:
    """Works out doses by the dosing protocols of a rule book."""

    def __init__(self, book: RuleBook, jurisdiction: str | None = None) -> None:
        self.book = book
        self.wanted = Wanted(jurisdiction)

    def start(self, record: Record, on: date, request: DoseRequest) -> DosePlan:
        """The first dose, and how it is raised."""
        words = self.book.vocabulary
        return DosePlan(
            schema=DOSE_SCHEMA,
            drug=request.drug,
            name=words.show(request.drug),
            on=on,
            digest=self.book.digest,
            jurisdiction=request.jurisdiction or self.wanted.jurisdiction or ASSUMED,
            request=request,
            summary="No dose can be given.",
            refused=(Refusal(reason="the rule book holds no dosing protocol for it", do="use the product text"),),
        )
