"""Several ways in which one report puts a genotype (a code, its display, the text beside it), taken together.

Pairs of alleles and groups are kept as written, so that they can be read again under the rules of another day; other
words ("heterozygous for *3A", "wild type") are read under the newest release.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from rxvigil.facts import Phenotype
from rxvigil.genetics import Written, defining, read_statement, read_written
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.vocabulary import ConceptEntry


class Statements(NamedTuple):
    """Several ways in which one report puts the same answer, taken together."""

    phenotypes: frozenset[Phenotype]
    diplotypes: tuple[str, ...]
    understood: bool
    """At least one of them says something."""
    at_odds: bool
    """They say different things."""


def taken_together(
    gene: ConceptEntry, texts: Iterable[str], words: Vocabulary, coded: Iterable[Phenotype] = ()
) -> Statements:
    """The code's display, the text beside it and the codes themselves as one statement. A text that names star alleles
    and is not understood leaves everything open: it may take back what stands beside it."""
    groups = {frozenset((one,)) for one in coded}
    pairs: set[tuple[str, ...]] = set()
    looser: list[Written] = []
    for text in texts:
        said, by_words = read_written(text, gene.key), None
        if said is None:
            by_words = _in_other_words(gene, text, words)
            if by_words is None and "*" in text:
                return _NOTHING_SAID
        groups |= {said.phenotypes} if said and said.phenotypes else set()
        pairs |= {one.diplotypes for one in (said, by_words) if one and one.diplotypes}
        looser += [by_words] if by_words and by_words.phenotypes else []
    return _agreed(groups, pairs, [one.phenotypes for one in looser])


_NOTHING_SAID: Final = Statements(frozenset(), (), understood=False, at_odds=False)


def _agreed(
    groups: set[frozenset[Phenotype]], pairs: set[tuple[str, ...]], looser: list[frozenset[Phenotype]]
) -> Statements:
    """Groups stated in so many words must be the same; looser words ("low activity": intermediate or poor) only must
    not exclude them."""
    together = next(iter(groups), None)
    for one in looser:
        together = one if together is None else together & one
    return Statements(
        phenotypes=together or frozenset(),
        diplotypes=next(iter(pairs), ()),
        understood=bool(together or pairs),
        at_odds=len(groups) > 1 or len(pairs) > 1 or (together is not None and not together),
    )


def _in_other_words(gene: ConceptEntry, text: str, words: Vocabulary) -> Written | None:
    """What `read_statement` makes of a text under the newest release that defines the gene."""
    release = _newest(words, gene.key)
    found = read_statement(text, gene.key, release) if release else None
    if found is None or not found.phenotypes:
        return None
    if found.diplotypes:
        return Written(diplotypes=tuple(one.name for one in found.diplotypes))
    return Written(phenotypes=found.phenotypes)


def _newest(words: Vocabulary, gene: str) -> Release | None:
    return max(
        defining(words.releases, gene).values(), key=lambda one: (one.effective.from_ or date.min, one.id), default=None
    )
