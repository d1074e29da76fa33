"""`rxvigil start` as its user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import vobject

ROOT = Path(__file__).resolve().parents[2]
RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
RECORD = ROOT / "src" / "rxvigil" / "samples" / "9-before-the-first-tablet.json"
DAY = ("--on", "2026-03-05", "--indication", "crohns-disease")
ANSWERS = """kind: answers
by: A. Nurse, clinic
on: 2026-03-05
answers:
  thiopurine-allergy: no
  infection-now: no
  pregnancy: no
  live-vaccine-planned: no
  blood-test-attendance: no
  cervical-screening: 2024-05-02
  tpmt: normal
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RXVIGIL, "start", *map(str, arguments)], capture_output=True, check=False, timeout=120, text=True
    )


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.yaml"
    file.write_text(ANSWERS, encoding="utf-8")
    return file


def test_the_first_lines_say_for_whom_and_the_verdict():
    done = run(RECORD, *DAY, "--start-date", "2026-03-19")
    head = " ".join(done.stdout.splitlines()[:4])
    assert done.returncode == 0, done.stderr
    assert "Azathioprine for Crohn's disease, intended start 19 Mar 2026" in head
    assert "Not yet: 7 things to settle first." in head


def test_answers_settle_what_the_record_leaves_open(answers):
    found = json.loads(run(RECORD, *DAY, "--answers", answers, "--format", "json").stdout)
    assert found["verdict"] == "nothing found against it"
    assert found["answered_by"] == ["answered by A. Nurse, clinic on 5 Mar 2026"]


def test_the_questions_can_be_filled_in_and_given_back(tmp_path):
    questions = tmp_path / "questions.yaml"
    assert run(RECORD, *DAY, "--questions", "--output", questions).returncode == 0
    text = questions.read_text(encoding="utf-8").replace("by:  # name and place", "by: A. Nurse, clinic")
    questions.write_text(text.replace("  thiopurine-allergy:", "  thiopurine-allergy: yes"), encoding="utf-8")
    done = run(RECORD, *DAY, "--answers", questions)
    assert "May not start: allergy to a thiopurine." in done.stdout


def test_a_place_changes_the_rules(answers):
    answers.write_text(ANSWERS + "  past-pancreatitis: yes\n", encoding="utf-8")
    said = {
        place: json.loads(run(RECORD, *DAY, "-j", place, "--answers", answers, "-f", "json").stdout)["verdict"]
        for place in ("UK", "it")
    }
    assert said == {"UK": "not yet", "it": "may not start"}


@pytest.mark.parametrize(
    ("format_", "begins"), [("json", "{"), ("fhir", "{"), ("html", "<!doctype html>"), ("text", "P")]
)
def test_each_format_is_written_whole(format_, begins, tmp_path):
    target = tmp_path / "report"
    done = run(RECORD, *DAY, "--format", format_, "--output", target)
    assert (done.returncode, done.stdout) == (0, "")
    assert target.read_text(encoding="utf-8").lower().startswith(begins.lower())


def test_the_whole_report_is_asked_for():
    """Short by default, the verdict first and what was left out last; a page and JSON hold everything anyway."""
    short, full = run(RECORD, *DAY).stdout, run(RECORD, *DAY, "--full").stdout
    assert short.splitlines()[:5] == full.splitlines()[:5]
    assert "All of it: --full" in " ".join(short.split())
    assert "THE CHECKLIST" in full
    assert "THE CHECKLIST" not in short
    done = run(RECORD, *DAY, "--full", "--format", "json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "only the text has a short form" in done.stderr


def test_the_calendar_file(tmp_path, answers):
    target = tmp_path / "plan.ics"
    done = run(RECORD, *DAY, "--answers", answers, "--calendar", target, "-o", tmp_path / "report")
    assert done.returncode == 0
    titles = [one.summary.value for one in vobject.readOne(target.read_text(encoding="utf-8")).vevent_list]
    assert sum("Blood tests" in one for one in titles) >= 7
    assert "example-start" not in target.read_text(encoding="utf-8")


def test_who_may_not_start_gets_no_calendar_of_tests_and_is_told_so(tmp_path, answers):
    answers.write_text(ANSWERS.replace("allergy: no", "allergy: yes"), encoding="utf-8")
    done = run(RECORD, *DAY, "--answers", answers, "--calendar", tmp_path / "plan.ics", "-o", tmp_path / "report")
    assert done.returncode == 0
    assert "holds no tablet and no test" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--drug", "methotrexate"), 2, "there is no checklist for 'methotrexate'"),
        (("--indication", "crohn"), 2, "the indication is not a condition of the vocabulary"),
        (("-j", "Mars"), 2, "'Mars' is not a jurisdiction"),
        (("--start-date", "2026-02-01"), 2, "the first tablet would lie before the assessment"),
        (("--start-date", "soon"), 2, "'soon' is not a date"),
        (("--start-date", "9999-12-31"), 2, "after 2199"),
        (("--on", "05/03/2026"), 2, "is not a date"),
        (("--protocol", "monitoring/none"), 2, "there is no protocol"),
        (("--answers", "none.yaml"), 10, "none.yaml"),
    ],
)
def test_a_mistake_becomes_a_message(arguments, code, says):
    done = run(RECORD, "--on", "2026-03-05", *arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert "What to do" in done.stderr
    assert "Traceback" not in done.stderr


def test_answers_of_later_than_the_assessment_are_refused(answers):
    done = run(RECORD, "--on", "2026-03-04", "--answers", answers)
    assert done.returncode == 2
    assert "after the date of the assessment" in done.stderr


def test_an_answers_file_that_is_wrong_is_named_with_its_line(answers):
    answers.write_text(ANSWERS + "  past-pancreatitus: no\n", encoding="utf-8")
    done = run(RECORD, *DAY, "--answers", answers)
    assert done.returncode == 10
    assert "answers.yaml:12" in done.stderr
    assert "did you mean past-pancreatitis" in done.stderr
