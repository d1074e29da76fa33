"""Which reference genome a file is written against: what its header says. What its REF bases say is in `evidence`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Build = Literal["GRCh37", "GRCh38"]
BUILDS: Final[tuple[Build, Build]] = ("GRCh37", "GRCh38")

LENGTHS: Final[Mapping[str, Mapping[int, Build]]] = {
    "6": {171_115_067: "GRCh37", 170_805_979: "GRCh38"},
    "13": {115_169_878: "GRCh37", 114_364_328: "GRCh38"},
}
"""Bases of the chromosomes of our genes in each assembly (Genome Reference Consortium)."""
ACCESSIONS: Final[Mapping[str, tuple[str, Build]]] = {
    "NC_000006.11": ("6", "GRCh37"),
    "NC_000006.12": ("6", "GRCh38"),
    "CM000668.1": ("6", "GRCh37"),
    "CM000668.2": ("6", "GRCh38"),
    "NC_000013.10": ("13", "GRCh37"),
    "NC_000013.11": ("13", "GRCh38"),
    "CM000675.1": ("13", "GRCh37"),
    "CM000675.2": ("13", "GRCh38"),
}
"""RefSeq and GenBank names of those chromosomes; the version names the assembly."""
_WORDS: Final[tuple[tuple[re.Pattern[str], Build], ...]] = (
    (re.compile(r"grch38|hg38|hs38|b38\b", re.IGNORECASE), "GRCh38"),
    (re.compile(r"grch37|hg19|hs37|b37\b|g1k_v37", re.IGNORECASE), "GRCh37"),
)


def names_of(chromosome: str) -> tuple[str, ...]:
    """Every name a contig of this chromosome may have."""
    plain = tuple(prefix + chromosome for prefix in ("", "chr", "Chr", "CHR"))
    return plain + tuple(name for name, (number, _) in ACCESSIONS.items() if number == chromosome)


@dataclass(frozen=True)
class Stated:
    """What a header says of the reference genome."""

    builds: frozenset[Build]
    """Those it names; empty where it names none, two where it contradicts itself."""
    strange: bool = False
    """A chromosome has a length that is of neither build."""


def stated_build(contigs: Iterable[Mapping[str, str]], references: Iterable[str]) -> Stated:
    """The builds named by contig lengths, accessions and assembly, and by the reference lines."""
    found: set[Build] = set()
    strange = False
    for contig in contigs:
        name = contig.get("ID", "")
        if name in ACCESSIONS:
            found.add(ACCESSIONS[name][1])
        known = LENGTHS.get(_chromosome(name), {})
        length = contig.get("length", "")
        if known and length.isdigit():
            found |= {known[int(length)]} if int(length) in known else set()
            strange = strange or int(length) not in known
        found |= _named(contig.get("assembly", ""))
    for reference in references:
        found |= _named(reference)
    return Stated(frozenset(found), strange)


def _chromosome(name: str) -> str:
    if name in ACCESSIONS:
        return ACCESSIONS[name][0]
    return name[3:] if name[:3].lower() == "chr" else name


def _named(text: str) -> set[Build]:
    return {build for pattern, build in _WORDS if pattern.search(text)}
