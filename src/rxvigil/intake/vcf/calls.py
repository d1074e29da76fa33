"""What a file says of each sample at the sites of each gene: small numbers, put into words only once per pattern."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rxvigil.genetics import ReadyGene, SiteCall
from rxvigil.intake.vcf.assembly import Build
from rxvigil.intake.vcf.cells import WITHOUT_SET, Cell
from rxvigil.intake.vcf.combine import site_call
from rxvigil.intake.vcf.links import Link, links
from rxvigil.intake.vcf.locus import Locus, locus_of
from rxvigil.intake.vcf.record import VariantRecord

T = TypeVar("T")


@dataclass
class Column:
    """One record with its cells as numbers into the table of cells."""

    record: VariantRecord
    codes: "array[int]"


@dataclass
class GeneCells:
    """The records about one gene. Iterating calls of samples asks for each distinct pattern once."""

    gene: ReadyGene
    loci: tuple[Locus, ...]
    columns: tuple[Column, ...]
    table: Sequence[Cell]
    samples: int
    absent_is_reference: bool
    """Only where the file holds records about this gene at all."""
    _links: tuple[tuple[Link, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        records = [column.record for column in self.columns]
        self._links = tuple(links(locus, records) for locus in self.loci)

    def patterns(self) -> Iterator[tuple[int, ...]]:
        """For each sample the codes of its cells."""
        if not self.columns:
            return iter([()] * self.samples)
        return zip(*(column.codes for column in self.columns), strict=True)

    def site_calls(self, pattern: Sequence[int]) -> tuple[SiteCall, ...]:
        """The calls at every site, in the order of the gene's sites."""
        cells = [self.table[code] for code in pattern]
        return tuple(self._call(locus, found, cells) for locus, found in zip(self.loci, self._links, strict=True))

    def _call(self, locus: Locus, found: Sequence[Link], cells: Sequence[Cell]) -> SiteCall:
        call = site_call(locus, found, cells)
        if call.status == "absent" and self.absent_is_reference:
            return SiteCall("called", (locus.site.reference, locus.site.reference))
        return call

    def each(self, call: Callable[[ReadyGene, Sequence[SiteCall]], T]) -> Iterator[T]:
        """For each sample the answer of `call`, asked once for each distinct set of calls."""
        by_pattern: dict[tuple[int, ...], T] = {}
        by_calls: dict[tuple[SiteCall, ...], T] = {}
        for pattern in self.patterns():
            answer = by_pattern.get(pattern)
            if answer is None:
                calls = with_sets_by_number(self.site_calls(pattern))
                if calls not in by_calls:
                    by_calls[calls] = call(self.gene, calls)
                answer = by_pattern[pattern] = by_calls[calls]
            yield answer


def with_sets_by_number(calls: Sequence[SiteCall]) -> tuple[SiteCall, ...]:
    """Phase sets by the order in which they are met: files name them by position, other in every sample."""
    numbers: dict[str, str] = {"": "", WITHOUT_SET: WITHOUT_SET}
    return tuple(
        call._replace(phase=numbers.setdefault(call.phase, f"set {len(numbers) - 1}")) if call.phase else call
        for call in calls
    )


@dataclass
class VcfCalls:
    """A file read: samples in the order of their columns, and what is known of each at each gene."""

    samples: tuple[str, ...]
    build: Build
    build_known: str
    """How the build is known."""
    absent_is_reference: bool
    genes: dict[str, GeneCells]
    records: int
    """Records that reach a site."""
    without_records: tuple[str, ...]
    """Genes of which the file holds no record: their sites stay absent, whatever was asked for."""


def gene_cells(
    gene: ReadyGene,
    offset: int,
    columns: Sequence[Column],
    table: Sequence[Cell],
    samples: int,
    *,
    absent_is_reference: bool,
) -> GeneCells:
    """The records of one gene on one build."""
    loci = tuple(locus_of(site, gene.gene.chromosome, offset) for site in gene.sites)
    reaching = tuple(column for column in columns if any(locus.touched_by(column.record) for locus in loci))
    return GeneCells(gene, loci, reaching, table, samples, absent_is_reference and bool(reaching))
