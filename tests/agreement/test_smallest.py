"""What a long comparison prints is small enough to read: nothing in it can be left out."""

from datetime import date

from agreement.books import Setting, book_of, book_settings
from agreement.gather import collected
from agreement.people import numbered, people
from agreement.smallest import smallest
from rxvigil.engine import Evaluator
from rxvigil.facts import Record

ON = date(2026, 3, 1)
SIZE = ("results", "prescriptions", "conditions", "allergies", "events", "symptoms", "genotypes", "denials",
        "not_understood", "immunisations")  # fmt: skip


def late(setting: Setting, records: list[Record]) -> list[int]:
    """Stands for a disagreement: whose blood tests are overdue."""
    evaluator = Evaluator(book_of(setting.made), setting.wanted)
    found = (evaluator.assess(one, setting.on).next_tests for one in records)
    return [number for number, tests in enumerate(found) if any(test.status == "overdue" for test in tests)]


def first_late() -> tuple[Setting, Record]:
    records = numbered(collected(people(ON), 40, 7))
    for setting in collected(book_settings(), 12, 7):
        on_the_day = setting._replace(on=ON)
        if found := late(on_the_day, records):
            return on_the_day, records[found[0]]
    raise AssertionError("nobody is late under any of the books")


def test_what_is_left_still_shows_it_and_little_else() -> None:
    setting, record = smallest(*first_late(), late)

    assert late(setting, [record]) == [0]
    assert [sum(len(one["rules"]) for one in setting.made["topics"]), len(setting.made["tables"])] == [0, 0]
    protocol = setting.made["protocols"][-1]
    assert (len(protocol["schedule"]), protocol["thresholds"], protocol["baseline"]) == (1, [], [])
    assert sum(len(getattr(record, kind)) for kind in SIZE) <= 3


def test_it_can_be_printed_and_built_again() -> None:
    setting, _ = first_late()

    assert f"on {ON.isoformat()}" in str(setting)
    assert book_of(setting.made).protocols
