"""Star alleles and metaboliser groups as a laboratory writes them, before any release says what they mean.

The whole text must be understood. One pair out of "*1/*3A or *3B/*3C", or "poor" out of "not poor", would be the
opposite of what was reported. Alleles keep the names they are written with, so that they can be read again under the
rules of another day.
"""

import re
from typing import Final

import msgspec

from rxvigil.genetics.words import METABOLISERS, plain
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup

STAR: Final = r"\*\s?[0-9]{1,3}\s?[A-Za-z]?(?:\.[0-9]{3})?(?![\w*]|\.\w)"
"""A star allele: '*3A', '*3c', '*3.002'."""
PAIR: Final = rf"{STAR}\s*[/|]\s*{STAR}"
_NAME: Final = re.compile(r"\*\s?([0-9]{1,3})\s?([A-Za-z]?)(\.[0-9]{3})?")
_PAIR: Final = re.compile(PAIR)
_BETWEEN: Final = frozenset(("", "or"))
"""What may stand between two pairs of alleles, punctuation aside. "And" would say something else."""
_HARMLESS: Final = re.compile(r"[\w\s.,;:()=–-]*")
"""Punctuation that changes nothing; a question mark does, and so does a stroke between pairs."""
_TAIL: Final = re.compile(r" (metaboliser|activity|function)( phenotype| status)?$| phenotype$")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a text states; never both empty."""

    phenotypes: frozenset[MetaboliserGroup] = frozenset()
    """More than one: the text says that it is one of these."""
    diplotypes: tuple[str, ...] = ()
    """Every pair that the text says it may be, each with its lower allele first."""


def read_written(text: str, gene_key: str) -> Written | None:
    """What the whole text states of the gene; none where a part of it is not understood. "Low activity" is not:
    laboratories mean a carrier by it, or a deficient patient."""
    stars = without_gene(text, gene_key)
    pairs = {one.group() for one in _PAIR.finditer(stars)}
    around = _PAIR.split(stars)
    if not all(_HARMLESS.fullmatch(part) for part in around):
        return None
    before, *between, after = [_bare(part) for part in (around if pairs else [stars, ""])]
    if any(part not in _BETWEEN for part in between):
        return None
    stated = [_groups_in(part, gene_key) for part in (before, after) if part]
    groups = next(iter(stated), frozenset())
    if groups is None or any(one != groups for one in stated) or not (pairs or groups):
        return None
    return Written(phenotypes=groups, diplotypes=tuple(sorted({_tidy(pair) for pair in pairs}, key=_order)))


def names_one_allele(text: str, gene_key: str) -> bool:
    """Whether the text names a single star allele ("TPMT*3A"): half of a genotype."""
    return re.fullmatch(STAR, without_gene(text, gene_key)) is not None


def without_gene(text: str, gene_key: str) -> str:
    """The text without the gene's name before stars: 'TPMT *1/TPMT *3A' -> '*1/*3A'."""
    return re.sub(rf"\b{re.escape(gene_key)}\s*:?\s*(?=\*)", "", text.strip(), flags=re.IGNORECASE)


def tidy_name(written: str) -> str:
    """One star allele without blanks and leading zeros, its letter a capital: '* 3a' -> '*3A'."""
    number, letter, sub = _NAME.findall(written)[0]
    return f"*{int(number)}{letter.upper()}{sub}"


def alleles_written(text: str) -> list[str]:
    """Every star allele in the text, tidy."""
    return [tidy_name(one) for one in re.findall(STAR, text)]


def _tidy(pair: str) -> str:
    return "/".join(sorted(alleles_written(pair), key=_order))


def _order(name: str) -> tuple[tuple[int, str], ...]:
    """By star number, then letter."""
    return tuple((int(number), rest) for number, rest in re.findall(r"\*([0-9]+)([^/]*)", name))


def _bare(part: str) -> str:
    """Words without punctuation."""
    return re.sub(r"[\W_]+", " ", plain(part)).strip()


def _groups_in(words: str, gene_key: str) -> frozenset[MetaboliserGroup] | None:
    """The groups of "intermediate metabolizer", "tpmt poor function", "normal or intermediate metaboliser"; none where
    the words are anything else."""
    words = re.sub(rf"^{re.escape(gene_key)} (gene )?", "", words)
    found = [METABOLISERS.get(_TAIL.sub("", part.strip())) for part in re.split(r"\bor\b", words)]
    return frozenset(one for one in found if one) if all(found) else None
