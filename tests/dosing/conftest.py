"""Asking for a dose in a line: facts in shorthand, options of the request, the plan."""

from collections.abc import Callable
from datetime import date

import pytest

from rxvigil.casebook import record_of
from rxvigil.dosing import DosePlan, Doser, DoseRequest
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.dosing import parse_dose

Start = Callable[..., DosePlan]
ON = date(2026, 3, 1)
PATIENT = "female born 1980"
GENES = ("gene tpmt normal", "gene nudt15 normal")
KIDNEY = "egfr 90 mL/min/{1.73_m2} on 2026-02-20"


@pytest.fixture(scope="session")
def doser(book: RuleBook) -> Doser:
    return Doser(book)


@pytest.fixture(scope="session")
def start(doser: Doser, book: RuleBook) -> Start:
    """start("weight 70 kg on 2026-02-20", indication="crohns-disease"): the plan, by default in the UK."""

    def start(
        *facts: str, on: date = ON, patient: str = PATIENT, intended: str | None = None, **options: object
    ) -> DosePlan:
        wanted = {"drug": "azathioprine", "jurisdiction": "UK", **options}
        request = DoseRequest(intended=parse_dose(intended) if intended else None, **wanted)
        return doser.start(record_of(facts, patient, book.vocabulary), on, request)

    return start
