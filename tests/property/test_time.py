"""Time: only the distance between dates matters, and what lies after the date of assessment is not known yet."""

from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.answers import findings, outcomes, undated
from property.patients import (
    CONDITIONS,
    FORMS,
    REFERENCES,
    SYMPTOMS,
    WANTED,
    WORDS,
    assessed,
    examples,
    patients,
)
from rxvigil.engine.state import State
from rxvigil.facts import Bounds, Condition, Genotype, Immunisation, Origin, Record, Result, Symptom, When, on_day

YEARS = 28
"""Between 1901 and 2099 the calendar repeats after 28 years, leap days and ends of months included: a shift by so many
years changes no length of any month. A shift by days would: three months from 30 November are not three from 31 May."""


def later(day: date) -> date:
    return day.replace(year=day.year + YEARS)


def moved(when: When | None) -> When | None:
    if when is None:
        return None
    instant = when.instant.replace(year=when.instant.year + YEARS) if when.instant else None
    return When(later(when.first), later(when.last), when.precision, instant)


def moved_fact(fact: Any) -> Any:
    """A fact with every date in it moved."""
    parts = {name: getattr(fact, name) for name in fact.__struct_fields__}
    return msgspec.structs.replace(fact, **{name: moved(one) for name, one in parts.items() if isinstance(one, When)})


def moved_record(record: Record) -> Record:
    parts = {name: getattr(record, name) for name in record.__struct_fields__}
    lists = {
        name: tuple(moved_fact(fact) for fact in part)
        for name, part in parts.items()
        if isinstance(part, tuple) and name not in ("lists", "outside")
    }
    return msgspec.structs.replace(record, patient=moved_fact(record.patient), **lists)


@examples(90)
@given(patients())
def test_the_same_history_28_years_later_is_answered_the_same(patient):
    """Apart from the dates that are printed, which move along. Asked of a day after the newest release of
    pharmacogenetic rules: a genotype is read under the rules of its day, so before that the day itself matters."""
    record, on, wanted = patient
    record, on = moved_record(record), later(on)
    now, then = assessed(record, on, wanted), assessed(moved_record(record), later(on), wanted)
    assert undated(then) == undated(now)
    assert outcomes(then) == outcomes(now)
    assert [(one.test, one.status, one.due, one.last) for one in then.next_tests] == [
        (one.test, one.status, one.due and later(one.due), one.last and later(one.last)) for one in now.next_tests
    ]


FUTURE = Origin("made-up", "Observation/future")
_days = st.integers(1, 400)
_coming_results = st.lists(st.tuples(st.sampled_from(FORMS), _days), min_size=1, max_size=6)


def coming(on: date, drawn: list[Any]) -> tuple[Result, ...]:
    return tuple(
        Result(
            id=f"future-{n}", analyte=key, when=on_day(on + timedelta(days=days)), origin=FUTURE, value=value,
            comparator=comparator, reference=Bounds(*REFERENCES[key]) if referenced else None, preliminary=preliminary,
        )
        for n, ((key, value, comparator, referenced, preliminary), days) in enumerate(drawn)
    )  # fmt: skip


@examples(90)
@given(patients(), _coming_results)
def test_a_result_of_the_future_is_never_the_newest(patient, drawn):
    record, on, _ = patient
    state = State(msgspec.structs.replace(record, results=(*record.results, *coming(on, drawn))), on, WORDS)
    for analyte in REFERENCES:
        assert all(one.when.first <= on for one in state.latest(analyte, None).results)


@examples(90)
@given(patients(), _coming_results)
def test_results_after_the_date_change_no_answer(patient, drawn):
    """Assessing the past again gives what was known then. (Where nothing else is there, the page says that the only
    result lies after the date; that is all the difference there may be.)"""
    record, on, wanted = patient
    record = msgspec.structs.replace(record, lists=tuple(sorted({*record.lists, "results"})))
    before = assessed(record, on, wanted)
    after = assessed(msgspec.structs.replace(record, results=(*record.results, *coming(on, drawn))), on, wanted)
    assert outcomes(after) == outcomes(before)
    assert after.next_tests == before.next_tests
    said = [one for one in findings(before) if one[1] != "CANNOT SAY"]
    assert [one for one in findings(after) if one[1] != "CANNOT SAY"] == said
    open_ = {rule for one in before.findings for rule in one.unanswered}
    assert {rule for one in after.findings for rule in one.unanswered} == open_


@examples(60)
@given(patients(), st.sampled_from(CONDITIONS), st.sampled_from(SYMPTOMS), _days)
def test_nor_do_other_things_that_have_not_happened_yet(patient, condition, symptom, days):
    """A diagnosis, complaint, vaccination or genotype of a later day. (What is *planned* is another matter.)"""
    record, on, wanted = patient
    day = on_day(on + timedelta(days=days))
    ahead = msgspec.structs.replace(
        record,
        conditions=(
            *record.conditions,
            Condition(id="f1", concept=condition, origin=FUTURE, status="active", onset=day),
        ),
        symptoms=(*record.symptoms, Symptom(id="f2", concept=symptom, origin=FUTURE, when=day)),
        immunisations=(*record.immunisations, Immunisation(id="f3", vaccine="mmr", origin=FUTURE, when=day)),
        genotypes=(*record.genotypes, Genotype(id="f4", gene="tpmt", origin=FUTURE, when=day, phenotype="poor")),
    )
    assert findings(assessed(ahead, on, wanted)) == findings(assessed(record, on, wanted))


def test_the_sites_tried_differ() -> None:
    """The properties hold for more than one choice of jurisdiction and protocol."""
    assert len({one.jurisdiction for one in WANTED}) >= 4
