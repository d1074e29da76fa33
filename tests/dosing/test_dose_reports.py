"""Doses as others get them: JSON in its published shape, text for narrow and wide terminals."""

import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from rich.console import Console

from dosing.conftest import GENES, KIDNEY, ON, Start
from rxvigil.casebook import record_of
from rxvigil.dosing import ChangePlan, ConversionPlan, DosePlan, Doser, DoseRequest, TaperPlan
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.reports import dose_json, dose_schema, plan_text
from rxvigil.reports.dose_json import SHAPES, dose_schema_file

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
Plan = DosePlan | ChangePlan | TaperPlan | ConversionPlan
PERSON = ("weight 70 kg on 2026-02-20", *GENES, KIDNEY)
HOSTILE = "\x1b[31mred\x1b[0m"


@pytest.fixture(scope="module")
def plans(start: Start, doser: Doser, book: RuleBook) -> dict[str, Plan]:
    taking = (*PERSON, "azathioprine 100 mg/d from 2025-01-01", "condition rheumatoid-arthritis since 2020")
    record = record_of(taking, "female born 1980", book.vocabulary)
    request = DoseRequest(drug="azathioprine", jurisdiction="US")
    return {
        "dose": start(*PERSON, indication="rheumatoid-arthritis", jurisdiction="US"),
        "dose-change": doser.change(record, ON, request, "not-responding"),
        "dose-taper": doser.taper(record, ON, request),
        "dose-conversion": doser.convert(100, "azathioprine", "mercaptopurine", ON, record),
    }


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_written_fits_the_published_schema(plans: dict[str, Plan], name: str) -> None:
    written = json.loads(dose_json(plans[name]))
    assert next(iter(written)) == "schema"
    assert written["schema"] == f"rxvigil.{name}/1"
    assert list(Draft202012Validator(dose_schema(name)).iter_errors(written)) == []


@pytest.mark.parametrize("name", SHAPES)
def test_the_published_schema_is_that_of_the_code(name: str) -> None:
    assert (SCHEMAS / f"{name}-1.schema.json").read_bytes() == dose_schema_file(name)


def test_of_somebody_who_does_not_exist_text_and_json_say_so(doser: Doser, book: RuleBook) -> None:
    record = record_of((*PERSON, "azathioprine 100 mg/d from 2025-01-01"), "female born 1980", book.vocabulary)
    made_up = replace(record, patient=replace(record.patient, simulated=True))
    request = DoseRequest(drug="azathioprine", jurisdiction="US")

    def plans_of(whom: Record) -> list[Plan]:
        return [
            doser.start(whom, ON, request),
            doser.change(whom, ON, request, "not-responding"),
            doser.taper(whom, ON, request),
            doser.convert(100, "azathioprine", "mercaptopurine", ON, whom),
        ]

    for plan, real in zip(plans_of(made_up), plans_of(record), strict=True):
        page, other = io.StringIO(), io.StringIO()
        plan_text(plan, Console(file=page, width=200, no_color=True))
        plan_text(real, Console(file=other, width=200, no_color=True))
        assert page.getvalue().startswith("SIMULATED: this patient does not exist.")
        assert page.getvalue().endswith(other.getvalue())
        assert json.loads(dose_json(plan))["simulated"] is True
        assert "simulated" not in json.loads(dose_json(real))


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", SHAPES)
def test_the_text_fits_any_terminal_and_begins_with_the_answer(plans: dict[str, Plan], name: str, width: int) -> None:
    page = io.StringIO()
    plan_text(plans[name], Console(file=page, width=width, no_color=True))
    lines = page.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    head = " ".join("".join(f"{line} " for line in lines[:12]).split())
    assert " ".join(plans[name].summary.split())[:40] in head


def test_every_source_that_is_cited_is_listed(plans: dict[str, Plan]) -> None:
    plan = plans["dose"]
    assert isinstance(plan, DosePlan)
    page = io.StringIO()
    plan_text(plan, Console(file=page, width=200, no_color=True))
    listed = page.getvalue().split("SOURCES")[1]
    assert plan.followed
    assert all(source.title in listed for source in plan.followed.sources)


def test_what_a_record_says_cannot_move_the_cursor(start: Start) -> None:
    plan = start(*PERSON, f"warfarin 5 mg/d from 2025-01-01 product {HOSTILE}", indication="crohns-disease")
    page = io.StringIO()
    plan_text(plan, Console(file=page, width=80, no_color=True))
    assert "\x1b" not in page.getvalue()


def test_beside_a_refusal_no_amount_looks_like_a_dose_to_give(start: Start) -> None:
    refused = start("weight 70 kg on 2026-02-20", "gene tpmt normal", "gene nudt15 poor", indication="crohns-disease")
    page = io.StringIO()
    plan_text(refused, Console(file=page, width=80, no_color=True))
    assert "Refused: " in page.getvalue()
    for word in ("BOTH WAYS", "Check by hand", "Maximum  "):
        assert word not in page.getvalue()
