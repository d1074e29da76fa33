"""Yes, no, cannot say: Kleene's three-valued logic, carrying its reasons.

The truth values are ordered no < unknown < yes, so that `and` is the least, `or` the greatest and `not` the
mirror image.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from rxvigil.engine.assessment import Missing
from rxvigil.facts import (
    Allergy,
    Condition,
    Denial,
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Prescription,
    Result,
    Symptom,
)

Truth = int
NO: Final = 0
UNKNOWN: Final = 1
YES: Final = 2

Fact = Result | Prescription | Condition | Allergy | Immunisation | Genotype | Symptom | Event | Denial | NotUnderstood


Why = str | Callable[[], str]
"""A few words, or what makes them: most silences are never explained, so the words are made when asked for."""


class Answer(NamedTuple):
    """A truth with the facts it rests on and what is missing."""

    truth: Truth
    because: tuple[Fact, ...] = ()
    missing: tuple[Missing, ...] = ()
    why: Why = ""

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self.why if isinstance(self.why, str) else self.why()


def yes(*because: Fact, why: Why = "") -> Answer:
    return Answer(YES, because, (), why)


def no(*because: Fact, why: Why = "") -> Answer:
    return Answer(NO, because, (), why)


def unknown(*missing: Missing, because: tuple[Fact, ...] = ()) -> Answer:
    return Answer(UNKNOWN, because, missing, lambda: "; ".join(gap.why for gap in missing))


def both(answers: Iterable[Answer]) -> Answer:
    """Kleene `and`. The first `no` settles it and nothing more is asked; otherwise all reasons are kept."""
    parts: list[Answer] = []
    truth = YES
    for answer in answers:
        if answer.truth == NO:
            return answer
        truth = min(truth, answer.truth)
        parts.append(answer)
    return _together(truth, parts)


def either(answers: Iterable[Answer]) -> Answer:
    """Kleene `or`. The parts that hold, or else everything that leaves it open, are the reasons."""
    parts = list(answers)
    truth = max([part.truth for part in parts])
    if truth == NO:
        because = tuple(dict.fromkeys([fact for part in parts for fact in part.because]))
        return Answer(NO, because, (), lambda: "; ".join(part.reason for part in parts if part.reason))
    return _together(truth, [part for part in parts if part.truth == truth])


def opposite(answer: Answer) -> Answer:
    """Kleene `not`."""
    return answer._replace(truth=YES - answer.truth)


def _together(truth: Truth, parts: list[Answer]) -> Answer:
    if len(parts) == 1:
        return parts[0]
    because = tuple(dict.fromkeys([fact for part in parts for fact in part.because]))
    missing = tuple(dict.fromkeys([gap for part in parts for gap in part.missing])) if truth == UNKNOWN else ()
    return Answer(truth, because, missing, lambda: "; ".join(part.reason for part in parts if part.reason))
