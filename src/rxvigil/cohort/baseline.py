"""Tests that a protocol asks for before the first dose and that were never done, for a whole population
(`engine.monitoring_findings.baseline`)."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Final, NamedTuple

from rxvigil.cohort.choice import Choosable, choosable, monitored_in
from rxvigil.cohort.done import Done, numbered, tests_done
from rxvigil.cohort.part import Context
from rxvigil.cohort.timetable import WHOLE, Row, written_out
from rxvigil.cohort.truth import always, both, holds
from rxvigil.engine.choose import Wanted
from rxvigil.engine.done import Requirement, requirements
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import BaselineTest

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.choice import Asks
    from rxvigil.cohort.steps import Steps

_BITS: Final = 62
"""So many yes-or-no answers stand in one whole number."""
Asked = tuple[Choosable, BaselineTest]


class Missed(NamedTuple):
    """Tests before starting that are not in the record, by number: `tests` has (person, place, outcome), `asked` says
    which test stands at a place."""

    tests: "ir.Table"
    asked: "ir.Table"


def baseline(
    context: Context,
    book: RuleBook,
    wanted: Wanted,
    choices: "ir.Table",
    state: "ir.Table",
    newest: "ir.Table",
    ask: "Asks",
    steps: "Steps",
) -> Missed | None:
    """Step `baseline`: (person, drug, rule, outcome), one row for each test before starting that the chosen protocol
    asks for and that is not in the record (yes), or of which that cannot be said (unknown). A test that was found, or
    that is not for this patient, has no row. The answer is the same by number, in the step `baseline_missed`; none
    where no protocol asks for any."""
    chosen = choosable(book, wanted, monitored_in(state, book), context.on)
    alone = [one for one in chosen if not one.together]
    tests = [(one, test) for one in alone for test in one.protocol.baseline if test.source.mark != "memory"]
    if not tests:
        steps.add("baseline", _nothing(choices))
        return None
    asked = numbered(group for _, test in tests for group in requirements(test.panel))
    people = choices.filter(~choices.together).select("person", "drug", "protocol", "taken")
    done = tests_done(context, chosen, book, state, choices, newest, steps)
    rows = people.inner_join(_found(done, asked), "person")
    rows = rows.inner_join(_with_conditions(state, tests, ask), "person")
    table = steps.add("baseline_tests", _written(tests, asked))
    rows = rows.inner_join(table, ["drug", "protocol"])
    outcome = _outcome(rows, tests, len(asked))
    told = rows.select("person", "place", outcome=outcome)
    missed = steps.add("baseline_missed", told.filter(told.outcome != NO))
    named = missed.inner_join(table.select("place", "drug", "rule"), "place")
    steps.add("baseline", named.select("person", "drug", "rule", "outcome"))
    return Missed(missed, table)


def _nothing(choices: "ir.Table") -> "ir.Table":
    import ibis

    nobody = choices.filter(ibis.literal(False))
    return nobody.select("person", "drug", rule=ibis.literal(""), outcome=always(NO))


def _found(done: Done, asked: Mapping[Requirement, int]) -> "ir.Table":
    """(person, found_0 ...): which requirements were ever met, as bits of whole numbers."""
    import ibis

    bits: dict[str, list[ir.IntegerValue]] = {}
    for requirement, number in asked.items():
        bit = ibis.literal(1 << number % _BITS, type="int64")
        met = done.last(requirement, done.table).notnull()
        bits.setdefault(_found_in(number), []).append(ibis.ifelse(met, bit, ibis.literal(0, type="int64")))
    return done.table.select("person", **{name: reduce(lambda a, b: a + b, each) for name, each in bits.items()})


def _found_in(number: int) -> str:
    return f"found_{number // _BITS}"


def _written(tests: Sequence[Asked], asked: Mapping[Requirement, int]) -> "ir.Table":
    rows = [_row(place, one, test, asked) for place, (one, test) in enumerate(tests)]
    masks = dict.fromkeys((f"asked_{number}" for number in range(_words(len(asked)))), "int64")
    return written_out(rows, place=WHOLE, drug="string", protocol="string", rule="string", **masks)


def _words(asked: int) -> int:
    return (asked + _BITS - 1) // _BITS


def _row(place: int, one: Choosable, test: BaselineTest, asked: Mapping[Requirement, int]) -> Row:
    numbers = [asked[group] for group in requirements(test.panel)]
    masks = {
        f"asked_{word}": sum(1 << number % _BITS for number in numbers if number // _BITS == word)
        for word in range(_words(len(asked)))
    }
    rule = f"{one.protocol.id}#{test.id}"
    return {"place": place, "drug": one.drug, "protocol": one.protocol.id, "rule": rule, **masks}


def _with_conditions(state: "ir.Table", tests: Sequence[Asked], ask: "Asks") -> "ir.Table":
    """Whether each test that is not for everybody is for this patient, and whether the record holds results at all."""
    conditions = {
        f"concerns_{place}": ask(test.only_if, one.drug) for place, (one, test) in enumerate(tests) if test.only_if
    }
    return state.select("person", "results_listed", **conditions)


def _outcome(rows: "ir.Table", tests: Sequence[Asked], asked: int) -> "ir.IntegerValue":
    """Not knowing whom a test is for does not excuse from it; while the drug is perhaps not taken, it is open."""
    import ibis

    absent = reduce(
        lambda one, other: one | other,
        ((rows[f"found_{word}"] & rows[f"asked_{word}"]) != rows[f"asked_{word}"] for word in range(_words(asked))),
    )
    excused = [
        (rows.place == place) & (rows[f"concerns_{place}"] == NO)
        for place, (_, test) in enumerate(tests)
        if test.only_if
    ]
    silent = reduce(lambda one, other: one | other, excused, ~absent)
    never = ibis.cases((silent, always(NO)), (~holds(rows.results_listed), always(UNKNOWN)), else_=always(YES))
    return both([never, rows.taken]).cast("int8")
