"""Measures of a population: names that exist, periods and ages in order, one definition of each."""

from collections.abc import Iterator
from itertools import pairwise

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import CoverageFile
from rxvigil.knowledge.lookup import Vocabulary


def check_coverage(file: CoverageFile, words: Vocabulary) -> Iterator[str]:
    """Everything wrong with what is counted, each in a sentence."""
    of = file.coverage
    for drug in of.drugs:
        if drug not in words.drugs:
            yield f"'{drug}' is not a drug of the vocabulary"
    for one in of.further:
        if one.drug not in of.drugs:
            yield f"'{one.drug}' is asked for more but is not among the drugs"
    for panel in (*of.panels, *(key for one in of.further for key in one.panels)):
        if panel not in words.panels:
            yield f"'{panel}' is not a panel of the vocabulary"
    if of.ages.first > of.ages.last:
        yield "the first age lies after the last"
    if of.bands[0] != of.ages.first or any(one >= other for one, other in pairwise((*of.bands, of.ages.last + 1))):
        yield "the bands must begin with the first age, rise, and end below the last"
    if any(one >= other for one, other in pairwise(file.action.shown)) or file.action.shown[-1] > file.action.followed:
        yield "the days shown must rise, up to those for which results are followed"


def check_one_file(book: RuleBook) -> Iterator[tuple[str, str]]:
    """(file, problem) where there is more than one: a number must have one definition."""
    for identity in sorted(book.measures)[1:]:
        yield identity, "what is measured of a population is defined in another file already"
