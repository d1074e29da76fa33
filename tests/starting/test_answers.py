"""A person's answers become facts with author and date."""

from datetime import date

import pytest

from rxvigil.facts import Denial
from rxvigil.starting import Starter
from starting.conftest import item


def test_a_no_clears_what_the_record_leaves_open(begin, answers):
    base = ("no list conditions", "no list allergies")
    assert item(begin("UK", base=base), "past-pancreatitis").says == "cannot say"
    found = item(begin("UK", base=base, answered=answers({"past-pancreatitis": "no"})), "past-pancreatitis")
    assert found.says == "no"
    assert found.answered == "answered by A. Nurse, clinic on 5 Mar 2026"
    assert found.evidence[0].origin == "answer past-pancreatitis (answered by A. Nurse, clinic on 5 Mar 2026)"
    assert found.evidence[0].days_old == 0


def test_a_yes_is_a_concern(begin, answers):
    found = begin("IT", answered=answers({"past-pancreatitis": "yes"}))
    assert found.verdict == "may not start"


def test_a_no_never_silences_what_is_recorded(begin, answers):
    found = begin("IT", "condition pancreatitis since 2015-01-01 past", answered=answers({"past-pancreatitis": "no"}))
    assert found.verdict == "may not start"
    [contradiction] = found.contradictions
    assert contradiction.item == "past-pancreatitis"
    assert "The record stands" in contradiction.says


def test_a_yes_against_the_record_counts_and_is_said(begin, answers):
    found = begin("UK", answered=answers({"warfarin": "yes"}))
    assert item(found, "warfarin").says == "yes"
    assert "The answer stands" in found.contradictions[0].says


def test_an_unconfirmed_entry_stays_open(begin, answers):
    found = begin("UK", "condition pancreatitis uncertain", answered=answers({"past-pancreatitis": "no"}))
    assert item(found, "past-pancreatitis").says == "cannot say"


def test_an_answer_grows_old(begin, answers):
    """An answer about infection counts for 7 days: 5 to 12 March."""
    given = answers({"infection-now": "no"})
    assert item(begin("UK", without="infection.present", on="2026-03-12", answered=given), "infection-now").says == "no"
    late = begin("UK", without="infection.present", on="2026-03-13", answered=given)
    assert item(late, "infection-now").says == "cannot say"


def test_an_answer_that_worries_stands(begin, answers):
    given = answers({"past-hypersensitivity": "yes"}, on="2020-03-05")
    assert begin("UK", answered=given).verdict == "may not start"


def test_answers_of_tomorrow_are_not_seen_today(begin, answers):
    given = answers({"smoking": "yes"}, on="2026-03-06")
    found = begin("UK", answered=given)
    assert item(found, "smoking").says == "no"
    assert any("dated after" in one.why for one in found.not_understood)


def test_an_amount_a_date_and_a_word(begin, answers):
    given = answers({"weight": "82.5 kg", "height": "1.8 m", "tpmt": "intermediate", "influenza-vaccine": "2025-11-01"})
    found = begin("UK", base=("condition crohns-disease since 2024-01-01",), answered=given)
    assert item(found, "weight").evidence[0].says == "Weight 82.5 kg on 5 Mar 2026"
    assert item(found, "height").evidence[0].says == "Height 180 cm on 5 Mar 2026"
    assert item(found, "enzyme-intermediate").says == "yes"
    assert item(found, "influenza-vaccine").says == "no"


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ("weight", "heavy"), ("weight", "70"), ("weight", "-70 kg"), ("weight", "70000 kg"), ("weight", "yes"),
        ("past-pancreatitis", "perhaps"), ("past-pancreatitis", "y" * 500), ("tpmt", "fast"),
        ("cervical-screening", "last year"), ("cervical-screening", "2027-01-01"), ("marrow", "no"),
        ("other-immunosuppressants", "yes"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_kept_and_leaves_the_item_open(begin, answers, identity, said):
    given = answers({identity: said})
    assert not given.facts
    [strange] = given.not_understood
    assert identity in strange.what
    assert said not in strange.why, "a message holds no answer"
    found = begin("UK", base=("condition crohns-disease since 2024-01-01",), answered=given)
    assert strange in found.not_understood
    if identity == "past-pancreatitis":
        assert item(found, identity).says == "cannot say", "an answer nobody can read is not a no"


def test_an_unknown_question_is_not_lost(answers):
    given = answers({"past-pancreatitus": "no"})
    assert given.not_understood[0].why == "no item has this id"


def test_every_no_of_the_checklist_clears_its_item(book, begin, answers):
    """Answered no on every question that can be, of a record that says nothing: none of them stays open."""
    items = [ready.item for ready in Starter(book).items("azathioprine")]
    said = {one.id: "no" for one in items if one.answer_no}
    bare = ("no list conditions", "no list allergies", "no list prescriptions", "no list immunisations")
    for sex in ("male", "female"):
        found = begin("UK", base=bare, patient=f"{sex} born 1985", answered=answers(said))
        open_ = [one.id for one in found.items if one.id in said and one.says != "no"]
        assert open_ == []


def test_every_yes_of_the_checklist_raises_its_item(book, begin, answers):
    items = [ready.item for ready in Starter(book).items("azathioprine")]
    positive = [one for one in items if any(fact.kind != "denial" for fact in one.answer_yes)]
    assert len(positive) > 25
    for one in positive:
        sex = "male" if one.id == "partner-pregnancy-wish" else "female"
        found = begin("UK", base=(), patient=f"{sex} born 1985", answered=answers({one.id: "yes"}))
        assert item(found, one.id).says == "yes", one.id


def test_the_facts_carry_the_day_until_which_they_count(answers):
    [denial] = [one for one in answers({"warfarin": "no"}).facts["denials"] if isinstance(one, Denial)]
    assert (denial.subject, denial.measure) == ("vitamin-k-antagonist", "active")
    assert denial.until == date(2026, 4, 2)
