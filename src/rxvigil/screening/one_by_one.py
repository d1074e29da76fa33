"""The evaluator of one patient, asked of many: its answers as rows of a screen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from rxvigil.engine import Assessment, Evaluator, Wanted
from rxvigil.engine.ask_drugs import dose_since
from rxvigil.engine.assessment import Finding, Missing
from rxvigil.engine.courses import Exposure
from rxvigil.engine.findings import RANK
from rxvigil.engine.findings import order as order_of
from rxvigil.engine.state import State
from rxvigil.facts import Record, When
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import person_number
from rxvigil.population.store import Store
from rxvigil.screening.columns import Row
from rxvigil.screening.reading import reading

_URGENCY_STEPS: Final = 10
"""As `cohort.sayings.URGENCY_STEPS`: severity is rank x this + urgency."""


@dataclass(frozen=True)
class Setup:
    """What the evaluator is asked with. It travels to the processes that work."""

    store: Path
    book: RuleBook
    wanted: Wanted
    on: date


@dataclass(frozen=True)
class Answers:
    """The rows of some patients, by file."""

    findings: list[Row]
    clocks: list[Row]
    courses: list[Row]

    def add(self, other: "Answers") -> None:
        """The other's rows after these."""
        self.findings.extend(other.findings)
        self.clocks.extend(other.clocks)
        self.courses.extend(other.courses)


def answer(setup: Setup, patients: tuple[str, ...]) -> Answers:
    """The answers for these patients of the store."""
    evaluator = _evaluator(setup.book.digest, _Held(setup))
    store = Store.open(setup.store)
    found = Answers([], [], [])
    for record in _records(store, patients):
        assessment = evaluator.assess(record, setup.on)
        who: Row = {"person": person_number(record.patient.id), "patient": record.patient.id}
        state = State(record, setup.on, setup.book.vocabulary)
        found.findings.extend(who | row for row in finding_rows(assessment, record, state))
        found.clocks.extend(who | row for row in _clock_rows(assessment))
        found.courses.extend(who | row for row in _course_rows(state))
    return found


def _records(store: Store, patients: tuple[str, ...]) -> Iterator[Record]:
    with reading(store.path):
        yield from store.records(patients)


class _Held:
    """Keeps a setup out of the key by which a ready evaluator is remembered: the digest is that key."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.setup.wanted == self.setup.wanted

    def __hash__(self) -> int:
        return hash(self.setup.wanted)


@cache
def _evaluator(digest: str, held: _Held) -> Evaluator:
    return Evaluator(held.setup.book, held.setup.wanted)


def finding_rows(assessment: Assessment, record: Record, state: State) -> Iterator[Row]:
    """The findings of an assessment in the columns of a screen."""
    days = dict(_days(record, state))
    for one in assessment.findings:
        yield {**_said(one), **_grounds(one), "since": _since(one, assessment.on, days), **_tests(one, assessment)}


def _said(one: Finding) -> Row:
    rank, urgency, _, firmness, _ = order_of(one)
    return {
        "rule": one.rule,
        "kind": one.kind,
        "tier": one.tier,
        "cause": one.cause,
        "says": one.says,
        "verb": one.action.verb,
        "action": one.action.says,
        "urgency": one.action.urgency,
        "strength": one.action.strength,
        "also": list(one.also),
        "would_be": one.would_be,
        "unanswered": list(one.unanswered),
        "late_days": one.late_days,
        "severity": rank * _URGENCY_STEPS + urgency,
        "firmness": firmness,
        "by": "engine",
    }


def _grounds(one: Finding) -> Row:
    source = one.sources[0] if one.sources else None
    return {
        "because": [fact.says for fact in one.because],
        "because_at": [fact.origin for fact in one.because],
        "missing": [_gap(gap) for gap in one.missing],
        "ref": source.ref if source else None,
        "where": source.where if source else None,
        "mark": source.mark if source else None,
    }


def _gap(gap: Missing) -> str:
    return f"{gap.what}: {gap.why}. To settle it: {gap.settles}."


def _since(one: Finding, on: date, days: dict[str, date | None]) -> date | None:
    """The day from which every fact it rests on was there; none where that of any is not known to the day."""
    if one.kind == "schedule" and one.late_days:
        return on - timedelta(days=one.late_days)
    if one.tier == "CANNOT SAY":
        return None
    begun = [days[fact.id] for fact in one.because if fact.id in days]
    known = [day for day in begun if day is not None]
    return max(known) if known and len(known) == len(begun) else None


def _days(record: Record, state: State) -> Iterator[tuple[str, date | None]]:
    """When each fact of a record began, where it is known to the day; of a prescription in a running course, the
    course."""
    yield from _begun((one.id, one.when) for one in record.results)
    yield from _begun((one.id, one.when) for one in record.symptoms)
    yield from _begun((one.id, one.when) for one in record.immunisations)
    yield from _begun((one.id, one.when) for one in record.genotypes)
    for one in record.prescriptions:
        course = state.exposure(one.drug)
        yield one.id, course.start if one in course.current and course.start else _day(one.start)
    yield from _begun((one.id, one.start) for one in record.events)
    yield from _begun((one.id, one.onset) for one in record.conditions)


def _begun(facts: Iterable[tuple[str, When | None]]) -> Iterator[tuple[str, date | None]]:
    return ((identity, _day(when)) for identity, when in facts)


def _day(when: When | None) -> date | None:
    return when.first if when is not None and when.first == when.last else None


def _tests(one: Finding, assessment: Assessment) -> Row:
    """Of late tests: which, and since when. The assessment's own list of tests says it."""
    status = "overdue" if one.cause.endswith("overdue") else "due"
    if one.kind != "schedule" or not one.cause.endswith(status):
        return {}
    protocols = {rule.rpartition("#")[0] for rule in (one.rule, *one.also)}
    late = [test for test in assessment.next_tests if test.status == status and protocols.intersection(test.protocols)]
    return {
        "tests": [test.test for test in late],
        "due": min((test.due for test in late if test.due), default=None),
        "overdue_after": min((test.overdue_after for test in late if test.overdue_after), default=None),
    }


def _clock_rows(assessment: Assessment) -> Iterator[Row]:
    for one in assessment.next_tests:
        yield {
            "protocol": one.protocols[0] if one.protocols else None,
            "test": one.test,
            "status": one.status,
            "due": one.due,
            "overdue_after": one.overdue_after,
            "last": one.last,
            "strength": one.strength,
        }


def _course_rows(state: State) -> Iterator[Row]:
    for drug in sorted(key for key, one in state.words.drugs.items() if one.monitored):
        taken = state.exposure(drug)
        if taken.current or taken.past:
            yield {"drug": drug, **_course(taken)}


def _course(taken: Exposure) -> Row:
    return {
        "active": int(taken.active),
        "start": taken.start,
        "stopped": taken.stopped,
        "dose_low": taken.dose.low if taken.dose else None,
        "dose_high": taken.dose.high if taken.dose else None,
        "dose_since": dose_since(taken),
    }


def told(rows: Iterable[Row]) -> tuple[tuple[object, ...], ...]:
    """What is compared of one patient's rows, whoever answered: every finding with its action and lateness, and of what
    cannot be said, all rules left open and the worst they could be."""
    rows = list(rows)
    found = [_compared(one) for one in rows if one["kind"] != "cannot-say"]
    open_ = [one for one in rows if one["tier"] == "CANNOT SAY"]
    unanswered = sorted({rule for one in open_ for rule in one["unanswered"] or ()})
    worst = min((RANK[one["would_be"]] for one in open_ if one["would_be"]), default=None)
    return (*sorted(found, key=repr), (tuple(unanswered), worst))


def _compared(one: Row) -> tuple[object, ...]:
    also = tuple(sorted(one["also"] or ()))
    acts = (one["verb"], one["urgency"], one["strength"])
    return (one["rule"], one["kind"], one["tier"], one["cause"], also, one["late_days"] or 0, *acts)
