"""Real genotypes written as FHIR Genomics Reporting and read back: every distinct pair of calls among 1,021 people of
the 1000 Genomes Project, and the tutorial's people with all that their files leave open."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from rxvigil.genetics import GeneCall, advise, call_gene
from rxvigil.intake import record_from_resources
from rxvigil.intake.vcf import read_vcf
from rxvigil.knowledge.book import RuleBook
from rxvigil.reports.genomics import MOST_NAMED, GenotypeReported, to_genomics

ON = date(2026, 11, 25)
RELEASE = "pharmacogenes/cpic-2026-05"


@pytest.fixture(scope="session")
def pgx(data: Path) -> Path:
    return data / "pgx"


def written(calls: tuple[GeneCall, ...], book: RuleBook) -> dict[str, Any]:
    groups = {call.gene: call.phenotypes for call in calls}
    advice = advise(book.releases, ON, "azathioprine", groups["tpmt"], groups["nudt15"])
    return to_genomics(GenotypeReported(patient="somebody", on=ON, calls=calls, advice=advice), book)


def test_everybody_of_the_panel_is_read_back_the_same(pgx: Path, book: RuleBook) -> None:
    folder = pgx / "kg1000_third_GRCh38"
    found = read_vcf(
        folder / "TPMT.vcf.gz", book.releases[RELEASE], absent_is_reference=True, more=[folder / "NUDT15.vcf.gz"]
    )
    people = set(zip(*(found.genes[gene].each(call_gene) for gene in ("tpmt", "nudt15")), strict=True))
    assert len(people) > 20
    for calls in people:
        bundle = written(calls, book)
        Bundle.model_validate(bundle)
        record = record_from_resources([bundle], book.vocabulary)
        for call in calls:
            mine = [one for one in record.genotypes if one.gene == call.gene]
            assert {one.diplotypes for one in mine if one.diplotypes} == {tuple(pair.name for pair in call.diplotypes)}
            assert {one.phenotype for one in mine if one.phenotype} == call.phenotypes
        assert [one for one in record.not_understood if one.affects] == []


@pytest.mark.parametrize("name", ["NA18526", "NA18565", "NA18861"])
def test_what_a_file_leaves_open_stays_open(pgx: Path, book: RuleBook, name: str) -> None:
    path = pgx / "tutorial_3samples" / f"{name}.preprocessed.TPMT_NUDT15.vcf"
    found = read_vcf(path, book.releases[RELEASE])
    calls = tuple(next(found.genes[gene].each(call_gene)) for gene in ("tpmt", "nudt15"))
    assert all(len(call.diplotypes) > MOST_NAMED for call in calls)
    bundle = written(calls, book)
    Bundle.model_validate(bundle)
    record = record_from_resources([bundle], book.vocabulary)
    assert all(one.phenotype is None and not one.diplotypes for one in record.genotypes)
    assert {one.affects for one in record.not_understood if one.affects} == {("tpmt",), ("nudt15",)}
