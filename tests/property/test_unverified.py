"""A value that nobody has read at its source never fires, whatever it is about."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from property.answers import outcomes
from property.patients import BOOK, assessed, examples, patients
from rxvigil.engine import Evaluator
from rxvigil.knowledge.book import RuleBook

UNVERIFIED = {name for name, rule in BOOK.rules() if rule.source.mark == "memory"}


def test_the_book_shows_some_and_says_so() -> None:
    assert UNVERIFIED


@examples(60)
@given(patients())
def test_a_rule_from_memory_is_shown_and_never_fires(patient):
    record, on, wanted = patient
    assessment = assessed(record, on, wanted)
    assert {one.outcome for one in assessment.explained if one.rule in UNVERIFIED} <= {"not asked"}
    spoken = {rule for one in assessment.findings for rule in (one.rule, *one.also, *one.unanswered)}
    assert not spoken & UNVERIFIED


def unread(name: str) -> RuleBook:
    """The shipped rule book, had nobody read this one rule's source."""
    topic, _, identity = name.partition("#")
    rules = tuple(
        one.model_copy(update={"source": one.source.model_copy(update={"mark": "memory"})})
        if one.id == identity
        else one
        for one in BOOK.topics[topic].rules
    )
    return replace(BOOK, topics=BOOK.topics | {topic: BOOK.topics[topic].model_copy(update={"rules": rules})})


@examples(25)
@given(patients(), st.data())
def test_a_rule_that_fires_would_not_if_it_were_from_memory(patient, data):
    """And nothing else would answer otherwise but the rows of a table that give way to it."""
    record, on, wanted = patient
    before = outcomes(assessed(record, on, wanted))
    fired = sorted(rule for rule in before if before[rule] == "fires" and rule.partition("#")[0] in BOOK.topics)
    assume(fired)
    rule = data.draw(st.sampled_from(fired))
    after = outcomes(Evaluator(unread(rule), wanted).assess(record, on, explain=True))
    assert after.pop(rule) == "not asked"
    giving_way = {
        f"{table.id}#{row.id}" for table in BOOK.tables.values() for row in table.rows if rule in row.gives_way_to
    }
    left = before.keys() - giving_way - {rule}
    assert {one: after[one] for one in left} == {one: before[one] for one in left}
