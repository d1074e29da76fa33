"""Thiopurine metabolites: what has to be so before a number may be read, and what is said where it is not.

Read from top to bottom, this is the manual of the page "read metabolites".
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from engine.small_book import assess, book_of, problems_of
from spec.test_tables_and_grades import TABLE

from rxvigil.casebook import record_of
from rxvigil.engine import Evaluator
from rxvigil.engine.assessment import Finding
from rxvigil.facts import Result
from rxvigil.intake import record_from_resources
from rxvigil.intake.tables import read_tables
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import parse

AZA = "azathioprine 150 mg/d from 2025-06-01"
PMOL = "pmol/(8.10*8.{RBC})"


def tgn(value: str, on: str = "2026-02-10", more: str = "") -> str:
    return f"tgn {value} {PMOL} on {on}{more}"


def mmp(value: str, on: str = "2026-02-10") -> str:
    return f"mmp {value} {PMOL} on {on}"


# ---------------------------------------------------------------- how long the dose had been the same at the sample

STEPS = ("azathioprine 100 mg/d from 2025-06-01 to 2025-11-30", "azathioprine 150 mg/d from 2025-12-01")


def test_the_day_of_the_sample_counts_not_today(ask: Any) -> None:
    early = "tgn.stable-at-sample < 4 weeks"
    assert ask(early, *STEPS, tgn("180", "2025-12-11"), this="azathioprine") == "yes"
    assert ask(early, *STEPS, tgn("180", "2025-12-11"), this="azathioprine", on="2026-11-01") == "yes"
    assert ask(early, *STEPS, tgn("180", "2025-12-28"), this="azathioprine") == "yes"
    assert ask(early, *STEPS, tgn("180", "2025-12-29"), this="azathioprine") == "no"


def test_only_the_newest_sample_counts(ask: Any) -> None:
    facts = (*STEPS, tgn("180", "2025-12-11"), tgn("250", "2026-02-01"))
    assert ask("tgn.stable-at-sample < 4 weeks", *facts, this="azathioprine") == "no"


def test_a_sample_from_before_the_course_fits_no_length_of_time(ask: Any) -> None:
    facts = (AZA, tgn("180", "2025-05-01"))
    assert ask("tgn.stable-at-sample < 4 weeks", *facts, this="azathioprine") == "no"
    assert ask("tgn.stable-at-sample >= 4 weeks", *facts, this="azathioprine") == "no"
    assert ask("tgn.dose-changed-since", *facts, this="azathioprine") == "yes"


def test_without_the_history_of_doses_nobody_can_say(ask: Any) -> None:
    for question in ("tgn.stable-at-sample < 4 weeks", "tgn.dose-changed-since"):
        assert ask(question, "azathioprine 150 mg/d", tgn("180"), this="azathioprine") == "cannot say"
        assert ask(question, "azathioprine from 2025-06-01", tgn("180"), this="azathioprine") == "cannot say"
        assert ask(question, AZA, this="azathioprine") == "cannot say"


def test_a_sample_of_which_only_the_month_is_known_cannot_say_where_the_day_decides(ask: Any) -> None:
    early = "tgn.stable-at-sample < 4 weeks"
    assert ask(early, *STEPS, tgn("180", "2025-12"), this="azathioprine") == "cannot say"
    assert ask(early, *STEPS, tgn("180", "2026-02"), this="azathioprine") == "no"


def test_a_dose_changed_after_the_sample(ask: Any) -> None:
    assert ask("tgn.dose-changed-since", *STEPS, tgn("180", "2025-11-30"), this="azathioprine") == "yes"
    assert ask("tgn.dose-changed-since", *STEPS, tgn("180", "2025-12-01"), this="azathioprine") == "no"


# ------------------------------------------------------------------------------------------ low that is not too little


def found(book: RuleBook, *facts: str) -> dict[str, Finding]:
    """What the shipped rule book says of metabolites: by the part of the rule after the '#'."""
    record = record_of((AZA, *facts), "female born 1980", book.vocabulary)
    findings = Evaluator(book).assess(record, date(2026, 3, 1)).findings
    return {one.rule.partition("#")[2] or one.cause: one for one in findings if one.rule.startswith("metabolites/")}


NOTHING = ("tgn undetectable on 2026-02-10", "mmp undetectable on 2026-02-10")


def everything(finding: Finding) -> str:
    return " ".join((finding.says, *finding.also, finding.action.says, *finding.attest)).lower()


def test_not_taken_is_a_question_and_never_a_charge(book: RuleBook) -> None:
    said = found(book, *NOTHING)["not-taken"]
    assert said.action.verb == "ask"
    assert "without blame" in said.action.says
    assert not any(word in everything(said) for word in ("complian", "adheren", "refus", "fail"))


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        ("gene nudt15 poor", "nudt15"),
        ("gene nudt15 intermediate", "nudt15"),
        ("ribavirin from 2026-01-15", "ribavirin"),
        ("neutrophils 1.1 10*9/L on 2026-02-10", "low-counts"),
        ("platelets 80 10*9/L on 2026-02-10", "low-counts"),
    ],
)
@pytest.mark.parametrize("levels", [NOTHING, (tgn("150"), mmp("900"))])
def test_low_6_tgn_with_another_reason_is_neither_missed_doses_nor_too_little(
    book: RuleBook, fact: str, rule: str, levels: tuple[str, ...]
) -> None:
    said = found(book, *levels, fact)
    assert said[rule].tier == "ACT"
    assert not {"not-taken", "under-dosed"} & said.keys()
    assert not any("raise the dose" in everything(one).replace("do not raise the dose", "") for one in said.values())


def test_a_normal_genotype_and_normal_counts_excuse_nothing(book: RuleBook) -> None:
    counts = ("neutrophils 3 10*9/L on 2026-02-10", "white-cells 5 10*9/L on 2026-02-10")
    said = found(book, tgn("150"), mmp("900"), "gene nudt15 normal", *counts, "platelets 250 10*9/L on 2026-02-10")
    assert "raise the dose if" in everything(said["under-dosed"])


def test_without_blood_counts_the_row_stands_and_says_what_is_missing(book: RuleBook) -> None:
    said = found(book, tgn("150"), mmp("900"))
    assert {gap.what for gap in said["under-dosed"].missing} >= {"White cells", "Neutrophils", "Platelets"}


def test_ribavirin_is_not_hypermethylation(book: RuleBook) -> None:
    """Published: 16,500 pmol/8×10⁸ red cells of methylated metabolites with falling 6-TGN under ribavirin (two patients
    with pancytopenia). Allopurinol on top would be wrong."""
    levels = (tgn("90"), mmp("16500"))
    assert "hypermethylation" in found(book, *levels)
    said = found(book, *levels, "ribavirin from 2026-01-15")
    assert "hypermethylation" not in said
    assert "not a reason for a higher dose or for allopurinol" in said["ribavirin"].says


def test_who_responds_is_not_given_more_for_a_number_alone(book: RuleBook) -> None:
    said = found(book, tgn("150"), mmp("900"), "event response value responding since 2026-01-10")
    assert (said["responding"].tier, said["responding"].action.verb) == ("KNOW", "continue")
    assert "under-dosed" not in said


def test_a_response_counts_for_a_year(book: RuleBook) -> None:
    old = found(book, tgn("300"), mmp("2000"), "event response value responding since 2025-02-01")
    assert old["metabolite pattern open"].tier == "CANNOT SAY"
    assert "last recorded on 1 Feb 2025" in old["metabolite pattern open"].says


def test_an_alarm_stands_however_early_the_sample_was(book: RuleBook) -> None:
    """More is to come after a sample taken too early: what is high already is not explained away."""
    record = record_of(
        ("azathioprine 150 mg/d from 2026-02-01", tgn("600"), mmp("9000")), "female born 1980", book.vocabulary
    )
    rules = {one.rule for one in Evaluator(book).assess(record, date(2026, 3, 1)).findings}
    assert {"metabolites/bsg-2019#too-much", "metabolites/sampling#metabolites-too-early"} <= rules


def test_an_under_dose_is_not_said_again_after_the_dose_was_raised(book: RuleBook) -> None:
    said = found(book, tgn("150"), mmp("900"), "azathioprine 200 mg/d from 2026-02-20")
    assert "under-dosed" not in said
    assert "metabolites-before-a-change" in said


def test_a_row_names_a_rule_that_is_there() -> None:
    way = "    gives_way_to: [metabolites/misleading#ribavrin]\n    tier: know\n    cause: thiopurine dose low"
    table = TABLE.replace("    tier: know\n    cause: thiopurine dose low", way)
    assert any("'metabolites/misleading#ribavrin', which is no rule" in one.what for one in problems_of(table))


def test_a_row_gives_way_only_to_a_rule_that_then_speaks() -> None:
    way = "    gives_way_to: [always/silent#one]\n    tier: know\n    cause: thiopurine dose low"
    table = TABLE.replace("    tier: know\n    cause: thiopurine dose low", way)
    rules = """
kind: rules
id: always/silent
title: Rules
review_by: 2027-11-30
rules:
  - id: one
    kind: precaution
    applies: {drugs: [azathioprine], jurisdictions: [FR]}
    when: tgn.latest < 100 pmol/(8.10*8.{RBC})
    tier: know
    cause: made up
    says: Made up.
    action: {verb: ask, says: Ask., urgency: routine, strength: consider}
    source: SOURCE
"""
    assert any("then nobody would speak" in one.what for one in problems_of(table, rules))
    everywhere = rules.replace(", jurisdictions: [FR]", "")
    assert not any("gives way" in one.what for one in problems_of(table, everywhere))


def test_where_6_mmp_is_missing_the_readings_left_are_not_all_there_are(book: RuleBook) -> None:
    said = found(book, tgn("150"), "gene nudt15 poor")["metabolite pattern open"]
    assert "Raise the dose" not in said.says
    assert said.says.endswith("Others are not given: see the finding on metabolites low.")


def test_tpmt_activity_is_judged_by_the_day_it_was_measured(ask: Any) -> None:
    on_treatment = "tpmt-activity.time-on-at-sample >= 3 months"
    assert ask(on_treatment, AZA, "tpmt-activity normal on 2025-09-01", this="azathioprine") == "yes"
    assert ask(on_treatment, AZA, "tpmt-activity normal on 2025-08-31", this="azathioprine") == "no"
    assert ask(on_treatment, AZA, "tpmt-activity normal on 2025-05-31", this="azathioprine") == "no"
    unknown = "azathioprine 150 mg/d"
    assert ask(on_treatment, unknown, "tpmt-activity normal on 2025-09-01", this="azathioprine") == "cannot say"


# --------------------------------------------------------------------------------------------------------- the method

NAMED = TABLE.replace("axes:", "methods: [lennard]\naxes:", 1)


def read(table: str, *facts: str) -> Finding:
    said = [one for one in assess(book_of(table), AZA, *facts).findings if one.kind == "metabolites"]
    assert len(said) == 1
    return said[0]


def test_a_table_that_names_its_method_is_read_for_results_of_that_method() -> None:
    assert read(NAMED, tgn("150", more=" by HPLC after Lennard"), mmp("900")).rule.endswith("#under-dosed")


@pytest.mark.parametrize("more", ["", " by Dervieux-Boulieu", " by LC-MS", " by Lennard or Dervieux"])
def test_for_another_method_or_none_it_cannot_say(more: str) -> None:
    said = read(NAMED, tgn("600", more=more), mmp("900"))
    assert (said.tier, said.would_be) == ("CANNOT SAY", "ACT")
    assert said.missing[0].what == "method of 6-TGN"
    assert "the limits hold for Lennard" in said.missing[0].why


def test_a_table_that_names_none_says_so_beside_its_advice() -> None:
    assert "names no method; the table names none" in read(TABLE, tgn("150"), mmp("900")).notes[0]
    assert "'Dervieux-Boulieu'; the table" in read(TABLE, tgn("150", more=" by Dervieux-Boulieu"), mmp("900")).notes[0]


def test_a_method_that_nobody_knows_is_a_mistake_of_the_table() -> None:
    assert any("'elisa' is not a method" in one.what for one in problems_of(NAMED.replace("lennard", "elisa")))


def observation(**stated: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "t1",
        "status": "final",
        "subject": {"reference": "Patient/17"},
        "code": {"text": "6-TGN"},
        "effectiveDateTime": "2026-02-10",
        "valueQuantity": {"value": 150, "unit": "pmol/8x10^8 RBC"},
    } | stated


def from_fhir(book: RuleBook, **stated: Any) -> Result:
    record = record_from_resources(
        [{"resourceType": "Patient", "id": "17"}, observation(**stated)], book.vocabulary, "export.json"
    )
    assert not record.not_understood
    return record.results[0]


def test_fhir_states_the_method_in_an_element_or_only_in_the_name(book: RuleBook) -> None:
    assert from_fhir(book).assay is None
    assert from_fhir(book, method={"text": "HPLC (Lennard)"}).assay == "HPLC (Lennard)"
    assert from_fhir(book, code={"text": "6-TGN (Dervieux)"}).assay == "Dervieux-Boulieu"
    both = from_fhir(book, code={"text": "6-TGN (Dervieux)"}, method={"text": "HPLC"})
    assert both.assay == "HPLC; Dervieux-Boulieu"


def test_a_table_gives_the_method_in_a_column_or_for_a_column(book: RuleBook, tmp_path: Path) -> None:
    mapping = """\
kind: mapping
title: laboratory export
patient: patient
dates: YYYY-MM-DD
tables:
  - {file: long.csv, holds: results, date: taken, analyte: {name: test}, value: result, unit: unit, method: method}
  - file: wide.csv
    holds: panels
    date: taken
    analytes: {TGN: {analyte: tgn, unit: "pmol/8x10^8 RBC", method: Lennard}}
"""
    (tmp_path / "mapping.yaml").write_text(mapping)
    (tmp_path / "long.csv").write_text(
        "patient,taken,test,result,unit,method\nA,2026-02-10,6-TGN,150,pmol/8x10^8 RBC,Dervieux-Boulieu\n"
    )
    (tmp_path / "wide.csv").write_text("patient,taken,TGN\nA,2026-01-10,140\n")
    (record,) = read_tables(tmp_path, tmp_path / "mapping.yaml", book.vocabulary)
    assert {(one.value, one.assay) for one in record.results} == {(150.0, "Dervieux-Boulieu"), (140.0, "Lennard")}


# ----------------------------------------------------------------------------------------------------------- the unit


@pytest.mark.parametrize("unit", ["ng/mL", "nmol/L", "nmol/mmol Hb", "umol/mol Hb", ""])
def test_a_unit_that_no_source_converts_is_not_guessed(book: RuleBook, unit: str) -> None:
    record = record_from_resources(
        [
            {"resourceType": "Patient", "id": "17"},
            observation(valueQuantity={"value": 150, "unit": unit} if unit else {"value": 150}),
        ],
        book.vocabulary,
        "export.json",
    )
    assert not record.results
    assert record.not_understood[0].affects == ("tgn",)


def test_the_measures_are_part_of_the_rule_language() -> None:
    assert str(parse("tgn.stable-at-sample < 4 weeks")) == "tgn.stable-at-sample < 4 weeks"
