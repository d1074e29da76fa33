"""What is found of blood tests: overdue, due, no telling when, too often, never done before starting
(`engine.monitoring_findings`)."""

from typing import TYPE_CHECKING, Final

from rxvigil.cohort.baseline import Missed
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.clocks import Standing
from rxvigil.cohort.found import shaped, with_code
from rxvigil.cohort.sayings import COMBINED, FIRMNESS, LATE, late, never
from rxvigil.cohort.sets import gathered, members
from rxvigil.engine.kleene import YES
from rxvigil.engine.monitoring_findings import RECENT_START

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir

_OPEN: Final = "cannot say"
_OFTEN: Final = "often"
_VOICES: Final = (*(late(status, firmness) for status in LATE for firmness in FIRMNESS), "open", _OFTEN)
"""In what respects schedules speak: each makes one finding for a person."""


def voices(asked: "ir.Table", sayings: "ir.Table", names: "ir.Table") -> "ir.Table":
    """(number, slot, status, voice, code, rule_name, test, rank): what is said of a test of a schedule at each status.
    `rank`: which of the clocks of one voice leads. Of late ones the rule's code; of the others the order in which the
    evaluator of one patient gathers clocks: drug by drug, borrowed ones after a protocol's own, combinations last,
    protocol by protocol."""
    import ibis

    firmness = ibis.ifelse(asked.strength == "consider", "suggested", "asked for")
    abouts = {
        **{status: late(ibis.literal(status), firmness) for status in LATE},
        _OPEN: ibis.literal("open"),
        _OFTEN: ibis.literal(_OFTEN),
    }
    rows = ibis.union(*(asked.mutate(status=ibis.literal(status), about=about) for status, about in abouts.items()))
    rows = with_code(rows, sayings)
    for column in ("drug", "test"):
        rows = rows.inner_join(names.select(**{column: "name", f"{column}_name": "number"}), column)
    combined = ibis.ifelse(rows.place >= COMBINED, rows.place, 0)
    gathering = [combined, rows.drug_name, rows.borrowed, rows.place, rows.test_name]
    order = ibis.row_number().over(order_by=gathering)
    voice = ibis.cases(*((rows.about == about, nth) for nth, about in enumerate(_VOICES)), else_=len(_VOICES))
    rank = ibis.ifelse(rows.status.isin(LATE), rows.code, order)
    return rows.select("number", "slot", "status", "code", "rule_name", test="test_name", voice=voice, rank=rank)


def of_clocks(clocks: Standing, voices_: "ir.Table", on: "date") -> "ir.Table":
    """Tests overdue and due, asked for and only suggested; tests of which nobody can say when they are due; and tests
    more often than asked, of people of whom none is due or overdue."""
    import ibis

    standing = clocks.clocks
    waiting = standing.filter(standing.status.isin(LATE)).select("person").distinct()
    often = standing.filter(standing.often).anti_join(waiting, "person").mutate(status=ibis.literal(_OFTEN))
    rows = ibis.union(*(one.inner_join(voices_, ["number", "slot", "status"]) for one in (standing, often)))
    since = ibis.cases((rows.status == "overdue", rows.overdue_after), (rows.status == "due", rows.due))
    late_days = ibis.coalesce(literal_day(on).delta(since, unit="day"), 0).cast("int64")
    first = ibis.cases((rows.status.isin(LATE), rows.overdue_after), else_=ibis.null("date"))
    return _led(rows.mutate(late_days=late_days, open_=rows.status == _OPEN, first=first))


def _led(rows: "ir.Table") -> "ir.Table":
    """Of each person and voice the leading clock, with every test, and the other rules in `also`. Of late clocks that
    one leads which is overdue longest; of the others `first` is null and their rank decides."""
    import ibis

    group = [rows.person, rows.voice]
    nth = ibis.row_number().over(group_by=group, order_by=[rows["first"], rows["rank"], rows.due])
    leads = rows.mutate(nth=nth)
    leads = leads.filter(leads.nth == 0)
    sets = rows.group_by("person", "voice").aggregate(tests=gathered(rows.test), rules=gathered(rows.rule_name))
    found = leads.drop("test", "nth").inner_join(sets, ["person", "voice"])
    return shaped(
        found,
        code=found.code,
        late_days=found.late_days,
        due=_unless(found.open_, found.due),
        overdue_after=_unless(found.open_, found.overdue_after),
        tests=found.tests,
        also=_unless(found.open_, without(found.rules, found.rule_name)),
        unanswered=_unless(~found.open_, found.rules),
    )


def _unless(flag: "ir.BooleanValue", value: "ir.Value") -> "ir.Value":
    import ibis

    return ibis.ifelse(flag, ibis.null(value.type()), value)


def without(numbers: "ir.ArrayValue", one: "ir.IntegerValue") -> "ir.Value":
    """A set without one of its members; null where none is left."""
    left = numbers.remove(one)
    return _unless(left.length() == 0, left)


def of_tests_never_done(
    missed: Missed, courses: "ir.Table", sayings: "ir.Table", on: "date", suggested: tuple[str, ...]
) -> "ir.Table":
    """Tests asked for before starting and never found: one finding for a drug. `suggested`: rules that only suggest
    their test."""
    import ibis

    rows = missed.tests.filter(missed.tests.outcome == YES)
    rows = rows.inner_join(missed.asked.select("place", "drug"), "place")
    sets = rows.group_by("person", "drug").aggregate(missed=rows.place.cast("int64").collect().sort())
    meanings = _meanings(members(sets, "missed"), missed.asked, sayings, suggested)
    found = sets.inner_join(courses.select("person", "drug", "start"), ["person", "drug"])
    found = found.inner_join(meanings, "missed")
    young = ibis.coalesce(found.start > literal_day(RECENT_START.before(on)), ibis.literal(False))
    return shaped(found, code=ibis.ifelse(young, found.young, found.settled), tests=found.tests, also=found.also)


def _meanings(sets: "ir.Table", asked: "ir.Table", sayings: "ir.Table", suggested: tuple[str, ...]) -> "ir.Table":
    """(missed, young, settled, tests, also): what is said of each set of tests, in a young and in a settled course."""
    import ibis

    name = sayings.select("rule", "name").distinct()
    asked = asked.select("place", "drug", "rule").inner_join(name, "rule")
    rows = sets.inner_join(asked, sets.member == asked.place)
    firm = ibis.ifelse(rows.rule.isin((*suggested, "")), 0, 1)
    groups = rows.group_by("missed").aggregate(place=rows.place.min(), firm=firm.max(), tests=gathered(rows.name))
    led = groups.inner_join(asked, "place")
    firmness = ibis.ifelse(led.firm == 1, "asked for", "suggested")
    for course in ("young", "settled"):
        coded = with_code(led.mutate(about=never(led.drug, ibis.literal(course), firmness)), sayings)
        led = coded.select(*led.columns, **{course: "code"})
    return led.select("missed", "young", "settled", "tests", also=without(led.tests, led.name))
