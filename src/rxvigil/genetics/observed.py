"""What is seen of one sample at the sites that tell alleles apart. Nothing is ever taken for the reference unseen."""

from typing import Final, Literal, NamedTuple

Status = Literal[
    "called",  # two alleles, both defined at this site
    "missing",  # the record is there, the sample has no call (./.)
    "absent",  # no record covers the site
    "filtered",  # the record or the sample's call did not pass its filter
    "half-called",  # one allele known, the other not (0/.)
    "undocumented",  # an allele that the release does not define at this site
    "conflicting",  # two records about the site say different things
    "not-diploid",  # one allele, or more than two
]

UNKNOWN: Final = "?"
"""Could be any allele of the site."""
OTHER: Final = "other"
"""An allele that no release defines here: neither the reference nor any alternative."""


class SiteCall(NamedTuple):
    """One site of one sample: two alleles as the definition writes them, `UNKNOWN` or `OTHER`."""

    status: Status
    alleles: tuple[str, str] = (UNKNOWN, UNKNOWN)
    phase: str = ""
    """Empty: unphased. Otherwise the phase set: within one set the first alleles lie on one strand. The files'
    phased calls without a phase set share one set per contig."""


ABSENT: Final = SiteCall("absent")
MISSING: Final = SiteCall("missing")
