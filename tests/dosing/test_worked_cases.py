"""Worked doses: each expectation comes from a published example or from a sum by hand, never from the program."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rxvigil.casebook import record_of
from rxvigil.dosing import ConversionPlan, Doser, DoseRequest
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.dosing import parse_dose
from rxvigil.knowledge.yamlfile import read_document

FOLDER = Path(__file__).parent / "worked"
ON = "2026-03-01"
TIERS = ("STOP", "ACT", "KNOW", "CANNOT SAY")
KEYS = {
    "name", "source_of_expectation", "ask", "on", "patient", "request", "facts", "expect", "because", "toxicity", "mg",
    "from_drug", "to_drug",
}  # fmt: skip


def worked() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.yaml")):
        document = read_document(path, path.name).data
        for case in document["cases"]:
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


CASES = list(worked())


@pytest.fixture(scope="module")
def doser(book: RuleBook) -> Doser:
    return Doser(book)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES)
def test_the_dose_is_what_a_person_works_out(case: dict[str, Any], doser: Doser, book: RuleBook) -> None:
    assert set(case) <= KEYS, f"unknown keys: {set(case) - KEYS}"
    assert case["source_of_expectation"]
    record = record_of(case.get("facts", ()), case.get("patient", "female born 1980"), book.vocabulary)
    plan = answer(case, record, date.fromisoformat(str(case.get("on", ON))), doser)
    for key, wanted in case["expect"].items():
        assert CHECKS[key](plan, wanted), f"{key}: wanted {wanted!r}\n{told(plan)}"


def answer(case: dict[str, Any], record: Record, on: date, doser: Doser) -> Any:
    options = dict(case.get("request", {}))
    if case.get("ask") == "convert":
        place = options.get("jurisdiction")
        return doser.convert(case["mg"], case["from_drug"], case["to_drug"], on, record, place)
    if "intended" in options:
        options["intended"] = parse_dose(options["intended"])
    options["start_untested"] = tuple(options.get("start_untested", ()))
    request = DoseRequest(**options)
    match case.get("ask", "start"):
        case "change":
            return doser.change(record, on, request, case["because"])
        case "taper":
            return doser.taper(record, on, request, toxicity=case.get("toxicity", False))
        case _:
            return doser.start(record, on, request)


def near(found: float | None, wanted: float) -> bool:
    return found is not None and abs(found - wanted) < 0.006


def in_range(field: str) -> Callable[[Any, float], bool]:
    return lambda plan, wanted: plan.range is not None and near(getattr(plan.range, field), wanted)


def first_day(plan: Any) -> list[str]:
    return [f"{piece.count:g} x {piece.strength_mg:g} mg" for piece in plan.suggested.days[0].tablets]


def worst(plan: Any) -> str:
    tiers = {one.tier for one in (*plan.findings, *plan.refused)}
    return next((tier for tier in TIERS if tier in tiers), "")


def stands_in(plan: Any, wanted: list[str]) -> bool:
    text = msgspec.json.encode(plan).decode().lower()
    return all(one.lower() in text for one in wanted)


def days(plan: Any) -> list[list[Any]]:
    return [[step.earliest, step.target_mg] for step in plan.steps]


CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "mg_low": in_range("low"),
    "mg_high": in_range("high"),
    "per_kg_low": in_range("per_kg_low"),
    "per_kg_high": in_range("per_kg_high"),
    "suggested_mg": lambda plan, wanted: plan.suggested is not None and near(plan.suggested.mg_per_day, wanted),
    "tablets": lambda plan, wanted: sorted(first_day(plan)) == sorted(wanted),
    "ml": lambda plan, wanted: near(plan.suggested.days[0].ml, wanted),
    "refused": lambda plan, wanted: bool(plan.refused) is wanted,
    "tier": lambda plan, wanted: worst(plan) == wanted,
    "says_contains": stands_in,
    "maximum_mg": lambda plan, wanted: near(plan.maximum_mg, wanted),
    "first_rise": lambda plan, wanted: str(plan.titration[0].earliest) == str(wanted),
    "second_rise_mg": lambda plan, wanted: near(plan.titration[1].target_mg, wanted),
    "judge_from": lambda plan, wanted: str(plan.judge_response_from) == str(wanted),
    "upper_bound_only": lambda plan, wanted: plan.upper_bound_only is wanted,
    "to_mg": lambda plan, wanted: plan.to is not None and near(plan.to.mg_per_day, wanted),
    "earliest": lambda plan, wanted: str(plan.earliest) == str(wanted),
    "verb": lambda plan, wanted: plan.action is not None and plan.action.verb == wanted,
    "at_once": lambda plan, wanted: plan.at_once is wanted,
    "steps": lambda plan, wanted: [[str(day), mg] for day, mg in days(plan)] == [[str(day), mg] for day, mg in wanted],
}


def told(plan: Any) -> str:
    lines = [plan.summary, f"check by hand: {getattr(plan, 'check_by_hand', '')}"]
    lines += [f"range {plan.range}"] if hasattr(plan, "range") else []
    lines += [f"{one.tier}: {one.reason}" for one in plan.refused]
    lines += [f"{one.tier}: {one.rule}: {one.says}" for one in plan.findings]
    if not isinstance(plan, ConversionPlan):
        lines += [f"way: {way}" for way in getattr(plan, "ways", ())]
    return "\n".join(lines)
