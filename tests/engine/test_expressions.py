"""The rule language: what is written is what is meant, and what is meant can be written again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.engine.conditions import compile_condition
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import (
    All,
    Amount,
    AnyOf,
    Compare,
    Expression,
    ExpressionError,
    Holds,
    Not,
    OneOf,
    Term,
    Word,
    parse,
)

_names = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?", fullmatch=True)
_units = st.sampled_from(("10*9/L", "%", "weeks", "xULN", "mg/kg/d", "mL/min/{1.73_m2}", "pmol/(8.10*8.{RBC})", ""))
_amounts = st.builds(Amount, st.integers(0, 99_999).map(lambda number: number / 100), _units)
"""Numbers with up to six digits that count, as people write limits."""
_words = _names.map(Word)
_terms = st.builds(
    Term, _names, _names, st.lists(st.tuples(_names, st.one_of(_amounts, _words)), max_size=2).map(tuple)
)
_operators = st.sampled_from(("<", "<=", ">", ">=", "="))
_simple = st.one_of(
    st.builds(Holds, _terms),
    st.builds(Compare, _terms, _operators, st.one_of(_amounts, _words)),
    st.builds(OneOf, _terms, st.lists(_words, min_size=1, max_size=3).map(tuple)),
)
_expressions = st.recursive(
    _simple,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(All, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(parts, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(_expressions)
def test_what_is_written_out_reads_back_as_the_same(expression: Expression) -> None:
    assert parse(str(expression)) == expression


def test_so_does_every_condition_of_the_shipped_book(book: RuleBook) -> None:
    for name, rule in book.rules():
        for text in (rule.when, rule.unless, rule.applies.only_if):
            if text:
                assert parse(str(parse(text))) == parse(text), name


@settings(deadline=None)
@given(_expressions, st.sampled_from(("  ", "    ")))
def test_more_spaces_do_not_matter(expression: Expression, blank: str) -> None:
    assert parse(str(expression).replace(" ", blank)) == expression


def test_and_binds_more_tightly_than_or_and_not_most_tightly() -> None:
    assert parse("not a.b and c.d or e.f") == parse("((not a.b) and c.d) or e.f")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected the name of an analyte, drug, condition or other subject, found 'the end'"),
        ("neutrophils", "expected '.', found 'the end'"),
        ("neutrophils.", "expected what is asked of 'neutrophils'"),
        ("neutrophils.latest <", "expected a number with its unit, or a category, found 'the end'"),
        ("neutrophils.latest < 1.6 10*9/L alt.latest > 3 xULN", "expected 'and', 'or' or the end, found 'alt.latest"),
        ("(crohns-disease.present", "expected ')', found 'the end'"),
        ("azathioprine.stopped(6 weeks)", "expected ':', found 'weeks)'"),
        ("nudt15.phenotype in poor", "expected '(', found 'poor'"),
    ],
)
def test_an_error_says_where_it_stands_and_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(ExpressionError) as problem:
        parse(text)
    assert str(problem.value).startswith("at character ")
    assert expected in str(problem.value)


@pytest.mark.parametrize(
    "text",
    [
        "neutrophils.active",
        "crohns-disease.present < 3",
        "neutrophils.latest < 1.6 mg/dL",
        "azathioprine.started",
        "azathioprine.dose > 3 10*9/L",
        "neutrophils.falls(times: 3)",
        "patient.age = male",
        "unheard-of.present",
    ],
)
def test_what_lint_would_reject_is_not_compiled_either(book: RuleBook, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        compile_condition(parse(text), book.vocabulary)
