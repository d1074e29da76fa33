"""What is found wrong with a rule book before a patient meets it.

Every problem names file and line, says what is wrong in a sentence, and what to do. Each is shown here by the smallest
change that causes it, to files that are otherwise good.
"""

from datetime import date

import pytest
from engine.small_book import HOUSE, documents_of, problems_of

from rxvigil.errors import RuleBookError
from rxvigil.knowledge.lint import lint, lint_book
from rxvigil.knowledge.loader import build

RULES = """kind: rules
id: always/example
title: Example
review_by: 2027-11-30
rules:
  - id: neutrophils-low
    kind: threshold
    applies: {drugs: [azathioprine]}
    when: neutrophils.latest < 1.6 10*9/L
    tier: act
    cause: neutrophils low
    says: "Neutrophils {neutrophils.latest} are low while taking {this}."
    action: {verb: stop, says: Contact the specialist., urgency: today, strength: should}
    source: SOURCE
"""
PROTOCOL = """kind: protocol
id: monitoring/azathioprine/example
title: Example
body: A body
applies: {drugs: [azathioprine]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
baseline:
  - {id: before, panel: {all: [hbsag]}, within: 12 months, source: SOURCE}
schedule:
  - id: blood-tests
    panel: {all: [full-blood-count], any: [[creatinine, egfr]]}
    phases: [{every: 2 weeks, until: {dose_stable_for: 6 weeks}}, {every: 12 weeks}]
    modifiers: [{id: one, when: leflunomide.active, every: 1 month, says: With leflunomide., source: SOURCE}]
    source: SOURCE
"""
TABLE = """kind: table
id: metabolites/example
title: Example
body: A body
applies: {drugs: [azathioprine]}
review_by: 2027-11-30
axes:
  - name: tgn
    of: tgn.latest
    unit: pmol/(8.10*8.{RBC})
    bands: [{name: low, range: "< 235"}, {name: right, range: 235 to 450}, {name: high, range: "> 450"}]
  - name: answer
    of: response.value
    bands: [{name: well, category: responding}, {name: badly, category: not-responding}]
rows:
  - &row
    id: low
    when: {tgn: [low]}
    tier: know
    cause: dose low
    says: "{tgn.latest} is low."
    action: {verb: discuss, says: Consider more., urgency: soon, strength: consider}
    source: SOURCE
  - {id: right, when: {tgn: [right]}, tier: know, cause: right, says: Right., action: ACTION, source: SOURCE}
gaps:
  - {when: {tgn: [high]}, says: No advice.}
"""
GRADING = """kind: grading
id: grading/example
title: Example
version: Example 1
review_by: 2027-11-30
rows:
  - {analyte: neutrophils, term: low, grades: {"2": "< 1.5 10*9/L", "1": "< 1 xLLN"}, source: SOURCE}
"""


def good(text: str) -> str:
    """A file as it should be."""
    action = "{verb: discuss, says: Discuss., urgency: soon, strength: consider}"
    return text.replace("&row\n    id", "id").replace("ACTION", action)


def found(text: str, old: str, new: str) -> list[str]:
    """What lint says once `old` has become `new`."""
    assert old in good(text), "the change must change something"
    return [one.what for one in problems_of(good(text).replace(old, new, 1))]


@pytest.mark.parametrize("text", [RULES, PROTOCOL, TABLE, GRADING])
def test_the_files_below_are_good(text: str) -> None:
    assert problems_of(good(text)) == []


def test_the_shipped_rule_book_has_no_problem() -> None:
    assert [str(one) for one in lint() if one.level == "error"] == []


# ------------------------------------------------------------------------------------------------------ conditions

CONDITION = "neutrophils.latest < 1.6 10*9/L"


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("neutrofils.latest < 1.6 10*9/L", "'neutrofils' is not in the vocabulary"),
        ("neutrophils.newest < 1.6 10*9/L", "has no measure 'newest'; it has: dose-changed-since, fall"),
        ("crohns-disease.latest < 1", "has no measure 'latest'; it has: ever, present"),
        ("neutrophils.latest < 1.6 mg/dL", "'mg/dL' is not a unit of neutrophils"),
        ("neutrophils.latest < 1.6", "'' is not a unit of neutrophils"),
        ("neutrophils.latest < 1600 10*9/L", "lies outside the plausible limits of neutrophils"),
        ("neutrophils.latest", "is not yes or no; compare it with something"),
        ("crohns-disease.present = yes", "is yes or no and cannot be compared"),
        ("azathioprine.stopped", "'azathioprine.stopped' needs within"),
        ("'azathioprine.stopped(within: 6)'", "within must be a duration, not '6'"),
        ("'azathioprine.stopped(within: 6 weeks, since: 2 days)'", "does not take since"),
        ("'neutrophils.falls(times: 3, each: 10)'", "each must be a percent, not '10'"),
        ("this.dose > 3 mg", "is compared in one of g/d, mg/d, mg/kg/d, mg/kg/wk, mg/wk, not 'mg'"),
        ("this.time-on > 3", "is compared with a length of time, not '3'"),
        ("thiopurine.count >= 2 drugs", "is compared with a bare number, not '2 drugs'"),
        ("hbsag.latest = maybe", "'maybe' is not a category of hbsag: indeterminate, negative, positive"),
        ("nudt15.phenotype = slow", "'slow' is not a value of nudt15: normal, intermediate"),
        ("response.value in (excellent)", "'excellent' is not a value of response"),
        (
            "neutrophils.latest < 1.6 10*9/L and neutrophils.latest > 2 10*9/L",
            "cannot both hold: the rule is unreachable",
        ),
        ("not neutrophils.latest < 1.6 10*9/L", "negates a number; write the opposite comparison instead"),
    ],
)
def test_a_condition_must_make_sense(condition: str, says: str) -> None:
    said = found(RULES, CONDITION, condition)
    assert any(says in one for one in said), said


def test_so_must_exceptions_restrictions_and_modifiers() -> None:
    assert found(RULES, "    tier: act", "    unless: nobody.present\n    tier: act")
    assert found(RULES, "{drugs: [azathioprine]}", "{drugs: [azathioprine], only_if: nobody.present}")
    assert found(PROTOCOL, "when: leflunomide.active", "when: nobody.active")
    assert found(PROTOCOL, "within: 12 months", "within: 12 months, only_if: nobody.present")
    assert found(PROTOCOL, "    phases:", "    only_if: nobody.present\n    phases:")


def test_a_condition_that_is_not_one_is_an_error_with_the_place_in_it() -> None:
    with pytest.raises(RuleBookError, match=r"at character 21 of .* expected a number with its unit") as problem:
        build(documents_of(RULES.replace(CONDITION, "neutrophils.latest <")))
    assert problem.value.where == "file-1.yaml:9"


# ------------------------------------------------------------------------------------------------ rules and sentences


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[azathioprine]", "[azathioprin]", "'azathioprin' is not a drug of the vocabulary"),
        ("[azathioprine]", "[allopurinol]", "none of its drugs is monitored, so the rule is never asked"),
        (
            "{drugs: [azathioprine]}\n    when: neutrophils",
            "{}\n    when: this.active and neutrophils",
            "names no drug",
        ),
        ("{neutrophils.latest}", "{neutrofils.latest}", "'{neutrofils}' in a sentence is not in the vocabulary"),
        ("{neutrophils.latest}", "{neutrophils.newest}", "offers change, latest, series"),
        ("{this}", "{this.weight}", "offers active, dose, start, stopped, time-on"),
        ("{this}", "{This}", "is not a hole that can be filled"),
        ("cause: neutrophils low", 'cause: "{nobody} low"', "'{nobody}' in a sentence is not in the vocabulary"),
        ("Contact the specialist.", '"Call {nobody}."', "'{nobody}' in a sentence is not in the vocabulary"),
    ],
)
def test_a_rule_must_be_asked_and_be_able_to_say_its_sentence(old: str, new: str, says: str) -> None:
    said = found(RULES, old, new)
    assert any(says in one for one in said), said


def test_two_rules_of_one_file_have_two_ids() -> None:
    second = RULES.partition("rules:\n")[2]
    assert found(RULES + second, "title: Example", "title: Twice") == ["the rule id 'neutrophils-low' stands twice"]


# ----------------------------------------------------------------------------------------------------------- sources


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ref: house", "ref: nowhere", "the publication 'nowhere' is in no sources file"),
        ("note: made up for a test", "via: a page", "a house value must say in 'note' why it was chosen"),
        (
            "mark: house, checked: 2026-11-22, note: made up for a test",
            "mark: derived, checked: 2026-11-22",
            "a derived value must say in 'note' by which formula it was derived",
        ),
        (
            HOUSE,
            "{ref: unread-guideline, where: table 2, mark: secondary, checked: 2026-11-22}",
            "a secondary reading must say in 'via' where it was read",
        ),
    ],
)
def test_every_value_says_where_it_was_read(old: str, new: str, says: str) -> None:
    guideline = "kind: sources\npublications: [{id: unread-guideline, title: A guideline, body: A body}]"
    documents = documents_of(RULES.replace("SOURCE", HOUSE.replace(old, new)), guideline)
    assert says in [one.what for one in lint_book(documents, build(documents)) if one.place.startswith("file-")]


def test_nothing_was_checked_tomorrow() -> None:
    documents = documents_of(RULES)
    said = [one.what for one in lint_book(documents, build(documents), today=date(2026, 11, 21))]
    assert "'checked' lies in the future (2026-11-22)" in said


def test_a_review_that_is_due_is_a_remark_and_no_error() -> None:
    documents = documents_of(RULES)
    (said,) = [
        one for one in lint_book(documents, build(documents), today=date(2027, 12, 1)) if one.place.startswith("file-")
    ]
    assert (said.level, said.what, said.place) == ("remark", "review was due 2027-11-30", "file-1.yaml:4")


def test_a_rule_without_a_source_does_not_load() -> None:
    with pytest.raises(RuleBookError, match="source: Field required"):
        build(documents_of(RULES.replace("    source: SOURCE\n", "")))


# --------------------------------------------------------------------------------------------------------- protocols


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[full-blood-count]", "[full-blood-counts]", "'full-blood-counts' is neither a test nor a panel of tests"),
        ("{all: [full-blood-count], any: [[creatinine, egfr]]}", "{}", "the panel asks for nothing"),
        ("panel: {all: [hbsag]}", "panel: {all: [hbs]}", "'hbs' is neither a test nor a panel of tests"),
        (", until: {dose_stable_for: 6 weeks}", "", "phase 1 never ends, so the phases after it are unreachable"),
        ("{every: 12 weeks}", "{every: 12 weeks, for: 1 year}", "the schedule runs out: say what holds afterwards"),
        ("drugs: [azathioprine]", "drugs: [azathioprin]", "'azathioprin' is not a drug of the vocabulary"),
        ("{jurisdiction: UK}", "{jurisdiction: UK, specialty: cardiology}", "the specialty 'cardiology' is not in"),
        (
            "review_by",
            "superseded: {by: nowhere, says: Old.}\nreview_by",
            "the successor 'nowhere' is in no sources file",
        ),
        (
            "review_by",
            "thresholds_from: {protocol: monitoring/nobody, why: why, source: SOURCE}\nreview_by",
            "there is no protocol 'monitoring/nobody' to borrow from",
        ),
    ],
)
def test_a_protocol_must_lead_somewhere(old: str, new: str, says: str) -> None:
    said = found(PROTOCOL, old, new)
    assert any(says in one for one in said), said


def test_two_protocols_are_not_both_the_default_for_one_patient() -> None:
    said = [one.what for one in problems_of(PROTOCOL, PROTOCOL.replace("azathioprine/example", "azathioprine/other"))]
    assert said == [
        "monitoring/azathioprine/example and monitoring/azathioprine/other are both the default for "
        "azathioprine, UK, no specialty"
    ]


TOGETHER = PROTOCOL.replace("azathioprine/example", "combinations/example").replace(
    "applies: {drugs: [azathioprine]}", "applies: {drugs: [azathioprine], together: [azathioprine, allopurinol]}"
)


def borrowing(text: str, what: str, lender: str) -> str:
    """The file, with limits or a schedule of another protocol."""
    return text.replace("review_by", f"{what}: {{protocol: {lender}, why: not read, source: SOURCE}}\nreview_by", 1)


def test_a_schedule_is_not_borrowed_between_a_drug_and_a_combination() -> None:
    """The one counts from the first dose, the other from the day the last of the drugs was added."""
    drug, combination = "monitoring/azathioprine/example", "monitoring/combinations/example"
    (said,) = problems_of(PROTOCOL, borrowing(TOGETHER, "schedule_from", drug))
    assert said.what == "drugs taken together cannot borrow a schedule: write theirs out under 'schedule'"
    (said,) = problems_of(borrowing(PROTOCOL, "schedule_from", combination), TOGETHER)
    assert said.what == f"'{combination}' is for drugs taken together, so its schedule cannot be borrowed: write it out"


def test_limits_may_be_borrowed_by_and_from_a_combination_and_a_schedule_between_drugs() -> None:
    drug, combination = "monitoring/azathioprine/example", "monitoring/combinations/example"
    other = PROTOCOL.replace("azathioprine/example", "methotrexate/example").replace("[azathioprine]", "[methotrexate]")
    assert problems_of(PROTOCOL, borrowing(TOGETHER, "thresholds_from", drug)) == []
    assert problems_of(borrowing(PROTOCOL, "thresholds_from", combination), TOGETHER) == []
    assert problems_of(PROTOCOL, borrowing(other, "schedule_from", drug)) == []


@pytest.mark.parametrize(
    ("phase", "says"),
    [
        ("{every: 2 weeks, at: [2 weeks]}", "a phase has exactly one of 'every', 'at' and 'stop'"),
        ("{for: 2 weeks}", "a phase has exactly one of 'every', 'at' and 'stop'"),
        ("{every: 2 weeks, for: 1 month, until: {dose_stable_for: 6 weeks}}", "a phase ends by 'for' or by 'until'"),
        ("{every: fortnight}", "'fortnight' is not a length of time"),
        ("{every: 3 to 2 months}", "runs backwards"),
    ],
)
def test_a_phase_is_one_thing(phase: str, says: str) -> None:
    with pytest.raises(RuleBookError, match=says):
        build(documents_of(PROTOCOL.replace("{every: 12 weeks}", phase)))


# ------------------------------------------------------------------------------------------------ tables and gradings


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"< 235"', '"< 230"', "no band holds the values between 'low' and 'right'"),
        ('"< 235"', '"<= 235"', "bands 'low' and 'right' overlap"),
        ('"> 450"', '">= 450"', "bands 'right' and 'high' overlap"),
        ('"> 450"', "451 to 900", "nothing covers values above 900"),
        ('"< 235"', "100 to 234", "nothing covers values below 100"),
        ('"> 450"', '"above 450"', "'above 450' is not a range"),
        ('range: "> 450"', 'range: "> 450", category: high', "give either a range or a category"),
        ("unit: pmol/(8.10*8.{RBC})", "unit: U/L", "'U/L' is not a unit of tgn"),
        ("of: tgn.latest", "of: tgn.latest < 5 pmol/(8.10*8.{RBC})", "is not one term of an analyte or event"),
        ("when: {tgn: [low]}", "when: {tgn: [lo]}", "'tgn: lo' is not an axis and band of the table"),
        ("when: {tgn: [low]}", "when: {tgm: [low]}", "'tgm: low' is not an axis and band of the table"),
        (
            "when: {tgn: [right]}",
            "when: {tgn: [right], answer: [well]}",
            "no declared gap answers tgn right, answer badly",
        ),
        ("when: {tgn: [high]}", "when: {tgn: [high, low]}", "is answered more than once: low, a gap"),
        ("when: {tgn: [right]}", "when: {tgn: []}", "row 'right' can never hold"),
        ("{tgn.latest} is low", "{tgn.newest} is low", "cannot be filled"),
    ],
)
def test_a_table_answers_every_combination_exactly_once(old: str, new: str, says: str) -> None:
    said = found(TABLE, old, new)
    assert any(says in one for one in said), said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("analyte: neutrophils", "analyte: neutrofils", "'neutrofils' is not an analyte"),
        ("< 1.5 10*9/L", "1.5 10*9/L", "is not a boundary, such as '< 1.5 10*9/L'"),
        ("< 1.5 10*9/L", "< 1.5 mg/dL", "is not a boundary, such as '< 1.5 10*9/L'"),
        ("< 1.5 10*9/L", "< low 10*9/L", "is not a boundary, such as '< 1.5 10*9/L'"),
    ],
)
def test_a_grade_has_a_boundary(old: str, new: str, says: str) -> None:
    said = found(GRADING, old, new)
    assert any(says in one for one in said), said


# -------------------------------------------------------------------------------------------------------- vocabulary

SOURCED = "source: SOURCE"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            f"kind: symptoms\nconcepts: [{{key: neutrophils, name: Something, {SOURCED}}}]",
            "'neutrophils' is the key of analyte and of symptom: a rule could not tell which is meant",
        ),
        (
            f"kind: symptoms\nconcepts: [{{key: high-temperature, name: Fever, {SOURCED}}}]",
            "symptoms: the name 'fever' is given to fever and high-temperature",
        ),
        (
            f"kind: conditions\nconcepts: [{{key: new-one, name: New one, classes: [nobody], {SOURCED}}}]",
            "condition 'new-one': there is no condition 'nobody' to belong to",
        ),
        (
            f"kind: conditions\nconcepts: [{{key: new-one, name: New one, specialty: cardiology, {SOURCED}}}]",
            "condition 'new-one': the specialty 'cardiology' does not exist",
        ),
        (
            "kind: drugs\ndrugs: [{key: new-drug, name: New drug, names: [], classes: [nobody], "
            f"not_to_confuse_with: [nothing], {SOURCED}}}]",
            "drug 'new-drug': there is no class 'nobody'",
        ),
        (
            f"kind: drugs\ndrugs: [{{key: new-drug, name: New drug, names: [], codes: {{atc: [L04AX01]}}, {SOURCED}}}]",
            "drugs: atc L04AX01 is given to azathioprine and new-drug",
        ),
        (
            f"kind: drugs\ndrugs: [{{key: new-drug, name: AZATHIOPRINE, names: [], monitored: true, {SOURCED}}}]",
            "drugs: the name 'azathioprine' is given to azathioprine and new-drug",
        ),
        (
            "kind: analytes\nanalytes: [{key: new-test, name: New test, specimen: blood, dimension: nothing, "
            f"fresh_for: 14 weeks, worse: low, names: [], {SOURCED}}}]",
            "analyte 'new-test': there is no dimension 'nothing'",
        ),
    ],
)
def test_no_key_code_or_name_means_two_things(text: str, says: str) -> None:
    documents = documents_of(text)
    book = build(documents)
    assert says in [one.what for one in lint_book([], book)]
