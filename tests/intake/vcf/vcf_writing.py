"""Small VCF files for tests, written from what each strand of a person carries."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rxvigil.genetics import GeneCall, SiteCall, call_gene
from rxvigil.intake.vcf import VcfCalls, read_vcf
from rxvigil.knowledge.loader import parse_file, shipped_knowledge
from rxvigil.knowledge.pharmacogenes import Gene, Release, Site
from rxvigil.knowledge.yamlfile import read_document

LENGTHS = {"GRCh38": ((6, 170805979), (13, 114364328)), "GRCh37": ((6, 171115067), (13, 115169878))}
REPEAT = "rs746071566"
ANCHOR = 48037782
CONTEXT = "AGGAGTCGGAGTCGGAGTCG"
"""GRCh38 chr13:48037782-48037801, read off the REF bases of the public test files and the definition's own text."""
Record = Sequence[str]
"""CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO, FORMAT, cells."""


@cache
def release(name: str = "cpic-2026-05") -> Release:
    """A shipped release, without the rest of the rule book."""
    path = shipped_knowledge() / "pharmacogenes" / f"{name}.yaml"
    found = parse_file(read_document(path, path.name))
    assert isinstance(found, Release)
    return found


def gene(key: str, name: str = "cpic-2026-05") -> Gene:
    return next(one for one in release(name).genes if one.key == key)


def site(site_id: str) -> tuple[Gene, Site]:
    return next((one, each) for one in release().genes for each in one.sites if each.id == site_id)


def header(samples: Sequence[str] = ("S1",), build: str | None = "GRCh38", chr_: str = "chr") -> str:
    lines = ["##fileformat=VCFv4.2"]
    if build:
        lines += [f"##contig=<ID={chr_}{number},length={length}>" for number, length in LENGTHS[build]]
    return "\n".join(
        [*lines, "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])]
    )


def line(
    chrom: str, pos: int, ref: str, alt: str, *cells: str, filter_: str = "PASS", info: str = ".", form: str = "GT"
) -> str:
    return "\t".join([chrom, str(pos), ".", ref, alt, ".", filter_, info, form, *cells])


def written_alleles(one: Site) -> tuple[str, tuple[str, ...]]:
    """REF and ALT of a site as PharmCAT writes them: of the repeat, one unit after the anchor base."""
    if one.repeat is None:
        return one.reference, one.alternatives
    unit = CONTEXT[1:7]
    return f"A{unit}", tuple("A" + unit * (int(count) - 2) for count in one.alternatives)


def at(site_id: str, cell: str, *, offset: int = 0, chr_: str = "chr", **how: str) -> str:
    """The record of one site with one sample's cell."""
    where, one = site(site_id)
    ref, alts = written_alleles(one)
    return line(f"{chr_}{where.chromosome}", one.position + offset, ref, ",".join(alts), cell, **how)


def every_site(
    cells: Mapping[str, str] | None = None, default: str = "0/0", *, build: str = "GRCh38", chr_: str = "chr"
) -> list[str]:
    """A record for every site of both genes; `cells` by site id."""
    found = []
    for where in release().genes:
        offset = where.grch37_offset if build == "GRCh37" else 0
        found += [at(one.id, (cells or {}).get(one.id, default), offset=offset, chr_=chr_) for one in where.sites]
    return found


def text(records: Sequence[str], **head: Any) -> str:
    return "\n".join([header(**head), *records, ""])


def saved(folder: Path, records: Sequence[str], name: str = "sample.vcf", **head: Any) -> Path:
    path = folder / name
    path.write_text(text(records, **head), encoding="utf-8")
    return path


def sites_of(calls: VcfCalls, number: int = 0) -> dict[str, SiteCall]:
    """Every site's call of one sample."""
    found: dict[str, SiteCall] = {}
    for cells in calls.genes.values():
        pattern = list(cells.patterns())[number]
        found |= {one.id: call for one, call in zip(cells.gene.sites, cells.site_calls(pattern), strict=True)}
    return found


def genes_of(calls: VcfCalls, number: int = 0) -> dict[str, GeneCall]:
    return {key: list(cells.each(call_gene))[number] for key, cells in calls.genes.items()}


def names(call: GeneCall) -> list[str]:
    return [pair.name for pair in call.diplotypes]


def read(folder: Path, records: Sequence[str], **head: Any) -> dict[str, SiteCall]:
    """The site calls of the first sample of a file with these records."""
    return sites_of(read_vcf(saved(folder, records, **head), release()))
