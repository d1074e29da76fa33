"""A patient's VCF beside the record: the same file means the same in `assess`, `start`, `dose` and `genotype`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rxvigil.samples import samples

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
RECORD = next(one.path for one in samples() if one.name.startswith("8"))
"""A record that says nothing of TPMT or NUDT15."""
OTHERWISE = next(one.path for one in samples() if one.name.startswith("1"))
"""A record in which a laboratory says that TPMT is normal."""
HEAD = (
    "##fileformat=VCFv4.3\n##contig=<ID=chr6,length=170805979>\n##contig=<ID=chr13,length=114364328>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
)
REFERENCE = (
    "chr6\t18130687\t.\tT\tC\t.\tPASS\t.\tGT\t{tpmt}\nchr6\t18138997\t.\tC\tT\t.\tPASS\t.\tGT\t0/0\n"
    "chr6\t18143724\t.\tC\tG\t.\tPASS\t.\tGT\t0/0\nchr13\t48045719\t.\tC\tT\t.\tPASS\t.\tGT\t0/0\n"
)
LAX = ("--absent-is-reference",)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([RXVIGIL, *map(str, arguments)], capture_output=True, check=False, timeout=120)


def answered(*arguments: str | Path) -> Any:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture
def carrier_of_two(tmp_path: Path) -> Path:
    """Two copies of TPMT*3C: a poor metaboliser."""
    path = tmp_path / "poor.vcf"
    path.write_text(f"{HEAD}\tS1\n{REFERENCE.format(tpmt='1/1')}")
    return path


def test_a_poor_metaboliser_in_the_file_is_a_stop_beside_the_record(carrier_of_two: Path) -> None:
    found = answered("assess", RECORD, "--vcf", carrier_of_two, *LAX, "--on", "2026-03-02", "-f", "json")
    stops = [one["rule"] for one in found["findings"] if one["tier"] == "STOP"]
    assert "genotype/cpic-2025#azathioprine-tpmt-poor" in stops


def test_a_file_that_contradicts_the_laboratory_leaves_the_question_open(carrier_of_two: Path) -> None:
    found = answered("assess", OTHERWISE, "--vcf", carrier_of_two, *LAX, "--on", "2026-03-02", "-f", "json")
    open_ = next(one for one in found["findings"] if one["tier"] == "CANNOT SAY" and "TPMT" in one["says"])
    assert open_["would_be"] == "STOP"


def test_the_same_file_forbids_the_start_and_the_dose(carrier_of_two: Path) -> None:
    asked = ("--vcf", carrier_of_two, *LAX, "--on", "2026-11-25", "-f", "json")
    start = answered("start", RECORD, "--indication", "crohns-disease", *asked)
    assert start["verdict"] == "may not start"
    dose = answered("dose", "start", "--weight", "70 kg", "--indication", "crohns-disease", "--nothing-else", *asked)
    assert dose["refused"][0]["tier"] == "STOP"


def test_without_a_flag_nothing_unseen_is_taken_for_the_reference(tmp_path: Path) -> None:
    path = tmp_path / "panel.vcf"
    path.write_text(f"{HEAD}\tS1\n{REFERENCE.format(tpmt='0/0')}")
    found = answered("assess", RECORD, "--vcf", path, "--on", "2026-03-02", "-f", "json", "--explain")
    outcome = {one["rule"]: one["outcome"] for one in found["explained"]}
    assert outcome["genotype/cpic-2025#azathioprine-tpmt-poor"] == "cannot say"


def test_a_file_of_several_people_needs_to_know_which(tmp_path: Path) -> None:
    path = tmp_path / "two.vcf"
    path.write_text(f"{HEAD}\tS1\tS2\n{REFERENCE.format(tpmt='0/0').replace('0/0', '0/0' + chr(9) + '0/0')}")
    done = run("assess", RECORD, "--vcf", path)
    assert done.returncode == 12
    assert b"2 samples" in done.stderr
    assert run("assess", RECORD, "--vcf", path, "--sample", "S2", "-f", "json").returncode == 0


def test_an_option_about_a_vcf_without_a_vcf_is_a_mistake() -> None:
    done = run("start", RECORD, "--sample", "S1")
    assert done.returncode == 2
    assert b"--vcf" in done.stderr


def test_a_file_whose_genome_is_not_clear_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "bare.vcf"
    head = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
    path.write_text(f"{head}chr6\t18000000\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\n")
    done = run("assess", RECORD, "--vcf", path)
    assert b"--build" in done.stderr
    assert run("assess", RECORD, "--vcf", path, "--build", "grch38", "-f", "json").returncode == 0
