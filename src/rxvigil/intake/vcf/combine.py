"""All that a file says of one site of one sample, put together into one call.

Records may be split by allele, doubled or overlap. What one record calls an alternative is an event; the same event
in two records is one. A strand without event carries the reference only where a record that asks about the site says
so, or where blocks cover the whole site. Otherwise it is not known.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rxvigil.genetics import ABSENT, OTHER, UNKNOWN, SiteCall, Status
from rxvigil.intake.vcf.cells import NO_CALL, Cell
from rxvigil.intake.vcf.links import Link
from rxvigil.intake.vcf.locus import Locus

_HALF = "half"
_FIRST: tuple[Status, ...] = ("not-diploid", "filtered", "missing")


class Statement(NamedTuple):
    """One record about the site: what each strand carries by it; empty for 'none of my alternatives'."""

    link: Link
    strands: tuple[str, str]
    phase: str

    def count(self, allele: str) -> int:
        """Strands that carry the allele."""
        return self.strands.count(allele)


class Event(NamedTuple):
    """An allele on one strand; `strand` counts within `phase`."""

    allele: str
    strand: int
    phase: str


def site_call(locus: Locus, links: Sequence[Link], cells: Sequence[Cell]) -> SiteCall:
    """The call of one site from the sample's cells, which are in the order of the gene's records."""
    silent: set[Status] = set()
    statements: list[Statement] = []
    for link in links:
        cell = cells[link.record]
        status = _status(link, cell)
        if status == "called":
            statements.append(_statement(link, cell))
        elif link.decides:
            silent.add(status)
    if not statements:
        return _without_statement(silent)
    if _contradict(statements):
        return SiteCall("conflicting")
    events = _placed(list(_events(statements)))
    if events is None:
        return SiteCall("conflicting")
    return _filled(locus, statements, events, silent)


def _status(link: Link, cell: Cell) -> Status:
    if cell.status == "called" and not link.passed:
        return "filtered"
    return cell.status


def _without_statement(silent: set[Status]) -> SiteCall:
    return SiteCall(next((status for status in _FIRST if status in silent), "absent")) if silent else ABSENT


def _statement(link: Link, cell: Cell) -> Statement:
    first, second = (_carried(link, number) for number in cell.alleles)
    return Statement(link, (first, second), cell.phase)


def _carried(link: Link, number: int) -> str:
    if number == NO_CALL:
        return _HALF
    effect = link.effects[number]
    return effect.allele if effect is not None else ""


def _contradict(statements: Sequence[Statement]) -> bool:
    """Two records that both ask for an allele and find it in different numbers."""
    carried = {allele for one in statements for allele in one.strands if allele not in ("", _HALF)}
    for allele in carried - {UNKNOWN}:
        asked = [one for one in statements if allele in one.link.lists]
        least = max(one.count(allele) for one in asked)
        if any(one.count(allele) + one.count(_HALF) < least for one in asked):
            return True
    return False


def _events(statements: Sequence[Statement]) -> Iterator[Event]:
    """Each allele once, from the record that says most of it: more strands before fewer, phased before unphased."""
    carried = dict.fromkeys(allele for one in statements for allele in one.strands if allele not in ("", _HALF))
    for allele in carried:
        best = max(statements, key=lambda one: (one.count(allele), bool(one.phase)))
        same = best.strands[0] == best.strands[1]
        for strand, carries in enumerate(best.strands):
            if carries == allele:
                yield Event(allele, strand, "" if same else best.phase)


def _placed(events: Sequence[Event]) -> tuple[str, str, str] | None:
    """The alleles of both strands, empty where there is no event, and their phase set. None where there are more
    events than strands."""
    if len(events) > 2:
        return None
    if not events:
        return "", "", ""
    one = events[0]
    other = events[1] if len(events) == 2 else Event("", 1 - one.strand, "")
    if one.phase and one.phase == other.phase:
        if one.strand == other.strand:
            return None
    elif other.phase and not one.phase:
        one, other = other, one
    return (one.allele, other.allele, one.phase) if one.strand == 0 else (other.allele, one.allele, one.phase)


def _filled(
    locus: Locus, statements: Sequence[Statement], events: tuple[str, str, str], silent: set[Status]
) -> SiteCall:
    """The strands without event: the reference where something says so, otherwise not known."""
    *carried, phase = events
    half = min(2, sum(one.count(_HALF) for one in statements))
    covered = _covered(locus, statements)
    unknown = 2 if silent or not covered else half
    strands = [_named(allele, locus) for allele in carried]
    status: Status = "called"
    open_strands = [index for index, allele in enumerate(carried) if not allele]
    if len(open_strands) == 2 and unknown == 1:
        open_strands = [_half_strand(statements)]
    for index in open_strands if unknown else ():
        strands[index] = UNKNOWN
        status = next((one for one in _FIRST if one in silent), "half-called" if half else "absent")
    if OTHER in strands or UNKNOWN in carried:
        status = "undocumented"
    first, second = strands
    return SiteCall(status, (first, second), phase if first != second else "")


def _covered(locus: Locus, statements: Sequence[Statement]) -> bool:
    """Whether the records that speak say of the whole site what is not an event."""
    if any(one.link.of_the_site for one in statements):
        return True
    seen = 0
    for one in statements:
        if _HALF not in one.strands:
            seen |= one.link.seen
    return seen == (1 << len(locus.bases)) - 1


def _half_strand(statements: Sequence[Statement]) -> int:
    return next((one.strands.index(_HALF) for one in statements if _HALF in one.strands), 0)


def _named(allele: str, locus: Locus) -> str:
    if not allele:
        return locus.site.reference
    return allele if allele == UNKNOWN or allele in locus.site.alternatives else OTHER
