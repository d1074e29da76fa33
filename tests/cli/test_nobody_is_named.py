"""No message about a mistake holds a word of the patient: not a name, an answer, a weight or a name of a sample."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from rxvigil.samples import before_the_first_tablet

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
RECORD = before_the_first_tablet().path
SECRET = "Zyxwvut-Mustermann-7731"
HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
ROW = "chr6\t18130687\t.\tT\tC\t.\tPASS\t.\tGT\t"
RECORDS = {
    "torn": b'{"resourceType": "Patient", "id": "a", "name": [{"family": "' + SECRET.encode() + b'"',
    "two patients": b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "'
    + SECRET.encode()
    + b'"}}, {"resource": {"resourceType": "Patient", "id": "b"}}]}',
    "a table": b"name,value\n" + SECRET.encode() + b",1\n",
    "of another kind": b'{"resourceType": "' + SECRET.encode() + b'"}',
}
VCFS = {
    "no header": f"{SECRET}\n{ROW}0/1\n",
    "two samples of one name": f"{HEAD}{SECRET}\t{SECRET}\n{ROW}0/1\t0/1\n",
    "a cell too few": f"{HEAD}{SECRET}\tb\n{ROW}0/1\n",
    "a cell that is no genotype": f"{HEAD}a\n{ROW}{SECRET}\n",
    "a position that is none": f"{HEAD}{SECRET}\nchr6\t{SECRET}\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\n",
    "no genotypes": f"##fileformat=VCFv4.2\n##{SECRET}\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
    "another base": f"{HEAD}{SECRET}\n{ROW.replace('T', 'G')}0/1\n",
    "several people": f"{HEAD}{SECRET}\tb\n{ROW}0/1\t0/1\n",
}
ANSWERS = {
    "torn": f"kind: answers\nby: {SECRET}\nanswers: {{thiopurine-allergy: '{SECRET}\n",
    "no map": f"kind: answers\nby: {SECRET}\non: 2026-03-05\nanswers: [{SECRET}]\n",
    "a list for an answer": f"kind: answers\nby: a\non: 2026-03-05\nanswers:\n  thiopurine-allergy: [{SECRET}]\n",
    "a date that is none": f"kind: answers\nby: {SECRET}\non: {SECRET}\nanswers: {{}}\n",
    "another kind": f"kind: {SECRET}\nby: {SECRET}\n",
    "a sentence": SECRET,
    "of tomorrow": f"kind: answers\nby: {SECRET}\non: 2027-03-05\nanswers:\n  thiopurine-allergy: {SECRET}\n",
}
TYPED = [
    ("dose", "start", "--weight", SECRET),
    ("dose", "start", "--weight", f"70 {SECRET}"),
    ("dose", "start", "--weight", "7731 kg"),
    ("dose", "start", "--height", f"{SECRET} cm"),
    ("dose", "start", "--creatinine", f"7731 {SECRET}"),
    ("dose", "start", "--born", SECRET),
    ("dose", "start", "--age", "7731"),
    ("dose", "start", "--sex", SECRET),
    ("dose", "start", "--tpmt", SECRET),
    ("dose", "start", "--nudt15", f"*1/*3 {SECRET}"),
    ("dose", "start", "--taking", SECRET),
    ("dose", "start", "--condition", SECRET),
    ("dose", "start", "--allergy", SECRET),
    ("dose", "start", "--indication", SECRET),
    ("dose", "start", "--intended", SECRET),
    ("dose", "start", "--intended", "7731 to 7 mg/kg/d"),
    ("dose", "convert", SECRET, "--from", "azathioprine", "--to", "mercaptopurine"),
    ("dose", "formula", "egfr", "--creatinine", SECRET, "--age", "45", "--sex", "female"),
    ("start", RECORD, "--patient", SECRET),
    ("start", RECORD, "--indication", SECRET),
    ("genotype", "--tpmt", "*1/*3A", "--intended", SECRET),
    ("genotype", "--tpmt", "*1/*3A", "--intended", "7731 to 7 mg/kg/d"),
]


def refused(*arguments: str | Path) -> str:
    done = subprocess.run([RXVIGIL, *map(str, arguments)], capture_output=True, check=False, timeout=120)
    message = " ".join(done.stderr.decode().split())
    assert done.returncode in (2, 10, 12, 14), message
    assert "rxvigil: " in message
    assert "Traceback" not in message
    return message


def silent_about(message: str) -> bool:
    return SECRET not in message and "7731" not in message


@pytest.mark.parametrize("arguments", TYPED, ids=[" ".join(str(part) for part in one[:-1]) for one in TYPED])
def test_what_was_typed_about_somebody_is_not_repeated(arguments: tuple[str | Path, ...]) -> None:
    assert silent_about(refused(*arguments))


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("command", [("start",), ("dose", "start"), ("dose", "taper")])
def test_a_record_that_cannot_be_read(command: tuple[str, ...], kind: str, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(RECORDS[kind])
    assert silent_about(refused(*command, path))


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_that_cannot_be_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(ANSWERS[kind], encoding="utf-8")
    assert silent_about(refused("start", RECORD, "--on", "2026-03-05", "--answers", path))


@pytest.mark.parametrize("kind", VCFS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "cut off"])
def test_a_variant_file_that_cannot_be_read(kind: str, packed: bool, tmp_path: Path) -> None:
    content = VCFS[kind].encode()
    path = tmp_path / "in.vcf"
    path.write_bytes(gzip.compress(content)[:-9] if packed else content)
    done = subprocess.run([RXVIGIL, "genotype", str(path)], capture_output=True, check=False, timeout=120)
    assert b"Traceback" not in done.stderr
    assert silent_about(done.stderr.decode())
    assert silent_about(refused("dose", "start", "--vcf", path, "--sample", f"{SECRET}-2"))
