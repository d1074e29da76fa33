"""The spec tests are the manual: a few facts in shorthand, a question, the answer."""

from collections.abc import Callable
from datetime import date

import pytest

from rxvigil.casebook import record_of
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.engine.state import State
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import parse

WORDS = {YES: "yes", NO: "no", UNKNOWN: "cannot say"}
Ask = Callable[..., str]


@pytest.fixture(scope="session")
def ask(book: RuleBook) -> Ask:
    """Ask a condition of a few facts: ask("neutrophils.latest < 1.6 10*9/L", "neutrophils 1.4 10*9/L on ...")."""

    def ask(
        condition: str, *facts: str, on: str = "2026-03-01", this: str | None = None, patient: str = "female born 1980"
    ) -> str:
        record = record_of(facts, patient, book.vocabulary)
        state = State(record, date.fromisoformat(on), book.vocabulary)
        return WORDS[compile_condition(parse(condition), book.vocabulary)(state, this).truth]

    return ask
