"""Yes, no, cannot say: the laws that make three-valued answers safe to combine."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.engine.assessment import Missing
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, both, either, no, opposite, unknown, yes

GAP = Missing("neutrophils", "no result in the record", "find or take a result")
ANSWERS = {"yes": yes(), "no": no(why="it is not so"), "cannot say": unknown(GAP)}
WORDS = {YES: "yes", NO: "no", UNKNOWN: "cannot say"}


def said(answer: Answer) -> str:
    return WORDS[answer.truth]


@pytest.mark.parametrize(
    ("one", "other", "and_", "or_"),
    [
        ("yes", "yes", "yes", "yes"),
        ("yes", "cannot say", "cannot say", "yes"),
        ("yes", "no", "no", "yes"),
        ("cannot say", "cannot say", "cannot say", "cannot say"),
        ("cannot say", "no", "no", "cannot say"),
        ("no", "no", "no", "no"),
    ],
)
def test_the_tables_are_kleenes_in_either_order(one: str, other: str, and_: str, or_: str) -> None:
    for pair in ((ANSWERS[one], ANSWERS[other]), (ANSWERS[other], ANSWERS[one])):
        assert said(both(pair)) == and_
        assert said(either(pair)) == or_


def test_not_turns_yes_and_no_round_and_leaves_the_doubt() -> None:
    assert [said(opposite(ANSWERS[word])) for word in ("yes", "no", "cannot say")] == ["no", "yes", "cannot say"]


def test_de_morgan() -> None:
    for one, other in product(ANSWERS.values(), repeat=2):
        assert opposite(both((one, other))).truth == either((opposite(one), opposite(other))).truth
        assert opposite(either((one, other))).truth == both((opposite(one), opposite(other))).truth


def test_grouping_does_not_matter() -> None:
    for one, two, three in product(ANSWERS.values(), repeat=3):
        for join in (both, either):
            assert join((join((one, two)), three)).truth == join((one, join((two, three)))).truth


def test_what_is_missing_is_kept_as_long_as_it_matters() -> None:
    """A doubt beside a no, or beside a yes of an alternative, decides nothing and is not asked for."""
    assert both((ANSWERS["yes"], ANSWERS["cannot say"])).missing == (GAP,)
    assert both((ANSWERS["no"], ANSWERS["cannot say"])).missing == ()
    assert either((ANSWERS["yes"], ANSWERS["cannot say"])).missing == ()
    assert either((ANSWERS["no"], ANSWERS["cannot say"])).missing == (GAP,)


def test_a_no_says_why() -> None:
    assert both((ANSWERS["yes"], ANSWERS["no"])).why == "it is not so"


Formula = Callable[[list[Answer]], Answer]


def _formulas(of: int) -> st.SearchStrategy[Formula]:
    """Any way of joining so many answers with and, or and not."""
    leaves = st.integers(0, of - 1).map(lambda place: lambda answers: answers[place])
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.lists(parts, min_size=1, max_size=3).map(lambda some: lambda all_: both(one(all_) for one in some)),
            st.lists(parts, min_size=1, max_size=3).map(lambda some: lambda all_: either(one(all_) for one in some)),
            parts.map(lambda part: lambda all_: opposite(part(all_))),
        ),
        max_leaves=8,
    )


@settings(deadline=None)
@given(_formulas(4), st.lists(st.sampled_from(sorted(ANSWERS)), min_size=4, max_size=4), st.data())
def test_learning_more_never_takes_a_yes_or_no_back(formula: Formula, known: list[str], data: st.DataObject) -> None:
    """Whatever 'cannot say' turns out to be, an answer that was given in spite of it stands."""
    before = formula([ANSWERS[word] for word in known])
    learnt = [data.draw(st.sampled_from(("yes", "no"))) if word == "cannot say" else word for word in known]
    after = formula([ANSWERS[word] for word in learnt])
    assert said(after) in ("yes", "no")
    assert said(before) in ("cannot say", said(after))


@settings(deadline=None)
@given(_formulas(3), st.lists(st.sampled_from(sorted(ANSWERS)), min_size=3, max_size=3))
def test_what_cannot_be_said_says_what_is_missing(formula: Formula, known: list[str]) -> None:
    answer = formula([ANSWERS[word] for word in known])
    assert (answer.missing != ()) == (said(answer) == "cannot say")
