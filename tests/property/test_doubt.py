"""What could not be read, and what nobody knows, makes nothing look better."""

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.answers import ORDER, outcomes
from property.patients import BOOK, REFERENCES, UNREADABLE, assessed, examples, not_understood, patients
from rxvigil.engine import Assessment
from rxvigil.facts import on_day
from rxvigil.knowledge.expression import Compare, Term, parse


def _limits(analyte: str) -> set[str]:
    """The rules that are one limit of the analyte and nothing else."""
    found: set[str] = set()
    for name, rule in BOOK.rules():
        condition = parse(rule.when)
        if isinstance(condition, Compare) and condition.term == Term(analyte, "latest") and not rule.applies.only_if:
            found |= {name} if rule.unless is None and rule.source.mark != "memory" else set()
    return found


LIMITS = {analyte: _limits(analyte) for analyte in REFERENCES}


def silenced(before: Assessment, after: Assessment) -> list[str]:
    """Rules that spoke, or said that they could not, and now do neither."""
    now = outcomes(after)
    return [rule for rule, said in outcomes(before).items() if ORDER[said] > 0 and ORDER[now.get(rule, "silent")] == 0]


@examples(110)
@given(patients(), st.sampled_from(UNREADABLE), st.integers(0, 60))
def test_an_unreadable_entry_silences_nothing(patient, key, ago):
    record, on, wanted = patient
    entry = not_understood(99, key, on_day(on - timedelta(days=ago)))
    doubtful = msgspec.structs.replace(record, not_understood=(*record.not_understood, entry))
    assert silenced(assessed(record, on, wanted), assessed(doubtful, on, wanted)) == []


@examples(110)
@given(patients(), st.sampled_from(sorted(REFERENCES)))
def test_an_unreadable_newer_result_takes_reassurance_away_and_no_alarm(patient, analyte):
    """Unread today, a value could be anything: every alarm from the last one that was read stands, and nothing that
    rests on that one any longer calls it fine."""
    record, on, wanted = patient
    entry = not_understood(99, analyte, on_day(on))
    doubtful = msgspec.structs.replace(record, not_understood=(*record.not_understood, entry))
    before, after = outcomes(assessed(record, on, wanted)), outcomes(assessed(doubtful, on, wanted))
    for rule in LIMITS[analyte] & before.keys():
        assert after[rule] == "fires" if before[rule] == "fires" else after[rule] in ("fires", "cannot say"), rule


def test_the_property_above_speaks_of_many_rules() -> None:
    assert sum(map(len, LIMITS.values())) > 50


@examples(110)
@given(patients(), st.data())
def test_a_medicine_that_may_no_longer_be_taken_silences_nothing(patient, data):
    """Marking prescriptions as of unknown status: what fired fires or cannot be said; so for tests that were due."""
    record, on, wanted = patient
    active = [one for one in record.prescriptions if one.status == "active"]
    if not active:
        return
    doubted = data.draw(st.lists(st.sampled_from(active), min_size=1, unique_by=id), label="in doubt")
    prescriptions = tuple(
        msgspec.structs.replace(one, status="unknown") if any(one is other for other in doubted) else one
        for one in record.prescriptions
    )
    before = assessed(record, on, wanted)
    after = assessed(msgspec.structs.replace(record, prescriptions=prescriptions), on, wanted)
    assert silenced(before, after) == []
