"""From what is seen at the sites to every pair of haplotypes that agrees with it.

Which alleles lie on one strand is known only within a phase set. Every arrangement of the others is looked at; on each
strand every named allele that agrees with what was seen is possible. An allele not seen agrees with everything, an
allele that the release does not define agrees with no named haplotype, and a strand like no named allele is unnamed,
of unknown function. It is never taken for *1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from rxvigil.genetics.groups import group_of
from rxvigil.genetics.haplotypes import Diplotype, GeneCall, Haplotype, Resolution, SiteNote
from rxvigil.genetics.observed import UNKNOWN, SiteCall
from rxvigil.genetics.ready import Mask, ReadyGene

MOST_ARRANGEMENTS: Final = 1024
"""Arrangements looked through at most (eleven heterozygous blocks); nobody has been seen with more than a few."""


@dataclass(frozen=True)
class Strand:
    """Part of one strand: the named alleles that agree with it, what it carries, whether something was not seen."""

    fits: Mask
    variants: tuple[tuple[int, str], ...]
    open: bool

    def with_(self, other: "Strand") -> "Strand":
        """Both parts on one strand."""
        return Strand(self.fits & other.fits, self.variants + other.variants, self.open or other.open)


Arrangement = tuple[Strand, Strand]


def call_gene(gene: ReadyGene, calls: Sequence[SiteCall]) -> GeneCall:
    """Every diplotype consistent with the calls, which are in the order of `gene.sites`.

    Raises `ValueError` where there are not as many calls as sites."""
    if len(calls) != len(gene.sites):
        raise ValueError(f"{len(calls)} calls for the {len(gene.sites)} sites of {gene.key}")
    found = _pairs(gene, calls)
    assumed = _with_untested_as_reference(gene, calls)
    notes = tuple(_notes(gene, calls))
    return GeneCall(
        gene=gene.key,
        release=gene.release,
        diplotypes=found.pairs,
        as_tested=found.pairs if assumed == list(calls) else _pairs(gene, assumed).pairs,
        notes=notes,
        tier_1_open=tuple(
            site.id for site, call in zip(gene.sites, calls, strict=True) if site.tier_1 and UNKNOWN in call.alleles
        ),
        resolved_by=_resolutions(gene, found, bool(notes)),
        too_many=found.too_many,
    )


@dataclass(frozen=True)
class Found:
    pairs: tuple[Diplotype, ...]
    phase_matters: bool = False
    too_many: bool = False


def _pairs(gene: ReadyGene, calls: Sequence[SiteCall]) -> Found:
    blocks = _blocks(calls)
    if 2 ** max(len(blocks) - 1, 0) > MOST_ARRANGEMENTS:
        return Found((), phase_matters=True, too_many=True)
    same = [index for index, call in enumerate(calls) if call.alleles[0] == call.alleles[1]]
    base = _strand(gene, calls, same, 0)
    sides = [(_strand(gene, calls, block, 0), _strand(gene, calls, block, 1)) for block in blocks]
    by_arrangement = [frozenset(_diplotypes(gene, *pair)) for pair in _arrangements(base, sides)]
    pairs = frozenset[Diplotype]().union(*by_arrangement)
    phenotypes = {frozenset(pair.phenotype for pair in one) for one in by_arrangement}
    return Found(tuple(sorted(pairs, key=lambda pair: _order(gene, pair))), phase_matters=len(phenotypes) > 1)


def _blocks(calls: Sequence[SiteCall]) -> list[list[int]]:
    """Sites with two different alleles, those of one phase set together."""
    blocks: dict[str, list[int]] = {}
    for index, call in enumerate(calls):
        if call.alleles[0] != call.alleles[1]:
            blocks.setdefault(call.phase or f"unphased {index}", []).append(index)
    return list(blocks.values())


def _strand(gene: ReadyGene, calls: Sequence[SiteCall], sites: Sequence[int], side: int) -> Strand:
    fits, variants, is_open = gene.everything, [], False
    for index in sites:
        allele = calls[index].alleles[side]
        fits &= gene.fits[index].get(allele, 0)
        if allele == UNKNOWN:
            is_open = True
        elif allele != gene.sites[index].reference:
            variants.append((index, allele))
    return Strand(fits, tuple(variants), is_open)


def _arrangements(base: Strand, sides: Sequence[Arrangement]) -> Iterator[Arrangement]:
    """The first block lies as it is: turning everything over gives the same pair."""
    for turned in product((False, True), repeat=max(len(sides) - 1, 0)):
        first = second = base
        for (one, other), turn in zip(sides, (False, *turned), strict=False):
            first, second = first.with_(other if turn else one), second.with_(one if turn else other)
        yield first, second


def _diplotypes(gene: ReadyGene, first: Strand, second: Strand) -> Iterator[Diplotype]:
    ones, others = list(_members(first.fits)), list(_members(second.fits))
    for one in ones:
        for other in others:
            yield gene.pairs[(one, other) if one <= other else (other, one)]
    unnamed, unnamed_second = _unnamed(gene, first), _unnamed(gene, second)
    if unnamed:
        yield from (_with_unnamed(gene, gene.named[other], unnamed) for other in others)
    if unnamed_second:
        yield from (_with_unnamed(gene, gene.named[one], unnamed_second) for one in ones)
    if unnamed and unnamed_second:
        yield _with_unnamed(gene, *sorted((unnamed, unnamed_second)))


def _members(mask: Mask) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _unnamed(gene: ReadyGene, strand: Strand) -> Haplotype | None:
    """The strand as no named allele: certain where none agrees, possible where something was not seen."""
    if strand.fits and not strand.open:
        return None
    seen = [f"{gene.sites[index].id} {allele}" for index, allele in sorted(strand.variants)]
    return Haplotype(f"[{', '.join([*seen, *(['?'] if strand.open else [])])}]", "unknown", named=False)


def _with_unnamed(gene: ReadyGene, first: Haplotype, second: Haplotype) -> Diplotype:
    return Diplotype(first, second, group_of(gene.gene, first.function, second.function))


def _order(gene: ReadyGene, pair: Diplotype) -> tuple[int, str, int, str]:
    return (*_place(gene, pair.first), *_place(gene, pair.second))


def _place(gene: ReadyGene, haplotype: Haplotype) -> tuple[int, str]:
    return (gene.index.get(haplotype.name, len(gene.named)), haplotype.name)


def _with_untested_as_reference(gene: ReadyGene, calls: Sequence[SiteCall]) -> list[SiteCall]:
    return [
        SiteCall("called", (site.reference, site.reference))
        if call.status in ("absent", "missing") and not site.tier_1
        else call
        for site, call in zip(gene.sites, calls, strict=True)
    ]


def _notes(gene: ReadyGene, calls: Sequence[SiteCall]) -> Iterator[SiteNote]:
    for site, call, needs in zip(gene.sites, calls, gene.needs, strict=True):
        if call.status != "called":
            names = tuple(gene.named[index].name for index in _members(needs))
            yield SiteNote(site.id, site.position, call.status, site.tier_1, names)


def _resolutions(gene: ReadyGene, found: Found, has_notes: bool) -> tuple[Resolution, ...]:
    phenotypes = {pair.phenotype for pair in found.pairs}
    if len(phenotypes) == 1 and not phenotypes & {"indeterminate", "possible-intermediate"}:
        return ()
    ways: list[Resolution] = []
    if gene.key == "tpmt":
        ways.append("tpmt-activity")
    if found.phase_matters:
        ways.append("phasing")
    if has_notes:
        ways.append("sites")
    return tuple(ways)
