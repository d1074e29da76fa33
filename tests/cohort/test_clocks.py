"""Which protocol holds, when tests are due and which were never done: what the relations tell of many patients is what
the evaluator of one patient tells of each.

The relations are given what other parts work out (courses, doses, newest results, answers to conditions) by the
evaluator itself, so that only schedules and choices are compared here.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import msgspec
import pytest
from agreement.books import book_of, book_settings
from agreement.gather import collected
from agreement.people import numbered, people
from property.patients import BOOK, DAYS

from cohort.clock_inputs import OUTPUTS, Question, Row, answered, expected
from cohort.courses_with_tests import made_up
from rxvigil.casebook import record_of
from rxvigil.casebook.run import read_cases
from rxvigil.cohort.timetable import faithful
from rxvigil.engine import Wanted
from rxvigil.facts import Condition, Origin, Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import DefaultFor, Schedule
from rxvigil.knowledge.vocabulary import Specialty

ON = date(2026, 3, 1)


def agree(question: Question, con: Any) -> Counter[str]:
    """Compare; the answer is how many rows of each kind were the same."""
    one_by_one, together = expected(question), answered(question, con)
    for name in OUTPUTS:
        missing, more = set(one_by_one[name]) - set(together[name]), set(together[name]) - set(one_by_one[name])
        assert (missing, more) == (set(), set()), f"{name}: of one patient {_few(missing)}; of all {_few(more)}"
        assert len(one_by_one[name]) == len(together[name]), f"{name}: a row twice"
    return Counter({name: len(rows) for name, rows in together.items()})


def _few(rows: set[Row]) -> list[Row]:
    return sorted(rows, key=str)[:3]


@pytest.fixture(scope="module")
def patients() -> dict[date, list[Record]]:
    """Courses with many changes of dose, and the awkward records of the agreement of evaluators."""
    return {on: [made_up(seed, on) for seed in range(100)] + numbered(collected(people(on), 25, 7)) for on in DAYS}


# ------------------------------------------------------------------------------------------------ the shipped protocols


def every_protocol() -> RuleBook:
    """The shipped rule book, with every protocol of a drug the default of a specialty of its own: one plan asks all."""
    words = BOOK.vocabulary
    conditions = words.concepts["condition"]
    places: Counter[str] = Counter()
    protocols = dict(BOOK.protocols)
    for key, protocol in BOOK.protocols.items():
        alone = [] if protocol.applies.together else list(protocol.applies.drugs)
        nth = max((places[drug] for drug in alone), default=0)
        places.update({drug: nth + 1 - places[drug] for drug in alone})
        own = DefaultFor(jurisdiction="UK", specialty=f"specialty-{nth}")
        protocols[key] = protocol.model_copy(update={"default_for": (own,)})
    named = [f"specialty-{nth}" for nth in range(max(places.values()))]
    some = next(iter(conditions.values()))
    more = {f"of-{key}": some.model_copy(update={"key": f"of-{key}", "specialty": key}) for key in named}
    specialties = {key: Specialty.model_construct(key=key, name=key) for key in named}
    kinds = {**words.concepts, "condition": {**conditions, **more}}
    return replace(BOOK, protocols=protocols, vocabulary=replace(words, specialties=specialties, concepts=kinds))


def with_specialty(record: Record, book: RuleBook, turns: Counter[str]) -> Record:
    """With a diagnosis for which one of the protocols of its drug is the default, each in turn."""
    drug = next(one.drug for one in record.prescriptions if book.vocabulary.drugs[one.drug].monitored)
    mine = [one for one in book.protocols.values() if drug in one.applies.drugs and not one.applies.together]
    turns[drug] += 1
    concept = f"of-{mine[turns[drug] % len(mine)].default_for[0].specialty}" if mine else "psoriasis"
    one = Condition(id=concept, concept=concept, origin=Origin("made-up", "Condition/1"), status="active")
    return msgspec.structs.replace(record, conditions=(one,))


def test_every_shipped_protocol_tells_each_patient_what_it_tells_one(duckdb: Any) -> None:
    book = every_protocol()
    turns: Counter[str] = Counter()
    records = [with_specialty(made_up(seed, ON), book, turns) for seed in range(600)]
    question = Question(tuple(records), book, Wanted("UK"), ON)
    compared = agree(question, duckdb)
    asked = {row[3] for row in expected(question)["clocks"]}
    shipped = {
        f"{key}#{schedule.id}"
        for key, protocol in BOOK.protocols.items()
        for schedule in protocol.schedule
        if not protocol.applies.together
    }
    assert shipped <= asked
    assert compared["clocks"] > 1000
    assert compared["baseline"] > 300
    assert compared["choices"] > 500


SPS_GASTROENTEROLOGY = "monitoring/azathioprine/sps-gastroenterology"


def test_a_fixed_day_missed_before_two_changes_of_dose(duckdb: Any) -> None:
    """Tests at 2, 4 and 8 weeks, none at 12; the dose changed so many days after the start, and again so soon."""
    start = date(2025, 11, 3)
    tests = [f"alt 25 U/L on {start + timedelta(weeks=weeks)}" for weeks in (2, 4, 8)]
    records = []
    for first, gap in product((60, 83, 84, 85, 95), (1, 7, 13, 14, 15)):
        changed = start + timedelta(days=first)
        again = changed + timedelta(days=gap)
        doses = [f"azathioprine {mg} mg/d from {day}" for mg, day in ((50, start), (100, changed), (150, again))]
        records.append(record_of((*doses, *tests), "female born 1980", BOOK.vocabulary))
    question = Question(tuple(numbered(records)), BOOK, Wanted("UK", (SPS_GASTROENTEROLOGY,)), ON)
    agree(question, duckdb)
    rows = [row for row in expected(question)["clocks"] if row[3] == f"{SPS_GASTROENTEROLOGY}#blood-tests"]
    since_week_12 = [row for row in rows if row[4:7] == ("liver-tests", "overdue", start + timedelta(weeks=12))]
    assert len(since_week_12) == 15  # whose dose was first changed on the day of week 12 or later


@pytest.mark.parametrize("place", [None, "FR"])
def test_what_is_chosen_without_being_asked_for(place: Any, patients: dict[date, list[Record]], duckdb: Any) -> None:
    compared = agree(Question(tuple(patients[DAYS[1]]), BOOK, Wanted(place), DAYS[1]), duckdb)
    assert compared["clocks"] > 100


def test_before_a_protocol_was_issued_another_holds(patients: dict[date, list[Record]], duckdb: Any) -> None:
    agree(Question(tuple(patients[DAYS[0]]), BOOK, Wanted("UK"), date(2016, 1, 1)), duckdb)


def test_worked_patients(duckdb: Any) -> None:
    """Asked for by name, the protocol of each worked patient holds; here all of them under two choices of a site."""
    cases = [one for one in read_cases(BOOK) if one.case.on is None]
    by_day: dict[date, list[Record]] = {}
    for one in cases:
        by_day.setdefault(one.cases.base.on, []).append(one.record)
    on, records = max(by_day.items(), key=lambda pair: len(pair[1]))
    asked = tuple(sorted({one.cases.of for one in cases if one.cases.of in BOOK.protocols}))
    compared = agree(Question(tuple(numbered(records)), BOOK, Wanted("UK", asked), on), duckdb)
    assert compared["clocks"] > 1000


# ------------------------------------------------------------------------------------------------------- made-up ones


@pytest.mark.parametrize("nth", range(4))
def test_schedules_made_up_at_random(nth: int, patients: dict[date, list[Record]], duckdb: Any) -> None:
    """Phases in any order, stops, fixed days, changes of dose, modifiers that tighten, loosen or are in doubt."""
    setting = collected(book_settings(), 8, 20261125)[nth + 2]
    question = Question(tuple(patients[setting.on]), book_of(setting.made), setting.wanted, setting.on)
    agree(question, duckdb)


def test_fixed_days_out_of_order_are_left_to_the_evaluator_of_one_patient() -> None:
    shipped = BOOK.protocols["monitoring/azathioprine/bsg-2019"].schedule[0]
    assert faithful(shipped)
    assert faithful(_with_days(shipped, "4 weeks", "2 months", "90 days"))
    assert not faithful(_with_days(shipped, "8 weeks", "4 weeks"))
    assert not faithful(_with_days(shipped, "30 days", "1 month"))


def _with_days(schedule: Schedule, *days: str) -> Schedule:
    first = schedule.phases[0].model_copy(update={"at": days})
    return schedule.model_copy(update={"phases": (first, *schedule.phases[1:])})
