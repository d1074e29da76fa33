"""Which body's protocol is followed, and how the page says so.

Bodies disagree, and an average of them is nobody's advice. One protocol is chosen for each drug: the one asked for, or
else the default of the patient's jurisdiction for the specialty that the diagnosis implies, or else the default of the
jurisdiction. The page names it, says why, and what must be known about it.
"""

from datetime import date

import pytest
from engine.small_book import assess, book_of
from msgspec.structs import replace

from rxvigil.casebook import record_of
from rxvigil.engine import Evaluator, Wanted
from rxvigil.engine.assessment import ProtocolShown
from rxvigil.engine.choose import UnknownProtocol
from rxvigil.knowledge.book import RuleBook

AZA = "azathioprine 100 mg/d from 2025-01-01"


def protocol(name: str, default_for: str = "[]", interval: str = "3 months", more: str = "") -> str:
    """A protocol file with one schedule; intervals tell them apart."""
    return f"""
kind: protocol
id: monitoring/azathioprine/{name}
title: Azathioprine by {name}
body: Body of {name}
applies: {{drugs: [azathioprine]}}
default_for: {default_for}
review_by: 2027-11-30
schedule:
  - {{id: blood-tests, panel: {{all: [neutrophils]}}, phases: [{{every: {interval}}}], source: SOURCE}}
{more}"""


@pytest.fixture(scope="module")
def bodies() -> RuleBook:
    """Four protocols for azathioprine: UK in general, UK gastroenterology, US, and a hospital's own."""
    return book_of(
        protocol("uk-general", "[{jurisdiction: UK}, {jurisdiction: UK, specialty: rheumatology}]", "12 weeks"),
        protocol("uk-gut", "[{jurisdiction: UK, specialty: gastroenterology}]", "3 months"),
        protocol("us-label", "[{jurisdiction: US}]", "1 month"),
        protocol("our-hospital", "[]", "2 weeks"),
    )


def chosen(book: RuleBook, *facts: str, wanted: Wanted | None = None) -> ProtocolShown:
    (shown,) = assess(book, AZA, *facts, wanted=wanted).protocols
    return shown


def name(shown: ProtocolShown) -> str:
    return shown.id.rpartition("/")[2]


# ---------------------------------------------------------------------------------------------------------- choosing


def test_without_a_word_about_where_the_united_kingdom_is_assumed_and_the_page_says_so(bodies: RuleBook) -> None:
    shown = chosen(bodies)
    assert name(shown) == "uk-general"
    assert shown.chosen_because == "UK (jurisdiction not stated), specialty not known"
    assert assess(bodies, AZA).jurisdiction == "UK (assumed)"
    assert assess(bodies, AZA, wanted=Wanted("UK")).jurisdiction == "UK"


def test_the_jurisdiction_decides(bodies: RuleBook) -> None:
    assert name(chosen(bodies, wanted=Wanted("US"))) == "us-label"


def test_the_diagnosis_implies_the_specialty(bodies: RuleBook) -> None:
    gut = chosen(bodies, "condition crohns-disease since 2019", wanted=Wanted("UK"))
    assert (name(gut), gut.chosen_because) == ("uk-gut", "UK, gastroenterology by the patient's diagnosis")
    assert name(chosen(bodies, "condition rheumatoid-arthritis since 2019", wanted=Wanted("UK"))) == "uk-general"


def test_only_a_diagnosis_that_is_there_implies_anything(bodies: RuleBook) -> None:
    assert name(chosen(bodies, "condition crohns-disease since 2019 until 2024")) == "uk-general"
    assert name(chosen(bodies, "condition crohns-disease uncertain")) == "uk-general"
    assert name(chosen(bodies, "condition crohns-disease since 2027")) == "uk-general"


def test_a_specialty_without_a_protocol_of_its_own_falls_back_and_the_page_says_so(bodies: RuleBook) -> None:
    shown = chosen(bodies, "condition psoriasis since 2019", wanted=Wanted("UK"))
    assert (name(shown), shown.chosen_because) == ("uk-general", "UK, no protocol of its own for dermatology")


def test_so_does_a_jurisdiction_without_one(bodies: RuleBook) -> None:
    shown = chosen(bodies, wanted=Wanted("NZ"))
    assert (name(shown), shown.chosen_because) == ("uk-general", "no protocol for NZ in the rule book")


def test_a_protocol_asked_for_by_name_is_used_whatever_the_diagnosis(bodies: RuleBook) -> None:
    asked = Wanted("UK", ("monitoring/azathioprine/our-hospital",))
    shown = chosen(bodies, "condition crohns-disease since 2019", wanted=asked)
    assert (name(shown), shown.chosen_because) == ("our-hospital", "asked for")


def test_one_that_does_not_exist_is_an_error_that_names_those_there_are(bodies: RuleBook) -> None:
    with pytest.raises(UnknownProtocol) as problem:
        assess(bodies, AZA, wanted=Wanted("UK", ("monitoring/azathioprine/nobodys",)))
    assert "there is no protocol 'monitoring/azathioprine/nobodys'" in str(problem.value)
    assert "monitoring/azathioprine/our-hospital" in problem.value.do
    assert problem.value.exit_code == 2


def test_never_a_mixture(bodies: RuleBook) -> None:
    """Every test that is due is due by the one protocol."""
    lines = assess(bodies, AZA, "neutrophils 3.1 10*9/L on 2026-02-01", wanted=Wanted("US")).next_tests
    assert [(one.due, one.protocols) for one in lines] == [(date(2026, 3, 1), ("monitoring/azathioprine/us-label",))]


def test_a_drug_without_any_protocol_is_said_to_have_none(bodies: RuleBook) -> None:
    assessment = assess(bodies, "tacrolimus 4 mg/d from 2025-06-01")
    (said,) = (one for one in assessment.findings if one.cause == "no monitoring protocol for tacrolimus")
    assert (said.tier, said.would_be) == ("CANNOT SAY", "ACT")


# ------------------------------------------------------------------------------------------------------ combinations

TOGETHER = """
kind: protocol
id: monitoring/combinations/azathioprine-allopurinol
title: Azathioprine with allopurinol
body: Body of the combination
applies: {drugs: [azathioprine, allopurinol], together: [azathioprine, allopurinol], jurisdictions: [UK]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
schedule:
  - id: blood-tests
    panel: {all: [neutrophils]}
    phases: [{every: 1 week, for: 4 weeks}, {every: 1 month}]
    source: SOURCE
"""
ALLOPURINOL = "allopurinol from 2026-02-16"


@pytest.fixture(scope="module")
def with_combination() -> RuleBook:
    return book_of(protocol("uk-general", "[{jurisdiction: UK}]", "12 weeks"), TOGETHER)


def test_a_protocol_for_two_drugs_together_comes_on_top_while_both_are_taken(with_combination: RuleBook) -> None:
    """Weekly from the day the second drug was added, 16 February: due on 23 February, earlier than 12-weekly."""
    facts = (AZA, "neutrophils 3.1 10*9/L on 2026-02-10")
    (alone,) = assess(with_combination, *facts).next_tests
    (both,) = assess(with_combination, *facts, ALLOPURINOL).next_tests
    assert (alone.due, both.due) == (date(2026, 5, 5), date(2026, 2, 23))
    assert [one.drug for one in assess(with_combination, *facts, ALLOPURINOL).protocols] == [
        "azathioprine",
        "azathioprine + allopurinol",
    ]
    assert not any("together" in one.chosen_because for one in assess(with_combination, *facts).protocols)


def test_where_nobody_knows_whether_the_second_is_still_taken_the_days_are_open(with_combination: RuleBook) -> None:
    """A prescription of allopurinol whose status the record does not give."""
    words = with_combination.vocabulary
    record = record_of((AZA, ALLOPURINOL, "neutrophils 3.1 10*9/L on 2026-02-10"), "female born 1980", words)
    doubted = tuple(
        replace(one, status="unknown" if one.drug == "allopurinol" else "active") for one in record.prescriptions
    )
    assessment = Evaluator(with_combination).assess(replace(record, prescriptions=doubted), date(2026, 3, 1))
    assert [one.status for one in assessment.next_tests] == ["cannot say"]
    said = next(one for one in assessment.findings if one.cause == "when the next tests are due")
    assert said.missing[0].what == "whether allopurinol is still taken"


# ------------------------------------------------------------------------------------- what must be said about a choice

SUPERSEDED = """
superseded: {by: bsr-2025, on: 2025-11-17, says: A newer guideline replaced this one on 17 Nov 2025.}
gaps: [Nobody has read what it says about the elderly.]
"""


def test_a_protocol_that_was_replaced_says_so_wherever_it_is_used() -> None:
    book = book_of(protocol("uk-general", "[{jurisdiction: UK}]", "12 weeks", SUPERSEDED))
    assert chosen(book).status == "A newer guideline replaced this one on 17 Nov 2025."
    late = next(one for one in assess(book, AZA).findings if one.cause == "blood tests overdue")
    assert "A newer guideline replaced this one on 17 Nov 2025." in late.notes


def test_what_a_protocol_leaves_open_is_shown_with_it() -> None:
    book = book_of(protocol("uk-general", "[{jurisdiction: UK}]", "12 weeks", SUPERSEDED))
    assert chosen(book).gaps == ("Nobody has read what it says about the elderly.",)


LIMITS_ONLY = """
kind: protocol
id: monitoring/azathioprine/limits-only
title: Limits without a schedule
body: Body of limits
applies: {drugs: [azathioprine]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
"""


def test_a_protocol_without_a_schedule_says_that_it_cannot_say_when() -> None:
    said = next(one for one in assess(book_of(LIMITS_ONLY), AZA).findings if one.kind == "schedule")
    assert (said.tier, said.would_be) == ("CANNOT SAY", "ACT")
    assert said.says.startswith("Limits without a schedule gives no schedule of blood tests for azathioprine")


def test_a_schedule_may_be_borrowed_and_the_page_says_from_whom_and_why() -> None:
    borrowing = LIMITS_ONLY + (
        "schedule_from: {protocol: monitoring/azathioprine/lender, why: its own was not read, source: SOURCE}\n"
    )
    assessment = assess(book_of(borrowing, protocol("lender", "[]", "12 weeks")), AZA)
    assert chosen(book_of(borrowing, protocol("lender"))).id == "monitoring/azathioprine/limits-only"
    late = next(one for one in assessment.findings if one.cause == "blood tests overdue")
    assert "schedule borrowed from Azathioprine by lender: its own was not read" in late.notes


# ---------------------------------------------------------------------------------------------------- the shipped book


@pytest.mark.parametrize(
    ("jurisdiction", "diagnosis", "expected"),
    [
        ("UK", "rheumatoid-arthritis", "monitoring/azathioprine/bsr-2017"),
        ("UK", "ulcerative-colitis", "monitoring/azathioprine/sps-gastroenterology"),
        ("UK", "myasthenia-gravis", "monitoring/azathioprine/practical-neurology"),
        ("US", "crohns-disease", "monitoring/azathioprine/fda-label"),
        ("FR", "crohns-disease", "monitoring/azathioprine/imurel-fr"),
        ("FI", "crohns-disease", "monitoring/azathioprine/duodecim"),
    ],
)
def test_the_shipped_defaults(book: RuleBook, jurisdiction: str, diagnosis: str, expected: str) -> None:
    shown = chosen(book, f"condition {diagnosis} since 2019", wanted=Wanted(jurisdiction))
    assert shown.id == expected


def test_every_monitored_drug_has_a_protocol_or_says_that_it_has_none(book: RuleBook) -> None:
    for drug in (key for key, one in book.vocabulary.drugs.items() if one.monitored):
        assessment = assess(book, f"{drug} from 2025-06-01")
        named = [one.drug for one in assessment.protocols]
        gap = [one for one in assessment.findings if one.rule == f"engine/no-protocol/{drug}"]
        assert (drug in named) != bool(gap), drug


def test_a_protocol_is_not_used_before_it_was_issued_nor_called_replaced_before_it_was(book: RuleBook) -> None:
    """BSR 2017 was issued on 27 February 2017 and replaced on 17 November 2025."""
    facts = ("azathioprine 100 mg/d from 2015-01-01", "condition rheumatoid-arthritis since 2010")
    record = record_of(facts, "female born 1960", book.vocabulary)
    evaluator = Evaluator(book)
    before = evaluator.assess(record, date(2016, 6, 1))
    assert before.protocols == ()
    assert any(one.cause.startswith("no monitoring protocol") for one in before.findings)
    current = evaluator.assess(record, date(2020, 6, 1)).protocols[0]
    assert (current.id, current.status) == ("monitoring/azathioprine/bsr-2017", "")
    assert "replaced" in evaluator.assess(record, date(2026, 3, 1)).protocols[0].status
