"""What is found wrong with dosing files: each shown by the smallest change that causes it."""

import pytest
from engine.small_book import problems_of

PROTOCOL = """kind: dosing
id: dosing/azathioprine/example
title: Example
body: A body
drug: azathioprine
indications: [crohns-disease]
jurisdictions: [UK]
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
weight: {basis: actual, source: SOURCE}
start: {dose: 1 to 2 mg/kg/d, source: SOURCE}
maximum: [{dose: 2 mg/kg/d, source: SOURCE}]
"""
ADJUSTMENTS = """kind: dose-adjustments
id: dosing/adjustments-example
title: Example
review_by: 2027-11-30
adjustments:
  - id: allopurinol
    drugs: [azathioprine]
    when: allopurinol.active
    tier: stop
    cause: allopurinol
    effect: {fraction: [0.25, 0.5]}
    says: "With {allopurinol.active} a quarter to half."
    action: {verb: avoid, says: Choose another drug., urgency: now, strength: must}
    source: SOURCE
"""
PRODUCTS = """kind: products
id: dosing/products-example
title: Example
review_by: 2027-11-30
presentations:
  - {id: tablet, drug: azathioprine, form: tablet, jurisdictions: [UK], strengths_mg: [25, 50], source: SOURCE}
  - id: liquid
    drug: azathioprine
    form: suspension
    jurisdictions: [UK]
    mg_per_ml: 10
    measuring: [{up_to_mg: 30, step_mg: 1}, {step_mg: 2.5}]
    source: SOURCE
"""
CHANGES = """kind: dose-changes
id: dosing/changes-example
title: Example
review_by: 2027-11-30
conversions:
  - {id: one, from_drug: azathioprine, to_drug: mercaptopurine, divide_by: [1.8, 2], says: Half., source: SOURCE}
tapers:
  - {id: two, drug: azathioprine, by: 25 mg/d, every: 4 weeks, says: Slowly., source: SOURCE}
"""
WHOLE = (PROTOCOL, ADJUSTMENTS, PRODUCTS, CHANGES)


def found(text: str, old: str, new: str) -> list[str]:
    assert old in text
    return [problem.what for problem in problems_of(text.replace(old, new))]


def test_good_files_have_no_problem() -> None:
    assert problems_of(*WHOLE) == []


@pytest.mark.parametrize(
    ("text", "old", "new", "says"),
    [
        (PROTOCOL, "drug: azathioprine", "drug: sugar", "not a drug"),
        (PROTOCOL, "[crohns-disease]", "[sadness]", "not a condition"),
        (PROTOCOL, "1 to 2 mg/kg/d", "1 to 3 mg/kg/d", "above the maximum"),
        (PROTOCOL, "start:", "do_not_start: {says: No., source: SOURCE}\nstart:", "two things"),
        (PROTOCOL, "start: {dose: 1 to 2 mg/kg/d, source: SOURCE}\n", "", "nobody can start"),
        (PROTOCOL, "review_by", "effective: {from: 2026-02-01, to: 2026-01-01}\nreview_by", "ends before"),
        (PROTOCOL, "review_by", "only_if: sadness.present\nreview_by", "sadness"),
        (PROTOCOL, "[{jurisdiction: UK}]", "[{jurisdiction: UK, specialty: magic}]", "specialty"),
        (ADJUSTMENTS, "allopurinol.active\n", "sugar.active\n", "sugar"),
        (ADJUSTMENTS, "[0.25, 0.5]", "[0.5, 0.25]", "backwards"),
        (ADJUSTMENTS, "[0.25, 0.5]", "[0.25, 1.5]", "raise"),
        (ADJUSTMENTS, "{allopurinol.active} a", "{allopurinol.colour} a", "colour"),
        (ADJUSTMENTS, "{fraction: [0.25, 0.5]}", "{avoid: true}", ""),
        (PRODUCTS, "[25, 50]", "[50, 25]", "not in order"),
        (PRODUCTS, "strengths_mg: [25, 50], ", "", "no strength"),
        (PRODUCTS, "    mg_per_ml: 10\n", "", "mg_per_ml"),
        (PRODUCTS, "{step_mg: 2.5}", "{up_to_mg: 20, step_mg: 2.5}", "measuring"),
        (PRODUCTS, "id: liquid", "id: tablet", "twice"),
        (CHANGES, "[1.8, 2]", "[2, 1.8]", "backwards"),
        (CHANGES, "by: 25 mg/d, ", "", "without a step"),
        (CHANGES, "to_drug: mercaptopurine", "to_drug: sugar", "not a drug"),
    ],
)
def test_what_is_wrong_is_said(text: str, old: str, new: str, says: str) -> None:
    problems = found(text, old, new)
    assert any(says in problem for problem in problems) if says else problems == []


def test_two_defaults_for_one_disease_and_place_are_found() -> None:
    other = PROTOCOL.replace("/example", "/other")
    assert any("both the default" in problem.what for problem in problems_of(PROTOCOL, other))


def test_the_one_written_for_fewer_diseases_is_no_second_default() -> None:
    wider = PROTOCOL.replace("/example", "/other").replace("[crohns-disease]", "[crohns-disease, ulcerative-colitis]")
    assert problems_of(PROTOCOL, wider) == []
