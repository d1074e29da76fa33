"""The same input gives the same bytes, and what was answered can be saved and read again."""

import msgspec
from hypothesis import given

from property.patients import BOOK, assessed, examples, patients
from rxvigil.engine import Assessment, Evaluator
from rxvigil.facts import Record


@examples(25)
@given(patients())
def test_the_same_input_gives_the_same_bytes(patient):
    """Also from an evaluator made anew, and after other patients."""
    record, on, wanted = patient
    first = msgspec.json.encode(assessed(record, on, wanted))
    assessed(msgspec.structs.replace(record, results=()), on, wanted)
    assert msgspec.json.encode(assessed(record, on, wanted)) == first
    assert msgspec.json.encode(Evaluator(BOOK, wanted).assess(record, on, explain=True)) == first


@examples(40)
@given(patients())
def test_a_record_is_not_changed_by_assessing_it(patient):
    record, on, wanted = patient
    before = msgspec.json.encode(record)
    assessed(record, on, wanted)
    assert msgspec.json.encode(record) == before


@examples(40)
@given(patients())
def test_a_record_and_an_assessment_survive_being_saved(patient):
    """Stages can be replayed from files: what is read back is equal, and gives the same answer."""
    record, on, wanted = patient
    reread = msgspec.json.decode(msgspec.json.encode(record), type=Record)
    assert reread == record
    assessment = assessed(record, on, wanted)
    assert msgspec.json.decode(msgspec.json.encode(assessment), type=Assessment) == assessment
    assert assessed(reread, on, wanted) == assessment


@examples(25)
@given(patients())
def test_explaining_changes_no_finding(patient):
    record, on, wanted = patient
    explained = assessed(record, on, wanted)
    assert Evaluator(BOOK, wanted).assess(record, on) == msgspec.structs.replace(explained, explained=())
