"""Genotype against activity. Which wins: the genotype after a transfusion, the activity where phase or a function is
not known, and neither otherwise."""

import pytest

from rxvigil.genetics import ActivityContext, ActivityReading, compare, narrowed, read_activity
from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup

CLEAN = ActivityContext(no_transfusion=True, on_thiopurine=False, leukaemia=False)
TRANSFUSED = ActivityContext(days_since_transfusion=20, on_thiopurine=False, leukaemia=False)


def measured(activity: ActivityFile, word: str, context: ActivityContext | None = CLEAN) -> ActivityReading:
    return read_activity(None, "", category=word, knowledge=activity, context=context)


def groups(*names: MetaboliserGroup) -> frozenset[MetaboliserGroup]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("genotype", "word"),
    [
        (groups("normal"), "normal"),
        (groups("normal"), "high"),
        (groups("intermediate"), "intermediate"),
        (groups("poor"), "deficient"),
        (groups("intermediate", "poor"), "deficient"),
        (groups("possible-intermediate"), "deficient"),
        (groups("possible-intermediate"), "intermediate"),
        (groups("indeterminate"), "normal"),
        (groups("indeterminate"), "deficient"),
        (groups(), "deficient"),
        (groups("poor"), "peculiar"),
    ],
)
def test_no_conflict(activity: ActivityFile, genotype: frozenset[MetaboliserGroup], word: str) -> None:
    assert compare(genotype, measured(activity, word)) is None


@pytest.mark.parametrize(
    ("genotype", "word", "dose_by"),
    [
        (groups("normal"), "deficient", "poor"),
        (groups("normal"), "intermediate", "intermediate"),
        (groups("poor"), "normal", "poor"),
        (groups("intermediate"), "normal", "intermediate"),
        (groups("intermediate"), "deficient", "poor"),
        (groups("possible-intermediate"), "normal", "possible-intermediate"),
    ],
)
def test_where_nothing_is_known_to_mislead_the_lower_is_used(
    activity: ActivityFile, genotype: frozenset[MetaboliserGroup], word: str, dose_by: str
) -> None:
    conflict = compare(genotype, measured(activity, word))
    assert conflict is not None
    assert (conflict.go_by, conflict.dose_by) == ("safer", dose_by)


def test_after_a_transfusion_the_genotype_is_used(activity: ActivityFile) -> None:
    conflict = compare(groups("poor"), measured(activity, "normal", TRANSFUSED))
    assert conflict is not None
    assert (conflict.go_by, conflict.dose_by) == ("genotype", "poor")


def test_activity_settles_what_phase_left_open(activity: ActivityFile) -> None:
    """*1/*3A or *3B/*3C with intermediate activity: intermediate."""
    either = groups("intermediate", "poor")
    assert narrowed(either, measured(activity, "intermediate")) == {"intermediate"}
    assert narrowed(either, measured(activity, "deficient")) == {"poor"}
    assert narrowed(groups("indeterminate"), measured(activity, "normal")) == {"normal"}


def test_activity_that_may_mislead_settles_nothing(activity: ActivityFile) -> None:
    """Also where nobody said whether there was a transfusion, or a thiopurine."""
    either = groups("intermediate", "poor")
    for context in (TRANSFUSED, ActivityContext(), ActivityContext(no_transfusion=True), None):
        assert narrowed(either, measured(activity, "intermediate", context)) == either
    assert narrowed(groups("normal"), measured(activity, "deficient")) == {"normal"}, "a conflict narrows nothing"
