"""TPMT activity by the laboratory's own unit and ranges. The ranges are those that four laboratories publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.genetics import ActivityContext, ActivityReading, read_activity
from rxvigil.knowledge.activity import ActivityFile

ST_THOMAS = ("nmol/h/g Hb", "deficient <10; intermediate 10-25; normal 26-50; high >50")
HPLC = ("nmol/g Hb/h", "deficient <5; intermediate 5-24; normal >25")
BIRMINGHAM = ("mU/L", "deficient <10, intermediate 20-67, normal 68-150, high >150")
ARUP = ("U/mL", "Deficient: <17.0 U/mL\nIntermediate: 17.0-23.9 U/mL\nNormal: 24.0-44.0 U/mL\nHigh: >44.0 U/mL")
NOBODY = ActivityContext(no_transfusion=True, on_thiopurine=False, leukaemia=False)


def read(activity: ActivityFile, value: float | None, unit: str, ranges: str = "", **more: object) -> ActivityReading:
    return read_activity(value, unit, ranges, knowledge=activity, **{"context": NOBODY, **more})


@pytest.mark.parametrize(
    ("laboratory", "value", "group"),
    [
        (ST_THOMAS, 0, "deficient"), (ST_THOMAS, 9.9, "deficient"), (ST_THOMAS, 10, "intermediate"),
        (ST_THOMAS, 25, "intermediate"), (ST_THOMAS, 26, "normal"), (ST_THOMAS, 50, "normal"), (ST_THOMAS, 51, "high"),
        (HPLC, 4, "deficient"), (HPLC, 24, "intermediate"), (HPLC, 26, "normal"),
        (BIRMINGHAM, 9, "deficient"), (BIRMINGHAM, 20, "intermediate"), (BIRMINGHAM, 68, "normal"),
        (ARUP, 16.9, "deficient"), (ARUP, 23.9, "intermediate"), (ARUP, 24.0, "normal"), (ARUP, 44.1, "high"),
    ],
)  # fmt: skip
def test_by_the_printed_ranges(activity: ActivityFile, laboratory: tuple[str, str], value: float, group: str) -> None:
    assert read(activity, value, *laboratory).groups == {group}


@pytest.mark.parametrize(
    ("laboratory", "value"),
    [(ST_THOMAS, 25.5), (HPLC, 25), (HPLC, 24.5), (BIRMINGHAM, 10), (BIRMINGHAM, 19.9), (ARUP, 23.95)],
)
def test_published_ranges_have_gaps(activity: ActivityFile, laboratory: tuple[str, str], value: float) -> None:
    found = read(activity, value, *laboratory)
    assert (found.groups, found.why_not) == (frozenset(), "no printed range holds it: they leave a gap")


def test_one_number_means_different_things_in_different_laboratories(activity: ActivityFile) -> None:
    """30 of its own units: normal in London and Utah, intermediate in Birmingham."""
    assert [read(activity, 30, *one).groups for one in (ST_THOMAS, HPLC, BIRMINGHAM, ARUP)] == [
        {"normal"}, {"normal"}, {"intermediate"}, {"normal"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "ranges"),
    [
        (30, "", ST_THOMAS[1]),
        (-1, *ST_THOMAS),
        (float("nan"), *ST_THOMAS),
        (float("inf"), *ST_THOMAS),
        (30, "U/mL", "deficient <10 mU/L; normal >20 mU/L"),
        (30, "mU/L", "low <68; normal 68-150"),
        (30, "mU/L", "deficient <10; funny 10-60"),
        (30, "mU/L", "normal 150-68"),
        (30, "mU/L", "deficient <10 intermediate 20"),
        (30, "mU/L", "deficient <40; intermediate 20-67"),
        (30, "mU/L", ""),
        (None, "mU/L", ST_THOMAS[1]),
    ],
)
def test_what_cannot_be_judged(activity: ActivityFile, value: float | None, unit: str, ranges: str) -> None:
    found = read(activity, value, unit, ranges)
    assert found.groups == frozenset()
    assert found.why_not


def test_low_beside_deficient_is_intermediate(activity: ActivityFile) -> None:
    assert read(activity, 15, "mU/L", "deficient <10; low 10-67; normal 68-150").groups == {"intermediate"}


@pytest.mark.parametrize(
    ("value", "comparator", "groups"),
    [
        (5, "<", {"deficient"}),
        (10, "<", {"deficient"}),
        (11, "<", set()),
        (60, ">", {"high"}),
        (50, ">", {"high"}),
        (49, ">", set()),
        (10, "<=", set()),
    ],
)
def test_a_result_reported_as_less_or_more(
    activity: ActivityFile, value: float, comparator: str, groups: set[str]
) -> None:
    """All that '<11' allows must lie in one range."""
    assert read(activity, value, *ST_THOMAS, comparator=comparator).groups == groups


@pytest.mark.parametrize(
    ("value", "comparator", "groups"),
    [
        (67, "", {"deficient", "intermediate"}),
        (68, "", {"normal"}),
        (150, "", {"normal"}),
        (151, "", {"high"}),
        (68, "<", {"deficient", "intermediate"}),
        (69, "<", set()),
        (20, ">", set()),
        (100, ">", {"normal", "high"}),
        (150, ">", {"high"}),
    ],
)
def test_a_reference_interval_tells_low_but_not_how_low(
    activity: ActivityFile, value: float, comparator: str, groups: set[str]
) -> None:
    assert read(activity, value, "mU/L", low=68, high=150, comparator=comparator).groups == groups


def test_the_laboratorys_word_comes_first(activity: ActivityFile) -> None:
    found = read(activity, 100, "mU/L", BIRMINGHAM[1], category="Deficient")
    assert (found.groups, found.by) == ({"deficient"}, "the laboratory's word")
    assert read(activity, None, "", category="peculiar").why_not


def test_a_transfusion_can_hide_a_deficiency_for_four_months(activity: ActivityFile) -> None:
    for days, hides in ((0, True), (30, True), (121, True), (130, False)):
        context = ActivityContext(days_since_transfusion=days, on_thiopurine=False, leukaemia=False)
        found = read(activity, 100, *BIRMINGHAM, context=context)
        assert (found.may_hide_deficiency, found.shown_not_to_hide) == (hides, not hides)


def test_what_misleads_and_which_way(activity: ActivityFile) -> None:
    taking = read(activity, 100, *BIRMINGHAM, context=ActivityContext(no_transfusion=True, on_thiopurine=True))
    naproxen = read(activity, 30, *BIRMINGHAM, context=ActivityContext(drugs=frozenset({"naproxen", "folic-acid"})))
    ill = read(
        activity, 30, *BIRMINGHAM, context=ActivityContext(no_transfusion=True, on_thiopurine=False, leukaemia=True)
    )
    assert ([one.id for one in taking.caveats], taking.may_hide_deficiency) == (["thiopurine"], True)
    assert ([one.id for one in naproxen.caveats], naproxen.may_hide_deficiency) == (["interfering-drug"], False)
    assert ([one.id for one in ill.caveats], ill.shown_not_to_hide) == (["leukaemia"], True)


def test_what_nobody_said_is_asked(activity: ActivityFile) -> None:
    found = read(activity, 100, *BIRMINGHAM, context=None)
    assert found.ask == ("transfused", "on-thiopurine", "leukaemia")
    assert not found.shown_not_to_hide
    assert not found.may_hide_deficiency


@given(value=st.one_of(st.floats(), st.none()), unit=st.text(max_size=8), ranges=st.text(max_size=60))
def test_any_input_is_judged_or_says_why_not(
    activity: ActivityFile, value: float | None, unit: str, ranges: str
) -> None:
    found = read(activity, value, unit, ranges)
    assert bool(found.groups) != bool(found.why_not)
