"""What a laboratory's words say of a gene. Read exactly or not at all: never by resemblance."""

import msgspec

from rxvigil.genetics.haplotypes import Diplotype
from rxvigil.genetics.naming import read_diplotype
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup, Release


class Statement(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A laboratory's text, and what it means under a release."""

    gene: str
    release: str
    written: str
    diplotypes: tuple[Diplotype, ...] = ()
    phenotypes: frozenset[MetaboliserGroup] = frozenset()
    """Empty: not understood, `why_not` says why."""
    tested: tuple[str, ...] = ()
    """Alleles the text says were looked for."""
    not_tested: tuple[str, ...] = ()
    """Alleles of the release that lower function and that the text does not say were looked for."""
    caveats: tuple[str, ...] = ()
    why_not: str | None = None


def read_statement(text: str, gene_key: str, release: Release) -> Statement:
    """What a laboratory text says of one gene under a release."""
    pair = read_diplotype(release, gene_key, text)
    if pair is None:
        return Statement(gene=gene_key, release=release.id, written=text, why_not="not a diplotype that is known")
    return Statement(
        gene=gene_key, release=release.id, written=text, diplotypes=(pair,), phenotypes=frozenset({pair.phenotype})
    )
