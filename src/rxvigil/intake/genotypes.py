"""What a laboratory's words say of TPMT or NUDT15: a metaboliser group, or every pair of star alleles it names.

The whole text must be understood. One pair out of "*1/*3A or *3B/*3C", or "poor" out of "not poor", would be the
opposite of what was reported. Pairs and groups are kept as written, so that they can be read again under the rules of
another day; other words ("heterozygous for *3A", "wild type") are read by `rxvigil.genetics.read_statement`.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from rxvigil.facts import Phenotype
from rxvigil.genetics import read_statement
from rxvigil.knowledge.lookup import Vocabulary, normal
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.vocabulary import ConceptEntry

PHENOTYPE_WORDS: Final[dict[str, Phenotype]] = {
    "normal": "normal",
    "extensive": "normal",
    "intermediate": "intermediate",
    "possible intermediate": "possible-intermediate",
    "likely intermediate": "possible-intermediate",
    "poor": "poor",
    "deficient": "poor",
    "indeterminate": "indeterminate",
    "uncertain": "indeterminate",
}
_TAIL: Final = re.compile(r"\s+(metaboli[sz]er|activity|function)( phenotype| status)?$|\s+phenotype$")
_ALLELE: Final = r"\*\s?(\d{1,3})\s?([A-Za-z]?)(\.\d{3})?(?![\w*]|\.\w)"
_PAIR: Final = re.compile(rf"{_ALLELE}\s*[/|]\s*{_ALLELE}")
_BETWEEN: Final = frozenset(("", "or"))
"""What may stand between two pairs of alleles, punctuation aside. "And" would say something else."""
_PLAIN: Final = re.compile(r"[\w\s.,;:()=–-]*")
"""Punctuation that changes nothing; a question mark does, and so does a stroke between pairs."""
_ONE_ALLELE: Final = re.compile(rf"^{_ALLELE}$")


class Said(NamedTuple):
    """What a text says; both empty where it leaves open which of several groups it is."""

    phenotypes: frozenset[Phenotype] = frozenset()
    """More than one: the text says that it is one of these."""
    diplotypes: tuple[str, ...] = ()
    """Every pair that the text says it may be, each with its lower allele first."""


class Statements(NamedTuple):
    """Several ways in which one report puts the same answer, taken together."""

    phenotypes: frozenset[Phenotype]
    diplotypes: tuple[str, ...]
    understood: bool
    """At least one of them says something."""
    at_odds: bool
    """They say different things."""


def said_of(gene: ConceptEntry, text: str) -> Said | None:
    """What the whole text says of the gene; none where a part of it is not understood. "Low activity" is not:
    laboratories mean a carrier by it, or a deficient patient."""
    stars = _without_gene(gene, text)
    pairs = tuple(dict.fromkeys(_named(found) for found in _PAIR.finditer(stars)))
    rest = [normal(part) for part in _parts(stars)]
    if not all(_PLAIN.fullmatch(part) for part in _parts(stars)):
        return None
    groups = frozenset[Phenotype]()
    for part in rest:
        if part in _BETWEEN:
            continue
        found = _groups_in(gene, part)
        if found is None or (groups and found != groups):
            return None
        groups = found
    if not pairs and not groups:
        return None
    if pairs and len(rest) > 2 and any(part not in _BETWEEN for part in rest[1:-1]):
        return None
    return Said(groups, tuple(sorted(pairs, key=_order)))


def taken_together(
    gene: ConceptEntry, texts: Iterable[str], words: Vocabulary, coded: Iterable[Phenotype] = ()
) -> Statements:
    """The code's display, the text beside it and the codes themselves as one statement. A text that names star alleles
    and is not understood leaves everything open: it may take back what stands beside it."""
    groups = {frozenset((one,)) for one in coded}
    pairs: set[tuple[str, ...]] = set()
    looser: list[Said] = []
    for text in texts:
        said, by_words = said_of(gene, text), None
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


def _in_other_words(gene: ConceptEntry, text: str, words: Vocabulary) -> Said | None:
    """What `read_statement` makes of a text under the newest release that defines the gene."""
    release = _newest(words, gene.key)
    found = read_statement(text, gene.key, release) if release else None
    if found is None or not found.phenotypes:
        return None
    if found.diplotypes:
        return Said(diplotypes=tuple(one.name for one in found.diplotypes))
    return Said(phenotypes=found.phenotypes)


def _newest(words: Vocabulary, gene: str) -> Release | None:
    defining = [one for one in words.releases.values() if any(own.key == gene for own in one.genes)]
    return max(defining, key=lambda one: (one.effective.from_ or date.min, one.id), default=None)


def is_one_allele(gene: ConceptEntry, text: str) -> bool:
    """Whether the text names a single star allele ("TPMT*3A"): half of a genotype."""
    return _ONE_ALLELE.match(_without_gene(gene, text).strip()) is not None


def _without_gene(gene: ConceptEntry, text: str) -> str:
    """The text without the gene's name before stars."""
    names = "|".join(re.escape(name) for name in (gene.name, gene.key))
    return re.sub(rf"\b(?:{names})\s*:?\s*(?=\*)", "", text, flags=re.IGNORECASE)


def _parts(stars: str) -> list[str]:
    """What stands before, between and after the pairs."""
    ends = [0, *(end for found in _PAIR.finditer(stars) for end in found.span()), len(stars)]
    return [stars[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]


def _named(found: re.Match[str]) -> str:
    alleles = [f"*{int(number)}{letter.upper()}{sub or ''}" for number, letter, sub in _thirds(found.groups())]
    return "/".join(sorted(alleles, key=_order))


def _thirds(groups: tuple[str | None, ...]) -> list[tuple[str, str, str | None]]:
    return [(groups[at] or "0", groups[at + 1] or "", groups[at + 2]) for at in (0, 3)]


def _order(name: str) -> tuple[tuple[int, str], ...]:
    """By star number, then letter."""
    return tuple((int(number), rest) for number, rest in re.findall(r"\*(\d+)([^/]*)", name))


def _groups_in(gene: ConceptEntry, words: str) -> frozenset[Phenotype] | None:
    """The groups of "intermediate metabolizer", "tpmt poor function", "normal or intermediate metaboliser"; none where
    the words are anything else."""
    for name in (gene.name, gene.key):
        words = re.sub(rf"^{re.escape(normal(name))}\s+(gene\s+)?", "", words)
    found = [PHENOTYPE_WORDS.get(_TAIL.sub("", part).strip()) for part in re.split(r"\bor\b", words)]
    return frozenset(one for one in found if one) if all(found) else None
