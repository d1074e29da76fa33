"""What a call is made of: haplotypes, pairs of them, and the answer for one gene of one sample."""

from typing import Literal

import msgspec

from rxvigil.genetics.groups import GROUPS, safest
from rxvigil.genetics.observed import Status
from rxvigil.knowledge.pharmacogenes import Function, MetaboliserGroup


class Haplotype(msgspec.Struct, frozen=True, order=True):
    """One strand of a gene: a named allele, or what it carries where no allele of the release is like it."""

    name: str
    """'*3A'; of an unnamed haplotype its variants: '[rs753545734 T]', '[not named]' where sites are not known."""
    function: Function
    named: bool = True


class Diplotype(msgspec.Struct, frozen=True, order=True):
    """Two haplotypes that together agree with the data, the lower star number first."""

    first: Haplotype
    second: Haplotype
    phenotype: MetaboliserGroup

    @property
    def name(self) -> str:
        """'*1/*3A'."""
        return f"{self.first.name}/{self.second.name}"

    @property
    def named(self) -> bool:
        """Both strands are named alleles of the release."""
        return self.first.named and self.second.named


class SiteNote(msgspec.Struct, frozen=True):
    """A site that was not plainly called, and what hangs on it."""

    site: str
    position: int
    """GRCh38."""
    status: Status
    tier_1: bool
    alleles: tuple[str, ...]
    """The named alleles that cannot be told without this site."""


Resolution = Literal["tpmt-activity", "phasing", "sites"]
"""What would settle an open call: enzyme activity in red cells; long reads or the family; the sites not called."""


class GeneCall(msgspec.Struct, frozen=True):
    """Everything that the data of one sample allow for one gene, under one release."""

    gene: str
    release: str
    diplotypes: tuple[Diplotype, ...]
    """Every pair consistent with the data; nothing is taken for the reference unseen."""
    as_tested: tuple[Diplotype, ...]
    """The pairs that are left if sites outside the minimum panel that are absent or missing carry the reference: what
    a laboratory reports that tests the sites seen. An assumption; whoever uses it must say so."""
    notes: tuple[SiteNote, ...]
    tier_1_open: tuple[str, ...]
    """Sites of the minimum panel that are not known: intermediate or poor cannot be excluded."""
    resolved_by: tuple[Resolution, ...]
    too_many: bool = False
    """More arrangements of heterozygous sites than are looked through: nothing can be said, nothing is excluded."""

    @property
    def phenotypes(self) -> frozenset[MetaboliserGroup]:
        """Every phenotype that the data allow."""
        return GROUPS if self.too_many else frozenset(pair.phenotype for pair in self.diplotypes)

    @property
    def phenotypes_as_tested(self) -> frozenset[MetaboliserGroup]:
        """The phenotypes of `as_tested`."""
        return GROUPS if self.too_many else frozenset(pair.phenotype for pair in self.as_tested)

    @property
    def safest(self) -> MetaboliserGroup:
        """To dose by until the call is resolved."""
        return safest(self.phenotypes)

    @property
    def safest_as_tested(self) -> MetaboliserGroup:
        """To dose by where the assumption of `as_tested` is accepted."""
        return safest(self.phenotypes_as_tested)
