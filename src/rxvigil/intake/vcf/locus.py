"""A site of a release on one build, and what an alternative of a record makes of it.

Nothing is compared as written. A change at a plain site is trimmed and placed; a change of a repeat is counted in the
local haplotype, so that every way of writing it, shifted left or right, gives the same number of repeats.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from rxvigil.genetics import UNKNOWN
from rxvigil.intake.vcf.record import UNSPECIFIED, VariantRecord
from rxvigil.knowledge.pharmacogenes import Repeat, Site

NEARBY: Final = 50
"""Bases. An insertion or deletion so far away may be the same change written further along, where the bases between
are not known."""
SPANNED: Final = "spanned"
"""Our word for a base that lies in a deletion, written as '*' or as the deletion itself."""


class Effect(NamedTuple):
    """What an alternative makes of a site: an allele of the release; a text that none has (undocumented); `UNKNOWN`."""

    allele: str
    of_the_site: bool
    """The record asks about this very site. A deletion that begins elsewhere and runs over it does not: that a sample
    does not carry it says nothing of the site's own alleles."""


class Change(NamedTuple):
    """An alternative without the bases it shares with REF: `removed` at `start` is replaced by `added`."""

    start: int
    removed: str
    added: str

    @property
    def end(self) -> int:
        """First base after what is removed."""
        return self.start + len(self.removed)


def trimmed(position: int, ref: str, alt: str) -> Change:
    """Shared bases taken away, the last first, so that a shift ends as far left as REF shows."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return Change(position, ref, alt)


@dataclass(frozen=True)
class Locus:
    """A site with its position in the file's build."""

    site: Site
    chromosome: str
    position: int
    """Where a VCF writes a change of the site."""
    start: int
    """First base of `bases`."""
    bases: str
    """The reference over the site; of a repeat, from its anchor to its end."""

    @property
    def end(self) -> int:
        """Last base of the site."""
        return self.start + len(self.bases) - 1

    @property
    def substitution(self) -> bool:
        """One base for another."""
        return self.site.repeat is None and all(len(one) == 1 for one in (self.bases, *self.site.alternatives))

    def touched_by(self, record: VariantRecord) -> bool:
        """Whether the record may say something of the site."""
        if record.chromosome != self.chromosome:
            return False
        around = 0 if self.substitution or record.covers_every_allele else NEARBY
        return record.position - around <= self.end and record.end + around >= self.start

    def agrees(self, record: VariantRecord) -> bool | None:
        """Whether REF has the site's bases where both are known; None where they do not meet."""
        first, last = max(record.position, self.start), min(record.position + len(record.ref) - 1, self.end)
        if first > last:
            return None
        seen = record.ref[first - record.position : last - record.position + 1]
        known = self.bases[first - self.start : last - self.start + 1]
        return all(one in (other, "N") for one, other in zip(seen, known, strict=True))

    def effect(self, record: VariantRecord, alt: str) -> Effect | None:
        """What an alternative makes of this site; none where it leaves it alone."""
        if alt in UNSPECIFIED:
            return Effect(UNKNOWN, False) if self._within(record) else None
        if alt == "*":
            return Effect(SPANNED, record.position == self.position) if self._within(record) else None
        if alt.startswith("<"):
            return Effect(SPANNED if "DEL" in alt else alt, False) if self._within(record) else None
        if not set(alt) <= set("ACGT"):
            return Effect(f"{record.position} {alt}", True) if self._within(record) else None
        if self.site.repeat:
            return self._repeat(self.site.repeat, record, alt)
        return self._substituted(record, alt) if self.substitution else self._indel(record, alt)

    def _within(self, record: VariantRecord) -> bool:
        return record.position <= self.end and record.end >= self.start

    def _substituted(self, record: VariantRecord, alt: str) -> Effect | None:
        change = trimmed(record.position, record.ref, alt)
        if not change.start <= self.start < change.end:
            return None
        if len(change.added) != len(change.removed):
            return Effect(SPANNED, False)
        base = change.added[self.start - change.start]
        return None if base == self.bases else Effect(base, True)

    def _indel(self, record: VariantRecord, alt: str) -> Effect | None:
        change = trimmed(record.position, record.ref, alt)
        joined = joined_reference(self.start, self.bases, record)
        for allele in self.site.alternatives:
            own = trimmed(self.start, self.bases, allele)
            if change == own or (joined and applied(joined, self.start, self.bases, allele) == applied(
                joined, record.position, record.ref, alt
            )):  # fmt: skip
                return Effect(allele, True)
            if joined is None and _could_be_same(change, own):
                return Effect(UNKNOWN, False)
        if len(change.added) == len(change.removed):
            return None  # a base beside the insertion or within the deletion: another variant's business
        own = trimmed(self.start, self.bases, self.site.alternatives[0])
        if (change.start < own.end and change.end > own.start) or change.start == own.start:
            return Effect(f"{change.start} {change.removed}>{change.added}", change.start == own.start)
        return None

    def _repeat(self, repeat: Repeat, record: VariantRecord, alt: str) -> Effect | None:
        grown = len(alt) - len(record.ref)
        joined = joined_reference(self.start, self.bases, record)
        if grown == 0:
            return None
        if joined and grown % len(repeat.unit) == 0:
            count = int(self.site.reference) + grown // len(repeat.unit)
            if count >= 0 and self._counted(repeat, joined, record, alt, count):
                return Effect(str(count), True)
        change = trimmed(record.position, record.ref, alt)
        first, end = self._tract(repeat)
        inside = (change.start < end and change.end > first) or (first <= change.start <= end and not change.removed)
        return Effect(f"{change.start} {change.removed}>{change.added}", True) if inside else None

    def _counted(self, repeat: Repeat, joined: "Stretch", record: VariantRecord, alt: str, count: int) -> bool:
        """Whether the local haplotype is the reference with so many repeats, but for single bases outside them: the
        A>C on the anchor base is another variant and changes no count."""
        first, end = (place - joined.start for place in self._tract(repeat))
        expected = joined.bases[:first] + repeat.unit * count + joined.bases[end:]
        seen = applied(joined, record.position, record.ref, alt)
        inside = range(first, first + count * len(repeat.unit))
        return len(seen) == len(expected) and all(
            one == other or place not in inside
            for place, (one, other) in enumerate(zip(seen, expected, strict=True))
        ) and sum(one != other for one, other in zip(seen, expected, strict=True)) <= 1  # fmt: skip

    def _tract(self, repeat: Repeat) -> tuple[int, int]:
        """First base of the repeat, and the first after it."""
        length = len(repeat.unit) * int(self.site.reference)
        first = self.start + self.bases.index(repeat.unit * int(self.site.reference))
        return first, first + length


class Stretch(NamedTuple):
    """Known reference bases."""

    start: int
    bases: str


def joined_reference(start: int, bases: str, record: VariantRecord) -> Stretch | None:
    """The reference over a site and a record that meet or touch; none where bases between them are not known."""
    if record.position > start + len(bases) or record.position + len(record.ref) < start:
        return None
    first = min(start, record.position)
    last = max(start + len(bases), record.position + len(record.ref))
    known = dict(enumerate(record.ref, record.position)) | dict(enumerate(bases, start))
    return Stretch(first, "".join(known[place] for place in range(first, last)))


def applied(stretch: Stretch, position: int, ref: str, alt: str) -> str:
    """The stretch with a change made."""
    at = position - stretch.start
    return stretch.bases[:at] + alt + stretch.bases[at + len(ref) :]


def _could_be_same(change: Change, own: Change) -> bool:
    """Whether two pure insertions or deletions may be one, shifted along bases that are not known: what is added or
    removed must then be the same but for where it is cut."""
    one, other = change.added + change.removed, own.added + own.removed
    same_kind = bool(change.added) == bool(own.added) and bool(change.removed) == bool(own.removed)
    return same_kind and len(one) == len(other) and one in other + other and abs(change.start - own.start) <= NEARBY


def locus_of(site: Site, chromosome: str, offset: int) -> Locus:
    """A site on a build whose positions are those of GRCh38 plus `offset`."""
    position = site.position + offset
    if site.repeat is None:
        return Locus(site, chromosome, position, position, site.reference)
    return Locus(site, chromosome, position, site.repeat.context_start + offset, site.repeat.context)
