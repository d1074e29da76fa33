"""Diplotypes that look alike without phase: *1/*3A and *3B/*3C carry the same changes, on one strand or on two."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

from rxvigil.genetics.haplotypes import Diplotype, Haplotype
from rxvigil.genetics.naming import pair_of
from rxvigil.knowledge.pharmacogenes import Gene, StarAllele

Variants = Counter[tuple[str, str]]


def twins(gene: Gene, pair: Diplotype) -> tuple[Diplotype, ...]:
    """Other diplotypes of named alleles that an assay without phase cannot tell from this one."""
    named = {allele.name: allele for allele in gene.alleles}
    by_variants = {_key(one): allele for allele in gene.alleles for one in _variants(gene, allele)}
    found = {
        pair_of(gene, _haplotype(one), _haplotype(other))
        for first in _variants(gene, named[pair.first.name])
        for second in _variants(gene, named[pair.second.name])
        for one, other in _splits(gene, first + second, by_variants)
    }
    return tuple(sorted(found - {pair}))


def _variants(gene: Gene, allele: StarAllele) -> Iterator[Variants]:
    """What the allele carries beside the reference; each way where its definition leaves a choice."""
    reference = {site.id: site.reference for site in gene.sites}
    choices = [[(site, value) for value in values] for site, values in allele.any_of.items()]
    for chosen in product(*choices):
        carried = [*allele.carries.items(), *chosen]
        yield Counter(one for one in carried if reference[one[0]] != one[1])


def _splits(
    gene: Gene, total: Variants, by_variants: dict[frozenset[tuple[tuple[str, str], int]], StarAllele]
) -> Iterator[tuple[StarAllele, StarAllele]]:
    for allele in gene.alleles:
        for one in _variants(gene, allele):
            other = by_variants.get(_key(total - one)) if one <= total else None
            if other:
                yield allele, other


def _key(variants: Variants) -> frozenset[tuple[tuple[str, str], int]]:
    return frozenset(variants.items())


def _haplotype(allele: StarAllele) -> Haplotype:
    return Haplotype(allele.name, allele.function)
