"""What a laboratory's words say, and what they do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.genetics import Statement, phenotype_of, read_statement
from rxvigil.knowledge.pharmacogenes import Release

Versions = dict[str, Release]


def read(versions: Versions, text: str, gene: str = "tpmt", version: str = "C") -> Statement:
    return read_statement(text, gene, versions[version])


def pairs(statement: Statement) -> list[str]:
    return [pair.name for pair in statement.diplotypes]


@pytest.mark.parametrize(
    ("text", "expected", "phenotypes"),
    [
        ("*1/*3A", ["*1/*3A"], {"intermediate"}),
        ("TPMT *1/*3A", ["*1/*3A"], {"intermediate"}),
        ("Genotype: *3C/*1", ["*1/*3C"], {"intermediate"}),
        ("TPMT genotype: *1/*2", ["*1/*2"], {"intermediate"}),
        ("*3A/*3C", ["*3A/*3C"], {"poor"}),
        ("*1/*3A or *3B/*3C", ["*1/*3A", "*3B/*3C"], {"intermediate", "poor"}),
        ("TPMT *1/*3A (or *3B/*3C)", ["*1/*3A", "*3B/*3C"], {"intermediate", "poor"}),
        ("*1/*3A (*3B/*3C cannot be excluded)", ["*1/*3A", "*3B/*3C"], {"intermediate", "poor"}),
        ("*1/*3A, intermediate metabolizer", ["*1/*3A"], {"intermediate"}),
        ("*1/*3A (Intermediate Metaboliser)", ["*1/*3A"], {"intermediate"}),
        ("heterozygous *3C carrier", ["*1/*3C"], {"intermediate"}),
        ("Heterozygous for TPMT *3C", ["*1/*3C"], {"intermediate"}),
        ("*3C heterozygote", ["*1/*3C"], {"intermediate"}),
        ("homozygous *3A", ["*3A/*3A"], {"poor"}),
        ("compound heterozygous *2/*3A", ["*2/*3A"], {"poor"}),
        ("heterozygous *1/*3A", ["*1/*3A"], {"intermediate"}),
        ("TPMT: *1/*3A, NUDT15: *1/*1", ["*1/*3A"], {"intermediate"}),
        ("NUDT15 *3/*3; TPMT *1/*1", ["*1/*1"], {"normal"}),
        ("intermediate metaboliser", [], {"intermediate"}),
        ("TPMT Poor Metabolizer", [], {"poor"}),
        ("Possible intermediate metaboliser", [], {"possible-intermediate"}),
        ("extensive metaboliser", [], {"normal"}),
        ("IM", [], {"intermediate"}),
        ("Indeterminate", [], {"indeterminate"}),
        ("intermediate activity", [], {"intermediate"}),
        ("Normal TPMT activity", [], {"normal"}),
        ("deficient activity", [], {"poor"}),
        ("low activity", [], {"intermediate", "poor"}),
        ("heterozygous", [], {"intermediate"}),
        ("homozygous wild type", ["*1/*1"], {"normal"}),
        ("Wild-type", ["*1/*1"], {"normal"}),
    ],
)  # fmt: skip
def test_words_that_are_understood(versions: Versions, text: str, expected: list[str], phenotypes: set[str]) -> None:
    found = read(versions, text)
    assert (found.why_not, pairs(found), found.phenotypes) == (None, expected, phenotypes)


@pytest.mark.parametrize(
    "text",
    ["", "TPMT", "pending", "insufficient sample", "not *1/*3A", "*1/*3A?", "*1/*3A not detected", "?*1/*3A",
     "family history of *3A/*3A", "father *3A/*3A", "*1/*99", "*1/*3D", "homozygous", "heterozygous *1/*1",
     "homozygous *1/*3A", "NUDT15 *1/*3", "rapid metaboliser", "ultrarapid metaboliser", "intermediate?",
     "no intermediate metaboliser", "normal or intermediate metaboliser", "*1/*3A and *1/*1", "see report",
     "repeat TPMT *1/*1 NUDT15 *1/*1", "*1/*1/*3A", "3A", "A/G", "c.460G>A heterozygous", "*3A/*3A excluded"],
)  # fmt: skip
def test_words_that_are_not(versions: Versions, text: str) -> None:
    found = read(versions, text)
    assert found.why_not
    assert (found.diplotypes, found.phenotypes) == ((), frozenset())


def test_one_allele_can_have_a_twin_without_phase(versions: Versions) -> None:
    """*1/*3A looks like *3B/*3C (poor); NUDT15 *1/*3 with the insertion looks like *3/*6."""
    assert [pair.name for pair in read(versions, "*1/*3A").alike] == ["*3B/*3C"]
    assert [pair.name for pair in read(versions, "*1/*3", "nudt15").alike] == ["*3/*6"]
    assert [pair.name for pair in read(versions, "*3/*6", "nudt15", "A").alike] == ["*1/*2"]
    assert read(versions, "*1/*3C").alike == ()
    assert read(versions, "*3B/*3C").alike == (), "the twin is better"


def test_a_carrier_may_carry_two(versions: Versions) -> None:
    found = read(versions, "*3C carrier")
    assert pairs(found) == ["*1/*3C", "*3C/*3C"]
    assert len(found.caveats) == 2


def test_the_laboratory_and_the_release_may_call_it_otherwise(versions: Versions) -> None:
    """A report of 2025 on *1/*8, read in 2026: both are kept, and the difference is told."""
    found = read(versions, "*1/*8 (indeterminate)")
    assert found.phenotypes == {"normal", "indeterminate"}
    assert "rules of another day" in found.caveats[0]
    assert read(versions, "*1/*8 (indeterminate)", version="A").caveats == ()


def test_nothing_found_is_worth_what_was_looked_for(versions: Versions) -> None:
    usual = read(versions, "No variants detected (tested: *2, *3A, *3B, *3C)")
    assert (pairs(usual), usual.phenotypes, usual.tested) == (["*1/*1"], {"normal"}, ("*2", "*3A", "*3B", "*3C"))
    assert {"*8", "*24"} <= set(usual.not_tested)
    assert usual.caveats == ()
    partly = read(versions, "negative for *2 and *3C")
    assert partly.phenotypes == {"normal", "intermediate", "poor"}
    assert "minimum panel" in partly.caveats[0]
    unsaid = read(versions, "no mutations detected")
    assert "not said" in unsaid.caveats[0]
    nudt15 = read(versions, "no variants detected (tested: *3)", "nudt15")
    assert {"*6", "*9"} <= set(nudt15.not_tested)
    assert nudt15.phenotypes == {"normal"}


def test_a_body_without_alleles_reads_nothing(releases: dict[str, Release]) -> None:
    assert read_statement("*1/*1", "tpmt", releases["pharmacogenes/dpwg-2025"]).why_not


def test_a_page_is_not_a_result(versions: Versions) -> None:
    assert (
        read(versions, "*1/*3A or " * 100_000).why_not
        == "it is longer than a result is: give the line that names the gene"
    )


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="*13ABCc/| ()?,.;:normaltpheidNUDT5", max_size=60))
def test_whatever_is_read_was_said(versions: Versions, text: str) -> None:
    """Any text: phenotypes and no reason, or a reason and nothing else; and every pair stands in the text."""
    found = read(versions, text)
    assert bool(found.phenotypes) != bool(found.why_not)
    for pair in found.diplotypes:
        for strand in (pair.first, pair.second):
            assert strand.name == "*1" or strand.name.lower().lstrip("*") in text.lower()
        assert phenotype_of(versions["C"], "tpmt", pair.name) == pair.phenotype
