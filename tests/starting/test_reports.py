"""The assessment of a start as text, page, JSON, FHIR and calendar file, each judged by somebody else."""

import json
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
import vobject
from fhir.resources.R4B.bundle import Bundle
from jsonschema import Draft202012Validator
from rich.console import Console

from rxvigil import reports
from rxvigil.casebook import record_of
from rxvigil.facts import Patient, Record
from rxvigil.intake.answers import AnswersFile
from rxvigil.knowledge.yamlfile import parse_document
from rxvigil.reports.start_json import start_schema_file
from rxvigil.starting import StartAssessment, Starter, StartRequest

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "schemas" / "start-1.schema.json"
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"

KINDS = ("ready", "open", "forbidden", "woman")


@pytest.fixture(scope="module")
def shown(begin) -> dict[str, StartAssessment]:
    bare = ("condition crohns-disease since 2024-01-01", "unreadable neutrophils on 2026-03-01")
    return {
        "ready": begin("UK", start="2026-03-19"),
        "open": begin("UK", base=bare),
        "forbidden": begin("EU", "allopurinol 300 mg/d from 2024-01-01", "vaccine mmr 2026-02-20"),
        "woman": begin("EU", base=bare, patient="female born 1992"),
    }


def text_of(assessment: StartAssessment, width: int, show: Any = reports.start_to_text) -> str:
    page = StringIO()
    show(assessment, Console(file=page, width=width, no_color=True))
    return page.getvalue()


def short_of(assessment: StartAssessment) -> str:
    """The short form in one line, so that no sentence is broken."""
    return text_of(assessment, 100_000, reports.start_in_short)


class TestText:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("width", [40, 80])
    def test_every_line_fits(self, shown, kind, width):
        for line in text_of(shown[kind], width).splitlines():
            assert len(line) <= width

    def test_the_verdict_stands_in_the_first_lines(self, shown):
        head = text_of(shown["forbidden"], 80).splitlines()[:6]
        assert any(line.startswith("May not start") for line in head)

    def test_control_characters_do_not_reach_the_terminal(self, begin):
        found = msgspec.structs.replace(begin("UK"), patient=Patient(id=HOSTILE))
        assert "\x1b[31m" not in text_of(found, 80)


class TestShortForm:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("width", [40, 80])
    def test_every_line_fits(self, shown, kind, width):
        for line in text_of(shown[kind], width, reports.start_in_short).splitlines():
            assert len(line) <= width

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_page_or_two_instead_of_many(self, shown, kind):
        lines = text_of(shown[kind], 80, reports.start_in_short).count("\n")
        assert lines < 150
        assert lines < text_of(shown[kind], 80).count("\n") / 4

    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_that_holds_the_start_is_left_out(self, shown, kind):
        found, text = shown[kind], short_of(shown[kind])
        wanted = [one.do for one in found.to_settle]
        wanted += [one.do for one in found.items if one.says == "yes"]
        wanted += [one.says for one in found.contradictions]
        wanted += [
            one.says for one in (*found.findings, *found.open_rules) if one.tier in ("STOP", "ACT", "CANNOT SAY")
        ]
        wanted += [one.name for one in (*found.plan.tests, *found.plan.vaccines)]
        wanted += [one.why for one in found.not_understood]
        assert [one for one in wanted if one not in text] == []

    @pytest.mark.parametrize("kind", KINDS)
    def test_whatever_is_not_known_is_named(self, shown, kind):
        """An answer that nobody gave must not look like one that cleared the question."""
        found, text = shown[kind], short_of(shown[kind])
        to_settle = {one.item for one in found.to_settle}
        open_ = [one for one in found.items if one.says == "cannot say" and one.id not in to_settle]
        assert [one.name for one in open_ if one.name not in text] == []
        assert bool(open_) is ("None of it holds the start here" in text)
        assert not any(one.holds_start for one in open_)

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_number_means_the_same_source_as_in_the_whole_report(self, shown, kind):
        whole, short = text_of(shown[kind], 100_000), short_of(shown[kind])
        body, _, listed = short.partition("SOURCES")
        numbers = set(re.findall(r"\[(\d+)\]", body))
        assert numbers == set(re.findall(r"^\[(\d+)\]", listed, re.MULTILINE))
        titles = dict(re.findall(r"^\[(\d+)\] (.*?), ", whole, re.MULTILINE))
        assert all(re.search(rf"^\[{one}\] {re.escape(titles[one])}", listed, re.MULTILINE) for one in numbers)

    def test_what_forbids_stands_first_and_what_is_left_out_last(self, shown):
        text = short_of(shown["forbidden"])
        headings = re.findall(r"^[A-Z ]{8,}$", text, re.MULTILINE)
        assert (headings[0], headings[-1]) == ("SPEAKS AGAINST THE START", "LEFT OUT HERE")
        assert "All of it: --full, or --format html." in text

    def test_control_characters_do_not_reach_the_terminal(self, begin):
        found = msgspec.structs.replace(begin("UK"), patient=Patient(id=HOSTILE))
        assert "\x1b[31m" not in short_of(found)


class TestPage:
    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_is_fetched_and_every_citation_has_its_source(self, shown, kind):
        page = reports.start_to_html(shown[kind])
        assert "<script" not in page
        assert "src=" not in page
        assert "undefined" not in page.lower()
        cited = set(re.findall(r'href="#(source-\d+)"', page))
        assert cited <= set(re.findall(r'id="(source-\d+)"', page))
        assert len(cited) > 10

    def test_text_from_records_is_never_markup(self, begin):
        found = msgspec.structs.replace(begin("UK"), patient=Patient(id=HOSTILE), indication=HOSTILE)
        page = reports.start_to_html(found)
        assert "<script" not in page
        assert "\u202e" not in page
        assert "\x1b" not in page

    def test_the_title_names_nobody(self, shown):
        assert "<title>Before the first tablet</title>" in reports.start_to_html(shown["open"])

    def test_capitals_of_a_name_stay(self, begin):
        """Hepatitis B is no hepatitis b, and TPMT no Tpmt."""
        found = begin("UK", "hbsag positive on 2026-03-01", "gene tpmt poor", without="gene tpmt")
        page = reports.start_to_html(found)
        assert "Hepatitis B, now or in the past:" in page
        assert "TPMT deficient:" in page

    def test_the_same_assessment_gives_the_same_bytes(self, shown):
        assert reports.start_to_html(shown["woman"]) == reports.start_to_html(shown["woman"])


class TestJson:
    @pytest.mark.parametrize("kind", KINDS)
    def test_it_fits_the_published_schema_and_survives_the_journey(self, shown, kind):
        written = reports.start_to_json(shown[kind])
        document = json.loads(written)
        assert document["schema"] == "rxvigil.start/1"
        assert list(Draft202012Validator(json.loads(SCHEMA_FILE.read_bytes())).iter_errors(document)) == []
        assert msgspec.json.decode(written, type=StartAssessment) == shown[kind]

    def test_the_published_schema_is_that_of_the_code(self):
        assert SCHEMA_FILE.read_bytes() == start_schema_file()

    def test_a_wrong_verdict_is_noticed(self, shown):
        document = json.loads(reports.start_to_json(shown["ready"]))
        document["verdict"] = "safe"
        problems = list(Draft202012Validator(reports.start_schema()).iter_errors(document))
        assert any("safe" in one.message for one in problems)


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [one for part in value.values() for one in references(part)]
    return [one for part in value for one in references(part)] if isinstance(value, list) else []


class TestFhir:
    @pytest.mark.parametrize("kind", KINDS)
    def test_it_is_valid_r4_and_every_reference_resolves(self, shown, kind, book):
        found = reports.start_to_fhir(shown[kind], Record(patient=shown[kind].patient), book)
        Bundle.model_validate(found)
        addresses = [entry["fullUrl"] for entry in found["entry"]]
        assert len(addresses) == len(set(addresses))
        assert {one for one in references(found) if one.startswith("urn:uuid:")} <= set(addresses)

    def test_nothing_in_it_is_an_order(self, shown, book):
        found = reports.start_to_fhir(shown["ready"], Record(patient=shown["ready"].patient), book)
        intents = {entry["resource"].get("intent") for entry in found["entry"]}
        assert intents == {None, "proposal"}
        assert "MedicationRequest" not in {entry["resource"]["resourceType"] for entry in found["entry"]}

    def test_the_whole_checklist_is_a_questionnaire_response(self, shown, book):
        found = reports.start_to_fhir(shown["open"], Record(patient=shown["open"].patient), book)
        [answers] = [
            one["resource"] for one in found["entry"] if one["resource"]["resourceType"] == "QuestionnaireResponse"
        ]
        items = [item["linkId"] for group in answers["item"] for item in group["item"]]
        assert items == [one.id for one in shown["open"].items]
        assert answers["status"] == "in-progress"


class TestCalendarFile:
    def events(self, assessment: StartAssessment, title: str = "") -> list[Any]:
        """Read by another library than the one that wrote it."""
        return vobject.readOne(reports.start_to_calendar(assessment, title).decode()).vevent_list

    def test_an_independent_reader_finds_every_visit(self, shown):
        found = self.events(shown["ready"])
        days = {one.dtstart.value for one in found if "Blood tests" in one.summary.value}
        assert days == {visit.on for visit in shown["ready"].plan.calendar}
        assert all(type(one.dtstart.value) is date for one in found), "all-day events"

    def test_identifiers_are_unique_and_stay(self, shown):
        first = [one.uid.value for one in self.events(shown["ready"])]
        assert len(first) == len(set(first))
        assert first == [one.uid.value for one in self.events(shown["ready"])]

    def test_nobody_is_named_but_by_the_user(self, begin):
        found = msgspec.structs.replace(begin("UK"), patient=Patient(id="Mustermann-7731"))
        written = reports.start_to_calendar(found).decode()
        assert "Mustermann" not in written
        assert "Crohn" not in written
        assert "80 kg" not in written
        assert self.events(found, "Bed 4")[1].summary.value.startswith("Bed 4: ")

    def test_a_title_cannot_begin_another_entry(self, shown):
        found = self.events(shown["ready"], "x\r\nEND:VEVENT\r\nBEGIN:VEVENT")
        assert len(found) == len(self.events(shown["ready"]))

    def test_lines_are_folded_as_the_standard_asks(self, shown):
        for line in reports.start_to_calendar(shown["ready"]).split(b"\r\n"):
            assert len(line) <= 75

    def test_who_may_not_start_gets_no_tablet_and_no_test(self, shown):
        titles = [one.summary.value for one in self.events(shown["forbidden"])]
        assert len(titles) == 1
        assert "renewed" in titles[0]


class TestQuestions:
    def test_only_open_questions_that_a_person_can_answer(self, begin, book):
        assessment = begin("UK", without="weight")
        items = [ready.item for ready in Starter(book).items("azathioprine")]
        document = parse_document(reports.open_questions(assessment, items), "questions.yaml")
        assert list(document.data["answers"]) == ["weight"]

    def test_filled_in_it_is_an_answers_file(self, begin, book):
        assessment = begin("UK", base=("condition crohns-disease since 2024-01-01",))
        items = [ready.item for ready in Starter(book).items("azathioprine")]
        text = reports.open_questions(assessment, items).replace("by:  # name and place", "by: A. Nurse")
        file = AnswersFile.model_validate(parse_document(text, "questions.yaml").data)
        assert all(answer is None for answer in file.answers.values())
        assert len(file.answers) > 10

    def test_nothing_open_is_an_empty_answers_file(self, begin, book):
        items = [ready.item for ready in Starter(book).items("azathioprine")]
        text = reports.open_questions(begin("UK"), items).replace("by:  # name and place", "by: A. Nurse")
        assert AnswersFile.model_validate(parse_document(text, "questions.yaml").data).answers == {}


def test_two_identical_assessments_of_the_same_record(book):
    record = record_of((), "male born 1980", book.vocabulary)
    one, other = (
        Starter(book, "US").assess(record, date(2026, 3, 5), StartRequest(drug="mercaptopurine")) for _ in range(2)
    )
    assert reports.start_to_json(one) == reports.start_to_json(other)
