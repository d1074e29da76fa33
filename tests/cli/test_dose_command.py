"""`rxvigil dose` as its user meets it: the answer, the message for a mistake, the same bytes again."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rxvigil.samples import samples

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
ON = ("--on", "2026-11-25")
WHOLE = (
    "--indication", "crohns-disease", "--weight", "70 kg", "--tpmt", "*1/*1", "--nudt15", "*1/*1",
    "--creatinine", "70 umol/L", "--age", "45", "--sex", "female", "--nothing-else", "-j", "UK", *ON,
)  # fmt: skip


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [RXVIGIL, "dose", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, text=True, env={"COLUMNS": "80"})


def answer(*arguments: str | Path) -> Any:
    done = run(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sample(beginning: str) -> Path:
    return next(one.path for one in samples() if one.name.startswith(beginning))


class TestStart:
    def test_the_first_lines_are_the_answer(self) -> None:
        done = run("start", *WHOLE)
        assert done.returncode == 0
        assert done.stdout.splitlines()[1].startswith("Start azathioprine 150 mg (3 x 50 mg) every day")

    def test_every_line_fits_the_terminal(self) -> None:
        assert all(len(line) <= 80 for line in run("start", *WHOLE).stdout.splitlines())

    def test_the_sum_is_there_to_check(self) -> None:
        assert "70 kg x 2 mg/kg/d = 140 mg/d" in run("start", *WHOLE).stdout

    def test_the_same_question_gives_the_same_bytes(self) -> None:
        assert run("start", *WHOLE, "-f", "json").stdout == run("start", *WHOLE, "-f", "json").stdout

    def test_pounds_are_understood_and_shown_in_kilograms(self) -> None:
        pounds = answer("start", *WHOLE, "--weight", "154.3 lb")
        inputs = {one["name"]: one for one in pounds["inputs"]}
        assert inputs["Weight"]["value"].startswith("70")
        assert inputs["Weight"]["origin"] == "--weight (command line)"

    def test_a_gene_in_star_alleles_lowers_the_dose(self) -> None:
        done = run("start", *WHOLE, "--tpmt", "*1/*3A")
        assert "42 to 112 mg/d" in done.stdout

    def test_allopurinol_stops_it(self) -> None:
        done = run("start", *WHOLE, "--taking", "allopurinol 300 mg")
        assert done.returncode == 0
        assert done.stdout.splitlines()[1].startswith("STOP")

    def test_who_is_asked_about_pregnancy_can_answer(self) -> None:
        """Nobody asked: it cannot be said. Yes: to be dealt with first. No: not another word of it."""
        told = [
            {one["cause"]: one["tier"] for one in answer("start", *WHOLE, *said)["findings"]}
            for said in ((), ("--pregnancy",), ("--no-pregnancy",))
        ]
        asked, matter = "not known: Pregnancy", "pregnancy during a thiopurine"
        assert [one.get(asked) for one in told] == ["CANNOT SAY", None, None]
        assert [one.get(matter) for one in told] == [None, "ACT", None]

    def test_so_can_who_is_breastfeeding(self) -> None:
        told = answer("start", *WHOLE, "--breastfeeding")["findings"]
        assert any("breastfeeding" in one["cause"] for one in told)

    def test_a_record_is_read_and_the_options_add_to_it(self) -> None:
        plan = answer("start", sample("1"), "--indication", "crohns-disease", "--drug", "mercaptopurine", *ON)
        assert any("taken" in one["reason"] or "thiopurine" in one["reason"] for one in plan["refused"])

    def test_a_file_is_written_whole(self, tmp_path: Path) -> None:
        target = tmp_path / "dose.txt"
        done = run("start", *WHOLE, "--output", target)
        assert (done.returncode, done.stdout) == (0, "")
        assert "150 mg" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--weight", "154"), "never guessed"),
        (("--weight", "70 parsecs"), "not one we know"),
        (("--weight", "-70 kg"), "check the number"),
        (("--weight", "0 kg"), "check the number"),
        (("--weight", "seventy kg"), "for example"),
        (("--intended", "2 g/d"), "not grams"),
        (("--intended", "2000 mcg/kg/d"), "milligrams"),
        (("--intended", "3 to 1 mg/kg/d"), "milligrams"),
        (("--age", "45", "--born", "1980"), "one of them"),
        (("--age", "450"), "full years"),
        (("--born", "1800"), "cannot be right"),
        (("--born", "2099-05"), "cannot be right"),
        (("--born", "March"), "YYYY-MM-DD"),
        (("--sex", "f"), "female, male or other"),
        (("--tpmt", "fine"), "star alleles"),
        (("--taking", "Zyxwvut"), "ingredient"),
        (("--allergy", "Zyxwvut"), "ingredient"),
        (("--condition", "Zyxwvut"), "name"),
        (("--indication", "Zyxwvut"), "name"),
        (("--drug", "Zyxwvut"), "ingredient"),
        (("--jurisdiction", "XX"), "use one of"),
        (("--body", "dosing/none/here"), "choose one of"),
        (("--start-untested", "cyp2d6"), "tpmt or nudt15"),
        (("--on", "yesterday"), "YYYY-MM-DD"),
        (("--on", "9999-12-31"), "between them"),
        (("--on", "0001-01-01"), "between them"),
    ],
)
def test_a_mistake_is_a_message_with_the_way_out(arguments: tuple[str, ...], says: str) -> None:
    done = run("start", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "Zyxwvut" not in done.stderr


def test_a_change_that_the_tests_forbid_is_refused() -> None:
    plan = answer("change", sample("4"), "--because", "not-responding", "--on", "2026-03-02", "-j", "US")
    assert plan["refused"]
    assert "to" not in plan


def test_a_withdrawal_without_steps_says_so() -> None:
    done = run("taper", sample("1"), "--on", "2026-03-02", "--indication", "crohns-disease", "-j", "UK")
    assert done.returncode == 0
    assert "gradually" in done.stdout


def test_a_conversion_is_a_range_with_its_sum() -> None:
    plan = answer("convert", "100 mg/d", "--from", "azathioprine", "--to", "mercaptopurine", *ON)
    assert plan["check_by_hand"] == "100 mg/d / 1.82 to 2 = 50 to 54.95 mg/d"
    assert run("convert", "100 g", "--from", "azathioprine", "--to", "mercaptopurine").returncode == 2


def test_a_formula_shows_its_arithmetic() -> None:
    # NKF calculator: a woman of 45 with 80 umol/L has 80 mL/min/1.73 m2
    done = run("formula", "egfr", "--creatinine", "80 umol/L", "--age", "45", "--sex", "female")
    assert done.stdout.startswith("79.8")
    assert "Check by hand" in done.stdout
    assert run("formula", "egfr", "--creatinine", "80", "--age", "45", "--sex", "female").returncode == 2
    assert run("formula", "surface", "--weight", "70 kg").returncode == 2


def test_child_pugh_by_hand() -> None:
    done = run(
        "child-pugh", "--bilirubin", "40 umol/L", "--albumin", "32 g/L", "--inr", "1.5", "--ascites", "slight",
        "--encephalopathy", "0",
    )  # fmt: skip
    assert done.stdout.startswith("Class B, 8 points")  # 2 + 2 + 1 + 2 + 1
