"""What the page says: one finding for one matter, the gravest first, with all that a reader needs to judge it."""

from datetime import date

import pytest
from engine.small_book import assess, book_of

from rxvigil.engine import Assessment, Wanted
from rxvigil.engine.assessment import Finding
from rxvigil.knowledge.book import RuleBook

AZA = "azathioprine 150 mg/d from 2025-06-01"
CROHN = "condition crohns-disease since 2019"


def rule(
    name: str, when: str, tier: str, cause: str, *, says: str = "A sentence.", verb: str = "stop", **more: str
) -> str:
    """One rule of a topic file."""
    lines = "".join(f"    {key.replace('_', '-')}: {value}\n" for key, value in more.items())
    kind = "" if "kind" in more else "    kind: threshold\n"
    applies = "" if "applies" in more else "    applies: {drugs: [azathioprine, methotrexate]}\n"
    source = "" if "source" in more else "    source: SOURCE\n"
    return (
        f"  - id: {name}\n{kind}{applies}    when: {when}\n    tier: {tier}\n    cause: {cause}\n"
        f'    says: "{says}"\n    action: {{verb: {verb}, says: Do it., urgency: today, strength: should}}\n'
        f"{source}{lines}"
    )


def topic(*rules: str, review_by: str = "2027-11-30") -> str:
    head = f"kind: rules\nid: always/examples\ntitle: Examples\nreview_by: {review_by}\nrules:\n"
    return head + "".join(rules)


def about(assessment: Assessment, cause: str) -> Finding:
    (found,) = (one for one in assessment.findings if one.cause == cause)
    return found


def causes(assessment: Assessment, *but: str) -> list[tuple[str, str]]:
    """Tier and cause of every finding, in order, leaving out what the small book lacks anyway."""
    return [(one.tier, one.cause) for one in assessment.findings if not one.cause.startswith(("no monitoring", *but))]


# --------------------------------------------------------------------------------------------- one matter, one finding

LOW = rule("low", "neutrophils.latest < 1.6 10*9/L", "act", "neutrophils low", says="Below 1.6.")
VERY_LOW = rule("very-low", "neutrophils.latest < 1.0 10*9/L", "stop", "neutrophils low", says="Below 1.0.")
FALLING = rule("falling", "'neutrophils.falls(times: 1, each: 10 %)'", "know", "Neutrophils low", kind="trend")


def test_one_cause_is_one_finding_and_the_gravest_rule_speaks() -> None:
    """However the cause is spelt: big or small letters are one matter."""
    book = book_of(topic(LOW, VERY_LOW, FALLING))
    counts = ("neutrophils 3.1 10*9/L on 2026-01-20", "neutrophils 0.8 10*9/L on 2026-02-20")
    found = about(assess(book, AZA, *counts), "neutrophils low")
    assert (found.tier, found.says, found.rule) == ("STOP", "Below 1.0.", "always/examples#very-low")
    assert found.also == ("always/examples#falling", "always/examples#low")


def test_the_facts_of_all_of_them_stand_with_it_once() -> None:
    book = book_of(topic(LOW, VERY_LOW, FALLING))
    counts = ("neutrophils 3.1 10*9/L on 2026-01-20", "neutrophils 0.8 10*9/L on 2026-02-20")
    found = about(assess(book, AZA, *counts), "neutrophils low")
    said = [one.says for one in found.because]
    assert said.count("Neutrophils 0.8 ×10⁹/L on 20 Feb 2026") == 1
    assert "Neutrophils 3.1 ×10⁹/L on 20 Jan 2026" in said


def test_a_rule_that_fires_for_two_drugs_is_said_once() -> None:
    assessment = assess(
        book_of(topic(LOW)), AZA, "methotrexate 15 mg/wk from 2025-06-01", "neutrophils 1.4 10*9/L on 2026-02-20"
    )
    assert causes(assessment) == [("ACT", "neutrophils low")]


def test_what_needs_somebody_first_stands_first() -> None:
    """Stop before act before know; a question stands one place below what its answer could be."""
    book = book_of(
        topic(
            rule("know", "mcv.latest > 100 fL", "know", "MCV raised"),
            rule("act", "platelets.latest < 140 10*9/L", "act", "platelets low"),
            rule("stop", "neutrophils.latest < 1.0 10*9/L", "stop", "neutrophils low"),
            rule("ask", "haemoglobin.latest < 80 g/L", "stop", "haemoglobin low"),
        )
    )
    facts = ("mcv 106 fL on 2026-02-20", "platelets 90 10*9/L on 2026-02-20", "neutrophils 0.8 10*9/L on 2026-02-20")
    assert causes(assess(book, AZA, *facts)) == [
        ("STOP", "neutrophils low"),
        ("ACT", "platelets low"),
        ("CANNOT SAY", "not known: Haemoglobin"),
        ("KNOW", "MCV raised"),
    ]


# ------------------------------------------------------------------------------------------------- what cannot be said


def test_what_is_missing_is_asked_once_for_all_the_rules_that_need_it() -> None:
    assessment = assess(book_of(topic(LOW, VERY_LOW)), AZA)
    found = about(assessment, "not known: Neutrophils")
    assert found.tier == "CANNOT SAY"
    assert found.would_be == "STOP"
    assert found.unanswered == ("always/examples#low", "always/examples#very-low")
    assert found.says == "Neutrophils: no result in the record. Not answered: neutrophils low."
    assert found.missing[0].settles == "find or take a result"


def test_a_question_is_not_asked_about_what_is_already_said_as_gravely() -> None:
    """White cells are known and very low; that the trend is too short to judge adds nothing."""
    falls = rule("falls", "'neutrophils.falls(times: 3, each: 10 %)'", "act", "neutrophils low", kind="trend")
    assessment = assess(book_of(topic(VERY_LOW, falls)), AZA, "neutrophils 0.8 10*9/L on 2026-02-20")
    assert causes(assessment) == [("STOP", "neutrophils low")]


def test_but_a_mild_finding_does_not_hide_a_grave_question() -> None:
    """MCV raised is known; the haemoglobin that could mean the same trouble gravely is not."""
    mild = rule("mild", "mcv.latest > 100 fL", "know", "marrow")
    grave = rule("grave", "haemoglobin.latest < 80 g/L", "stop", "marrow")
    assessment = assess(book_of(topic(mild, grave)), AZA, "mcv 106 fL on 2026-02-20")
    assert causes(assessment) == [("CANNOT SAY", "not known: Haemoglobin"), ("KNOW", "marrow")]


def test_nothing_is_green_that_was_not_shown_to_be_so() -> None:
    fine = ("neutrophils 3.1 10*9/L on 2026-02-20", AZA)
    book = book_of(topic(LOW), PROTOCOL)
    assert assess(book, *fine).summary == "Nothing needs doing by the rules that could be answered."
    assert assess(book, AZA).summary == "1 thing to act on and 1 thing that cannot be said and could matter."
    assert assess(book, "no list prescriptions").summary == (
        "No monitored drug is recorded. The record holds no medicines at all."
    )


# ------------------------------------------------------------------------------------------- sentences and their holes


def test_the_sentence_is_filled_with_this_patients_facts() -> None:
    says = "{neutrophils.latest} while taking {this.dose}, with {xanthine-oxidase-inhibitor.active}: {tpmt.phenotype}."
    told = rule("told", "neutrophils.latest < 1.6 10*9/L", "act", "neutrophils low", says=says)
    facts = (
        AZA, "allopurinol from 2026-01-10", "weight 75 kg on 2026-01-10", "gene tpmt intermediate",
        "neutrophils 1.4 10*9/L on 2026-02-20",
    )  # fmt: skip
    assert about(assess(book_of(topic(told)), *facts), "neutrophils low").says == (
        "1.4 ×10⁹/L on 20 Feb 2026 while taking 150 mg/day (2 mg/kg/day), with allopurinol, since 10 Jan 2026: "
        "TPMT intermediate metaboliser."
    )


def test_where_two_results_of_one_day_disagree_the_sentence_shows_the_one_that_counts() -> None:
    told = rule("told", "neutrophils.latest < 1.6 10*9/L", "act", "neutrophils low", says="{neutrophils.latest}.")
    for day in (("1.4", "3.1"), ("3.1", "1.4")):
        counts = [f"neutrophils {value} 10*9/L on 2026-02-20" for value in day]
        found = about(assess(book_of(topic(told)), AZA, *counts), "neutrophils low")
        assert found.says == "1.4 ×10⁹/L on 20 Feb 2026."


def test_a_series_shows_each_occasion_once() -> None:
    told = rule("told", "mcv.latest > 100 fL", "know", "MCV raised", says="{mcv.series}; {mcv.change}.")
    twice = ("mcv 98 fL on 2026-01-10", "mcv 106 fL on 2026-02-20", "mcv 106 fL on 2026-02-20")
    assert about(assess(book_of(topic(told)), AZA, *twice), "MCV raised").says == (
        "98 → 106 fL (10 Jan 2026 to 20 Feb 2026); 98 fL → 106 fL on 20 Feb 2026."
    )


# -------------------------------------------------------------------------------------------- exceptions, attestations

FULL_DOSE = rule(
    "full-dose", "allopurinol.active", "stop", "allopurinol with azathioprine",
    applies="{drugs: [azathioprine]}", unless="this.dose <= 0.7 mg/kg/d",
)  # fmt: skip


def test_an_exception_must_be_shown_to_hold() -> None:
    """A quarter of the dose by weight excuses; that nobody knows the weight does not, and is said beside the STOP."""
    book = book_of(topic(FULL_DOSE))
    low = ("azathioprine 50 mg/d from 2025-06-01", "allopurinol from 2026-01-10")
    assert causes(assess(book, *low, "weight 80 kg on 2026-01-10")) == []
    found = about(assess(book, *low), "allopurinol with azathioprine")
    assert found.tier == "STOP"
    assert [gap.what for gap in found.missing] == ["Weight"]


def test_an_exception_is_not_shown_by_a_doubtful_value_nor_by_one_of_two_that_disagree() -> None:
    excused = rule("told", "alt.latest > 100 U/L", "act", "ALT raised", unless="alp.latest >= 300 U/L")
    book, alt = book_of(topic(excused)), "alt 150 U/L on 2026-02-20"
    assert causes(assess(book, AZA, alt, "alp 400 U/L on 2026-02-20")) == []
    for doubtful in (
        ("alp 400 U/L on 2025-02-20",),
        ("alp 400 U/L on 2026-02-20 preliminary",),
        ("alp 400 U/L on 2026-02-10", "unreadable alp on 2026-02-20"),
        ("alp 400 U/L on 2026-02-20", "alp 80 U/L on 2026-02-20"),
    ):
        assert causes(assess(book, AZA, alt, *doubtful)) == [("ACT", "ALT raised")], doubtful


def test_what_a_person_must_exclude_is_listed_and_never_assumed() -> None:
    unexplained = rule(
        "told", "albumin.latest < 30 g/L", "act", "albumin low", attest="[nephrotic syndrome, poor diet]"
    )
    found = about(assess(book_of(topic(unexplained)), AZA, "albumin 27 g/L on 2026-02-20"), "albumin low")
    assert found.attest == ("nephrotic syndrome", "poor diet")


# -------------------------------------------------------------------------------------------------- what stands behind


def test_every_finding_names_its_source_with_place_and_mark() -> None:
    source = "{ref: bsr-2017, where: table 2, mark: secondary, checked: 2026-11-22, via: a page that restates it}"
    cited = rule("told", "mcv.latest > 100 fL", "know", "MCV raised", source=source)
    book = book_of(topic(cited))
    (shown,) = about(assess(book, AZA, "mcv 106 fL on 2026-02-20"), "MCV raised").sources
    assert (shown.ref, shown.where, shown.mark, shown.via) == (
        "bsr-2017", "table 2", "secondary", "a page that restates it",
    )  # fmt: skip
    assert (shown.title, shown.body) == (book.publications["bsr-2017"].title, book.publications["bsr-2017"].body)
    assert shown.checked == date(2026, 11, 22)


@pytest.mark.parametrize(("review_by", "overdue"), [("2026-03-01", False), ("2026-02-28", True)])
def test_knowledge_past_its_review_says_so(review_by: str, overdue: bool) -> None:
    raised = rule("told", "mcv.latest > 100 fL", "know", "MCV raised")
    book = book_of(topic(raised, review_by=review_by))
    (shown,) = about(assess(book, AZA, "mcv 106 fL on 2026-02-20"), "MCV raised").sources
    assert shown.review_overdue == overdue


def test_a_publication_that_was_replaced_says_by_what() -> None:
    source = "{ref: bsr-2008, where: limits, mark: secondary, checked: 2026-11-22, via: a copy}"
    cited = rule("told", "mcv.latest > 100 fL", "know", "MCV raised", source=source)
    book = book_of(topic(cited))
    successor = book.publications["bsr-2008"].superseded_by
    assert successor is not None
    (shown,) = about(assess(book, AZA, "mcv 106 fL on 2026-02-20"), "MCV raised").sources
    assert shown.superseded_by == book.publications[successor].title


def test_what_nobody_has_read_at_a_source_is_shown_and_never_fires() -> None:
    memory = "{ref: house, where: nowhere, mark: memory, checked: 2026-11-22}"
    remembered = rule("told", "mcv.latest > 100 fL", "stop", "MCV raised", source=memory)
    assessment = assess(book_of(topic(remembered)), AZA, "mcv 106 fL on 2026-02-20")
    assert causes(assessment) == []
    (shown,) = (one for one in assessment.explained if one.rule == "always/examples#told")
    assert (shown.outcome, shown.why) == (
        "not asked",
        "unverified: nobody has read this at a source, so it never fires",
    )


# ------------------------------------------------------------------------------------------------ bodies that disagree


def limits(name: str, neutrophils: str, verb: str, strength: str = "should", more: str = "") -> str:
    return f"""
kind: protocol
id: monitoring/azathioprine/{name}
title: Limits of {name}
body: Body of {name}
applies: {{drugs: [azathioprine]}}
review_by: 2027-11-30
{more}
thresholds:
  - id: neutrophils-low
    kind: threshold
    when: neutrophils.latest < {neutrophils}
    tier: act
    cause: neutrophils low
    says: "Neutrophils {{neutrophils.latest}} are low."
    action: {{verb: {verb}, says: Do it., urgency: today, strength: {strength}}}
    source: SOURCE
"""


OURS = "default_for: [{jurisdiction: UK}]"


def test_other_bodies_limits_stand_beside_and_are_never_averaged() -> None:
    book = book_of(
        limits("ours", "1.6 10*9/L", "stop", more=OURS),
        limits("stricter", "2.5 10*9/L", "withhold"),
        limits("milder", "1500 /uL", "reduce", "consider"),
        limits("same", "1.6 10*9/L", "stop"),
    )
    found = about(assess(book, AZA, "neutrophils 1.4 10*9/L on 2026-02-20"), "neutrophils low")
    assert [(one.body, one.says) for one in found.disagrees] == [
        ("Body of milder", "Neutrophils < 1500 /uL: consider: reduce"),
        ("Body of stricter", "Neutrophils < 2.5 ×10⁹/L: withhold"),
    ]


def test_a_stricter_body_that_was_not_chosen_does_not_fire() -> None:
    book = book_of(limits("ours", "1.6 10*9/L", "stop", more=OURS), limits("stricter", "2.5 10*9/L", "withhold"))
    assessment = assess(book, AZA, "neutrophils 2.0 10*9/L on 2026-02-20")
    assert "neutrophils low" not in {one.cause for one in assessment.findings}


BORROWS = f"""{OURS}
thresholds_from: {{protocol: monitoring/azathioprine/lender, why: our own limits were not read, source: SOURCE}}
"""


def test_limits_may_be_borrowed_and_say_so() -> None:
    ours = limits("ours", "1.6 10*9/L", "stop", more=BORROWS).partition("thresholds:\n")[0]
    book = book_of(ours, limits("lender", "2.0 10*9/L", "withhold"))
    found = about(assess(book, AZA, "neutrophils 1.8 10*9/L on 2026-02-20"), "neutrophils low")
    assert found.rule == "monitoring/azathioprine/lender#neutrophils-low"
    assert "limit borrowed from Limits of lender: our own limits were not read" in found.notes


def test_a_borrowed_limit_gives_way_to_a_bodys_own() -> None:
    ours = limits("ours", "1.6 10*9/L", "stop", more=BORROWS)
    book = book_of(ours, limits("lender", "2.0 10*9/L", "withhold"))
    assessment = assess(book, AZA, "neutrophils 1.8 10*9/L on 2026-02-20")
    assert "neutrophils low" not in {one.cause for one in assessment.findings}


# -------------------------------------------------------------------------------------------------------------- grades


def test_a_grade_is_printed_with_its_version_and_both_versions_stand_side_by_side(book: RuleBook) -> None:
    """0.4 is grade 4 by version 5 and grade 3 by version 6: a grade without its version says nothing."""
    found = about(assess(book, AZA, CROHN, "neutrophils 0.4 10*9/L on 2026-02-20"), "neutrophils low")
    assert "Neutrophils: CTCAE 5.0 grade 4, CTCAE 6.0 grade 3 (severity scales differ by version)" in found.notes


# ------------------------------------------------------------------------------------------------------ whom it is for


def test_a_rule_of_one_jurisdiction_is_not_asked_in_another() -> None:
    french = rule(
        "told", "mcv.latest > 100 fL", "know", "MCV raised", applies="{drugs: [azathioprine], jurisdictions: [FR]}"
    )
    book, mcv = book_of(topic(french)), "mcv 106 fL on 2026-02-20"
    assert causes(assess(book, AZA, mcv, wanted=Wanted("FR"))) == [("KNOW", "MCV raised")]
    assert causes(assess(book, AZA, mcv, wanted=Wanted("UK"))) == []


def test_everywhere_but_here() -> None:
    elsewhere = rule(
        "told", "mcv.latest > 100 fL", "know", "MCV raised", applies="{drugs: [azathioprine], except_in: [FR]}"
    )
    book, mcv = book_of(topic(elsewhere)), "mcv 106 fL on 2026-02-20"
    assert causes(assess(book, AZA, mcv, wanted=Wanted("FR"))) == []
    assert causes(assess(book, AZA, mcv, wanted=Wanted("UK"))) == [("KNOW", "MCV raised")]


def test_during_treatment_after_it_and_of_anybody() -> None:
    raised = "mcv.latest > 100 fL"
    book = book_of(
        topic(
            rule("during", raised, "know", "while taken"),
            rule(
                "after", f"'this.stopped(within: 6 weeks) and {raised}'", "know", "after stopping", during="after-stop"
            ),
            rule("any", raised, "know", "in anybody", during="any", applies="{}"),
        )
    )
    mcv = "mcv 106 fL on 2026-02-20"
    assert causes(assess(book, AZA, mcv)) == [("KNOW", "in anybody"), ("KNOW", "while taken")]
    assert causes(assess(book, f"{AZA} to 2026-02-10", mcv)) == [("KNOW", "after stopping"), ("KNOW", "in anybody")]
    assert causes(assess(book, mcv)) == [("KNOW", "in anybody")]


def test_where_nobody_knows_whether_the_drug_is_taken_its_rules_are_questions() -> None:
    assessment = assess(book_of(topic(VERY_LOW)), "unreadable azathioprine", "neutrophils 0.8 10*9/L on 2026-02-20")
    found = next(one for one in assessment.findings if one.kind == "cannot-say")
    assert (found.tier, found.would_be, found.unanswered) == ("CANNOT SAY", "STOP", ("always/examples#very-low",))


PROTOCOL = """
kind: protocol
id: monitoring/azathioprine/local
title: Local
body: St Elsewhere
applies: {drugs: [azathioprine]}
default_for: [{jurisdiction: UK}]
review_by: 2027-11-30
schedule:
  - {id: blood-tests, panel: {all: [neutrophils]}, phases: [{every: 12 weeks}], source: SOURCE}
baseline:
  - {id: before, panel: {all: [hbsag, height]}, within: 12 months, source: SOURCE}
"""


def test_tests_wanted_before_the_first_dose_are_missed_if_they_are_nowhere_in_the_record() -> None:
    """To be acted on in the first twelve weeks; afterwards only worth knowing."""
    book = book_of(PROTOCOL)
    young = about(assess(book, "azathioprine 50 mg/d from 2026-02-01"), "tests before azathioprine not found")
    assert young.tier == "ACT"
    assert (
        young.says
        == "Asked for before azathioprine and never found in the record: hepatitis B surface antigen and height."
    )
    old = about(assess(book, AZA, "height 170 cm on 2020-01-01"), "tests before azathioprine not found")
    assert old.tier == "KNOW"
    assert "height" not in old.says
