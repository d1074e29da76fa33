"""Of a patient who does not exist every report says so, and none says it of anybody else."""

import io
import json
from typing import Any

import msgspec
from rich.console import Console

from rxvigil import reports
from rxvigil.facts import said_of_patient

from .sample import sample_assessment, sample_record
from .sample_book import sample_book

REAL = sample_assessment()
MADE_UP = msgspec.structs.replace(REAL, patient=msgspec.structs.replace(REAL.patient, simulated=True))
SAYS = said_of_patient(MADE_UP.patient)


def printed(assessment: Any, report: Any = None) -> str:
    page = io.StringIO()
    console = Console(file=page, width=200)
    if report is None:
        reports.to_text(assessment, False, console)
    else:
        report(assessment, console)
    return page.getvalue()


def test_the_text_begins_with_it() -> None:
    assert printed(MADE_UP).startswith(SAYS)
    assert "SIMULATED" not in printed(REAL)
    assert SAYS in printed(MADE_UP, reports.to_brief)


def test_the_page_says_it_at_its_head_and_on_every_printed_sheet() -> None:
    page = reports.to_html(MADE_UP, sample_record(), sample_book())
    head = page[page.index("<header") : page.index("</header>")]
    assert SAYS in head
    assert head.index(SAYS) < head.index("Patient</dt>")
    assert '@top-left { content: "SIMULATED' in page
    assert "SIMULATED" not in reports.to_html(REAL, sample_record(), sample_book())


def test_every_fhir_resource_bears_the_label_of_test_data() -> None:
    made = reports.to_fhir(MADE_UP, sample_record(), sample_book())
    assert len(made["entry"]) > 3
    for one in (made, *(entry["resource"] for entry in made["entry"])):
        [label] = one["meta"]["security"]
        assert (label["system"], label["code"]) == ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")
    assert "HTEST" not in json.dumps(reports.to_fhir(REAL, sample_record(), sample_book()))


def test_json_holds_it_as_a_fact_about_the_patient() -> None:
    assert json.loads(reports.to_json(MADE_UP))["patient"]["simulated"] is True
    assert "simulated" not in json.loads(reports.to_json(REAL))["patient"]


def test_nothing_else_changes() -> None:
    made, real = json.loads(reports.to_json(MADE_UP)), json.loads(reports.to_json(REAL))
    del made["patient"]["simulated"]
    assert made == real
