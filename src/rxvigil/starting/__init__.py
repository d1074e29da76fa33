"""Before the first tablet: may this person start, what is still to be done, and the plan for the first year. Pure.

starter = Starter(book, "UK")
assessment = starter.assess(record, on=date(2026, 3, 5), request=StartRequest(drug="azathioprine"))
"""

from rxvigil.starting.answering import Answered, Answers, facts_of, with_answers
from rxvigil.starting.assessment import SCHEMA, StartAssessment, StartRequest
from rxvigil.starting.starter import NoChecklist, Starter

__all__ = [
    "SCHEMA",
    "Answered",
    "Answers",
    "NoChecklist",
    "StartAssessment",
    "StartRequest",
    "Starter",
    "facts_of",
    "with_answers",
]
