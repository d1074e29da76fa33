"""What one form of words means under a release, before it becomes a statement."""

from typing import Final

import msgspec

from rxvigil.genetics.haplotypes import Diplotype, Haplotype
from rxvigil.genetics.naming import named, pair_of
from rxvigil.genetics.written import alleles_written
from rxvigil.knowledge.pharmacogenes import Gene, MetaboliserGroup


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Possible diplotypes or phenotypes, or why none."""

    diplotypes: tuple[Diplotype, ...] = ()
    phenotypes: frozenset[MetaboliserGroup] = frozenset()
    tested: tuple[str, ...] = ()
    not_tested: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    why_not: str | None = None


NOT_IN_RELEASE: Final = Said(why_not="an allele it names is not in this release")


def alleles_in(written: str, gene: Gene) -> tuple[Haplotype, ...] | None:
    """Every star allele of a text; none where one of them is not in the release."""
    found = [named(gene, one) for one in alleles_written(written)]
    kept = tuple(one for one in found if one)
    return kept if len(kept) == len(found) else None


def of_pairs(gene: Gene, *pairs: tuple[Haplotype, Haplotype]) -> Said:
    """Each pair as a diplotype with its phenotype."""
    diplotypes = tuple(dict.fromkeys(pair_of(gene, *pair) for pair in pairs))
    return Said(diplotypes=diplotypes, phenotypes=frozenset(one.phenotype for one in diplotypes))


def reference_of(gene: Gene) -> Haplotype:
    """*1: the allele that carries nothing."""
    return next(Haplotype(one.name, one.function) for one in gene.alleles if not one.carries and not one.any_of)
