"""The command line as its user meets it: what it prints, where it writes, how it fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rxvigil.errors import EXIT_CODES
from rxvigil.samples import samples

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
SECRET = "Zyxwvut-Mustermann-7731"
"""Stands for anything that identifies a person: it may be in a report, never in a message about an error."""


def run(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [RXVIGIL, *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)


def sample(beginning: str) -> Path:
    return next(one.path for one in samples() if one.name.startswith(beginning))


class TestAssess:
    def test_the_first_lines_say_who_what_is_taken_and_what_needs_doing(self) -> None:
        done = run("assess", sample("4"), "--on", "2026-03-02")
        head = done.stdout.decode().splitlines()[:5]
        assert done.returncode == 0
        assert "2 Mar 2026" in head[0]
        assert "Azathioprine 150 mg/day" in head[1]
        assert any(line.startswith("STOP") for line in head)

    def test_standard_input_is_read_for_a_dash(self) -> None:
        record = sample("1").read_bytes()
        piped = json.loads(run("assess", "-", "--on", "2026-03-02", "--format", "json", stdin=record).stdout)
        named = json.loads(run("assess", sample("1"), "--on", "2026-03-02", "--format", "json").stdout)
        assert [one["rule"] for one in piped.get("findings", [])] == [one["rule"] for one in named.get("findings", [])]

    def test_the_same_input_gives_the_same_bytes(self) -> None:
        first = run("assess", sample("8"), "--on", "2026-03-02", "--format", "json").stdout
        assert first == run("assess", sample("8"), "--on", "2026-03-02", "--format", "json").stdout

    @pytest.mark.parametrize(("format_", "begins"), [("json", b"{"), ("fhir", b"{"), ("html", b"<!doctype html>")])
    def test_a_report_is_written_whole_to_the_file_named(self, format_: str, begins: bytes, tmp_path: Path) -> None:
        target = tmp_path / "report"
        done = run("assess", sample("3"), "--on", "2026-03-02", "--format", format_, "--output", target)
        assert (done.returncode, done.stdout) == (0, b"")
        assert target.read_bytes().lower().startswith(begins)
        assert [one.name for one in tmp_path.iterdir()] == ["report"]

    def test_a_report_that_cannot_be_written_leaves_nothing_behind(self, tmp_path: Path) -> None:
        done = run("assess", sample("3"), "--on", "2026-03-02", "-f", "html", "-o", tmp_path / "no" / "such" / "folder")
        assert done.returncode == 13
        assert list(tmp_path.iterdir()) == []

    def test_explain_shows_the_rules_that_stayed_silent_and_why(self) -> None:
        plain = run("assess", sample("1"), "--on", "2026-03-02").stdout
        explained = run("assess", sample("1"), "--on", "2026-03-02", "--explain").stdout.decode()
        assert len(explained) > len(plain) * 3
        assert "always/dangers#neutrophils-below-1" in explained

    def test_jurisdiction_and_protocol_override_the_choice(self) -> None:
        us = json.loads(run("assess", sample("1"), "--on", "2026-03-02", "-j", "us", "-f", "json").stdout)
        assert [one["id"] for one in us["protocols"]] == ["monitoring/azathioprine/fda-label"]
        asked = run("assess", sample("1"), "--on", "2026-03-02", "-p", "monitoring/azathioprine/nhs-fife", "-f", "json")
        assert [one["id"] for one in json.loads(asked.stdout)["protocols"]] == ["monitoring/azathioprine/nhs-fife"]


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (["assess", "nowhere.json"], 10, "nowhere.json"),
            (["assess", "{sample}", "--on", "5 March"], 2, "YYYY-MM-DD"),
            (["assess", "{sample}", "-j", "Atlantis"], 2, "UK"),
            (["assess", "{sample}", "-p", "monitoring/none"], 2, "monitoring/azathioprine/bsr-2017"),
            (["assess", "{sample}", "--patient", "somebody-else"], 12, "patient"),
            (["assess", "{sample}", "--overlay", "nowhere.yaml"], 11, "nowhere.yaml"),
            (["assess", "{sample}", "--rules", "nowhere"], 11, "nowhere"),
            (["rules", "show", "no/such#rule"], 2, "rules list"),
            (["rules", "schema", "poem"], 2, "protocol"),
            (["rules", "compare", "aspirin"], 2, "azathioprine"),
            (["nonsense"], 2, "nonsense"),
        ],
    )
    def test_a_mistake_is_a_message_with_a_remedy_and_an_exit_code(
        self, arguments: list[str], code: int, says: str
    ) -> None:
        done = run(*(one.replace("{sample}", str(sample("1"))) for one in arguments))
        assert done.returncode == code
        assert code in EXIT_CODES
        assert says in done.stderr.decode()
        assert b"Traceback" not in done.stderr

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\x01\x02",
            b"{",
            b"[1, 2",
            b'{"resourceType": "Bundle", "type": "collection", "entry": ',
            b'{"resourceType": "Patient", "id": "a", "name": [{"family": "' + SECRET.encode() + b'"}], "birthDate": 7',
            b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "'
            + SECRET.encode()
            + b'"}}, {"resource": {"resourceType": "Patient", "id": "b"}}]}',
            b"name,value\n" + SECRET.encode() + b",1\n",
            b"\xff\xfe" + f'{{"resourceType": "{SECRET}"}}'.encode("utf-16-le"),
            b"[" * 100_000,
        ],
        ids=["empty", "binary", "brace", "list", "torn", "torn-name", "two-patients", "table", "utf-16", "deep"],
    )
    def test_a_bad_file_is_a_message_without_traceback_and_without_a_word_of_the_patient(
        self, content: bytes, tmp_path: Path
    ) -> None:
        path = tmp_path / "record.json"
        path.write_bytes(content)
        done = run("assess", path, "--on", "2026-03-02")
        assert done.returncode in (10, 12, 14)
        assert done.stderr.startswith(b"rxvigil: ")
        assert b"Traceback" not in done.stderr
        assert SECRET not in done.stderr.decode()


class TestRulesAndInstallation:
    def test_lint_finds_no_error_and_every_worked_patient_holds(self) -> None:
        done = run("rules", "lint")
        assert done.returncode == 0, done.stdout.decode()[-2000:]
        assert "0 rules lack a case" in done.stdout.decode()

    def test_every_rule_that_is_listed_can_be_shown(self) -> None:
        listed = [line.split("  ")[0] for line in run("rules", "list", "always/").stdout.decode().splitlines()]
        assert len(listed) > 10
        shown = run("rules", "show", listed[0]).stdout.decode()
        assert "source" in shown
        assert ".yaml:" in shown

    def test_compare_puts_the_bodies_side_by_side(self) -> None:
        text = run("rules", "compare", "azathioprine").stdout.decode()
        assert "bsr-2017" in text
        assert "fda-label" in text

    def test_the_demo_shows_every_patient_and_writes_a_page_for_each(self, tmp_path: Path) -> None:
        done = run("demo", "--folder", tmp_path)
        assert done.returncode == 0
        assert len(list(tmp_path.glob("*.html"))) == 9
        text = done.stdout.decode()
        assert "9  Before the first tablet" in text
        assert "Not yet: " in text
        assert all(one.title in text for one in samples())

    def test_doctor_says_that_the_installation_is_whole(self) -> None:
        done = run("doctor")
        assert done.returncode == 0, done.stdout.decode()
        assert "Everything is in order." in done.stdout.decode()
