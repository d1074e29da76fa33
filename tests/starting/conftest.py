"""The manual of the assessment before the first tablet: a few facts in shorthand, a place, the answer."""

from collections.abc import Callable
from datetime import date

import pytest

from rxvigil.casebook import record_of
from rxvigil.knowledge.book import RuleBook
from rxvigil.starting import Answered, Answers, StartAssessment, Starter, StartRequest, facts_of

Begin = Callable[..., StartAssessment]

READY = (
    "condition crohns-disease since 2024-01-01",
    "denied azathioprine.allergy on 2026-03-05",
    "denied mercaptopurine.allergy on 2026-03-05",
    "denied infection.present on 2026-03-05",
    "denied chickenpox-contact.reported on 2026-03-05",
    "denied live-vaccine.planned on 2026-03-05",
    "denied blood-tests-not-possible.present on 2026-03-05",
    "denied partner-pregnancy-plan.present on 2026-03-05",
    "denied no-contraception.present on 2026-03-05",
    "denied alcohol-misuse.present on 2026-03-05",
    "denied smoking.present on 2026-03-05",
    "haemoglobin 140 g/L on 2026-02-20",
    "white-cells 7 10*9/L on 2026-02-20",
    "neutrophils 4.5 10*9/L on 2026-02-20",
    "platelets 300 10*9/L on 2026-02-20",
    "alt 20 U/L on 2026-02-20",
    "albumin 40 g/L on 2026-02-20",
    "creatinine 80 umol/L on 2026-02-20",
    "egfr 95 mL/min/{1.73_m2} on 2026-02-20",
    "weight 80 kg on 2026-02-20",
    "height 180 cm on 2026-02-20",
    "systolic-bp 120 mm[Hg] on 2026-02-20",
    "diastolic-bp 80 mm[Hg] on 2026-02-20",
    "hbsag negative on 2026-02-20",
    "hcv-antibody negative on 2026-02-20",
    "hiv negative on 2026-02-20",
    "vzv-igg positive on 2026-02-20",
    "ebv-vca-igg positive on 2026-02-20",
    "tb-igra negative on 2026-02-20",
    "gene tpmt normal",
    "gene nudt15 normal",
    "vaccine influenza 2025-10-10",
    "vaccine pneumococcal 2024-10-10",
    "event skin-check on 2025-12-01",
)
"""A man of 45 of whom everything is known that any body asks, and in whom nothing speaks against it."""


@pytest.fixture(scope="session")
def begin(book: RuleBook) -> Begin:
    """begin("UK", "allergy azathioprine") -> the assessment of somebody ready in all else."""
    starters: dict[str, Starter] = {}

    def begin(
        place: str,
        *facts: str,
        without: str = " ",
        base: tuple[str, ...] = READY,
        patient: str = "male born 1981",
        on: str = "2026-03-05",
        start: str | None = None,
        indication: str = "crohns-disease",
        answered: Answered | None = None,
    ) -> StartAssessment:
        starter = starters.setdefault(place, Starter(book, place))
        kept = [one for one in base if without not in one or without == " "]
        record = record_of((*kept, *facts), patient, book.vocabulary)
        day = date.fromisoformat(start) if start else None
        request = StartRequest(drug="azathioprine", indication=indication, start=day)
        return starter.assess(record, date.fromisoformat(on), request, answered)

    return begin


@pytest.fixture(scope="session")
def answers(book: RuleBook) -> Callable[..., Answered]:
    """answers({"past-pancreatitis": "no"}) -> the facts behind a nurse's answers of 5 Mar 2026."""
    items = [ready.item for ready in Starter(book).items("azathioprine")]

    def answers(said: dict[str, str], on: str = "2026-03-05", by: str = "A. Nurse, clinic") -> Answered:
        return facts_of(Answers(by=by, on=date.fromisoformat(on), said=said), items, book.vocabulary)

    return answers


def item(assessment: StartAssessment, identity: str):
    """One item of an assessment."""
    return next(one for one in assessment.items if one.id == identity)
