"""What a cell of a VCF says of a site. Nothing is ever the reference unseen; the states are kept apart."""

from pathlib import Path

import pytest
from vcf_writing import ANCHOR, CONTEXT, REPEAT, at, every_site, line, read, release, saved, sites_of

from rxvigil.genetics import OTHER, UNKNOWN, SiteCall
from rxvigil.intake.vcf import read_vcf

STAR_3C, STAR_3B, STAR_2 = "rs1142345", "rs1800460", "rs1800462"
CHR6 = 18130687


@pytest.mark.parametrize(
    ("cell", "call"),
    [
        ("0/0", SiteCall("called", ("T", "T"))),
        ("0|0", SiteCall("called", ("T", "T"))),
        ("0/1", SiteCall("called", ("T", "C"))),
        ("1/0", SiteCall("called", ("C", "T"))),
        ("0|1", SiteCall("called", ("T", "C"), "contig")),
        ("1/2", SiteCall("called", ("C", "G"))),
        ("./.", SiteCall("missing")),
        (".|.", SiteCall("missing")),
        (".", SiteCall("missing")),
        ("0/.", SiteCall("half-called", ("T", UNKNOWN))),
        ("./1", SiteCall("half-called", (UNKNOWN, "C"))),
        ("1", SiteCall("not-diploid")),
        ("0", SiteCall("not-diploid")),
        ("0/0/1", SiteCall("not-diploid")),
    ],
)
def test_what_a_genotype_says(cell: str, call: SiteCall, tmp_path: Path) -> None:
    assert read(tmp_path, [at(STAR_3C, cell)])[STAR_3C] == call


def test_a_site_without_record_is_absent_and_not_reference(tmp_path: Path) -> None:
    found = read(tmp_path, [at(STAR_3C, "0/0")])
    assert found[STAR_2] == SiteCall("absent")
    assert found[REPEAT] == SiteCall("absent")


@pytest.mark.parametrize("filter_", ["LowQual", "q10;s50", "RefCall", "LowGQ"])
def test_a_record_that_did_not_pass_is_filtered_whatever_it_says(filter_: str, tmp_path: Path) -> None:
    for cell in ("0/0", "0/1", "1|1"):
        assert read(tmp_path, [at(STAR_3C, cell, filter_=filter_)])[STAR_3C] == SiteCall("filtered")


@pytest.mark.parametrize(
    ("form", "cell", "status"),
    [
        ("GT:FT", "0/1:PASS", "called"),
        ("GT:FT", "0/1:.", "called"),
        ("GT:FT", "0/1", "called"),
        ("GT:FT", "0/1:LowDP", "filtered"),
        ("GT:DP", "0/0:0", "missing"),
        ("GT:DP", "0/0:1", "called"),
        ("GT:DP", "0/0:.", "called"),
        ("GT:GQ", "0/0:0", "missing"),
        ("GT:GQ", "0/0:3", "called"),
        ("GT:DP:GQ:MIN_DP:PL", "0/0:12:30:0:0,0,0", "missing"),
        ("DP:GT", "9:0/1", "called"),
        ("DP:AD", "9:4,5", "missing"),
    ],
)
def test_a_sample_s_own_filter_counts_and_no_reads_say_nothing(
    form: str, cell: str, status: str, tmp_path: Path
) -> None:
    assert read(tmp_path, [at(STAR_3C, cell, form=form)])[STAR_3C].status == status


def test_an_allele_that_no_release_defines_is_kept_apart_from_the_reference(tmp_path: Path) -> None:
    records = [line("chr6", 18143724, "C", "T", "0/1")]
    assert read(tmp_path, records)[STAR_2] == SiteCall("undocumented", ("C", OTHER))


def test_nobody_carrying_it_an_undocumented_allele_leaves_the_reference(tmp_path: Path) -> None:
    assert read(tmp_path, [line("chr6", 18143724, "C", "T", "0/0")])[STAR_2] == SiteCall("called", ("C", "C"))


@pytest.mark.parametrize("alt", ["*", "<DEL>"])
def test_a_base_within_a_deletion_is_no_known_allele(alt: str, tmp_path: Path) -> None:
    records = [line("chr6", CHR6, "T", f"C,{alt}", "1/2")]
    assert read(tmp_path, records)[STAR_3C] == SiteCall("undocumented", ("C", OTHER))


def test_a_deletion_that_runs_over_a_site_leaves_the_other_strand_open(tmp_path: Path) -> None:
    deletion = line("chr6", CHR6 - 2, "ATTG", "A", "0/1")
    assert read(tmp_path, [deletion])[STAR_3C] == SiteCall("undocumented", (UNKNOWN, OTHER))
    assert read(tmp_path, [deletion, at(STAR_3C, "0/0")])[STAR_3C] == SiteCall("undocumented", ("T", OTHER))


def test_not_carrying_a_deletion_says_nothing_of_a_site_within_it(tmp_path: Path) -> None:
    assert read(tmp_path, [line("chr6", CHR6 - 2, "ATTG", "A", "0/0")])[STAR_3C] == SiteCall("absent")


def test_a_deleted_gene_by_symbol_is_no_known_allele_anywhere_in_it(tmp_path: Path) -> None:
    whole = line("chr6", CHR6 - 50, "A", "<DEL>", "0/1", info="SVTYPE=DEL;END=18150000")
    found = read(tmp_path, [*every_site(), whole])
    assert found[STAR_3C] == SiteCall("undocumented", ("T", OTHER))
    assert found[REPEAT] == SiteCall("called", ("3", "3"))


class TestBlocks:
    """gVCF: a block says of every base whether it is the reference."""

    @pytest.mark.parametrize("alt", ["<NON_REF>", "<*>", "."])
    def test_a_block_of_the_reference_covers_the_sites_within_it(self, alt: str, tmp_path: Path) -> None:
        blocks = [
            line("chr6", 18130000, "A", alt, "0/0:30:20", info="END=18150000", form="GT:DP:GQ"),
            line("chr13", 48037000, "A", alt, "0/0:30:20", info="DP=3;END=48037790", form="GT:DP:GQ"),
            line("chr13", 48037791, CONTEXT[9], alt, "0/0:30:20", info="END=48050000;DP=3", form="GT:DP:GQ"),
        ]
        found = read(tmp_path, blocks)
        assert {call.status for call in found.values()} == {"called"}
        assert all(call.alleles[0] == call.alleles[1] for call in found.values())

    @pytest.mark.parametrize(
        ("cell", "filter_", "status"),
        [("./.:0:0", ".", "missing"), ("0/0:0:0", ".", "missing"), ("0/0:20:99", "LowGQ", "filtered")],
    )
    def test_a_block_without_reads_or_pass_covers_nothing(
        self, cell: str, filter_: str, status: str, tmp_path: Path
    ) -> None:
        block = line("chr6", 18130000, "A", "<NON_REF>", cell, info="END=18150000", form="GT:DP:GQ", filter_=filter_)
        assert read(tmp_path, [block])[STAR_3C].status == status

    def test_a_block_that_ends_within_the_repeat_leaves_it_open(self, tmp_path: Path) -> None:
        block = line("chr13", 48037000, "A", "<NON_REF>", "0/0", info=f"END={ANCHOR + 8}")
        assert read(tmp_path, [block])[REPEAT] == SiteCall("absent")

    def test_a_variant_record_of_a_gvcf_speaks_of_its_own_bases(self, tmp_path: Path) -> None:
        records = [
            line("chr6", 18130000, "A", "<NON_REF>", "0/0", info=f"END={CHR6 - 1}"),
            line("chr6", CHR6, "T", "C,<NON_REF>", "0/1"),
            line("chr6", CHR6 + 1, "A", "<NON_REF>", "0/0", info="END=18150000"),
        ]
        found = read(tmp_path, records)
        assert found[STAR_3C] == SiteCall("called", ("T", "C"))
        assert found[STAR_2] == SiteCall("called", ("C", "C"))

    def test_any_other_allele_by_name_may_be_any_allele(self, tmp_path: Path) -> None:
        records = [line("chr6", CHR6, "T", "C,<NON_REF>", "0/2")]
        assert read(tmp_path, records)[STAR_3C] == SiteCall("undocumented", ("T", UNKNOWN))


class TestSeveralRecords:
    def test_an_allele_each(self, tmp_path: Path) -> None:
        split = [line("chr6", CHR6, "T", "C", "0/1"), line("chr6", CHR6, "T", "G", "1/0")]
        assert sorted(read(tmp_path, split)[STAR_3C].alleles) == ["C", "G"]

    def test_an_allele_each_with_dots_for_the_other(self, tmp_path: Path) -> None:
        split = [line("chr6", CHR6, "T", "C", "1/."), line("chr6", CHR6, "T", "G", "./1")]
        found = read(tmp_path, split)[STAR_3C]
        assert (found.status, sorted(found.alleles)) == ("called", ["C", "G"])

    def test_a_second_copy_changes_nothing(self, tmp_path: Path) -> None:
        once = read(tmp_path, [at(STAR_3C, "0/1")])
        assert read(tmp_path, [at(STAR_3C, "0/1"), at(STAR_3C, "0/1")]) == once

    @pytest.mark.parametrize("other", ["0/0", "1/1"])
    def test_two_copies_that_disagree_are_a_conflict(self, other: str, tmp_path: Path) -> None:
        assert read(tmp_path, [at(STAR_3C, "0/1"), at(STAR_3C, other)])[STAR_3C] == SiteCall("conflicting")

    def test_three_alleles_on_two_strands_are_a_conflict(self, tmp_path: Path) -> None:
        records = [line("chr6", CHR6, "T", "C", "1/1"), line("chr6", CHR6, "T", "G", "0/1")]
        assert read(tmp_path, records)[STAR_3C] == SiteCall("conflicting")

    def test_two_alleles_on_one_strand_are_a_conflict(self, tmp_path: Path) -> None:
        records = [line("chr6", CHR6, "T", "C", "0|1"), line("chr6", CHR6, "T", "G", "0|1")]
        assert read(tmp_path, records)[STAR_3C] == SiteCall("conflicting")

    @pytest.mark.parametrize(
        ("cell", "filter_", "status"), [("./.", "PASS", "missing"), ("0/0", "LowQual", "filtered")]
    )
    def test_what_one_record_leaves_open_the_other_does_not_close(
        self, cell: str, filter_: str, status: str, tmp_path: Path
    ) -> None:
        other = line("chr6", CHR6, "T", "G", cell, filter_=filter_)
        assert read(tmp_path, [line("chr6", CHR6, "T", "C", "0/0"), other])[STAR_3C] == SiteCall(status)
        assert read(tmp_path, [line("chr6", CHR6, "T", "C", "0/1"), other])[STAR_3C] == SiteCall(status, (UNKNOWN, "C"))

    def test_the_order_of_records_does_not_matter(self, tmp_path: Path) -> None:
        records = every_site({STAR_3C: "0/1", STAR_3B: "0/1", REPEAT: "1/2"})
        assert read(tmp_path, records[::-1]) == read(tmp_path, records)


def test_a_change_of_several_bases_speaks_of_each_site_it_holds(tmp_path: Path) -> None:
    records = [line("chr6", 18138969, "CG", "TA,CA", "1/2")]
    found = read(tmp_path, records)
    assert found["rs144041067"] == SiteCall("called", ("T", "C"))
    assert found["rs112339338"] == SiteCall("called", ("A", "A"))


class TestPhase:
    def test_phase_sets_are_kept_apart(self, tmp_path: Path) -> None:
        records = [at(STAR_3C, "0|1:100", form="GT:PS"), at(STAR_3B, "1|0:200", form="GT:PS")]
        found = read(tmp_path, records)
        assert (found[STAR_3C].phase, found[STAR_3B].phase) == ("100", "200")

    def test_an_unphased_genotype_is_in_no_set_whatever_it_names(self, tmp_path: Path) -> None:
        assert read(tmp_path, [at(STAR_3C, "0/1:100", form="GT:PS")])[STAR_3C].phase == ""

    def test_phased_calls_without_a_set_share_one(self, tmp_path: Path) -> None:
        records = [at(STAR_3C, "0|1"), at(STAR_3B, "0|1:.", form="GT:PS")]
        found = read(tmp_path, records)
        assert found[STAR_3C].phase == found[STAR_3B].phase != ""


class TestAbsentIsReference:
    def test_only_when_asked_for_and_only_what_no_record_covers(self, tmp_path: Path) -> None:
        path = saved(tmp_path, [at(STAR_3C, "0/1"), at(STAR_3B, "./."), at(REPEAT, "0/0")])
        found = sites_of(read_vcf(path, release(), absent_is_reference=True))
        assert found[STAR_2] == SiteCall("called", ("C", "C"))
        assert found[STAR_3C] == SiteCall("called", ("T", "C"))
        assert found[STAR_3B] == SiteCall("missing")

    def test_a_gene_of_which_the_file_has_no_record_stays_unknown(self, tmp_path: Path) -> None:
        calls = read_vcf(saved(tmp_path, [at(STAR_3C, "0/1")]), release(), absent_is_reference=True)
        assert calls.without_records == ("nudt15",)
        assert sites_of(calls)[REPEAT] == SiteCall("absent")
