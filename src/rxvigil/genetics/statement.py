"""What a laboratory's words say of a gene. Read exactly or not at all: never by resemblance."""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from rxvigil.genetics.groups import SAFEST_FIRST, safest
from rxvigil.genetics.haplotypes import Diplotype
from rxvigil.genetics.naming import gene_of
from rxvigil.genetics.said import Said
from rxvigil.genetics.said_pairs import said_by_pairs, said_by_zygosity
from rxvigil.genetics.said_words import said_by_nothing_found, said_by_phenotype
from rxvigil.genetics.twins import twins
from rxvigil.genetics.words import plain
from rxvigil.knowledge.pharmacogenes import Gene, MetaboliserGroup, Release


class Statement(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A laboratory's text, and what it means under a release."""

    gene: str
    release: str
    written: str
    diplotypes: tuple[Diplotype, ...] = ()
    phenotypes: frozenset[MetaboliserGroup] = frozenset()
    """Empty: not understood, `why_not` says why."""
    alike: tuple[Diplotype, ...] = ()
    """Worse diplotypes that an assay without phase cannot tell from the one reported. Not counted in `phenotypes`: the
    laboratory may have phased it."""
    tested: tuple[str, ...] = ()
    """Alleles that a report that found nothing says were looked for."""
    not_tested: tuple[str, ...] = ()
    """Of a report that found nothing: the other alleles that are not of normal function."""
    caveats: tuple[str, ...] = ()
    why_not: str | None = None


_READERS: Final[tuple[Callable[[str, Gene], Said | None], ...]] = (
    said_by_pairs,
    said_by_zygosity,
    said_by_nothing_found,
    said_by_phenotype,
)
_LEAD: Final = re.compile(r"^(?:genotype|diplotype|phenotype|result)(?: is|:| =| -)? ")
_MOST_CHARACTERS: Final = 400
_TOO_LONG: Final = "it is longer than a result is: give the line that names the gene"
_UNKNOWN: Final = "it is neither star alleles nor words for a phenotype that are known"


def read_statement(text: str, gene_key: str, release: Release) -> Statement:
    """What a laboratory text says of one gene under a release that defines the gene's alleles."""
    said = _said(text, gene_key, release)
    return Statement(
        gene=gene_key,
        release=release.id,
        written=text,
        diplotypes=said.diplotypes,
        phenotypes=said.phenotypes,
        alike=_alike(said, gene_of(release, gene_key)),
        tested=said.tested,
        not_tested=said.not_tested,
        caveats=said.caveats,
        why_not=said.why_not,
    )


def _said(text: str, gene_key: str, release: Release) -> Said:
    gene = gene_of(release, gene_key)
    if gene is None:
        return Said(why_not="this release defines no alleles of the gene")
    if len(text) > _MOST_CHARACTERS:
        return Said(why_not=_TOO_LONG)
    about = _about(plain(text), gene_key, tuple(one.key for one in release.genes))
    if about is None:
        return Said(why_not="it speaks of another gene")
    if not about:
        return Said(why_not="it says nothing of the gene")
    found = (reader(about, gene) for reader in _READERS)
    return next((said for said in found if said), Said(why_not=_UNKNOWN))


def _about(text: str, gene_key: str, genes: tuple[str, ...]) -> str | None:
    """The part of the text that speaks of the gene; none where it names only another."""
    pieces = re.split(rf"\b({'|'.join(genes)})\b(?: gene| genotype| phenotype| diplotype| result)?:?", text)
    names, parts = pieces[1::2], pieces[2::2]
    if names and gene_key not in names:
        return None
    if len(set(names)) > 1:
        kept = [part for name, part in zip(names, parts, strict=True) if name == gene_key]
        kept = kept if not pieces[0].strip() else []
    else:
        kept = pieces[0::2]
    return _LEAD.sub("", re.sub(r"\s+", " ", " ".join(kept)).strip(" ,;.:"))


def _alike(said: Said, gene: Gene | None) -> tuple[Diplotype, ...]:
    """Of pairs that differ, the ones without phase that are worse than anything reported."""
    if gene is None or not said.diplotypes:
        return ()
    worst = SAFEST_FIRST.index(safest(said.phenotypes))
    others = {twin for pair in said.diplotypes for twin in twins(gene, pair)}
    return tuple(sorted(twin for twin in others if SAFEST_FIRST.index(twin.phenotype) < worst))
