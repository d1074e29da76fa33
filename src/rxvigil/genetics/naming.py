"""What a release says of a diplotype that somebody wrote down: '*1/*3A', '*3c / *1', '*1/*3.002', 'TPMT*1/*2'."""

import re

from rxvigil.genetics.groups import group_of
from rxvigil.genetics.haplotypes import Diplotype, Haplotype
from rxvigil.genetics.written import PAIR, alleles_written, without_gene
from rxvigil.knowledge.pharmacogenes import Gene, MetaboliserGroup, Release


def gene_of(release: Release, gene_key: str) -> Gene | None:
    """The gene of a release; none for a body without definitions of its own."""
    return next((gene for gene in release.genes if gene.key == gene_key), None)


def read_diplotype(release: Release, gene_key: str, text: str) -> Diplotype | None:
    """A written diplotype as the release understands it: retired names by the allele they are part of now, sub-alleles
    ('*3.002') by their allele. None where a name is not in the release or the text is anything else."""
    gene, pair = gene_of(release, gene_key), without_gene(text, gene_key)
    return diplotype_in(gene, pair) if gene and re.fullmatch(PAIR, pair) else None


def diplotype_in(gene: Gene, pair: str) -> Diplotype | None:
    """A pair of star alleles as the gene's release understands it; none where it knows one of them not."""
    first, second = (named(gene, allele) for allele in alleles_written(pair))
    return pair_of(gene, first, second) if first and second else None


def named(gene: Gene, allele: str) -> Haplotype | None:
    """The allele of that name in the release, a retired name followed to its successor, a sub-allele to its allele."""
    name = allele.partition(".")[0]
    name = gene.retired.get(name, name)
    return next((Haplotype(one.name, one.function) for one in gene.alleles if one.name == name), None)


def pair_of(gene: Gene, first: Haplotype, second: Haplotype) -> Diplotype:
    """Two named alleles as a diplotype, in the order of the release."""
    order = {allele.name: place for place, allele in enumerate(gene.alleles)}
    one, other = sorted((first, second), key=lambda haplotype: order[haplotype.name])
    return Diplotype(one, other, group_of(gene, one.function, other.function))


def phenotype_of(release: Release, gene_key: str, diplotype_text: str) -> MetaboliserGroup | None:
    """The phenotype of a written diplotype under a release; none where the release does not know it."""
    pair = read_diplotype(release, gene_key, diplotype_text)
    return pair.phenotype if pair else None
