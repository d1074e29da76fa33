"""Asking one rule of one patient."""

from typing import NamedTuple

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


def ask_rule(rule: CompiledRule, state: State, this: str | None, gate: Answer, notes: tuple[str, ...] = ()) -> Asked:
    """The rule's outcome. `gate` says whether the drug is taken at all; not knowing that leaves the rule open.

    A value that nobody has read at its source (mark `memory`) never fires: the rule stays visibly silent.
    """
    if rule.rule.source.mark == "memory":
        why = "unverified: nobody has read this at a source, so it never fires"
        return Asked(rule, this, "not asked", Answer(NO, why=why), notes)
    answer = rule.when(state, this)
    if answer.truth != NO and rule.only_if is not None:
        answer = both((rule.only_if(state, this), answer))
    if answer.truth != NO and gate.truth != YES:
        answer = both((gate, answer))
    if answer.truth != NO:
        answer = answer._replace(because=tuple(dict.fromkeys((*answer.because, *gate.because))))
    if answer.truth != NO and rule.unless is not None:
        answer = _excused(answer, rule.unless(state, this))
    return Asked(rule, this, OUTCOMES[answer.truth], answer, notes)


def _excused(answer: Answer, exception: Answer) -> Answer:
    """An exception must be shown to hold; not knowing does not excuse, but is said."""
    if exception.truth == YES:
        return Answer(NO, exception.because, (), "the exception holds: " + (exception.reason or "shown by the record"))
    if exception.truth == UNKNOWN:
        gaps: tuple[Missing, ...] = tuple(dict.fromkeys((*answer.missing, *exception.missing)))
        return answer._replace(missing=gaps)
    return answer
