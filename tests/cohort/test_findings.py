"""Findings of one cause are one finding: who leads, what it names, what it leaves open (`engine.findings.merge`)."""

from typing import Any

import ibis

from rxvigil.cohort.findings import merged

NOBODY_LATE = {"late_days": 0, "due": None, "overdue_after": None, "tests": None, "also": None}
SAYINGS = {
    "code": "int64", "cause_number": "int64", "alone": "boolean", "severity": "int64", "firmness": "int64",
    "name": "int64", "tier": "string",
}  # fmt: skip
FOUND = {
    "person": "int64", "code": "int64", "late_days": "int64", "due": "date", "overdue_after": "date",
    "tests": "array<int64>", "also": "array<int64>", "unanswered": "array<int64>",
}  # fmt: skip


def _merged(found: list[dict[str, Any]], sayings: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    said = ibis.memtable([dict(zip(SAYINGS, one, strict=True)) for one in sayings], schema=SAYINGS)
    rows = ibis.memtable([NOBODY_LATE | {"unanswered": None} | one for one in found], schema=FOUND)
    told: list[dict[str, Any]] = ibis.duckdb.connect().to_pyarrow(merged(rows, said)).to_pylist()
    return told


def test_one_table_left_open_for_two_drugs_names_the_open_rows_of_both() -> None:
    """Azathioprine and mercaptopurine: one finding that the pattern is open, with every row that is possible."""
    sayings = [(1, 7, False, 10, 0, 20, "CANNOT SAY"), (2, 7, False, 10, 0, 20, "CANNOT SAY")]
    found = [{"person": 5, "code": 1, "unanswered": [31, 33]}, {"person": 5, "code": 2, "unanswered": [32, 33]}]
    (one,) = _merged(found, sayings)
    assert (one["code"], one["unanswered"], one["also"]) == (1, [31, 32, 33], None)


def test_what_is_certain_leads_and_leaves_nothing_open() -> None:
    sayings = [(1, 7, False, 4, 0, 20, "ACT"), (2, 7, False, 10, 0, 21, "CANNOT SAY")]
    found = [{"person": 5, "code": 2, "unanswered": [31]}, {"person": 5, "code": 1}]
    (one,) = _merged(found, sayings)
    assert (one["code"], one["unanswered"], one["also"]) == (1, None, [21])


def test_a_cause_with_one_voice_stays_as_it_was_found() -> None:
    found = [{"person": 5, "code": 1, "unanswered": [31, 32]}, {"person": 6, "code": 1, "unanswered": None}]
    told = sorted(_merged(found, [(1, 7, True, 10, 0, 20, "CANNOT SAY")]), key=lambda one: one["person"])
    assert [one["unanswered"] for one in told] == [[31, 32], None]
