"""What a release says of a diplotype that somebody wrote down: '*1/*3A', '*3c / *1', '*1/*3.002', 'TPMT*1/*2'."""

import re
from typing import Final

from rxvigil.genetics.groups import group_of
from rxvigil.genetics.haplotypes import Diplotype, Haplotype
from rxvigil.knowledge.pharmacogenes import Function, Gene, MetaboliserGroup, Release

_STAR: Final = r"\*\s?([0-9]{1,3})\s?([A-Za-z]?)(?:\.[0-9]{3})?(?![\w.*])"
_DIPLOTYPE: Final = re.compile(rf"^{_STAR}\s*[/|]\s*{_STAR}$")


def gene_of(release: Release, gene_key: str) -> Gene | None:
    """The gene of a release; none for a body without definitions of its own."""
    return next((gene for gene in release.genes if gene.key == gene_key), None)


def read_diplotype(release: Release, gene_key: str, text: str) -> Diplotype | None:
    """A written diplotype as the release understands it: retired names by the allele they are part of now, sub-alleles
    ('*3.002') by their allele. None where a name is not in the release or the text is anything else."""
    gene = gene_of(release, gene_key)
    shape = _DIPLOTYPE.match(without_gene(text, gene_key))
    if gene is None or shape is None:
        return None
    first, second = (named(gene, shape.group(at), shape.group(at + 1)) for at in (1, 3))
    return pair_of(gene, first, second) if first and second else None


def without_gene(text: str, gene_key: str) -> str:
    """The text without the gene's name before stars: 'TPMT *1/TPMT *3A' -> '*1/*3A'."""
    return re.sub(rf"\b{re.escape(gene_key)}\s*:?\s*(?=\*)", "", text.strip(), flags=re.IGNORECASE)


def named(gene: Gene, number: str, letter: str) -> Haplotype | None:
    """The allele of that name in the release, a retired name followed to its successor."""
    name = f"*{int(number)}{letter.upper()}"
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


def functions_of(release: Release, gene_key: str, diplotype_text: str) -> tuple[Function, Function] | None:
    """The functions of both alleles of a written diplotype; none where the release does not know it."""
    pair = read_diplotype(release, gene_key, diplotype_text)
    return (pair.first.function, pair.second.function) if pair else None
