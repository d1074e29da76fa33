"""Before the first tablet of somebody who does not exist: every form says so."""

import io

import msgspec
from rich.console import Console

from rxvigil import reports
from rxvigil.casebook import record_of


def made_up(begin):
    real = begin("UK", start="2026-03-19")
    return msgspec.structs.replace(real, patient=msgspec.structs.replace(real.patient, simulated=True))


def printed(assessment, report):
    page = io.StringIO()
    report(assessment, Console(file=page, width=200))
    return page.getvalue()


def test_text_page_and_calendar(begin):
    found = made_up(begin)
    says = "SIMULATED: this patient does not exist."
    for report in (reports.start_to_text, reports.start_in_short, reports.start_to_brief):
        assert printed(found, report).startswith(says)
    page = reports.start_to_html(found)
    assert says in page[: page.index("</header>")]
    assert '@top-left { content: "SIMULATED' in page
    for title, begins in (("", "SIMULATED: "), ("Mr X", "SIMULATED: Mr X: ")):
        calendar = reports.start_to_calendar(found, title).decode().replace("\r\n ", "")
        summaries = [line for line in calendar.splitlines() if line.startswith("SUMMARY")]
        assert summaries
        assert all(line.startswith(f"SUMMARY:{begins}") for line in summaries)


def test_fhir(begin, book):
    made = reports.start_to_fhir(made_up(begin), record_of((), "", book.vocabulary), book)
    resources = [one["resource"] for one in made["entry"]]
    assert {one["meta"]["security"][0]["code"] for one in (made, *resources)} == {"HTEST"}


def test_of_a_real_patient_nothing_is_said(begin):
    real = begin("UK", start="2026-03-19")
    assert "SIMULATED" not in printed(real, reports.start_to_text) + reports.start_to_html(real)
    assert b"SIMULATED" not in reports.start_to_calendar(real)
