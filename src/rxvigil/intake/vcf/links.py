"""What each record of a gene says of each site, worked out once for all samples."""

from collections.abc import Sequence
from dataclasses import dataclass

from rxvigil.intake.vcf.locus import Effect, Locus
from rxvigil.intake.vcf.record import VariantRecord


@dataclass(frozen=True)
class Link:
    """One record seen from one site."""

    record: int
    """Its place among the gene's records."""
    passed: bool
    effects: tuple[Effect | None, ...]
    """By the record's allele numbers; the first, the reference, has none."""
    of_the_site: bool
    """The record asks about this site: a sample without its alternatives has the reference there."""
    seen: int
    """For a record that covers every allele: the bases of the site it reaches, as bits."""
    lists: frozenset[str]
    """Every allele that the record could state."""

    @property
    def decides(self) -> bool:
        """Where it says nothing of a sample, the site is open."""
        return self.of_the_site or self.seen > 0


def links(locus: Locus, records: Sequence[VariantRecord]) -> tuple[Link, ...]:
    """The records that say something of a site, in their order."""
    found = (link_of(locus, record, number) for number, record in enumerate(records) if locus.touched_by(record))
    return tuple(link for link in found if link is not None)


def link_of(locus: Locus, record: VariantRecord, number: int) -> Link | None:
    """One record seen from a site; none where it says nothing of it."""
    effects = (None, *(locus.effect(record, alt) for alt in record.alts))
    seen = _seen(locus, record) if record.covers_every_allele else 0
    if not seen and not any(effects):
        return None
    return Link(
        record=number,
        passed=record.passed,
        effects=effects,
        of_the_site=any(effect is not None and effect.of_the_site for effect in effects),
        seen=seen,
        lists=frozenset(effect.allele for effect in effects if effect is not None),
    )


def _seen(locus: Locus, record: VariantRecord) -> int:
    first, last = max(record.position, locus.start), min(record.end, locus.end)
    return sum(1 << (place - locus.start) for place in range(first, last + 1))
