"""What `rxvigil genotype` answers: frozen records with a published JSON Schema.

People share genotypes. Each distinct call stands once in `calls`, each distinct pair of calls once in `pairs`, and a
sample names its pair: a hundred thousand samples stay a small document.
"""

from datetime import date
from typing import Final, Literal

import msgspec

from rxvigil.engine.assessment import SourceShown

SCHEMA: Final = "rxvigil.genotype/1"


class ReleaseShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rules that the calls were made under."""

    id: str
    title: str
    body: str
    version: str
    since: date | None = None
    accessed: date
    review_by: date
    review_overdue: bool = False
    superseded: bool = False
    """Asked for by the user, and no longer in force on the day of the report."""


class InputShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was read, and every assumption that was asked for."""

    kind: Literal["vcf", "statement"]
    files: tuple[str, ...] = ()
    build: str | None = None
    build_known: str = ""
    records: int = 0
    """Records that reach a site."""
    genes_without_records: tuple[str, ...] = ()
    absent_is_reference: bool = False
    """Sites that no record covers were taken for the reference, in genes that the file has records of."""
    untested_as_reference: bool = False
    """Sites outside the minimum panel that were not seen were taken for the reference."""


class DiplotypeShown(msgspec.Struct, frozen=True):
    """A pair of haplotypes that agrees with the data."""

    name: str
    functions: tuple[str, str]
    phenotype: str


class SiteShown(msgspec.Struct, frozen=True):
    """A site that was not plainly called."""

    site: str
    position: int
    """GRCh38."""
    status: str
    minimum_panel: bool
    alleles: tuple[str, ...]
    """Named alleles that cannot be told without it."""


class CallShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One gene: everything the data allow."""

    gene: str
    name: str
    diplotypes: tuple[DiplotypeShown, ...] = ()
    phenotypes: tuple[str, ...] = ()
    """The most careful first."""
    dose_by: str = "indeterminate"
    """The most careful phenotype of those possible, until it is resolved."""
    if_untested_are_reference: tuple[DiplotypeShown, ...] = ()
    """What is left if sites outside the minimum panel that were not seen carry the reference."""
    phenotypes_if_untested_are_reference: tuple[str, ...] = ()
    dose_by_if_untested_are_reference: str = "indeterminate"
    sites: tuple[SiteShown, ...] = ()
    minimum_panel_open: tuple[str, ...] = ()
    """Sites of the minimum panel that are not known: intermediate or poor cannot be excluded."""
    resolved_by: tuple[str, ...] = ()
    too_many: bool = False
    written: str | None = None
    """The laboratory's words, where the call is from words."""
    not_tested: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    why_not: str | None = None
    """Why the words were not understood."""


class RowShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of a body's table that may apply."""

    id: str
    says: str
    strength: str
    clause: str
    """Whether the intended start dose is as high as the row presupposes: none, met, not-met, not-known."""
    only_if_start_at_least: tuple[str, ...] = ()
    used: bool
    """The most careful of those that may apply."""
    pairs: tuple[tuple[str, str], ...]
    """Phenotypes of TPMT and NUDT15 to which it applies."""
    fraction: tuple[float, float] | None = None
    below: float | None = None
    avoid: bool = False
    source: SourceShown
    disagrees: tuple[str, ...] = ()


class AdviceShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One body's advice."""

    body: str
    release: str
    version: str
    since: date | None = None
    review_overdue: bool = False
    superseded: bool = False
    standard: tuple[str, ...] = ()
    """The standard start dose that its fractions are taken of."""
    rows: tuple[RowShown, ...] = ()
    no_row: tuple[tuple[str, str], ...] = ()
    """Possible pairs of phenotypes of which the body's text, as far as it was read, says nothing."""
    gaps: tuple[str, ...] = ()


class PairShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Both genes together: places in `calls`, and what each body advises."""

    tpmt: int | None = None
    nudt15: int | None = None
    advice: tuple[AdviceShown, ...] = ()
    advice_if_untested_are_reference: tuple[AdviceShown, ...] = ()
    """Where it is another: the advice if unseen sites outside the minimum panel carry the reference."""


class SampleShown(msgspec.Struct, frozen=True):
    """A sample, and its place in `pairs`."""

    sample: str
    pair: int


class GenotypeResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every sample of the input under one release."""

    schema: str
    on: date
    book: str
    """Digest of the rule book."""
    release: ReleaseShown
    input: InputShown
    drug: str
    drug_name: str
    intended: str | None = None
    setting: str = "non-malignant"
    calls: tuple[CallShown, ...] = ()
    pairs: tuple[PairShown, ...] = ()
    samples: tuple[SampleShown, ...] = ()

    def call(self, pair: PairShown, gene: str) -> CallShown | None:
        """The call of a gene in a pair; none where nothing was said of it."""
        place = pair.tpmt if gene == "tpmt" else pair.nudt15
        return None if place is None else self.calls[place]

    def counted(self, call: CallShown) -> tuple[DiplotypeShown, ...]:
        """The diplotypes that count under the assumptions of this report."""
        return call.if_untested_are_reference if self.input.untested_as_reference else call.diplotypes

    def groups(self, call: CallShown) -> tuple[str, ...]:
        """The phenotypes that count under the assumptions of this report, the most careful first."""
        untested = self.input.untested_as_reference
        return call.phenotypes_if_untested_are_reference if untested else call.phenotypes

    def dose_by(self, call: CallShown) -> str:
        """The phenotype to dose by under the assumptions of this report."""
        return call.dose_by_if_untested_are_reference if self.input.untested_as_reference else call.dose_by
