"""A fact that is taken away never leaves a silence that does not say what is missing.

Whatever the patient, take one fact out of the record. A rule that fired, or that could not be answered, still fires, or
cannot be answered, or its explanation names what it now goes without: "Crohn's disease is not on the diagnosis list",
"no ALT within 12 months", "Neutrophils 3.1 ×10⁹/L on 10 Feb 2026" (the older value that is now the newest).

So the two measures that settle a question by another value explain themselves and need no exception: `rise(over)` names
the older value it compared with, and either-or rules (ALT or AST, each asked only where it is `measured`) name the test
that is no longer there. There are three exceptions, each shown elsewhere on the page:

1. Rules are asked of a drug while it is taken, and for a while after it was stopped. Taking away what said so takes the
   drug from the list of protocols, and its rules with it.
2. Taking away one of several prescriptions of a drug changes what its course was: start, dose and steps. When tests are
   due follows from the course; the page shows the course and the day, not what they were before.
3. Taking away the diagnosis, companion drug or age for which a protocol or table was chosen chooses another, and the
   page says which.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.answers import ORDER, outcomes, reasons
from property.patients import BOOK, KINDS, WORDS, assessed, examples, patients
from rxvigil.engine import Assessment
from rxvigil.facts import Patient, Record

TIMED = {f"{protocol.id}#{schedule.id}" for protocol in BOOK.protocols.values() for schedule in protocol.schedule}
OF_DRUGS = {name: {one for drug in rule.applies.drugs for one in WORDS.members(drug)} for name, rule in BOOK.rules()}
OF_HOME = {home: set(one.applies.drugs) for home, one in (*BOOK.protocols.items(), *BOOK.tables.items())}


def key_of(fact: Any) -> str:
    """The vocabulary key a fact is about."""
    return next(str(getattr(fact, name)) for name in msgspec.structs.asdict(fact) if name in KEYS)


KEYS = ("analyte", "drug", "concept", "vaccine", "gene", "kind")


def names_of(key: str) -> set[str]:
    """The names an explanation may use: of the key, its classes and members, and what is calculated from it."""
    calculated = {one.key for one in WORDS.analytes.values() if key in one.parts}
    return {WORDS.show(one).lower() for one in (key, *WORDS.classes_of(key), *WORDS.members(key), *calculated)}


def silenced(before: Assessment, after: Assessment) -> Iterator[str]:
    """Rules that spoke, or said that they could not, and now do neither."""
    now = outcomes(after)
    yield from (
        rule for rule, said in outcomes(before).items() if ORDER[said] > 0 and ORDER[now.get(rule, "silent")] == 0
    )


def no_longer_looked_after(drug: str, record: Record, before: Assessment, after: Assessment) -> bool:
    """Exception 1: nothing says any more that the drug is taken, or that it ever was."""
    left = {one.drug for one in after.protocols}
    return any(one.drug == drug and drug not in left for one in before.protocols) or all(
        one.drug != drug for one in record.prescriptions
    )


def homes(assessment: Assessment) -> set[str]:
    """The protocols and tables whose rules were asked: those chosen, those they borrow from, and any table."""
    chosen = [BOOK.protocols[one.id] for one in assessment.protocols]
    lent = [one for protocol in chosen for one in (protocol.thresholds_from, protocol.schedule_from) if one]
    tables = {one.rule.partition("#")[0] for one in assessment.explained} & BOOK.tables.keys()
    return {*(one.id for one in chosen), *(one.protocol for one in lent), *tables}


def chosen_anew(rule: str, before: Assessment, after: Assessment) -> bool:
    """Exception 3: the protocol or table that the rule stands in gave way to another."""
    home = rule.partition("#")[0]
    return home in homes(before) and home not in homes(after)


def excepted(rule: str, field: str, key: str, record: Record, before: Assessment, after: Assessment) -> bool:
    """Whether one of the three exceptions holds. `record` is what is left."""
    if field == "prescriptions" and WORDS.drugs[key].monitored:
        drugs = OF_HOME.get(rule.partition("#")[0]) or OF_DRUGS[rule]
        gone = key in drugs and no_longer_looked_after(key, record, before, after)
        if gone or (rule in TIMED and before.courses != after.courses):
            return True
    return chosen_anew(rule, before, after)


@examples(200)
@given(patients(), st.data())
def test_what_is_taken_away_is_missed(patient, data):
    record, on, wanted = patient
    facts = [(field, fact) for field in KINDS for fact in getattr(record, field)]
    if not facts:
        return
    field, fact = data.draw(st.sampled_from(facts), label="taken away")
    kept = tuple(one for one in getattr(record, field) if one is not fact)
    emptied = not kept and data.draw(st.booleans(), label="the whole list is gone")
    lists = tuple(one for one in record.lists if not (emptied and one == field))
    less = msgspec.structs.replace(record, **{field: kept, "lists": lists})
    before, after = assessed(record, on, wanted), assessed(less, on, wanted)
    for rule in silenced(before, after):
        why = reasons(after, rule).lower()
        named = any(name in why for name in names_of(key_of(fact)))
        assert named or excepted(rule, field, key_of(fact), less, before, after), f"{rule}: {why or 'not asked'}"


@examples(50)
@given(patients())
def test_a_list_that_is_not_there_answers_nothing(patient):
    """'Not on the list' is a no; without any list it is a question. What was no may become a question, never the
    other way about."""
    record, on, wanted = patient
    empty = tuple(one for one in record.lists if not getattr(record, one))
    before = assessed(record, on, wanted)
    after = assessed(msgspec.structs.replace(record, lists=tuple(set(record.lists) - set(empty))), on, wanted)
    assert not list(silenced(before, after))


@examples(50)
@given(patients())
def test_nothing_is_ruled_out_by_a_sex_or_an_age_that_nobody_knows(patient):
    record, on, wanted = patient
    before = assessed(record, on, wanted)
    after = assessed(msgspec.structs.replace(record, patient=Patient(id=record.patient.id)), on, wanted)
    assert not [rule for rule in silenced(before, after) if not chosen_anew(rule, before, after)]
