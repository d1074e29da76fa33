"""Asking one rule of one patient."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rxvigil.engine.assessment import Missing, Outcome
from rxvigil.engine.compiled import CompiledRule
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, both
from rxvigil.engine.state import State

OUTCOMES: dict[int, Outcome] = {YES: "fires", UNKNOWN: "cannot say", NO: "silent"}


class Asked(NamedTuple):
    """A rule's answer about one drug; `notes` say what a reader must know beside it."""

    rule: CompiledRule
    this: str | None
    outcome: Outcome
    answer: Answer
    notes: tuple[str, ...] = ()


def ask_rules(
    rules: Iterable[CompiledRule],
    state: State,
    this: str | None,
    gate: Answer,
    implied: frozenset[str],
    notes: tuple[str, ...],
    *,
    silent_too: bool,
) -> Iterator[Asked]:
    """The outcomes of rules about one drug; those that stay silent only where somebody wants them explained.

    `gate` says whether the drug is taken at all; not knowing that leaves a rule open. A value that nobody has read at
    its source (mark `memory`) never fires: its rule stays visibly silent.
    """
    for rule in rules:
        if rule.specialties and rule.specialties.isdisjoint(implied):
            continue
        if rule.never:
            if silent_too:
                yield Asked(rule, this, "not asked", _UNVERIFIED, notes)
            continue
        answer = rule.when(state, this)
        if answer.truth != NO:
            answer = _weighed(rule, answer, state, this, gate)
        if answer.truth != NO or silent_too:
            yield Asked(rule, this, OUTCOMES[answer.truth], answer, notes)


UNVERIFIED: Final = "unverified: nobody has read this at a source, so it never fires"
_UNVERIFIED: Final = Answer(NO, why=UNVERIFIED)


def _weighed(rule: CompiledRule, answer: Answer, state: State, this: str | None, gate: Answer) -> Answer:
    """An answer that is not `no`, with everything that restricts, excuses or supports it."""
    if rule.only_if is not None:
        answer = both((rule.only_if(state, this), answer))
    if answer.truth != NO and gate.truth != YES:
        answer = both((gate, answer))
    if answer.truth == NO:
        return answer
    answer = answer._replace(because=tuple(dict.fromkeys((*answer.because, *gate.because))))
    return answer if rule.unless is None else _excused(answer, rule.unless(state, this))


def _excused(answer: Answer, exception: Answer) -> Answer:
    """An exception must be shown to hold; not knowing does not excuse, but is said."""
    if exception.truth == YES:
        return Answer(NO, exception.because, (), "the exception holds: " + (exception.reason or "shown by the record"))
    if exception.truth == UNKNOWN:
        gaps: tuple[Missing, ...] = tuple(dict.fromkeys((*answer.missing, *exception.missing)))
        return answer._replace(missing=gaps)
    return answer
