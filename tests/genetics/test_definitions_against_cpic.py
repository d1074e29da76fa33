"""Every allele, function and phenotype of the three CPIC releases against CPIC's own table, read independently."""

import gzip
from collections.abc import Iterator
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from genetics.cpic_table import phenotype, table
from rxvigil.genetics import phenotype_of
from rxvigil.genetics.ready import carried
from rxvigil.knowledge.pharmacogenes import Gene, Release

GENES = ("tpmt", "nudt15")
COUNTS = {("A", "tpmt"): (46, 43), ("B", "tpmt"): (49, 45), ("C", "tpmt"): (49, 45), ("A", "nudt15"): (21, 18)}
"""Alleles and positions, as published: 43 and 18 in November 2025, 45 and 18 in May 2026."""


def gene_of(release: Release, key: str) -> Gene:
    return next(gene for gene in release.genes if gene.key == key)


@pytest.mark.parametrize("version", ["A", "B", "C"])
@pytest.mark.parametrize("key", GENES)
def test_each_allele_carries_and_does_what_cpic_says(
    versions: dict[str, Release], data: Path, version: str, key: str
) -> None:
    gene = gene_of(versions[version], key)
    expected = {name: row for (gene_key, name), row in table(data, version).items() if gene_key == key}
    assert {allele.name for allele in gene.alleles} == set(expected)
    for allele in gene.alleles:
        row = expected[allele.name]
        assert allele.function == row.function, allele.name
        for site in gene.sites:
            reference, values = row.changes.get(site.position, (site.reference, (site.reference,)))
            assert (site.reference, carried(allele, site)) == (reference, values), (allele.name, site.id)
        assert set(row.changes) <= {site.position for site in gene.sites}


@pytest.mark.parametrize("version", ["A", "B", "C"])
@pytest.mark.parametrize("key", GENES)
def test_every_pair_of_alleles_has_the_phenotype_of_its_functions(
    versions: dict[str, Release], data: Path, version: str, key: str
) -> None:
    rows = {name: row for (gene_key, name), row in table(data, version).items() if gene_key == key}
    for one, other in combinations_with_replacement(sorted(rows), 2):
        expected = phenotype(key, version, rows[one].function, rows[other].function)
        assert phenotype_of(versions[version], key, f"{one}/{other}") == expected, (one, other)
        assert phenotype_of(versions[version], key, f"{other}/{one}") == expected


@pytest.mark.parametrize(("where", "counts"), COUNTS.items())
def test_as_many_alleles_and_positions_as_published(
    versions: dict[str, Release], where: tuple[str, str], counts: tuple[int, int]
) -> None:
    gene = gene_of(versions[where[0]], where[1])
    assert (len(gene.alleles), len(gene.sites)) == counts


def records(data: Path) -> Iterator[tuple[str, int, str]]:
    """(chromosome, position, REF) of every record of the public VCFs on GRCh38."""
    folder = data / "pgx"
    for path in (*folder.rglob("*.vcf"), *folder.rglob("*.vcf.gz")):
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("chr"):
                    chromosome, position, _, reference = line.split("\t", 4)[:4]
                    yield chromosome, int(position), reference


def test_reference_bases_are_those_of_real_files(versions: dict[str, Release], data: Path) -> None:
    """Each REF that a public VCF prints at one of our sites begins like ours, or ours like it."""
    sites = {(f"chr{gene.chromosome}", site.position): site for gene in versions["C"].genes for site in gene.sites}
    compared = set()
    for chromosome, position, reference in records(data):
        site = sites.get((chromosome, position))
        if site:
            ours = site.repeat.context if site.repeat else site.reference
            assert ours.startswith(reference) or reference.startswith(ours), (site.id, reference)
            compared.add(site.id)
    assert len(compared) >= 48, "of 63; the others are in none of the public files, which are older than 2026"


def test_the_repeat_lies_where_the_bases_around_it_say(versions: dict[str, Release]) -> None:
    """AG, then three times GAGTCG; NUDT15*5 (48037798 G>A) lies inside it."""
    gene = gene_of(versions["C"], "nudt15")
    site = next(site for site in gene.sites if site.repeat)
    inside = next(site for site in gene.sites if site.position == 48037798)
    assert site.repeat is not None
    assert site.repeat.context == "AG" + "GAGTCG" * int(site.reference)
    assert site.repeat.context[inside.position - site.repeat.context_start] == inside.reference == "G"
    assert site.repeat.context_start + len(site.repeat.context) - 1 == 48037801


def test_positions_on_the_older_build(versions: dict[str, Release]) -> None:
    """dbSNP: rs1142345 is 6:18130918 and rs116855232 is 13:48619855 on GRCh37."""
    for key, site_id, position in (("tpmt", "rs1142345", 18130918), ("nudt15", "rs116855232", 48619855)):
        gene = gene_of(versions["C"], key)
        site = next(site for site in gene.sites if site.id == site_id)
        assert site.position + gene.grch37_offset == position
