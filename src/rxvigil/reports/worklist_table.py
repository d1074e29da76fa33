"""The worklist as a table: one row for each patient and cause, for a spreadsheet or another program."""

from collections.abc import Iterator
from typing import Final

from rxvigil.reports import words
from rxvigil.reports import worklist as say
from rxvigil.reports.spreadsheets import Value, to_csv, to_xlsx
from rxvigil.reports.worklist import Worklist
from rxvigil.reports.worklist_text import colophon

HEADINGS: Final = (
    "Place", "Patient", "Simulated", "Practice", "Takes", "Tier", "Cause", "What", "Since", "Days overdue", "How soon",
    "How firmly", "What to do", "Because", "Missing", "Could be", "Source", "Rule", "Also", "Drug", "Tests",
    "Confirmed",
)  # fmt: skip


def worklist_to_csv(worklist: Worklist) -> bytes:
    """Formula-safe, UTF-8."""
    return to_csv(HEADINGS, _rows(worklist))


def worklist_to_xlsx(worklist: Worklist) -> bytes:
    """Typed cells, no formula; what a reader must know of the list stands on a sheet of its own."""
    return to_xlsx("Worklist", HEADINGS, _rows(worklist), _about(worklist))


def _about(worklist: Worklist) -> list[str]:
    filters = [f"Only: {one}." for one in worklist.filters]
    meanings = [f"{tier}: {words.TIER_MEANS[tier]}." for tier in words.TIERS]
    told = [
        *filter(None, [worklist.simulated]),
        say.opening(worklist),
        *filters,
        *say.not_on_it(worklist),
        *worklist.notes,
    ]
    return [*told, *meanings, words.STRENGTH_MEANS, words.INTENDED_USE, colophon(worklist)]


def _rows(worklist: Worklist) -> Iterator[list[Value]]:
    for place, entry in enumerate(worklist.entries, 1):
        for one in entry.items:
            yield [
                place, entry.patient, "simulated" if entry.simulated else "", entry.practice, "; ".join(entry.takes),
                one.tier, one.cause, one.says, one.since,
                one.late_days if one.cause.endswith("overdue") else None, one.urgency, one.strength, one.action,
                "; ".join(one.because), " ".join(one.missing), one.would_be, say.full_source(one, worklist), one.rule,
                "; ".join(one.also),
                one.drug, ", ".join(one.tests), "yes" if one.confirmed else "no",
            ]  # fmt: skip
