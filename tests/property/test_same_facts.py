"""The same facts told in another way are the same patient: the same findings, in the same words.

Other units, another order, everything delivered twice, and things around it that no rule speaks of.
"""

from collections import defaultdict
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.answers import findings, outcomes
from property.patients import (
    BOOK,
    IRRELEVANT_ANALYTES,
    KINDS,
    UNRELATED_DRUGS,
    WORDS,
    assessed,
    conditions_of_the_book,
    examples,
    moment,
    not_understood,
    patients,
)
from rxvigil.facts import Bounds, Dose, Origin, Outside, Prescription, Result
from rxvigil.knowledge.expression import terms

ELSEWHERE = Origin("another file", "Observation/again")


def units_of(analyte: str) -> list[str]:
    """Every unit in which a laboratory may report the analyte."""
    entry = WORDS.analytes[analyte]
    family = WORDS.dimensions[entry.dimension].units if entry.dimension else {}
    return sorted({*family, *entry.units})


def through(analyte: str, amount: float | None, unit: str) -> float | None:
    """An amount written in another unit, and read back as intake reads it."""
    factor = WORDS.factor(analyte, unit)
    if amount is None or factor is None:
        return amount
    read = WORDS.convert(analyte, f"{amount / float(factor):.15g}", unit)
    assert isinstance(read, float)
    return read


def rewritten(result: Result, unit: str) -> Result:
    """A result as another laboratory would have sent it."""
    own = result.reference
    bounds = Bounds(through(result.analyte, own.low, unit), through(result.analyte, own.high, unit)) if own else None
    value = through(result.analyte, result.value, unit)
    return msgspec.structs.replace(result, value=value, reference=bounds, written=f"in {unit}")


@examples(90)
@given(patients(), st.data())
def test_in_other_units(patient, data):
    record, on, wanted = patient
    results = tuple(
        rewritten(one, data.draw(st.sampled_from(units_of(one.analyte)))) if one.value is not None else one
        for one in record.results
    )
    other = msgspec.structs.replace(record, results=results)
    assert findings(assessed(other, on, wanted)) == findings(assessed(record, on, wanted))


@examples(90)
@given(patients(), st.lists(st.sampled_from(("any-drug", "neutrophils", "tpmt")), max_size=4), st.randoms())
def test_in_another_order(patient, unread, chance):
    """Facts, and what could not be read, in whatever order the files hold them."""
    record, on, wanted = patient
    more = tuple(not_understood(50 + number, key, None) for number, key in enumerate(unread))
    record = msgspec.structs.replace(record, not_understood=(*record.not_understood, *more))
    shuffled: dict[str, Any] = {}
    for field in (*KINDS, "not_understood", "lists"):
        entries = list(getattr(record, field))
        chance.shuffle(entries)
        shuffled[field] = tuple(entries)
    other = msgspec.structs.replace(record, **shuffled)
    assert findings(assessed(other, on, wanted)) == findings(assessed(record, on, wanted))
    assert outcomes(assessed(other, on, wanted)) == outcomes(assessed(record, on, wanted))


def again(fact: Any) -> Any:
    """The same fact from another file, under another id. (The same id twice is one fact already for intake.)"""
    return msgspec.structs.replace(fact, id=f"{fact.id} again", origin=ELSEWHERE)


@examples(90)
@given(patients(), st.data())
def test_delivered_twice(patient, data):
    record, on, wanted = patient
    facts = [(field, fact) for field in KINDS for fact in getattr(record, field)]
    if not facts:
        return
    some = data.draw(st.one_of(st.just(facts), st.lists(st.sampled_from(facts), min_size=1)), label="delivered twice")
    twice: dict[str, list[Any]] = defaultdict(list)
    for field, fact in some:
        twice[field].append(again(fact))
    other = msgspec.structs.replace(
        record, **{field: (*getattr(record, field), *more) for field, more in twice.items()}
    )
    assert findings(assessed(other, on, wanted)) == findings(assessed(record, on, wanted))


def test_what_the_next_property_calls_irrelevant_is_spoken_of_nowhere() -> None:
    """Neither in a condition, nor as a test that somebody asks for, nor in a table."""
    spoken = {term.subject for expression in conditions_of_the_book() for term in terms(expression)}
    asked = {
        key
        for protocol in BOOK.protocols.values()
        for one in (*protocol.schedule, *protocol.baseline)
        for key in (*one.panel.all, *(key for group in one.panel.any for key in group))
    }
    parts = {part for analyte in WORDS.analytes.values() for part in analyte.parts}
    parts |= {
        key for panel in WORDS.panels.values() for key in (*panel.all, *(key for group in panel.any for key in group))
    }
    assert not set(IRRELEVANT_ANALYTES) & (spoken | asked | parts)
    for drug in UNRELATED_DRUGS:
        assert not {drug, *WORDS.classes_of(drug)} & spoken
        assert not WORDS.drugs[drug].monitored


_noise = st.tuples(
    st.lists(st.tuples(st.sampled_from(IRRELEVANT_ANALYTES), st.integers(0, 500), st.floats(0.1, 900)), max_size=6),
    st.lists(st.tuples(st.sampled_from(UNRELATED_DRUGS), st.integers(30, 500)), max_size=3),
)


@examples(90)
@given(patients(), _noise)
def test_among_things_that_no_rule_speaks_of(patient, noise):
    record, on, wanted = patient
    results = tuple(
        Result(id=f"noise-{n}", analyte=key, when=moment(on, ago), origin=ELSEWHERE, value=value, panel="noise")
        for n, (key, ago, value) in enumerate(noise[0])
    )
    past = tuple(
        Prescription(
            id=f"noise-{n}", drug=drug, origin=ELSEWHERE, status="ended", product=drug,
            start=moment(on, ago), end=moment(on, ago - 20), dose=Dose(1, 1),
        )
        for n, (drug, ago) in enumerate(noise[1])
    )  # fmt: skip
    lists = {*record.lists, *(("results",) if results else ()), *(("prescriptions",) if past else ())}
    around = msgspec.structs.replace(
        record,
        results=(*results, *record.results),
        prescriptions=(*past, *record.prescriptions),
        outside=(*record.outside, Outside("condition", "http://snomed.info/sct", "1", "something else", 7)),
        unread={"Encounter": 12},
        lists=tuple(sorted(lists)),
    )
    alone = msgspec.structs.replace(record, lists=tuple(sorted(lists)))
    assert findings(assessed(around, on, wanted)) == findings(assessed(alone, on, wanted))
