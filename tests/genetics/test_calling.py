"""From what is seen at the sites to the possible pairs of alleles. Expected answers are the guideline's and PharmCAT's
published ones, or follow from the definitions by hand."""

import pytest

from genetics.people import names, seen, shown, without
from rxvigil.genetics import ABSENT, MISSING, OTHER, UNKNOWN, ReadyGene, SiteCall, call_gene

Genes = dict[tuple[str, str], ReadyGene]
EVERY = ["A", "B", "C"]


@pytest.mark.parametrize("version", EVERY)
def test_nothing_but_the_reference_is_one_one(ready: Genes, version: str) -> None:
    for key in ("tpmt", "nudt15"):
        call = call_gene(ready[version, key], seen(ready[version, key]))
        assert shown(call) == {"*1/*1": "normal"}
        assert (call.notes, call.tier_1_open, call.resolved_by, call.safest) == ((), (), (), "normal")


@pytest.mark.parametrize("version", EVERY)
def test_two_heterozygous_sites_of_3a_leave_two_possibilities(ready: Genes, version: str) -> None:
    """Both changes on one strand, or one on each: intermediate or poor. The dose goes by poor until activity tells."""
    gene = ready[version, "tpmt"]
    call = call_gene(gene, seen(gene, rs1142345=("T", "C"), rs1800460=("C", "T")))
    assert shown(call) == {"*1/*3A": "intermediate", "*3B/*3C": "poor"}
    assert call.safest == "poor"
    assert call.resolved_by == ("tpmt-activity", "phasing")


@pytest.mark.parametrize("version", EVERY)
def test_phase_settles_3a(ready: Genes, version: str) -> None:
    gene = ready[version, "tpmt"]
    cis = call_gene(gene, seen(gene, "1", rs1142345=("T", "C"), rs1800460=("C", "T")))
    trans = call_gene(gene, seen(gene, "1", rs1142345=("T", "C"), rs1800460=("T", "C")))
    assert (shown(cis), shown(trans)) == ({"*1/*3A": "intermediate"}, {"*3B/*3C": "poor"})
    assert cis.resolved_by == trans.resolved_by == ()


def test_two_phase_sets_are_not_one(ready: Genes) -> None:
    gene = ready["C", "tpmt"]
    calls = seen(
        gene,
        rs1142345=SiteCall("called", ("T", "C"), "18130687"),
        rs1800460=SiteCall("called", ("C", "T"), "18138997"),
    )
    assert names(call_gene(gene, calls)) == {"*1/*3A", "*3B/*3C"}


def test_homozygous_and_compound(ready: Genes) -> None:
    """The expectations of PharmCAT's NamedAlleleMatcherTpmtTest: s3as3b and s16s22."""
    gene = ready["C", "tpmt"]
    s3as3b = call_gene(gene, seen(gene, rs1142345=("T", "C"), rs1800460=("T", "T")))
    s16s22 = call_gene(gene, seen(gene, rs144041067=("T", "G")))
    assert shown(s3as3b) == {"*3A/*3B": "poor"}
    assert shown(s16s22) == {"*16/*22": "poor"}


def test_a_site_with_three_alleles(ready: Genes) -> None:
    """18130687: T>C is *3C, T>G is *41."""
    gene = ready["C", "tpmt"]
    assert names(call_gene(gene, seen(gene, rs1142345=("C", "G")))) == {"*3C/*41"}


def test_insertion_and_415_of_nudt15(ready: Genes) -> None:
    """In 2024 *2 was an allele; now it is part of *3, and the other possibility is poor."""
    het = {"rs746071566": ("3", "4"), "rs116855232": ("C", "T")}
    old, new = (call_gene(ready[v, "nudt15"], seen(ready[v, "nudt15"], **het)) for v in ("A", "C"))
    assert shown(old) == {"*1/*2": "intermediate", "*3/*6": "possible-intermediate"}
    assert shown(new) == {"*1/*3": "intermediate", "*3/*6": "poor"}
    assert new.resolved_by == ("phasing",)
    assert new.safest == "poor"


@pytest.mark.parametrize(
    ("repeats", "old", "new"),
    [
        (("3", "4"), {"*1/*6": "indeterminate"}, {"*1/*6": "intermediate"}),
        (("4", "4"), {"*6/*6": "indeterminate"}, {"*6/*6": "poor"}),
        (("2", "3"), {"*1/*9": "intermediate"}, {"*1/*9": "intermediate"}),
        (("2", "4"), {"*6/*9": "possible-intermediate"}, {"*6/*9": "poor"}),
    ],
)
def test_repeats_of_nudt15(ready: Genes, repeats: tuple[str, str], old: dict[str, str], new: dict[str, str]) -> None:
    for version, expected in (("A", old), ("B", new), ("C", new)):
        gene = ready[version, "nudt15"]
        assert shown(call_gene(gene, seen(gene, rs746071566=repeats))) == expected


def test_nudt15_3_has_three_or_four_repeats_but_not_two(ready: Genes) -> None:
    gene = ready["C", "nudt15"]
    both_ways = call_gene(gene, seen(gene, "1", rs746071566=("3", "4"), rs116855232=("T", "T")))
    two = call_gene(gene, seen(gene, "1", rs746071566=("3", "2"), rs116855232=("C", "T")))
    assert shown(both_ways) == {"*3/*3": "poor"}
    assert shown(two) == {"*1/[rs746071566 2, rs116855232 T]": "indeterminate"}


def test_half_of_an_allele_is_no_allele_and_never_the_reference(ready: Genes) -> None:
    """TPMT*43 needs both changes; PharmCAT does not call one of them either."""
    gene = ready["C", "tpmt"]
    half = call_gene(gene, seen(gene, rs753545734=("C", "T")))
    whole = call_gene(gene, seen(gene, "1", rs753545734=("C", "T"), rs1256618794=("C", "A")))
    assert shown(half) == {"*1/[rs753545734 T]": "indeterminate"}
    assert not half.diplotypes[0].named
    assert half.resolved_by == ("tpmt-activity",)
    assert shown(whole) == {"*1/*43": "intermediate"}


def test_8_and_33_in_cis_are_46(ready: Genes) -> None:
    """Unphased: *1/*46 or *8/*33. In February 2026 the second was possible intermediate, since May both are."""
    het = {"rs56161402": ("C", "T"), "rs112339338": ("G", "A")}
    expected = {
        "A": {"*8/*33": "indeterminate", "*1/[rs56161402 T, rs112339338 A]": "indeterminate"},
        "B": {"*1/*46": "intermediate", "*8/*33": "possible-intermediate"},
        "C": {"*1/*46": "intermediate", "*8/*33": "intermediate"},
    }
    for version, pairs in expected.items():
        gene = ready[version, "tpmt"]
        assert shown(call_gene(gene, seen(gene, **het))) == pairs


def test_decreased_and_no_function(ready: Genes) -> None:
    """The one cell that changed on 11 May 2026, and the one that did not."""
    het = {"rs1142345": ("T", "C"), "rs56161402": ("T", "C")}
    by_version = {v: shown(call_gene(ready[v, "tpmt"], seen(ready[v, "tpmt"], "1", **het))) for v in EVERY}
    assert by_version == {
        "A": {"*3C/*8": "possible-intermediate"},
        "B": {"*3C/*8": "possible-intermediate"},
        "C": {"*3C/*8": "intermediate"},
    }
    poor = {
        v: call_gene(ready[v, "nudt15"], seen(ready[v, "nudt15"], "1", rs116855232=("C", "T"), rs186364861=("A", "G")))
        for v in ("B", "C")
    }
    assert all(shown(call) == {"*3/*5": "poor"} for call in poor.values())


def test_an_allele_that_no_release_defines_is_not_the_reference(ready: Genes) -> None:
    """PharmCAT reads C>T at rs1800462 as the reference; here it is a haplotype of unknown function."""
    gene = ready["C", "tpmt"]
    call = call_gene(gene, seen(gene, rs1800462=SiteCall("undocumented", ("C", OTHER))))
    assert shown(call) == {"*1/[rs1800462 other]": "indeterminate"}
    assert [(note.site, note.status, note.alleles) for note in call.notes] == [("rs1800462", "undocumented", ("*2",))]


@pytest.mark.parametrize(
    "call", [ABSENT, MISSING, SiteCall("filtered"), SiteCall("conflicting"), SiteCall("not-diploid")]
)
def test_a_site_of_the_minimum_panel_that_is_not_known(ready: Genes, call: SiteCall) -> None:
    """Never the reference by default: *1/*1, *1/*2 and *2/*2 are possible; intermediate or poor is not excluded."""
    gene = ready["C", "tpmt"]
    found = call_gene(gene, seen(gene, rs1800462=call))
    assert {"*1/*1", "*1/*2", "*2/*2"} <= names(found)
    assert {"normal", "intermediate", "poor"} <= found.phenotypes
    assert found.phenotypes_as_tested == found.phenotypes
    assert found.tier_1_open == ("rs1800462",)
    assert found.safest == "poor"
    assert "sites" in found.resolved_by


def test_half_a_call_settles_one_strand(ready: Genes) -> None:
    gene = ready["C", "tpmt"]
    found = call_gene(gene, seen(gene, rs1800462=SiteCall("half-called", ("G", UNKNOWN))))
    assert {"*1/*2", "*2/*2"} <= names(found)
    assert "*1/*1" not in names(found)


def test_rare_sites_that_are_absent_leave_everything_open_and_the_panel_says_what_a_laboratory_would(
    ready: Genes,
) -> None:
    """Most files hold the four sites that laboratories test and little else."""
    gene = ready["C", "tpmt"]
    calls = [SiteCall("called", (site.reference, site.reference)) if site.tier_1 else ABSENT for site in gene.sites]
    found = call_gene(gene, calls)
    assert {"normal", "intermediate", "poor"} <= found.phenotypes
    assert (found.phenotypes_as_tested, found.safest_as_tested) == ({"normal"}, "normal")
    assert len(found.notes) == len(gene.sites) - 3
    assert found.tier_1_open == ()


def test_a_rare_site_that_was_filtered_is_not_assumed_to_be_the_reference(ready: Genes) -> None:
    """Something was seen there and not trusted: that is not the same as not looked for."""
    gene = ready["C", "tpmt"]
    found = call_gene(gene, seen(gene, rs56161402=SiteCall("filtered")))
    assert "*1/*8" in {pair.name for pair in found.as_tested}


def test_as_many_calls_as_sites(ready: Genes) -> None:
    gene = ready["C", "tpmt"]
    with pytest.raises(ValueError, match="44 calls for the 45 sites"):
        call_gene(gene, seen(gene)[:-1])


def test_too_many_arrangements_exclude_nothing(ready: Genes) -> None:
    gene = ready["C", "tpmt"]
    calls = [SiteCall("called", (site.reference, site.alternatives[0])) for site in gene.sites]
    found = call_gene(gene, calls)
    assert found.too_many
    assert (found.diplotypes, found.safest) == ((), "poor")
    assert found.phenotypes == {"normal", "intermediate", "possible-intermediate", "poor", "indeterminate"}


@pytest.mark.parametrize("key", ["tpmt", "nudt15"])
def test_work_is_bounded(ready: Genes, key: str) -> None:
    """Nothing seen: every pair of named alleles, and each with an unnamed one, once."""
    gene = ready["C", key]
    count = len(gene.named) + 1
    found = call_gene(gene, [ABSENT] * len(gene.sites))
    assert len(found.diplotypes) == count * (count + 1) // 2


def test_sites_not_seen_beside_a_variant(ready: Genes) -> None:
    """*3C with the site of *3B missing may be *3A."""
    gene = ready["C", "tpmt"]
    calls = without(seen(gene, rs1142345=("T", "C")), gene, rs1800460=MISSING)
    assert {"*1/*3C", "*1/*3A", "*3B/*3C", "*3A/*3B"} <= names(call_gene(gene, calls))
