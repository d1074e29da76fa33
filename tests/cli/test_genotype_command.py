"""`rxvigil genotype` as its user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from rxvigil.reports.genotype_table import COLUMNS, genotype_schema, genotype_schema_file

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
ROOT = Path(__file__).resolve().parents[2]
SECRET = "Zyxwvut-Mustermann-7731"
ON = ("--on", "2026-11-25")
HEAD = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr6,length=170805979>\n##contig=<ID=chr13,length=114364328>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
)
BLOCKS = (("chr6", 18130000, "A", "<NON_REF>", "END=18150000"), ("chr13", 48037000, "A", "<NON_REF>", "END=48050000"))


def vcf(
    folder: Path, *samples: str, carries: tuple[tuple[str, int, str, str, str], ...] = (), name: str = "in.vcf"
) -> Path:
    """A gVCF in which everybody is reference everywhere but where they carry something."""
    rows = ["\t".join([HEAD, *samples])]
    rows += ["\t".join([c, str(p), ".", r, a, ".", ".", i, "GT", *["0/0"] * len(samples)]) for c, p, r, a, i in BLOCKS]
    rows += [
        "\t".join([c, str(p), ".", r, a, ".", "PASS", ".", "GT", *[cell] * len(samples)])
        for c, p, r, a, cell in carries
    ]
    path = folder / name
    path.write_text("\n".join([*rows, ""]))
    return path


STAR_3C = ("chr6", 18130687, "T", "C", "0/1")
STAR_3B = ("chr6", 18138997, "C", "T", "0/1")
NUDT15_3 = ("chr13", 48045719, "C", "T", "0/1")


def run(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [RXVIGIL, "genotype", *map(str, arguments)], input=stdin, capture_output=True, check=False, timeout=120
    )


def shown(*arguments: str | Path) -> str:
    """What is printed, in one line: wrapping is the terminal's business."""
    done = run(*arguments, *ON)
    assert done.returncode == 0, done.stderr.decode()
    return " ".join(done.stdout.decode().split())


class TestOnePerson:
    def test_a_normal_pair_is_said_in_one_line_each(self, tmp_path: Path) -> None:
        text = shown(vcf(tmp_path, "S1"))
        assert "TPMT *1/*1, normal metaboliser" in text
        assert "NUDT15 *1/*1, normal metaboliser" in text
        assert "Not known" not in text

    def test_a_double_heterozygote_is_not_settled_and_says_by_what_it_would_be(self, tmp_path: Path) -> None:
        text = shown(vcf(tmp_path, "S1", carries=(STAR_3C, STAR_3B)))
        assert "*1/*3A (intermediate) or *3B/*3C (poor)" in text
        assert "Until it is resolved dose as poor" in text
        assert "TPMT activity in red cells" in text
        assert "long reads" in text

    def test_both_bodies_stand_side_by_side_with_version_date_strength_and_mark(self, tmp_path: Path) -> None:
        text = shown(vcf(tmp_path, "S1", carries=(STAR_3C,)), "--intended", "2 mg/kg/d")
        assert "CPIC 2025 update, May 2026" in text
        assert "from 11 May 2026" in text
        assert "30 to 80 %" in text
        assert "Strong recommendation" in text
        assert "(secondary, checked" in text
        assert "DPWG 2025, from 29 Nov 2025" in text
        assert "half the normal dose" in text

    def test_an_intended_dose_below_the_clause_may_need_no_reduction(self, tmp_path: Path) -> None:
        path = vcf(tmp_path, "S1", carries=(STAR_3C,))
        assert "1 mg/kg/d is intended, so a reduction may not be needed" in shown(path, "--intended", "1 mg/kg/d")
        assert "whether the intended dose is that high is not known" in shown(path)

    def test_a_missing_site_of_the_minimum_panel_is_named_with_what_hangs_on_it(self, tmp_path: Path) -> None:
        text = shown(vcf(tmp_path, "S1", carries=(("chr13", 48045719, "C", "T", "./."),)))
        assert "rs116855232 of the minimum panel, needed for *3: not called" in text
        assert "dose as poor" in text

    def test_the_rules_of_another_day_can_be_asked_for_and_say_so(self, tmp_path: Path) -> None:
        path = vcf(tmp_path, "S1", carries=(STAR_3C, ("chr6", 18130762, "C", "T", "0/1")))
        assert "*3C/*8 (intermediate)" in shown(path)
        old = shown(path, "--rules-of", "pharmacogenes/cpic-2024")
        assert "*3C/*8 (possible intermediate)" in old
        assert "superseded, used because you asked for it" in old

    def test_a_date_in_the_past_takes_the_rules_of_that_day(self, tmp_path: Path) -> None:
        done = run(vcf(tmp_path, "S1"), "--on", "2025-06-01")
        assert "version A" in done.stdout.decode()

    def test_no_word_of_a_sample_can_move_the_cursor(self, tmp_path: Path) -> None:
        assert "\x1b" not in shown(vcf(tmp_path, "S1\x1b[31m"))


class TestWords:
    def test_a_laboratory_s_star_alleles(self) -> None:
        text = shown("--tpmt", "*1/*3A", "--nudt15", "*1/*1")
        assert "TPMT *1/*3A, intermediate metaboliser" in text
        assert "As written: *1/*3A" in text
        assert "30 to 80 %" in text

    def test_a_phenotype_in_words_needs_no_star_alleles(self) -> None:
        text = shown("--tpmt", "poor metaboliser", "--nudt15", "normal metaboliser")
        assert "TPMT poor metaboliser" in text
        assert "Consider an alternative that is not a thiopurine" in text
        row = run("--tpmt", "poor metaboliser", *ON, "-f", "tsv").stdout.decode().splitlines()[1].split("\t")
        assert row[COLUMNS.index("tpmt_phenotypes")] == "poor"

    def test_one_gene_alone_leaves_the_other_unknown(self) -> None:
        assert "NUDT15 nothing is known; intermediate and poor cannot be excluded" in shown("--tpmt", "*1/*1")

    def test_what_is_not_understood_is_said(self) -> None:
        text = shown("--tpmt", "wobbly", "--nudt15", "*1/*1")
        assert "TPMT cannot say:" in text


class TestManyPeople:
    def test_text_counts_and_lists_a_few(self, tmp_path: Path) -> None:
        text = shown(vcf(tmp_path, "A", "B", "C", carries=(NUDT15_3,)))
        assert "3 samples" in text
        assert "HOW MANY OF EACH" in text
        assert "3 *1/*1, normal metaboliser *1/*3, intermediate metaboliser" in text

    def test_tsv_has_a_row_for_each_and_no_cell_is_a_formula(self, tmp_path: Path) -> None:
        path = vcf(tmp_path, "=HYPERLINK(1)", "+1", "-1", "@x", "plain", carries=(NUDT15_3,))
        rows = [row.split("\t") for row in run(path, *ON, "-f", "tsv").stdout.decode().splitlines()]
        assert tuple(rows[0]) == COLUMNS
        assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "'+1", "'-1", "'@x", "plain"]
        assert all(len(row) == len(COLUMNS) for row in rows)
        assert rows[1][COLUMNS.index("nudt15")] == "*1/*3"
        assert rows[1][COLUMNS.index("nudt15_dose_by")] == "intermediate"

    def test_samples_can_be_chosen(self, tmp_path: Path) -> None:
        path = vcf(tmp_path, "A", "B", "C")
        rows = run(path, *ON, "-f", "tsv", "--sample", "C", "--sample", "A").stdout.decode().splitlines()
        assert [row.split("\t")[0] for row in rows[1:]] == ["C", "A"]


class TestAssumptions:
    @pytest.mark.parametrize("format_", ["text", "json", "tsv", "fhir"])
    @pytest.mark.parametrize("option", ["--absent-is-reference", "--untested-as-reference"])
    def test_every_output_prints_what_was_assumed(self, option: str, format_: str, tmp_path: Path) -> None:
        path = tmp_path / "few.vcf"
        path.write_text(
            f"{HEAD}\tS1\nchr6\t18130687\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\nchr13\t48045719\t.\tC\tT\t.\tPASS\t.\tGT\t0/0\n"
        )
        said = {
            "text": f"({option})",
            "json": f'"{option.strip("-").replace("-", "_")}": true',
            "tsv": "taken for reference",
            "fhir": "Assumption: sites",
        }[format_]
        assert said in " ".join(run(path, option, *ON, "-f", format_).stdout.decode().split())
        assert said not in " ".join(run(path, *ON, "-f", format_).stdout.decode().split())

    def test_a_gene_without_any_record_stays_unknown(self, tmp_path: Path) -> None:
        path = tmp_path / "one.vcf"
        path.write_text(f"{HEAD}\tS1\nchr6\t18130687\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\n")
        text = shown(path, "--absent-is-reference")
        assert "TPMT *1/*3C, intermediate metaboliser" in text
        assert "no record about NUDT15" in text
        assert "NUDT15 nothing is known; intermediate and poor cannot be excluded" in text

    def test_the_minimum_panel_seen_whole_is_said_beside_what_rarer_sites_leave_open(self, tmp_path: Path) -> None:
        path = tmp_path / "panel.vcf"
        sites = ((18130687, "T", "C", "0/1"), (18138997, "C", "T", "0/0"), (18143724, "C", "G", "0/0"))
        lines = (f"chr6\t{at}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t{call}" for at, ref, alt, call in sites)
        path.write_text("\n".join((f"{HEAD}\tS1", *lines, "")))
        text = shown(path)
        assert "By the minimum panel, which was seen whole: *1/*3C (intermediate)." in text
        assert "TPMT cannot say" in text


class TestOutputs:
    def test_json_fits_its_published_schema_and_names_it_first(self, tmp_path: Path) -> None:
        written = run(vcf(tmp_path, "A", "B", carries=(STAR_3C, STAR_3B)), *ON, "-f", "json").stdout
        found = json.loads(written)
        assert next(iter(found)) == "schema"
        assert found["schema"] == "rxvigil.genotype/1"
        assert list(Draft202012Validator(genotype_schema()).iter_errors(found)) == []
        (pair,) = found["pairs"]
        call = found["calls"][pair["tpmt"]]
        assert [one["name"] for one in call["diplotypes"]] == ["*1/*3A", "*3B/*3C"]
        assert [one["sample"] for one in found["samples"]] == ["A", "B"]

    def test_the_published_schema_is_up_to_date(self) -> None:
        assert (ROOT / "schemas" / "genotype-1.schema.json").read_bytes() == genotype_schema_file(), (
            'write it anew: python -c "import pathlib, rxvigil.reports.genotype_table as r; '
            "pathlib.Path('schemas/genotype-1.schema.json').write_bytes(r.genotype_schema_file())\""
        )

    def test_fhir_is_a_bundle_for_one_sample(self, tmp_path: Path) -> None:
        path = vcf(tmp_path, "A", "B")
        assert json.loads(run(path, *ON, "-f", "fhir", "--sample", "B").stdout)["resourceType"] == "Bundle"
        assert run(path, *ON, "-f", "fhir").returncode == 2

    @pytest.mark.parametrize("format_", ["text", "json", "tsv", "fhir"])
    def test_a_report_is_written_whole_to_the_file_named(self, format_: str, tmp_path: Path) -> None:
        target = tmp_path / "out" / "report"
        target.parent.mkdir()
        done = run(vcf(tmp_path, "A"), *ON, "-f", format_, "-o", target)
        assert (done.returncode, done.stdout) == (0, b"")
        assert [one.name for one in target.parent.iterdir()] == ["report"]

    def test_standard_input_and_the_same_bytes_twice(self, tmp_path: Path) -> None:
        content = vcf(tmp_path, "A", carries=(STAR_3C,)).read_bytes()
        first = run("-", *ON, "-f", "json", stdin=content).stdout
        assert first == run("-", *ON, "-f", "json", stdin=content).stdout
        assert json.loads(first)["input"]["files"] == ["standard input"]

    def test_two_files_of_the_same_people(self, tmp_path: Path) -> None:
        rows = vcf(tmp_path, "A", carries=(STAR_3C, NUDT15_3)).read_text().splitlines()
        for number in ("6", "13"):
            kept = [row for row in rows if row.startswith(("#", f"chr{number}\t"))]
            (tmp_path / f"chr{number}.vcf").write_text("\n".join([*kept, ""]))
        text = shown(tmp_path / "chr6.vcf", tmp_path / "chr13.vcf")
        assert "*1/*3C, intermediate" in text
        assert "*1/*3, intermediate" in text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "--tpmt"),
        (("{file}", "--tpmt", "*1/*1"), 2, "one of both"),
        (("nowhere.vcf",), 10, "no such file"),
        (("{folder}",), 10, "cannot be opened"),
        (("{file}", "--sample", f"{SECRET}x"), 12, "not in the file"),
        (("{file}", "--rules-of", "pharmacogenes/dpwg-2025"), 2, "pharmacogenes/cpic-2026-05"),
        (("{file}", "--intended", "150"), 2, "mg/kg/d"),
        (("{file}", "--intended", "-2 mg/kg/d"), 2, "not a dose"),
        (("{file}", "--drug", "aspirin"), 2, "azathioprine"),
        (("{file}", "--on", "1999-01-01"), 2, "--rules-of"),
        (("{file}", "--build", "GRCh37"), 10, "--build says GRCh37"),
        (("{file}", "-"), 2, "first"),
        (("{json}",), 14, "JSON"),
    ],
)
def test_a_mistake_is_a_message_with_a_remedy_and_an_exit_code(
    arguments: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    path = vcf(tmp_path, SECRET)
    (tmp_path / "record.json").write_text('{"resourceType": "Patient"}')
    places = {"{file}": str(path), "{folder}": str(tmp_path), "{json}": str(tmp_path / "record.json")}
    done = run(*(places.get(one, one) for one in arguments), *(() if "--on" in arguments else ON))
    message = " ".join(done.stderr.decode().split())
    assert (done.returncode, done.stdout) == (code, b""), message
    assert says in message
    assert "What to do" in message
    assert "Traceback" not in message
    assert SECRET not in message
