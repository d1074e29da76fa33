"""Diplotypes that somebody wrote down, under the rules of a day."""

import pytest

from rxvigil.genetics import phenotype_of, read_diplotype
from rxvigil.knowledge.pharmacogenes import Release

Versions = dict[str, Release]


@pytest.mark.parametrize(
    ("gene", "written", "old", "between", "now"),
    [
        ("tpmt", "*1/*3A", "intermediate", "intermediate", "intermediate"),
        ("tpmt", "*1/*8", "indeterminate", "normal", "normal"),
        ("tpmt", "*3B/*8", "possible-intermediate", "possible-intermediate", "intermediate"),
        ("tpmt", "*8/*8", "indeterminate", "intermediate", "intermediate"),
        ("tpmt", "*1/*24", "indeterminate", "indeterminate", "indeterminate"),
        ("tpmt", "*3C/*24", "possible-intermediate", "possible-intermediate", "possible-intermediate"),
        ("tpmt", "*1/*16", "indeterminate", "intermediate", "intermediate"),
        ("tpmt", "*1/*46", None, "intermediate", "intermediate"),
        ("tpmt", "*1/*43", "indeterminate", "intermediate", "intermediate"),
        ("nudt15", "*1/*2", "intermediate", "intermediate", "intermediate"),
        ("nudt15", "*2/*3", "poor", "poor", "poor"),
        ("nudt15", "*3/*6", "possible-intermediate", "poor", "poor"),
        ("nudt15", "*3/*5", "possible-intermediate", "poor", "poor"),
        ("nudt15", "*1/*5", "indeterminate", "normal", "normal"),
        ("nudt15", "*1/*4", "indeterminate", "intermediate", "intermediate"),
        ("nudt15", "*1/*15", "indeterminate", "indeterminate", "indeterminate"),
    ],
)
def test_the_same_genotype_read_by_the_rules_of_three_days(
    versions: Versions, gene: str, written: str, old: str | None, between: str, now: str
) -> None:
    """Published: CPIC's tables of November 2025, February 2026 and May 2026."""
    assert [phenotype_of(versions[letter], gene, written) for letter in "ABC"] == [old, between, now]


@pytest.mark.parametrize(
    "written", ["*1/*3A", "*3A/*1", " *1 / *3a ", "*1|*3A", "TPMT *1/*3A", "TPMT*1/TPMT*3A", "tpmt: *3A/*1"]
)
def test_one_diplotype_in_many_spellings(versions: Versions, written: str) -> None:
    found = read_diplotype(versions["C"], "tpmt", written)
    assert found is not None
    assert (found.name, found.first.function, found.second.function) == ("*1/*3A", "normal", "no")


def test_retired_names_and_sub_alleles(versions: Versions) -> None:
    for written in ("*1/*2", "*2/*1", "*1/*3.002", "*1/*3"):
        found = read_diplotype(versions["C"], "nudt15", written)
        assert found is not None
        assert found.name == "*1/*3"
    kept = read_diplotype(versions["A"], "nudt15", "*1/*2")
    assert kept is not None
    assert kept.name == "*1/*2"


@pytest.mark.parametrize(
    "written",
    ["", "*1", "*1/", "*1/*99", "1/3A", "*1/*3D", "*1/*3A*", "*1/*3A/*2", "*1/*3A or *3B/*3C", "*1/*3Ab", "*1/*3A2",
     "*1/*3.2", "-*1/*3A", "NUDT15 *1/*3A", "*1/*3A?", "*１/*3A", "*" * 10_000],
)  # fmt: skip
def test_anything_else_is_not_a_diplotype(versions: Versions, written: str) -> None:
    assert read_diplotype(versions["C"], "tpmt", written) is None
    assert phenotype_of(versions["C"], "tpmt", written) is None


def test_a_body_without_definitions_knows_no_diplotype(releases: dict[str, Release]) -> None:
    assert phenotype_of(releases["pharmacogenes/dpwg-2025"], "tpmt", "*1/*1") is None
