"""Public genotypes called: PharmCAT's test files against its published expectations, each difference explained; the
tutorial's three people; 1,021 people of the 1000 Genomes Project against a count from the raw text."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from rxvigil.genetics import GeneCall, call_gene
from rxvigil.intake.vcf import VcfCalls, read_vcf
from rxvigil.knowledge.loader import parse_file, shipped_knowledge
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.yamlfile import read_document

A, B, C = "cpic-2024", "cpic-2026-02", "cpic-2026-05"


def release(name: str) -> Release:
    path = shipped_knowledge() / "pharmacogenes" / f"{name}.yaml"
    found = parse_file(read_document(path, path.name))
    assert isinstance(found, Release)
    return found


@pytest.fixture(scope="session")
def pgx(data: Path) -> Path:
    return data / "pgx"


def called(path: Path, gene: str, rules: str = C, *more: Path, absent: bool = False) -> list[GeneCall]:
    calls = read_vcf(path, release(rules), absent_is_reference=absent, more=more)
    return list(calls.genes[gene].each(call_gene))


def names(call: GeneCall) -> set[str]:
    return {pair.name for pair in call.diplotypes}


def as_tested(call: GeneCall) -> set[str]:
    return {pair.name for pair in call.as_tested}


# --- PharmCAT's fourteen files --------------------------------------------------------------------------------------

PHARMCAT: Final[dict[str, tuple[str, str, set[str]]]] = {
    # file: what PharmCAT expects; why we differ, or nothing; what is right under version C for the sites tested
    "TPMT/s1s1.vcf": ("*1/*1", "", {"*1/*1"}),
    "TPMT/s1s1s.vcf": ("*1/*1", "", {"*1/*1"}),
    "TPMT/s3as3b.vcf": ("*3A/*3B", "", {"*3A/*3B"}),
    "TPMT/s16s22.vcf": ("*16/*22", "", {"*16/*22"}),
    "TPMT/s3bs3c.vcf": ("*1/*3A, *3B/*3C", "", {"*1/*3A", "*3B/*3C"}),
    "TPMT/s1ss1ss3.vcf": ("*1/*3A, *3B/*3C", "", {"*1/*3A", "*3B/*3C"}),
    "TPMT/het3a.vcf": ("*1/*3A", "PharmCAT shows its highest score; both fit unphased data", {"*1/*3A", "*3B/*3C"}),
    "TPMT/hom1s_het3a.vcf": (
        "*1/*3A",
        "the same; *1S at 18138983 is no site and changes nothing",
        {"*1/*3A", "*3B/*3C"},
    ),
    "TPMT/unexpected.allele.vcf": (
        "*1/*1",
        "18147910 A>T is no allele of any release: PharmCAT takes it for the reference, here it is nobody's allele",
        {"[rs72552740 other]/[rs72552740 other]"},
    ),
    "TPMT/unexpected.allele.with.s9.vcf": (
        "*9/*9",
        "the same beside *9 on both strands: that is no named haplotype",
        {"[rs151149760 G, rs72552740 other]/[rs151149760 G, rs72552740 other]"},
    ),
    "TPMT/s15offdata.vcf": (
        "nothing",
        "an insertion anchored at 18133890 is not the C>T that defines *15: the record does not ask about that base, "
        "so it is absent, and only a site outside the minimum panel",
        {"*1/*1"},
    ),
    "NUDT15/refref.vcf": ("*1/*1", "", {"*1/*1"}),
    "NUDT15/s3ref.vcf": ("*1/*3", "", {"*1/*3"}),
    "NUDT15/s2ref.vcf": (
        "*1/*2",
        "*2 became a sub-allele of *3 on 29 Jan 2026; and 4 repeats on the other strand (*3/*6) fit unphased data too",
        {"*1/*3", "*3/*6"},
    ),
}


def test_every_file_has_its_expectation(pgx: Path) -> None:
    there = {path.relative_to(pgx / "pharmcat_tests").as_posix() for path in (pgx / "pharmcat_tests").rglob("*.vcf")}
    assert there == set(PHARMCAT)


@pytest.mark.parametrize("name", PHARMCAT)
def test_a_pharmcat_file_as_the_laboratory_would_report_it(name: str, pgx: Path) -> None:
    expected, difference, ours = PHARMCAT[name]
    gene = name.partition("/")[0].lower()
    (call,) = called(pgx / "pharmcat_tests" / name, gene)
    assert as_tested(call) == ours
    assert bool(difference) == (set(expected.split(", ")) != ours), "a difference is explained, nothing else is"


@pytest.mark.parametrize("name", PHARMCAT)
def test_and_without_the_assumption_that_untested_sites_are_reference(name: str, pgx: Path) -> None:
    """The files lack the sites defined since 2015 or 2025: alleles that need them stay possible, and are named."""
    gene = name.partition("/")[0].lower()
    (call,) = called(pgx / "pharmcat_tests" / name, gene)
    assert as_tested(call) <= names(call) or "unexpected" in name
    absent = [note for note in call.notes if note.status == "absent"]
    assert absent
    if gene == "nudt15":
        assert [note.alleles for note in absent] == [("*21",)]
    other = "nudt15" if gene == "tpmt" else "tpmt"
    (nothing,) = called(pgx / "pharmcat_tests" / name, other)
    assert nothing.tier_1_open
    assert nothing.safest == "poor"


def test_the_retired_star_2_under_the_rules_of_its_day(pgx: Path) -> None:
    (call,) = called(pgx / "pharmcat_tests/NUDT15/s2ref.vcf", "nudt15", A)
    assert {pair.name: pair.phenotype for pair in call.as_tested} == {
        "*1/*2": "intermediate",
        "*3/*6": "possible-intermediate",
    }


def test_a_double_heterozygote_is_as_grave_in_nudt15_as_in_tpmt_since_2026(pgx: Path) -> None:
    for name, gene in (("TPMT/s3bs3c.vcf", "tpmt"), ("NUDT15/s2ref.vcf", "nudt15")):
        (call,) = called(pgx / "pharmcat_tests" / name, gene)
        assert {pair.phenotype for pair in call.as_tested} == {"intermediate", "poor"}
        assert call.safest_as_tested == "poor"
        assert "phasing" in call.resolved_by


# --- three people of the tutorial -----------------------------------------------------------------------------------


def test_the_tutorial_s_people_raw_and_normalised(pgx: Path) -> None:
    """Raw, the third alternative of the NUDT15 repeat is only the SNP on its anchor base. NA18526 is unphased here;
    the phased panel says *1/*3 (its number of repeats and C>T lie on one strand)."""
    folder = pgx / "tutorial_3samples"
    raw = read_vcf(folder / "tutorial_3samples.TPMT_NUDT15.GRCh38.vcf.gz", release(C))
    assert raw.samples == ("NA18526", "NA18565", "NA18861")
    nudt15 = list(raw.genes["nudt15"].each(call_gene))
    assert [as_tested(one) for one in nudt15] == [{"*1/*3", "*3/*6"}, {"*1/*1"}, {"*1/*1"}]
    assert [as_tested(one) for one in raw.genes["tpmt"].each(call_gene)] == [{"*1/*1"}] * 3
    assert [one.tier_1_open for one in nudt15] == [(), (), ()]
    for sample, whole in zip(raw.samples, nudt15, strict=True):
        (alone,) = called(folder / f"{sample}.preprocessed.TPMT_NUDT15.vcf", "nudt15")
        assert as_tested(alone) == as_tested(whole)


# --- 1,021 people, phased -------------------------------------------------------------------------------------------

POSITIONS: Final = {
    # GRCh38 position, REF, ALT in the panel's file -> what the strand carries; by hand from CPIC's allele tables
    "tpmt": {
        (18130687, "T", "C"): "3C-site", (18130762, "C", "T"): "8-site", (18133847, "C", "A"): "24-site",
        (18138969, "C", "T"): "16-site", (18138970, "G", "A"): "33-site", (18138997, "C", "T"): "3B-site",
        (18143622, "C", "T"): "32-site", (18143724, "C", "G"): "2-site", (18147851, "G", "C"): "21-site",
    },
    "nudt15": {
        (48037782, "A", "AGGAGTC"): "4", (48037782, "AGGAGTC", "A"): "2", (48037798, "G", "A"): "5-site",
        (48045719, "C", "T"): "3-site", (48045720, "G", "A"): "4-site", (48045771, "T", "A"): "15-site",
    },
}  # fmt: skip
STRANDS: Final[dict[str, dict[frozenset[str], str]]] = {
    "tpmt": {
        frozenset(carried): star
        for star, carried in {
            "*1": (), "*2": ("2-site",), "*3A": ("3C-site", "3B-site"), "*3B": ("3B-site",), "*3C": ("3C-site",),
            "*8": ("8-site",), "*16": ("16-site",), "*21": ("21-site",), "*24": ("24-site",), "*32": ("32-site",),
            "*33": ("33-site",), "*46": ("8-site", "33-site"),
        }.items()
    },
    "nudt15": {
        frozenset(carried): star
        for star, carried in {
            "*1": (), "*3": ("3-site",), "*3 ": ("3-site", "4"), "*6": ("4",), "*9": ("2",), "*5": ("5-site",),
            "*4": ("4-site",), "*15": ("15-site",),
        }.items()
    },
}  # fmt: skip


def counted_by_hand(path: Path, gene: str) -> Iterator[str]:
    """Each person's diplotype from the raw text: columns split, strands read off, nothing of the caller used."""
    strands: list[list[set[str]]] = []
    with gzip.open(path, "rt") as file:
        for row in file:
            fields = row.rstrip("\n").split("\t")
            if row.startswith("#CHROM"):
                strands = [[set(), set()] for _ in fields[9:]]
            if row.startswith("#"):
                continue
            what = POSITIONS[gene].get((int(fields[1]), fields[3], fields[4]))
            for person, cell in zip(strands, fields[9:], strict=True) if what else ():
                for strand, allele in zip(person, cell.split("|"), strict=True):
                    strand.update({what} if allele == "1" else ())
    for person in strands:
        stars = [STRANDS[gene][frozenset(strand)].strip() for strand in person]
        yield "/".join(sorted(stars, key=lambda star: (int(star.strip("*ABC")), star)))


@pytest.fixture(scope="session")
def panel(pgx: Path) -> Callable[[str], VcfCalls]:
    folder = pgx / "kg1000_third_GRCh38"

    def read(rules: str) -> VcfCalls:
        return read_vcf(
            folder / "TPMT.vcf.gz", release(rules), absent_is_reference=True, more=[folder / "NUDT15.vcf.gz"]
        )

    return read


@pytest.mark.parametrize("gene", ["tpmt", "nudt15"])
def test_everybody_s_diplotype_is_the_one_counted_from_the_raw_text(
    gene: str, pgx: Path, panel: Callable[[str], VcfCalls]
) -> None:
    calls = list(panel(C).genes[gene].each(call_gene))
    assert len(calls) == 1021
    assert all(len(call.diplotypes) == 1 for call in calls)
    by_hand = list(counted_by_hand(pgx / "kg1000_third_GRCh38" / f"{gene.upper()}.vcf.gz", gene))
    assert [call.diplotypes[0].name for call in calls] == by_hand
    assert len(set(by_hand)) > 6


def test_without_the_assumption_nobody_is_called_normal(pgx: Path) -> None:
    """The panel drops sites at which nobody varies: 36 of the 45 TPMT sites are not in the file."""
    for gene, absent in (("TPMT", 36), ("NUDT15", 12)):
        calls = called(pgx / "kg1000_third_GRCh38" / f"{gene}.vcf.gz", gene.lower())
        assert not any(call.safest == "normal" for call in calls)
        assert all(len([note for note in call.notes if note.status == "absent"]) >= absent for call in calls)
        assert all(call.tier_1_open == () for call in calls)


def phenotype_by_table(functions: tuple[str, str], rules: str, gene: str) -> str:
    """The phenotype tables of section 3a of the published comparison, written out by hand for both versions."""
    words = sorted(one.removesuffix(" function").lower() for one in functions)
    if {"uncertain", "unknown", "unassigned"} & set(words):
        return "possible-intermediate" if "no" in words else "indeterminate"
    if words == ["no", "no"]:
        return "poor"
    if words == ["decreased", "no"]:
        return "intermediate" if gene == "TPMT" else "poor"
    return "intermediate" if words in (["no", "normal"], ["decreased", "decreased"]) else "normal"


def functions_of(pgx: Path, column: str) -> dict[tuple[str, str], str]:
    with (pgx / "cpic_allele_function_2025-11_vs_2026-05.tsv").open() as file:
        head, *rows = (row.rstrip("\n").split("\t") for row in file)
    place = head.index(column)
    return {(row[0], row[1]): row[place].strip("(").replace("not assigned)", "unassigned") for row in rows}


def test_as_many_people_change_their_phenotype_as_the_two_tables_say(
    pgx: Path, panel: Callable[[str], VcfCalls]
) -> None:
    """Under versions A and C, person by person, against the function tables applied by hand to the raw diplotypes."""
    changed_here, changed_by_hand = Counter[str](), Counter[str]()
    old, new = (functions_of(pgx, f"function_{day}") for day in ("2025-11", "2026-05"))
    for gene in ("TPMT", "NUDT15"):
        before, after = (list(panel(rules).genes[gene.lower()].each(call_gene)) for rules in (A, C))
        changed_here[gene] = sum(one.safest != other.safest for one, other in zip(before, after, strict=True))
        for diplotype in counted_by_hand(pgx / "kg1000_third_GRCh38" / f"{gene}.vcf.gz", gene.lower()):
            stars = diplotype.split("/")
            was, now = (
                phenotype_by_table((table[gene, stars[0]], table[gene, stars[1]]), rules, gene)
                for table, rules in ((old, A), (new, C))
            )
            changed_by_hand[gene] += was != now
    assert changed_here == changed_by_hand
    assert min(changed_here.values()) > 10


def test_a_carrier_of_a_decreased_and_a_no_function_allele_changes_with_the_correction_of_may(
    panel: Callable[[str], VcfCalls],
) -> None:
    """TPMT *3C/*8: possible intermediate until 10 May 2026, intermediate since the correction of 11 May."""
    found = {
        rules: [call.safest for call in panel(rules).genes["tpmt"].each(call_gene) if names(call) == {"*3C/*8"}]
        for rules in (A, B, C)
    }
    assert found == {A: ["possible-intermediate"], B: ["possible-intermediate"], C: ["intermediate"]}


def test_a_person_s_unphased_twin_allows_what_the_phased_one_says(tmp_path: Path, pgx: Path) -> None:
    """The phase taken away, the phased answer is among those left; for the double heterozygotes there is another."""
    source = pgx / "kg1000_third_GRCh38" / "TPMT.vcf.gz"
    twin = tmp_path / "unphased.vcf"
    with gzip.open(source, "rt") as file:
        twin.write_text("".join(row if row.startswith("##") else row.replace("|", "/") for row in file))
    phased = called(source, "tpmt", absent=True)
    unphased = called(twin, "tpmt", absent=True)
    assert all(names(one) <= names(other) for one, other in zip(phased, unphased, strict=True))
    doubles = [other for one, other in zip(phased, unphased, strict=True) if names(one) == {"*1/*3A"}]
    assert doubles
    assert all(names(one) == {"*1/*3A", "*3B/*3C"} for one in doubles)
