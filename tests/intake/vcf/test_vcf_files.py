"""Files as they come: plain, gzip, bgzip with and without index, either build, several files; and what is no VCF."""

import gzip
import io
import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcf_writing import REPEAT, at, every_site, header, line, read, release, saved, sites_of, text

from rxvigil.errors import EXIT_CODES, PatientCountError, RxvigilError, UnreadableInput, UnsupportedInput
from rxvigil.intake.vcf import read_vcf

pysam = pytest.importorskip("pysam", reason="htslib, the oracle for packing and indexing, is not made for Windows")
STAR_3C, STAR_3B = "rs1142345", "rs1800460"
SECRET = "Zyxwvut-Mustermann-7731"
"""A sample's name is a patient's: it may stand in a report, never in a message."""
PERSON = {STAR_3C: "0/1", STAR_3B: "0/1", REPEAT: "0|2"}


def bgzipped(path: Path) -> Path:
    """Compressed by htslib."""
    packed = path.with_name(path.name + ".gz")
    pysam.tabix_compress(str(path), str(packed), force=True)
    return packed


def by_position(records: list[str]) -> list[str]:
    return sorted(
        records, key=lambda record: (int(record.split("\t")[0].removeprefix("chr")), int(record.split("\t")[1]))
    )


def filler(count: int) -> list[str]:
    """Records that are none of our business, over half the genome."""
    places = [("chr6", 1000 + 300 * n) for n in range(count)] + [("chr13", 48_100_000 + 300 * n) for n in range(count)]
    return [line(chrom, pos, "A", "C", "0/1", info="AC=1;X=" + "y" * 200) for chrom, pos in places]


class TestCompression:
    def test_plain_gzip_bgzip_indexed_and_standard_input_say_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = saved(tmp_path, by_position(every_site(PERSON) + filler(3000)))
        plain = sites_of(read_vcf(path, release()))
        assert plain[STAR_3C].alleles == ("T", "C")
        zipped = tmp_path / "zipped.vcf.gz"
        zipped.write_bytes(
            gzip.compress(path.read_bytes()[:5000]) + gzip.compress(path.read_bytes()[5000:]) + b"\0" * 512
        )
        packed = bgzipped(path)
        assert sites_of(read_vcf(zipped, release())) == plain
        assert sites_of(read_vcf(packed, release())) == plain
        pysam.tabix_index(str(packed), preset="vcf", force=True)
        assert sites_of(read_vcf(packed, release())) == plain
        for content in (path, packed):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.read_bytes())))
            assert sites_of(read_vcf(None, release())) == plain

    def test_an_index_saves_reading_what_is_elsewhere(self, tmp_path: Path) -> None:
        packed = bgzipped(saved(tmp_path, by_position(every_site(PERSON) + filler(40_000))))
        read_bytes: list[int] = []
        read_vcf(packed, release(), progress=read_bytes.append)
        whole = sum(read_bytes)
        pysam.tabix_index(str(packed), preset="vcf", force=True)
        read_bytes.clear()
        read_vcf(packed, release(), progress=read_bytes.append)
        assert sum(read_bytes) < whole / 3

    def test_a_block_that_begins_far_before_the_gene_is_found_by_the_index(self, tmp_path: Path) -> None:
        blocks = [
            line("chr6", 17_000_000, "A", "<NON_REF>", "0/0", info="END=18200000"),
            line("chr13", 48_000_000, "A", "<NON_REF>", "0/0", info="END=49000000"),
        ]
        packed = bgzipped(saved(tmp_path, by_position(blocks + filler(2000))))
        plain = sites_of(read_vcf(packed, release()))
        pysam.tabix_index(str(packed), preset="vcf", force=True)
        assert sites_of(read_vcf(packed, release())) == plain
        assert {call.status for call in plain.values()} == {"called"}

    @pytest.mark.parametrize(
        "index", [b"", b"nonsense", gzip.compress(b"TBI\1" + b"\xff" * 40, mtime=0), gzip.compress(b"TBI\1", mtime=0)]
    )
    def test_an_index_that_cannot_be_read_is_done_without(self, index: bytes, tmp_path: Path) -> None:
        packed = bgzipped(saved(tmp_path, by_position(every_site(PERSON))))
        packed.with_name(packed.name + ".tbi").write_bytes(index)
        assert sites_of(read_vcf(packed, release()))[STAR_3C].alleles == ("T", "C")

    def test_an_index_older_than_its_file_is_done_without(self, tmp_path: Path) -> None:
        packed = bgzipped(saved(tmp_path, by_position(filler(10))))
        pysam.tabix_index(str(packed), preset="vcf", force=True)
        os.utime(packed.with_name(packed.name + ".tbi"), (1, 1))
        bgzipped(saved(tmp_path, by_position(every_site(PERSON)), name=packed.stem))
        assert sites_of(read_vcf(packed, release()))[STAR_3C].alleles == ("T", "C")


class TestBuild:
    @pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
    @pytest.mark.parametrize("chr_", ["chr", ""])
    def test_by_contig_lengths(self, build: str, chr_: str, tmp_path: Path) -> None:
        path = saved(tmp_path, every_site(PERSON, build=build, chr_=chr_), build=build, chr_=chr_)
        assert (read_vcf(path, release()).build, read_vcf(path, release()).build_known) == (build, "by its header")

    @pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
    def test_by_ref_bases_where_the_header_is_silent(self, build: str, tmp_path: Path) -> None:
        calls = read_vcf(saved(tmp_path, every_site(PERSON, build=build), build=None), release())
        assert calls.build == build
        assert "REF" in calls.build_known

    @pytest.mark.parametrize(
        ("six", "thirteen", "build"),
        [("NC_000006.12", "NC_000013.11", "GRCh38"), ("NC_000006.11", "NC_000013.10", "GRCh37")],
    )
    def test_by_accession(self, six: str, thirteen: str, build: str, tmp_path: Path) -> None:
        names = {"chr6": six, "chr13": thirteen}
        records = [
            record.replace(*pair, 1)
            for record in every_site(PERSON, build=build)
            for pair in names.items()
            if record.startswith(pair[0] + "\t")
        ]
        head = header(build=None).replace("\n#CHROM", f"\n##contig=<ID={six}>\n##contig=<ID={thirteen}>\n#CHROM")
        path = tmp_path / "accessions.vcf"
        path.write_text("\n".join([head, *records, ""]))
        calls = read_vcf(path, release())
        assert (calls.build, calls.build_known) == (build, "by its header")
        assert sites_of(calls) == read(tmp_path, every_site(PERSON))

    def test_by_assembly_and_reference_lines(self, tmp_path: Path) -> None:
        for extra, build in (
            ("##reference=file:///seq/human_g1k_v37.fasta", "GRCh37"),
            ("##contig=<ID=chr6,assembly=hg19>", "GRCh37"),
            ("##reference=GRCh38_full_analysis_set_plus_decoy_hla.fa", "GRCh38"),
            ('##contig=<ID=chr6,length=170805979,assembly="GRCh38.p13">', "GRCh38"),
        ):
            path = tmp_path / "named.vcf"
            path.write_text("\n".join([header(build=None).replace("\n#CHROM", f"\n{extra}\n#CHROM"), ""]))
            assert read_vcf(path, release()).build == build

    def test_a_file_that_shows_neither_asks_for_it(self, tmp_path: Path) -> None:
        path = saved(tmp_path, [line("chr6", 18133000, "A", "C", "0/1")], build=None)
        with pytest.raises(UnreadableInput, match="--build"):
            read_vcf(path, release())
        assert read_vcf(path, release(), build="GRCh37").build == "GRCh37"

    @pytest.mark.parametrize(("stated", "written"), [("GRCh38", "GRCh37"), ("GRCh37", "GRCh38")])
    def test_a_header_that_the_records_contradict_is_an_error(self, stated: str, written: str, tmp_path: Path) -> None:
        path = saved(tmp_path, every_site(PERSON, build=written), build=stated)
        with pytest.raises(UnreadableInput, match="GRCh3"):
            read_vcf(path, release())

    def test_one_gene_on_each_build_is_an_error(self, tmp_path: Path) -> None:
        six = [one for one in every_site(build="GRCh37") if one.startswith("chr6")]
        thirteen = [one for one in every_site() if one.startswith("chr13")]
        for build in (None, "GRCh38", "GRCh37"):
            with pytest.raises(UnreadableInput, match=r"GRCh3|build"):
                read_vcf(saved(tmp_path, six + thirteen, build=build), release())

    def test_another_assembly_is_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "t2t.vcf"
        path.write_text(text(every_site()).replace("170805979", "172126628"))
        with pytest.raises(UnreadableInput, match="neither"):
            read_vcf(path, release())

    def test_what_the_user_states_may_not_contradict_the_header(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableInput, match="--build says GRCh37"):
            read_vcf(saved(tmp_path, every_site()), release(), build="GRCh37")


class TestSamples:
    def test_each_sample_has_its_own_calls_and_one_can_be_chosen(self, tmp_path: Path) -> None:
        cells = ["0/0", "0/1", "1/1", "1/2", "./."]
        path = saved(tmp_path, [line("chr6", 18130687, "T", "C,G", *cells)], samples=list("ABCDE"))
        calls = read_vcf(path, release())
        found = [sites_of(calls, number)[STAR_3C].alleles for number in range(5)]
        assert found == [("T", "T"), ("T", "C"), ("C", "C"), ("C", "G"), ("?", "?")]
        chosen = read_vcf(path, release(), samples=["D", "B"])
        assert chosen.samples == ("D", "B")
        assert [sites_of(chosen, number)[STAR_3C].alleles for number in (0, 1)] == [("C", "G"), ("T", "C")]

    def test_a_sample_that_is_not_there_is_an_error_without_its_name(self, tmp_path: Path) -> None:
        with pytest.raises(PatientCountError) as caught:
            read_vcf(saved(tmp_path, every_site()), release(), samples=[SECRET])
        assert SECRET not in str(caught.value)

    def test_several_files_hold_the_same_samples(self, tmp_path: Path) -> None:
        records = every_site(PERSON)
        six = saved(tmp_path, [one for one in records if one.startswith("chr6")], name="six.vcf")
        thirteen = saved(tmp_path, [one for one in records if one.startswith("chr13")], name="thirteen.vcf")
        assert sites_of(read_vcf(six, release(), more=[thirteen])) == read(tmp_path, records)
        other = saved(tmp_path, [], name="other.vcf", samples=[SECRET])
        with pytest.raises(UnreadableInput, match=r"other\.vcf") as caught:
            read_vcf(six, release(), more=[other])
        assert SECRET not in str(caught.value)


BGZF_BCF = gzip.compress(b"BCF\2\2\x10\x00\x00", mtime=0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"BCF\2\2", "BCF"),
        (BGZF_BCF, "BCF"),
        (b"BAM\1" + bytes(20), "BAM"),
        (b"CRAM\3\1", "CRAM"),
        (b"@HD\tVN:1.6\n", "SAM"),
        (b"PK\3\4zip", "ZIP"),
        (b'{"resourceType": "Bundle"}', "JSON"),
        (bytes(range(256)), "binary"),
        ("##fileformat=VCFv4.2\n".encode("utf-16"), "UTF-16"),
        (b"a,b,c\n1,2,3\n", "no VCF header"),
        (b"##fileformat=VCFv4.2\n", "#CHROM"),
        (b"##fileformat=VCFv4.2\nchr6\t18130687\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\n", "line 2"),
        (b"##fileformat=VCFv4.2\n#CHROM\tPOS\tREF\tALT\n", "column names"),
        (header(samples=()).encode() + b"\n", "no sample"),
        (header(samples=("A", SECRET, "B", SECRET)).encode() + b"\n", "sample columns 2 and 4"),
    ],
)
def test_what_is_no_vcf_is_said_to_be_none(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "input.vcf"
    path.write_bytes(content)
    with pytest.raises((UnreadableInput, UnsupportedInput), match=says) as caught:
        read_vcf(path, release())
    assert "input.vcf" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.do


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (line("chr6", 18130687, "T", "C", "0/1", "0/1"), "2 sample columns, the header has 1"),
        (line("chr6", 18130687, "T", "C"), "sample columns"),
        ("chr6\t18130687\t.\tT\tC\t.\tPASS", "fewer than nine columns"),
        (line("chr6", 18130687, "T", "C", "0/7"), r"allele that the record does not have \(sample column 1\)"),
        (line("chr6", 18130687, "T", "C", SECRET), "sample column 1"),
        (line("chr6", 18130687, "T", "C", "0/99999999999"), "sample column 1"),
        (line("chr6", 18130687, "-", "C", "0/1"), "REF"),
        ("chr6\t1813O687\t.\tT\tC\t.\tPASS\t.\tGT\t0/1", "POS"),
        (line("chr6", 18130687, "G", "C", "0/1"), "rs1142345"),
    ],
)
def test_a_broken_record_is_named_by_its_line(record: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=says) as caught:
        read(tmp_path, [at(STAR_3B, "0/1"), record])
    assert "line 6" in str(caught.value)
    assert SECRET not in str(caught.value)


class TestCutOff:
    def test_gzip_and_bgzip_cut_anywhere_are_errors(self, tmp_path: Path) -> None:
        path = saved(tmp_path, by_position(every_site(PERSON) + filler(300)))
        packed = bgzipped(path).read_bytes()
        zipped = gzip.compress(path.read_bytes())
        cut = tmp_path / "cut.vcf.gz"
        for content in (packed, zipped):
            for end in [*random.Random(7).sample(range(30, len(content)), 60), len(content) - 1]:
                cut.write_bytes(content[:end])
                with pytest.raises(UnreadableInput, match=r"cut\.vcf\.gz"):
                    read_vcf(cut, release())

    def test_a_missing_end_marker_is_an_error_with_and_without_index(self, tmp_path: Path) -> None:
        packed = bgzipped(saved(tmp_path, by_position(every_site(PERSON))))
        pysam.tabix_index(str(packed), preset="vcf", force=True)
        packed.write_bytes(packed.read_bytes()[:-28])
        index = packed.with_name(packed.name + ".tbi")
        os.utime(index)
        with pytest.raises(UnreadableInput, match="end marker"):
            read_vcf(packed, release())
        index.unlink()
        with pytest.raises(UnreadableInput, match="end marker"):
            read_vcf(packed, release())

    def test_a_last_line_that_is_cut_off_is_an_error(self, tmp_path: Path) -> None:
        path = saved(tmp_path, [line("chr6", 18130687, "T", "C", "0/0", "0/0")], samples=["A", "B"])
        path.write_bytes(path.read_bytes().rstrip()[:-4])
        with pytest.raises(UnreadableInput, match="line 5"):
            read_vcf(path, release())


def test_a_million_letters_of_info_and_a_line_of_twenty_megabytes(tmp_path: Path) -> None:
    records = [line("chr6", 18130687, "T", "C", "0/1", info="X=" + "y" * 1_000_000)]
    assert read(tmp_path, records)[STAR_3C].alleles == ("T", "C")
    many = [f"S{number}" for number in range(60_000)]
    cells = ["0/1" + ":" + "9" * 330] * len(many)
    path = saved(tmp_path, [line("chr6", 18130687, "T", "C", *cells, form="GT:XX")], samples=many)
    assert path.stat().st_size > 20_000_000
    assert sites_of(read_vcf(path, release()), 59_999)[STAR_3C].alleles == ("T", "C")


def test_the_genotypes_are_those_that_htslib_reads(tmp_path: Path) -> None:
    """The same file read by pysam: for single-base sites the alleles must be the ones its GT names."""
    dice = random.Random(11)
    choice = ["0/0", "0/1", "1|0", "1/1", "0|1", "./.", "0|0"]
    samples = [f"S{number}" for number in range(40)]
    singles = [
        one
        for one in every_site()
        if len(one.split("\t")[3]) == 1 and all(len(a) == 1 for a in one.split("\t")[4].split(","))
    ]
    records = ["\t".join([*one.split("\t")[:9], *dice.choices(choice, k=len(samples))]) for one in singles]
    path = bgzipped(saved(tmp_path, by_position(records), samples=samples))
    calls = read_vcf(path, release())
    mine = [sites_of(calls, number) for number in range(len(samples))]
    place = {
        (each.gene.gene.chromosome, one.position): one.id for each in calls.genes.values() for one in each.gene.sites
    }
    compared = 0
    with pysam.VariantFile(str(path)) as theirs:
        for record in theirs:
            site_id = place[record.chrom.removeprefix("chr"), record.pos]
            for number, sample in enumerate(samples):
                alleles = record.samples[sample].alleles
                if None in alleles:
                    assert mine[number][site_id].status == "missing"
                else:
                    assert sorted(mine[number][site_id].alleles) == sorted(alleles)
                compared += 1
    assert compared == len(singles) * len(samples)


BASE = text(every_site(PERSON, default="0|0")[:12] + every_site(PERSON)[45:52]).encode()
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def called_or_message(path: Path) -> str:
    """Empty where calls came out; anything but a `RxvigilError` is a defect."""
    try:
        calls = read_vcf(path, release())
        for number in range(len(calls.samples)):
            sites_of(calls, number)
    except RxvigilError as problem:
        return f"{problem} ({EXIT_CODES[problem.exit_code]})"
    return ""


@FUZZ
@given(data=st.data())
def test_whatever_happens_to_the_bytes_there_are_calls_or_a_message(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(BASE.replace(b"S1", SECRET.encode()))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert", "repeat", "end"])):
            case "change":
                content[place] = data.draw(st.integers(0, 255))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 40))]
            case "insert":
                content[place:place] = data.draw(st.binary(min_size=1, max_size=20))
            case "repeat":
                content[place:place] = content[place : place + 60]
            case _:
                content = content[: max(place, 1)]
        if not content:
            break
    packed = data.draw(st.sampled_from(["plain", "gzip"]))
    path = tmp_path / "fuzzed.vcf"
    path.write_bytes(gzip.compress(bytes(content)) if packed == "gzip" else bytes(content))
    message = called_or_message(path)
    assert SECRET not in message


@FUZZ
@given(data=st.data())
def test_whatever_happens_to_packed_bytes_there_are_calls_or_a_message(tmp_path: Path, data: st.DataObject) -> None:
    packed = tmp_path / "fuzzed.vcf.gz"
    if not packed.exists():
        plain = tmp_path / "fuzzed.vcf"
        plain.write_bytes(BASE)
        bgzipped(plain)
        (tmp_path / "whole").write_bytes(packed.read_bytes())
    content = bytearray((tmp_path / "whole").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    packed.write_bytes(content)
    called_or_message(packed)
