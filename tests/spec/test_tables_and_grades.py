"""Decision tables, such as those for thiopurine metabolites, and severity grades.

A table has axes (what is measured), bands on each axis, and rows that each hold for some bands. Rows and declared gaps
together cover every combination once. The patient's values choose a cell; what is not known leaves all its bands open.
"""

from datetime import date

import pytest
from engine.small_book import assess, book_of

from rxvigil.engine import Assessment, Wanted
from rxvigil.engine.assessment import Finding
from rxvigil.engine.grades import grade
from rxvigil.facts import Bounds, Comparator, Origin, Result, on_day
from rxvigil.knowledge.book import RuleBook

AZA = "azathioprine 150 mg/d from 2025-06-01"
PMOL = "pmol/(8.10*8.{RBC})"
TABLE = """
kind: table
id: metabolites/example
title: Example
body: Example body
applies: {drugs: [azathioprine]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
notes: [Values of another method need other limits.]
axes:
  - name: tgn
    of: tgn.latest
    unit: pmol/(8.10*8.{RBC})
    bands:
      - {name: low, range: "< 235"}
      - {name: therapeutic, range: 235 to 450}
      - {name: high, range: "> 450"}
  - name: mmp
    of: mmp.latest
    unit: pmol/(8.10*8.{RBC})
    bands:
      - {name: normal, range: "< 5700"}
      - {name: high, range: ">= 5700"}
  - name: response
    of: response.value
    bands:
      - {name: responding, category: responding}
      - {name: not-responding, category: not-responding}
      - {name: adverse-effect, category: adverse-effect}
rows:
  - id: under-dosed
    when: {tgn: [low], mmp: [normal]}
    tier: know
    cause: thiopurine dose low
    says: "6-TGN {tgn.latest} is low."
    action: {verb: discuss, says: Consider a higher dose., urgency: soon, strength: consider}
    source: SOURCE
  - id: shunting
    when: {tgn: [low], mmp: [high]}
    tier: act
    cause: hypermethylation
    says: Much 6-MMP and little 6-TGN.
    action: {verb: discuss, says: Consider allopurinol with a quarter of the dose., urgency: soon, strength: consider}
    source: SOURCE
  - id: as-wanted
    when: {tgn: [therapeutic], mmp: [normal], response: [responding]}
    tier: know
    cause: thiopurine dose right
    says: In range.
    action: {verb: continue, says: Continue., urgency: routine, strength: consider}
    source: SOURCE
  - id: another-drug
    when: {tgn: [therapeutic], mmp: [normal], response: [not-responding]}
    tier: act
    cause: no response in range
    says: In range without response.
    action: {verb: switch, says: Consider another class., urgency: soon, strength: consider}
    source: SOURCE
  - id: too-much
    when: {tgn: [high]}
    tier: act
    cause: thiopurine dose high
    says: Too much.
    action: {verb: reduce, says: Reduce the dose., urgency: soon, strength: should}
    source: SOURCE
gaps:
  - {when: {tgn: [therapeutic], mmp: [high]}, says: The table gives no advice for high 6-MMP with 6-TGN in range.}
  - when: {tgn: [therapeutic], mmp: [normal], response: [adverse-effect]}
    says: The table gives no advice for an adverse effect in range.
"""


def tgn(value: str, on: str = "2026-02-10") -> str:
    return f"tgn {value} {PMOL} on {on}"


def mmp(value: str, on: str = "2026-02-10") -> str:
    return f"mmp {value} {PMOL} on {on}"


RESPONDING = "event response value responding since 2026-01-01"


def read(*facts: str, wanted: Wanted | None = None) -> Finding | None:
    """What the table says."""
    assessment = assess(book_of(TABLE), AZA, *facts, wanted=wanted)
    return next((one for one in assessment.findings if one.kind == "metabolites"), None)


def row(*facts: str) -> str:
    found = read(*facts)
    assert found is not None
    return found.rule.partition("#")[2] or found.cause


# -------------------------------------------------------------------------------------------------- one row: an answer


def test_values_that_lie_in_one_row_are_advice() -> None:
    found = read(tgn("150"), mmp("2000"))
    assert found is not None
    assert (found.rule, found.tier, found.says) == (
        "metabolites/example#under-dosed",
        "KNOW",
        f"6-TGN {tgn_shown('150')} on 10 Feb 2026 is low.",
    )
    assert found.notes[-1] == "Values of another method need other limits."


def tgn_shown(value: str) -> str:
    return f"{value} {book_of(TABLE).vocabulary.unit_shown('tgn')}"


@pytest.mark.parametrize(
    ("value", "expected"), [("234", "under-dosed"), ("235", "as-wanted"), ("450", "as-wanted"), ("451", "too-much")]
)
def test_the_ends_of_a_band_belong_to_it(value: str, expected: str) -> None:
    assert row(tgn(value), mmp("2000"), RESPONDING) == expected


def test_an_axis_that_a_row_leaves_out_does_not_matter_to_it() -> None:
    """Too much is too much, whatever 6-MMP and response are."""
    assert row(tgn("600")) == "too-much"


def test_a_value_known_only_as_a_range_may_still_lie_in_one_row() -> None:
    assert row(tgn("<100"), mmp("2000")) == "under-dosed"
    assert row(tgn(">500")) == "too-much"


# -------------------------------------------------------------------------------------------- several rows: a question


def test_what_is_not_known_leaves_several_rows_and_the_page_says_what_decides() -> None:
    found = read(tgn("150"))
    assert found is not None
    assert (found.tier, found.cause, found.would_be) == ("CANNOT SAY", "metabolite pattern open", "ACT")
    assert found.unanswered == ("metabolites/example#under-dosed", "metabolites/example#shunting")
    assert [gap.what for gap in found.missing] == [name("mmp"), name("response")]
    assert "Consider a higher dose." in found.says
    assert "Consider allopurinol with a quarter of the dose." in found.says


def name(key: str) -> str:
    return book_of(TABLE).vocabulary.show(key)


def test_two_drugs_with_one_open_pattern_are_one_question_as_grave_as_before() -> None:
    both = TABLE.replace("drugs: [azathioprine]", "drugs: [azathioprine, mercaptopurine]")
    facts = (AZA, "mercaptopurine 50 mg/d from 2025-06-01", tgn("150"))
    (found,) = (one for one in assess(book_of(both), *facts).findings if one.kind == "metabolites")
    assert (found.would_be, len(found.unanswered)) == ("ACT", 2)


def test_a_range_that_reaches_into_two_bands_leaves_both() -> None:
    found = read(tgn("<300"), mmp("2000"), RESPONDING)
    assert found is not None
    assert found.unanswered == ("metabolites/example#under-dosed", "metabolites/example#as-wanted")


def test_two_results_of_one_day_in_two_bands_leave_both() -> None:
    found = read(tgn("150"), tgn("300"), mmp("2000"), RESPONDING)
    assert found is not None
    assert found.tier == "CANNOT SAY"


def test_a_value_in_doubt_still_warns_but_does_not_reassure() -> None:
    """A newer result that nobody could read: 'too much' stands, 'as wanted' does not."""
    unread = "unreadable tgn on 2026-02-20"
    assert row(tgn("600"), mmp("2000"), unread) == "too-much"
    assert row(tgn("300"), mmp("2000"), RESPONDING) == "as-wanted"
    assert row(tgn("300"), mmp("2000"), RESPONDING, unread) == "metabolite pattern open"


# ---------------------------------------------------------------------------------------------- a gap: found, and said


def test_a_combination_without_published_advice_is_said_to_be_one() -> None:
    found = read(tgn("300"), mmp("7000"))
    assert found is not None
    assert (found.tier, found.cause) == ("CANNOT SAY", "metabolite pattern without published advice")
    assert found.says == "The table gives no advice for high 6-MMP with 6-TGN in range."


# ----------------------------------------------------------------------------------------------------- when it is read


def test_nothing_is_read_from_metabolites_older_than_a_year_or_never_measured() -> None:
    assert read() is None
    assert read(tgn("600", "2025-02-20"), mmp("2000", "2025-02-20")) is None
    why = {one.why for one in assess(book_of(TABLE), AZA).explained if one.rule.startswith("metabolites/example#")}
    assert len(why) == 1
    assert why.pop().startswith("not measured within 12 months:")


def test_a_table_can_be_asked_for_by_name() -> None:
    other = TABLE.replace("metabolites/example", "metabolites/other").replace("default_for: [{jurisdiction: UK}]", "")
    assessment = assess(book_of(TABLE, other), AZA, tgn("600"), wanted=Wanted("UK", ("metabolites/other",)))
    assert [one.rule for one in assessment.findings if one.kind == "metabolites"] == ["metabolites/other#too-much"]


# -------------------------------------------------------------------------------------------------- the shipped tables


def shipped(book: RuleBook, *facts: str, jurisdiction: str = "UK", patient: str = "female born 1980") -> str:
    assessment = assess(book, AZA, *facts, wanted=Wanted(jurisdiction), patient=patient)
    return next(one.rule for one in assessment.findings if one.kind == "metabolites")


def test_the_british_table_in_the_united_kingdom(book: RuleBook) -> None:
    """The limits of its table 10: 6-TGN 235 to 450, 6-MMP 5700, ratio 11."""
    assert shipped(book, tgn("200"), mmp("2000")) == "metabolites/bsg-2019#under-dosed"
    assert shipped(book, tgn("200"), mmp("2201")) == "metabolites/bsg-2019#hypermethylation-by-ratio"
    assert shipped(book, tgn("200"), mmp("5700")) == "metabolites/bsg-2019#hypermethylation"
    assert shipped(book, tgn("300"), mmp("5700")) == "metabolites/bsg-2019#possibly-too-much"
    assert shipped(book, tgn("500"), mmp("5700")) == "metabolites/bsg-2019#too-much"


def test_another_table_for_children_and_another_in_the_netherlands(book: RuleBook) -> None:
    assert shipped(book, tgn("500"), mmp("7000"), patient="female born 2012") == "metabolites/grp-2021#overdose"
    not_responding = "event response value not-responding since 2026-01-01"
    assert shipped(book, tgn("420"), mmp("2000"), not_responding, jurisdiction="NL") == "metabolites/vumc-2016#high-tgn"


def test_more_of_one_metabolite_never_makes_the_british_table_milder_in_6_mmp(book: RuleBook) -> None:
    """Along 6-MMP the advice only grows firmer; along 6-TGN it need not, for too little is a matter too."""
    ranks = {"KNOW": 1, "CANNOT SAY": 1, "ACT": 2, "STOP": 3}
    for level in ("100", "235", "300", "450", "451", "900"):
        for response in ("responding", "not-responding"):
            said = [
                metabolites(assess(book, AZA, tgn(level), mmp(amount), f"event response value {response}"))
                for amount in ("500", "3000", "5699", "5700", "20000")
            ]
            assert [ranks[one.tier] for one in said] == sorted(ranks[one.tier] for one in said), level


def metabolites(assessment: Assessment) -> Finding:
    return next(one for one in assessment.findings if one.kind == "metabolites")


# -------------------------------------------------------------------------------------------------------------- grades


def result(
    analyte: str, value: float, comparator: Comparator = "", low: float | None = None, high: float | None = None
) -> Result:
    own = Bounds(low, high) if low or high else None
    return Result(
        id="1", analyte=analyte, when=on_day(date(2026, 2, 20)), origin=Origin("made up", "a test"), value=value,
        comparator=comparator, reference=own,
    )  # fmt: skip


@pytest.fixture(scope="module")
def five(book: RuleBook):
    """CTCAE 5.0, as a function of a result and the one before treatment."""

    def graded(now: Result, before: Result | None = None) -> str | None:
        return grade(now, book.gradings["grading/ctcae-5"], book.vocabulary, before)

    return graded


def test_the_highest_grade_whose_boundary_is_passed(five) -> None:
    """Neutrophils by version 5: below 1.5 grade 2, below 1.0 grade 3, below 0.5 grade 4."""
    assert five(result("neutrophils", 1.5)) is None
    assert five(result("neutrophils", 1.49)) == "CTCAE 5.0 grade 2"
    assert five(result("neutrophils", 1.0)) == "CTCAE 5.0 grade 2"
    assert five(result("neutrophils", 0.49)) == "CTCAE 5.0 grade 4"


def test_the_laboratorys_own_limit_makes_grade_1(five) -> None:
    assert five(result("neutrophils", 1.8, low=2.0, high=7.5)) == "CTCAE 5.0 grade 1"
    assert five(result("neutrophils", 1.8)) is None


def test_multiples_of_the_upper_limit_need_the_limit(five) -> None:
    """ALT from a normal baseline: above 3 times grade 2, above 5 times grade 3."""
    assert five(result("alt", 121, high=40)) == "CTCAE 5.0 grade 2"
    assert five(result("alt", 201, high=40)) == "CTCAE 5.0 grade 3"
    assert five(result("alt", 201)) is None


def test_after_an_abnormal_baseline_the_multiples_are_of_the_baseline(five) -> None:
    """ALT was 80 before treatment, twice the limit: 201 is 2.5 times that, grade 1 (1.5 to 3 times)."""
    before = result("alt", 80, high=40)
    assert five(result("alt", 201, high=40), before) == "CTCAE 5.0 grade 1"
    assert five(result("alt", 241, high=40), before) == "CTCAE 5.0 grade 2"
    assert five(result("alt", 201, high=40), result("alt", 30, high=40)) == "CTCAE 5.0 grade 3"


def test_a_value_known_only_as_a_range_has_the_grade_that_is_certain(five) -> None:
    assert five(result("neutrophils", 0.5, "<")) == "CTCAE 5.0 grade 4"
    assert five(result("neutrophils", 0.9, "<")) == "CTCAE 5.0 grade 3"
    assert five(result("neutrophils", 0.9, ">")) is None


def test_no_rule_fires_on_a_grade(book: RuleBook) -> None:
    """Severity scales change; what to do is said in numbers."""
    for identity, rule in book.rules():
        assert "grade" not in rule.when, identity
