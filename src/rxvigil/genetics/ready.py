"""A gene of a release made ready for calling: for every site and allele, which named alleles may carry it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

from rxvigil.genetics.groups import group_of
from rxvigil.genetics.haplotypes import Diplotype, Haplotype
from rxvigil.genetics.observed import OTHER, UNKNOWN
from rxvigil.knowledge.pharmacogenes import Gene, Release, Site, StarAllele

Mask = int
"""A set of named alleles: bit i stands for the i-th."""


@dataclass(frozen=True, eq=False)
class ReadyGene:
    """One gene of one release, ready. Compared by identity, so that calls can be remembered by it."""

    release: str
    gene: Gene
    sites: tuple[Site, ...]
    """In the order in which `call_gene` expects its calls: by position."""
    named: tuple[Haplotype, ...]
    index: Mapping[str, int]
    """Name of an allele -> its place in `named`."""
    fits: tuple[Mapping[str, Mask], ...]
    """For each site: allele seen -> the named alleles that carry it."""
    needs: tuple[Mask, ...]
    """For each site: the named alleles that carry something else than the reference there."""
    pairs: Mapping[tuple[int, int], Diplotype]
    everything: Mask

    @property
    def key(self) -> str:
        """'tpmt' or 'nudt15'."""
        return self.gene.key


def ready_genes(release: Release) -> dict[str, ReadyGene]:
    """Every gene of a release, ready. Empty for a body that takes over another's definitions."""
    return {gene.key: _ready(release.id, gene) for gene in release.genes}


def _ready(release: str, gene: Gene) -> ReadyGene:
    sites = tuple(sorted(gene.sites, key=lambda site: site.position))
    named = tuple(Haplotype(allele.name, allele.function) for allele in gene.alleles)
    pairs = {
        (i, j): Diplotype(named[i], named[j], group_of(gene, named[i].function, named[j].function))
        for i, j in combinations_with_replacement(range(len(named)), 2)
    }
    return ReadyGene(
        release=release,
        gene=gene,
        sites=sites,
        named=named,
        index={allele.name: place for place, allele in enumerate(named)},
        fits=tuple(_fits(site, gene.alleles) for site in sites),
        needs=tuple(_mask(site.reference not in carried(allele, site) for allele in gene.alleles) for site in sites),
        pairs=pairs,
        everything=(1 << len(named)) - 1,
    )


def carried(allele: StarAllele, site: Site) -> tuple[str, ...]:
    """What a named allele may carry at a site; the reference where the definition is silent."""
    if site.id in allele.any_of:
        return allele.any_of[site.id]
    return (allele.carries.get(site.id, site.reference),)


def _fits(site: Site, alleles: tuple[StarAllele, ...]) -> dict[str, Mask]:
    known = {
        value: _mask(value in carried(allele, site) for allele in alleles)
        for value in (site.reference, *site.alternatives)
    }
    return {**known, UNKNOWN: (1 << len(alleles)) - 1, OTHER: 0}


def _mask(members: Iterable[bool]) -> Mask:
    return sum(1 << index for index, member in enumerate(members) if member)
