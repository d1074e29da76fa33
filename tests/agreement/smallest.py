"""A disagreement with as little of the book and of the patient as it takes: what a person can read."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from property.patients import KINDS

from agreement.books import Setting
from agreement.people import numbered
from agreement.schedules import Made
from rxvigil.facts import Record
from rxvigil.knowledge.expression import All, AnyOf, Not, parse

Differ = Callable[[Setting, list[Record]], list[int]]
"""Which of the patients, by their place, are still answered differently under a book."""
_FACTS = (*KINDS, "denials", "not_understood", "lists")


def smallest(setting: Setting, record: Record, differ: Differ) -> tuple[Setting, Record]:
    """The same disagreement, smaller: nothing more can be left out of it."""
    before: tuple[Setting, Record] | None = None
    while before != (setting, record):
        before = (setting, record)
        record = _smaller_record(setting, record, differ)
        setting = _smaller_book(setting, record, differ)
    return setting, record


def _smaller_record(setting: Setting, record: Record, differ: Differ) -> Record:
    while True:
        variants = sorted(_lesser_records(record), key=_size)
        found = differ(setting, numbered(variants)) if variants else []
        if not found:
            return record
        record = variants[found[0]]


def _lesser_records(record: Record) -> Iterator[Record]:
    """Without a kind of fact, without half or an eighth of one, without a single one."""
    for kind in _FACTS:
        facts = getattr(record, kind)
        for width in sorted({len(facts), len(facts) // 2, len(facts) // 8, 1} - {0}):
            for begin in range(0, len(facts), width):
                yield msgspec.structs.replace(record, **{kind: (*facts[:begin], *facts[begin + width :])})
    if record.patient.born:
        yield msgspec.structs.replace(record, patient=msgspec.structs.replace(record.patient, born=None))


def _size(record: Record) -> int:
    return sum(len(getattr(record, kind)) for kind in _FACTS) + (record.patient.born is not None)


def _smaller_book(setting: Setting, record: Record, differ: Differ) -> Setting:
    while True:
        lesser = (setting._replace(made=made) for made in _lesser_books(setting.made))
        found = next((one for one in lesser if differ(one, numbered([record]))), None)
        if found is None:
            return setting
        setting = found


def _lesser_books(made: Made) -> Iterator[Made]:
    for kind in ("topics", "protocols", "tables"):
        yield from _without_one(made, kind)
    for kind in ("topics", "protocols", "tables"):
        for number, one in enumerate(made[kind]):
            for lesser in _lesser(one):
                yield {**made, kind: [*made[kind][:number], lesser, *made[kind][number + 1 :]]}


_MAY_BE_EMPTY = ("rules", "thresholds", "schedule", "baseline", "modifiers", "on", "gives_way_to", "drugs")
_MAY_GO = ("unless", "only_if", "thresholds_from", "schedule_from", "effective", "jurisdictions", "except_in",
           "specialties", "default_for")  # fmt: skip


def _lesser(one: Any) -> Iterator[Any]:
    """A part of a book with one thing less, however deep inside it stands."""
    if isinstance(one, list):
        for number, item in enumerate(one):
            yield from ([*one[:number], lesser, *one[number + 1 :]] for lesser in _lesser(item))
    if not isinstance(one, dict):
        return
    for key, value in one.items():
        if key in _MAY_GO:
            yield {other: kept for other, kept in one.items() if other != key}
        if key in _MAY_BE_EMPTY or (key in ("phases", "all", "any") and len(value) > 1):
            yield from _without_one(one, key)
        if key in ("when", "unless", "only_if") and isinstance(value, str):
            yield from ({**one, key: text} for text in _lesser_conditions(value))
        elif key not in ("source", "action", "axes"):
            yield from ({**one, key: lesser} for lesser in _lesser(value))


def _without_one(made: Made, key: str) -> Iterator[Made]:
    items = made[key]
    yield from ({**made, key: [*items[:number], *items[number + 1 :]]} for number in range(len(items)))


def _lesser_conditions(text: str) -> Iterator[str]:
    match parse(text):
        case All(items) | AnyOf(items):
            yield from map(str, items)
        case Not(item):
            yield str(item)
