"""The definition of what is measured of a population: what is shipped is sound, and lint finds what is not."""

from dataclasses import replace
from typing import Any

import pytest

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import Ages, CoverageFile, Further
from rxvigil.knowledge.lint.coverage import check_coverage, check_one_file


@pytest.fixture
def file(book: RuleBook) -> CoverageFile:
    (found,) = book.measures.values()
    return found


def test_what_is_shipped_has_no_problem(file: CoverageFile, book: RuleBook) -> None:
    assert list(check_coverage(file, book.vocabulary)) == []
    assert list(check_one_file(book)) == []


def test_it_is_what_the_study_definition_of_its_authors_says(file: CoverageFile) -> None:
    """Read there on 25 Nov 2026, each line by itself."""
    of = file.coverage

    assert set(of.drugs) == {"methotrexate", "leflunomide", "azathioprine"}
    assert (of.supplied.recent, of.supplied.before, of.within) == (3, 3, 3)
    assert (of.ages.first, of.ages.last) == (18, 120)
    assert of.bands == (18, 30, 40, 50, 60, 70, 80)
    assert set(of.panels) == {"full-blood-count", "liver-tests", "renal-function"}
    assert [(one.drug, one.panels) for one in of.further] == [("leflunomide", ("blood-pressure",))]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"drugs": ("azathioprin", "leflunomide")}, "'azathioprin' is not a drug"),
        ({"panels": ("full-blod-count",)}, "'full-blod-count' is not a panel"),
        ({"further": (Further(drug="ciclosporin", panels=("blood-pressure",)),)}, "not among the drugs"),
        ({"ages": Ages(first=18, last=17)}, "the first age lies after the last"),
        ({"bands": (18, 40, 30)}, "rise"),
        ({"bands": (20, 30)}, "begin with the first age"),
        ({"bands": (18, 130)}, "end below the last"),
    ],
)
def test_lint_says_what_is_wrong(file: CoverageFile, book: RuleBook, changes: dict[str, Any], says: str) -> None:
    changed = file.model_copy(update={"coverage": file.coverage.model_copy(update=changes)})

    assert any(says in one for one in check_coverage(changed, book.vocabulary))


@pytest.mark.parametrize("shown", [(14, 7), (7, 29)])
def test_days_shown_rise_up_to_those_followed(file: CoverageFile, book: RuleBook, shown: tuple[int, ...]) -> None:
    changed = file.model_copy(update={"action": file.action.model_copy(update={"shown": shown})})

    assert any("the days shown must rise" in one for one in check_coverage(changed, book.vocabulary))


def test_there_is_one_definition(file: CoverageFile, book: RuleBook) -> None:
    twice = replace(
        book, measures={**book.measures, "measures/other": file.model_copy(update={"id": "measures/other"})}
    )

    assert [place for place, _ in check_one_file(twice)] == ["measures/other"]
