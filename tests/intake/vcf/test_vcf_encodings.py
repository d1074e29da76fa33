"""One haplotype can be written in many ways; each of them gives the same call.

The ways are made here from the reference sequence alone, by cutting and pasting text: nothing of the reader is used.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcf_writing import ANCHOR, CONTEXT, REPEAT, at, every_site, gene, genes_of, line, names, read, release, saved, site

from rxvigil.genetics import OTHER, UNKNOWN, SiteCall
from rxvigil.intake.vcf import read_vcf

UNIT = "GAGTCG"
LOCAL = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def with_repeats(count: int) -> str:
    """The sequence from the anchor base on, with so many units."""
    start = CONTEXT.index(UNIT)
    return CONTEXT[:start] + UNIT * count + CONTEXT[start + 3 * len(UNIT) :]


def ways(count: int) -> list[tuple[int, str, str]]:
    """Every (POS, REF, ALT) within the reference that turns it into `count` repeats."""
    wanted = with_repeats(count)
    grown = len(wanted) - len(CONTEXT)
    found = []
    for first in range(len(CONTEXT)):
        for end in range(first + 1, len(CONTEXT) + 1):
            alt = wanted[first : end + grown]
            whole = CONTEXT[:first] + alt + CONTEXT[end:]
            if end + grown > first and whole == wanted and alt != CONTEXT[first:end]:
                found.append((ANCHOR + first, CONTEXT[first:end], alt))
    return found


WAYS = {count: ways(count) for count in (2, 4)}


def test_the_reference_and_the_known_ways_are_what_the_public_files_say() -> None:
    assert with_repeats(3) == CONTEXT
    assert (ANCHOR, "AGGAGTC", "A") in WAYS[2]
    assert (ANCHOR, "AGGAGTC", "AGGAGTCGGAGTC") in WAYS[4]
    assert (ANCHOR, "A", "AGGAGTC") in WAYS[4]
    assert (48037801, "G", "GGAGTCG") in WAYS[4]
    assert len(WAYS[2]) > 50 < len(WAYS[4])


@pytest.mark.parametrize("count", [2, 4])
def test_every_way_of_writing_a_changed_number_of_repeats_is_counted_the_same(count: int, tmp_path: Path) -> None:
    for pos, ref, alt in WAYS[count]:
        found = read(tmp_path, [line("chr13", pos, ref, alt, "0|1")])
        assert found[REPEAT] == SiteCall("called", ("3", str(count)), "contig"), (pos, ref, alt)


@LOCAL
@given(st.data())
def test_two_changes_in_two_records_written_in_any_way(tmp_path: Path, data: st.DataObject) -> None:
    records = []
    for count, cell in ((2, "0|1"), (4, "1|0")):
        pos, ref, alt = data.draw(st.sampled_from(WAYS[count]))
        records.append(line("chr13", pos, ref, alt, cell))
    for order in (records, records[::-1]):
        assert read(tmp_path, order)[REPEAT] == SiteCall("called", ("4", "2"), "contig")


class TestNamedWays:
    """The ways that real files use (and issues of other callers are about)."""

    @pytest.mark.parametrize(
        ("records", "alleles"),
        [
            ([("AGGAGTC", "A,AGGAGTCGGAGTC", "1/2")], ["2", "4"]),
            ([("AGGAGTC", "AGGAGTCGGAGTC,A,CGGAGTC", "0/1")], ["3", "4"]),
            ([("AGGAGTC", "AGGAGTCGGAGTC,A,CGGAGTC", "0/3")], ["3", "3"]),
            ([("AGGAGTC", "AGGAGTCGGAGTC,A,CGGAGTC", "1/3")], ["3", "4"]),
            ([("A", "AGGAGTC", "0/1"), ("AGGAGTC", "A", "0/0")], ["3", "4"]),
            ([("A", "AGGAGTC", "0/1"), ("A", "C", "0/1")], ["3", "4"]),
            ([("A", "C", "1/1"), ("AGGAGTC", "A,AGGAGTCGGAGTC", "0/0")], ["3", "3"]),
            ([("AGGAGTC", "AGGAGTCGGAGTC,<NON_REF>", "1/1")], ["4", "4"]),
            ([("AGGAGTC", "AGGAGTCGGAGTC,*", "0/1")], ["3", "4"]),
            ([("A", "CGGAGTC", "0/1")], ["3", "4"]),
        ],
    )
    def test_the_number_of_repeats(
        self, records: list[tuple[str, str, str]], alleles: list[str], tmp_path: Path
    ) -> None:
        found = read(tmp_path, [line("chr13", ANCHOR, *record) for record in records])
        assert (found[REPEAT].status, sorted(found[REPEAT].alleles)) == ("called", alleles)

    def test_the_snp_on_the_anchor_base_alone_says_nothing_of_the_repeat(self, tmp_path: Path) -> None:
        assert read(tmp_path, [line("chr13", ANCHOR, "A", "C", "0/1")])[REPEAT] == SiteCall("absent")

    def test_the_snp_within_the_repeat_is_its_own_site(self, tmp_path: Path) -> None:
        found = read(tmp_path, [at("rs186364861", "0/1"), at(REPEAT, "0/0")])
        assert found["rs186364861"] == SiteCall("called", ("G", "A"))
        assert found[REPEAT] == SiteCall("called", ("3", "3"))

    @pytest.mark.parametrize("alt", ["AGGAGTCGGAGTCGGAGTC", "AGG", "AGGAGTCTTTTTT", "AGGAGTCG"])
    def test_another_number_of_repeats_or_another_insertion_is_undocumented(self, alt: str, tmp_path: Path) -> None:
        found = read(tmp_path, [line("chr13", ANCHOR, "AGGAGTC", alt, "0/1")])
        assert found[REPEAT] == SiteCall("undocumented", ("3", OTHER))

    def test_a_spanning_deletion_at_the_repeat(self, tmp_path: Path) -> None:
        found = read(tmp_path, [line("chr13", ANCHOR, "AGGAGTC", "A,*", "0/2")])
        assert found[REPEAT] == SiteCall("undocumented", ("3", OTHER))


INDELS = ["rs759836180", "c18149103", "rs777311140", "rs1457579126", "rs761191455"]


@pytest.mark.parametrize("site_id", INDELS)
def test_an_insertion_or_deletion_with_more_bases_around_it(site_id: str, tmp_path: Path) -> None:
    """What follows is not known here, so any bases may: they are the same in REF and ALT."""
    where, one = site(site_id)
    for after in ("", "A", "CCGT", "TTTTTTT"):
        record = line(f"chr{where.chromosome}", one.position, one.reference + after, one.alternatives[0] + after, "0/1")
        assert read(tmp_path, [record])[site_id] == SiteCall("called", (one.reference, one.alternatives[0])), after


def test_a_deletion_in_a_run_of_one_base_written_at_its_end(tmp_path: Path) -> None:
    """GAAA > GAA, and AAA > AA one base later: REF shows that it is one deletion."""
    for pos, ref, alt in ((48040977, "GAAA", "GAA"), (48040978, "AAA", "AA"), (48040978, "A", "")):
        record = line("chr13", pos, ref, alt or "*", "0/1")
        expected = SiteCall("called", ("GA", "G")) if alt else SiteCall("undocumented", (UNKNOWN, OTHER))
        assert read(tmp_path, [record])["rs1457579126"] == expected


def test_a_deletion_further_on_that_could_be_the_same_is_not_called_the_reference(tmp_path: Path) -> None:
    records = [at("rs1457579126", "0/0"), line("chr13", 48040983, "AA", "A", "0/1")]
    assert read(tmp_path, records)["rs1457579126"] == SiteCall("undocumented", ("GA", UNKNOWN))


def test_another_insertion_at_the_same_place_is_undocumented(tmp_path: Path) -> None:
    assert read(tmp_path, [line("chr13", 48041103, "T", "TC", "0/1")])["rs761191455"] == SiteCall(
        "undocumented", ("T", OTHER)
    )


def test_a_substitution_beside_an_insertion_is_another_matter(tmp_path: Path) -> None:
    records = [at("rs761191455", "0/1"), line("chr13", 48041103, "T", "C", "0/1")]
    assert read(tmp_path, records)["rs761191455"] == SiteCall("called", ("T", "TG"))


SITES = {one.id: one for key in ("tpmt", "nudt15") for one in gene(key).sites}
CELLS = ("0|1", "1|0", "1|1", "0/1", "./.")
GENOTYPES = st.dictionaries(st.sampled_from(sorted(SITES)), st.sampled_from(CELLS), max_size=8)
TWINS = settings(LOCAL, max_examples=40)


@TWINS
@given(cells=GENOTYPES, data=st.data())
def test_twins_of_a_whole_file_give_the_same_calls(tmp_path: Path, cells: dict[str, str], data: st.DataObject) -> None:
    """The same person on the other build, with or without 'chr', in another order, with alleles split into records."""
    plain = read(tmp_path, every_site(cells))
    shuffled = data.draw(st.permutations(every_site(cells)))
    assert read(tmp_path, shuffled) == plain
    assert read(tmp_path, every_site(cells, build="GRCh37", chr_=""), build="GRCh37", chr_="") == plain
    assert read(tmp_path, every_site(cells, chr_=""), build=None) == plain
    assert read(tmp_path, [part for record in every_site(cells) for part in split(record)]) == plain


def test_a_half_called_genotype_split_by_allele_is_never_less_open(tmp_path: Path) -> None:
    """'0/.' twice: nothing says that both dots are the same strand."""
    whole = at(REPEAT, "0/.")
    assert read(tmp_path, [whole])[REPEAT] == SiteCall("half-called", ("3", UNKNOWN))
    assert read(tmp_path, split(whole))[REPEAT] == SiteCall("half-called", (UNKNOWN, UNKNOWN))


def split(record: str) -> list[str]:
    """A record with several alternatives as one record for each, as bcftools norm -m- writes it."""
    fields = record.split("\t")
    parts = []
    for number, alt in enumerate(fields[4].split(","), 1):
        cell = "".join(
            {".": ".", "/": "/", "|": "|"}.get(letter, "1" if letter == str(number) else "0") for letter in fields[9]
        )
        parts.append("\t".join([*fields[:4], alt, *fields[5:9], cell]))
    return parts


def test_lower_case_bases_and_windows_line_ends(tmp_path: Path) -> None:
    path = saved(tmp_path, [line("chr6", 18130687, "t", "c", "0/1")])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    calls = read_vcf(path, release())
    assert list(calls.genes["tpmt"].patterns())
    assert "*1/*3C" in names(genes_of(calls)["tpmt"])
