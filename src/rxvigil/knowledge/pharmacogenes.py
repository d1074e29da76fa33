"""Models of what a pharmacogenetic body defines: star alleles, their function, phenotypes, doses for a pair of genes.

One file is one release of one body, so that an old report can be read again under the rules of its day.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rxvigil.knowledge.dosing import DoseText
from rxvigil.knowledge.provenance import Disagreement, Key, Path, Source, Strict, Text
from rxvigil.knowledge.rules import Effective

Bases = Annotated[str, StringConstraints(pattern=r"^[ACGT]+$")]
SiteAllele = Annotated[str, StringConstraints(pattern=r"^([ACGT]+|[0-9]+)$")]
"""Bases as a VCF would write them at the site's position, or at a repeat site the number of repeats."""
Share = Annotated[float, Field(gt=0, le=1)]
StarName = Annotated[str, StringConstraints(pattern=r"^\*[0-9]+[A-Z]?$")]
Function = Literal["normal", "decreased", "no", "uncertain", "unknown", "unassigned"]
MetaboliserGroup = Literal["normal", "intermediate", "possible-intermediate", "poor", "indeterminate"]
PairGroup = Literal["normal", "intermediate", "possible-intermediate", "poor", "indeterminate", "not-known"]
"""A group, or that nothing is known of the gene: not tested, or the report not read."""


class Repeat(Strict):
    """A tandem repeat: its unit, and the reference around it, so that every way of writing a change can be counted."""

    unit: Bases
    context_start: int = Field(description="position of the first base of `context`, same build as the site")
    context: Bases = Field(description="reference bases over the whole repeat, with its anchor base before it")


class Site(Strict):
    """One place in the genome at which a release tells alleles apart. Positions are GRCh38, plus strand."""

    id: Key = Field(description="rs number, or c<position> where there is none")
    position: int
    reference: SiteAllele
    alternatives: tuple[SiteAllele, ...]
    repeat: Repeat | None = None
    tier_1: bool = Field(False, description="in the minimum panel of AMP and others: without it nothing is excluded")
    also_known_as: tuple[Text, ...] = Field((), description="other rs numbers seen for the same change")


class StarAllele(Strict):
    """A named haplotype: what it carries at each site; a site not named carries the reference."""

    name: StarName
    carries: dict[Key, SiteAllele] = Field(description="site id -> allele; empty for *1")
    any_of: dict[Key, tuple[SiteAllele, ...]] = Field(
        default_factory=dict, description="site id -> alleles of which any will do (NUDT15*3 has 3 or 4 repeats)"
    )
    function: Function
    source: Source | None = Field(None, description="where it differs from the gene's own source")


class Gene(Strict):
    """One gene of a release: where it lies, its sites and its named alleles."""

    key: Key
    chromosome: Text = Field(description="without 'chr'")
    strand: Literal["plus", "minus"]
    grch37_offset: int = Field(description="add to a GRCh38 position to get the GRCh37 position")
    grch37_source: Source
    sites: tuple[Site, ...]
    alleles: tuple[StarAllele, ...]
    retired: dict[StarName, StarName] = Field(
        default_factory=dict, description="a name no longer in use -> the allele it is part of now"
    )
    ignored: dict[Text, Text] = Field(
        default_factory=dict, description="variant often reported that defines nothing -> why it is not a site"
    )
    phenotypes: dict[Text, MetaboliserGroup] = Field(
        description="'no+decreased' -> group; the two functions in the order of `Function`, joined by '+'"
    )
    phenotypes_source: Source
    tier_1_source: Source
    source: Source = Field(description="of sites, alleles and functions")


class PairAdvice(Strict):
    """What a body advises for a pair of phenotypes, for one drug."""

    id: Key
    drug: Key
    tpmt: tuple[PairGroup, ...] = Field((), description="empty: any of them, also not known")
    nudt15: tuple[PairGroup, ...] = ()
    either: tuple[PairGroup, ...] = Field((), description="at least one of the two genes is one of these")
    setting: Literal["any", "malignant", "non-malignant"] = "any"
    fraction: tuple[Share, Share] | None = Field(
        None, description="of the standard start dose, low and high; none where the row gives no dose"
    )
    below: Share | None = Field(None, description="less than this share; how much less the body does not say")
    only_if_start_at_least: tuple[DoseText, ...] = Field(
        (), description="'2 mg/kg/d', the same in other units beside it: below it no reduction is advised"
    )
    avoid: bool = Field(False, description="choose another drug")
    times_a_week: int | None = Field(None, ge=1, le=7)
    steady_after: Text | None = Field(None, description="'2 to 4 weeks' before the dose is judged")
    strength: Literal["strong", "moderate", "optional", "none", "not-stated"]
    effective: Effective = Field(default_factory=lambda: Effective.model_validate({}))
    says: Text
    source: Source
    also: tuple[Source, ...] = ()
    disagrees: tuple[Disagreement, ...] = ()

    def answers(self, tpmt: PairGroup, nudt15: PairGroup) -> bool:
        """The row speaks of this pair of phenotypes."""
        of_each = (not self.tpmt or tpmt in self.tpmt) and (not self.nudt15 or nudt15 in self.nudt15)
        return of_each and (not self.either or tpmt in self.either or nudt15 in self.either)


class StandardDose(Strict):
    """What the body means by the standard start dose that its fractions are taken of."""

    drug: Key
    dose: tuple[DoseText, ...] = Field(description="'2 to 3 mg/kg/d', the same in other units beside it")
    source: Source


class Release(Strict):
    """One release of one body's pharmacogenetic rules for thiopurines."""

    kind: Literal["pharmacogenes"]
    id: Path
    title: Text
    body: Text
    version: Text = Field(description="how the body or its users name it")
    effective: Effective
    accessed: date = Field(description="when its content was last read")
    review_by: date
    genes: tuple[Gene, ...] = Field((), description="empty where the body takes over another's definitions")
    standard: tuple[StandardDose, ...] = ()
    advice: tuple[PairAdvice, ...] = ()
    gaps: tuple[Text, ...] = ()
