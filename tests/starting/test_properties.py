"""What must hold whatever the record: nothing worrying is silenced by less knowledge, order, or an answer."""

from datetime import date

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rxvigil.casebook import record_of
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.starting import Answers, Starter, StartRequest, facts_of, with_answers
from starting.conftest import READY

BOOK = build(read_knowledge())
PLACES = ("UK", "US", "EU", "FR", "IT", "CH")
STARTERS = {place: Starter(BOOK, place) for place in PLACES}
ITEMS = [ready.item for ready in STARTERS["UK"].items("azathioprine")]
ON = date(2026, 3, 5)
REQUEST = StartRequest(drug="azathioprine", indication="crohns-disease")
WORRIES = (
    "allergy azathioprine", "condition thiopurine-hypersensitivity since 2019-01-01 past",
    "condition pancreatitis since 2015-01-01 past", "mercaptopurine 50 mg/d from 2026-01-01",
    "event infection since 2026-03-03", "symptom fever on 2026-03-04", "hbsag positive on 2026-03-01",
    "condition hepatitis-b since 2010-01-01", "vaccine mmr 2026-02-20", "vaccine yellow-fever planned 2026-05-01",
    "neutrophils 1.2 10*9/L on 2026-03-01", "alt 400 U/L on 2026-03-01", "allopurinol 300 mg/d from 2024-01-01",
    "febuxostat planned", "warfarin 5 mg/d from 2020-01-01", "gene nudt15 poor", "condition lymphoma since 2012-01-01",
    "condition idiopathic-pulmonary-fibrosis since 2024-01-01", "event pregnancy since 2026-01-10",
    "cyclophosphamide 100 mg/d from 2015-01-01 to 2015-06-01", "condition pancreatitis uncertain",
    "unreadable any-drug", "unreadable any-condition", "unreadable any-allergy", "unreadable neutrophils on 2026-03-04",
)  # fmt: skip
LISTS = ("conditions", "allergies", "prescriptions", "immunisations", "results")
PATIENTS = ("male born 1981", "female born 1992", "unknown born 1999", "female born 1940", "unknown")
RANK = {"yes": 2, "cannot say": 1, "no": 0}

quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def people(draw):
    """Fact lines, a patient line and a place."""
    ready = draw(st.lists(st.sampled_from(READY), unique=True, max_size=len(READY)))
    worries = draw(st.lists(st.sampled_from(WORRIES), unique=True, max_size=4))
    absent = draw(st.lists(st.sampled_from([f"no list {one}" for one in LISTS]), unique=True, max_size=3))
    return (*absent, *ready, *worries), draw(st.sampled_from(PATIENTS)), draw(st.sampled_from(PLACES))


def said(record, place, answered=None):
    return {one.id: one for one in STARTERS[place].assess(record, ON, REQUEST, answered).items}


@quick
@given(people())
def test_the_order_of_facts_does_not_matter(person):
    lines, patient, place = person
    record = record_of(lines, patient, BOOK.vocabulary)
    fields = ("results", "prescriptions", "conditions", "allergies", "immunisations", "events", "symptoms", "denials")
    turned = msgspec.structs.replace(record, **{name: tuple(reversed(getattr(record, name))) for name in fields})
    one, other = (STARTERS[place].assess(each, ON, REQUEST) for each in (record, turned))
    assert (one.verdict, one.says, one.valid_until) == (other.verdict, other.says, other.valid_until)
    assert [(i.id, i.says) for i in one.items] == [(i.id, i.says) for i in other.items]
    assert one.plan.tests == other.plan.tests
    assert one.plan.calendar == other.plan.calendar


@quick
@given(people(), st.sampled_from(LISTS))
def test_a_list_that_is_lost_turns_no_concern_into_silence(person, name):
    """Without a list the facts of it are gone: what was a concern becomes a question, never a no - except where the
    concern rested on facts of the list alone that another fact answers, and then that fact is the evidence."""
    lines, patient, place = person
    record = record_of(lines, patient, BOOK.vocabulary)
    lost = msgspec.structs.replace(record, **{name: ()}, lists=tuple(one for one in record.lists if one != name))
    before, after = said(record, place), said(lost, place)
    for identity, item in before.items():
        if item.says != "no" and after[identity].says == "no":
            assert after[identity].evidence or "does not concern" in after[identity].why, identity


@quick
@given(people(), st.data())
def test_an_answer_never_silences_what_is_recorded(person, data):
    lines, patient, place = person
    record = record_of(lines, patient, BOOK.vocabulary)
    chosen = data.draw(st.lists(st.sampled_from([one.id for one in ITEMS]), unique=True, max_size=10))
    answered = facts_of(Answers(by="A. Nurse", on=ON, said=dict.fromkeys(chosen, "no")), ITEMS, BOOK.vocabulary)
    before, after = STARTERS[place].assess(record, ON, REQUEST), STARTERS[place].assess(record, ON, REQUEST, answered)
    for one, other in zip(before.items, after.items, strict=True):
        if one.says == "yes" and one.id not in MISSING_THINGS:
            assert other.says == "yes", one.id
    if before.verdict == "may not start":
        assert after.verdict == "may not start"


@quick
@given(people(), st.data())
def test_an_answer_is_as_good_as_the_recorded_fact(person, data):
    lines, patient, place = person
    record = record_of(lines, patient, BOOK.vocabulary)
    chosen = data.draw(
        st.dictionaries(st.sampled_from([one.id for one in ITEMS]), st.sampled_from(["yes", "no"]), max_size=8)
    )
    answered = facts_of(Answers(by="A. Nurse", on=ON, said=chosen), ITEMS, BOOK.vocabulary)
    by_answer = said(record, place, answered)
    by_record = said(with_answers(record, answered), place)
    assert {k: one.says for k, one in by_answer.items()} == {k: one.says for k, one in by_record.items()}


@quick
@given(people(), st.sampled_from(WORRIES))
def test_one_worry_more_never_clears_an_item(person, worry):
    lines, patient, place = person
    if worry.startswith(("unreadable", "gene")):
        return
    before = said(record_of(lines, patient, BOOK.vocabulary), place)
    more = said(record_of((*lines, worry), patient, BOOK.vocabulary), place)
    for identity, item in before.items():
        if item.says == "yes":
            assert more[identity].says == "yes" or "measured" in str(worry) or identity in NEWEST, (identity, worry)


MISSING_THINGS = {"varicella-immunity", "influenza-vaccine", "pneumococcal-vaccine"}
"""Concerns that something is *not* there: an answer may supply it."""
NEWEST = {"marrow", "liver-disease", "live-vaccine-recent", "influenza-vaccine", "pneumococcal-vaccine"}
"""Items that speak of the newest result, which a newer one replaces, or of a vaccine that was then given."""


@quick
@given(people())
def test_a_verdict_has_its_grounds(person):
    lines, patient, place = person
    found = STARTERS[place].assess(record_of(lines, patient, BOOK.vocabulary), ON, REQUEST)
    assert (found.verdict == "may not start") == bool(found.blocks)
    assert (found.verdict == "nothing found against it") == (not found.blocks and not found.to_settle)
    assert found.valid_until >= ON
    for one in found.items:
        assert one.why
        assert one.says != "cannot say" or one.missing
        assert one.says != "yes" or one.do
        assert one.asked_by
