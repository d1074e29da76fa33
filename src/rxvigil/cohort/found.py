"""What was found, one row for each thing a rule, a schedule or a table says of a person, before causes are merged.

Every relation here has the same columns: person, code (of `sayings`), late_days, due, overdue_after, tests (keys of the
tests it speaks of), also (further rules that say the same) and unanswered (rules left open).
"""

from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.given import Coded, Speaks
from rxvigil.cohort.sayings import COMBINED, LATE, late, never, several
from rxvigil.engine.findings import RANK
from rxvigil.engine.kleene import UNKNOWN, YES
from rxvigil.engine.monitoring_findings import RECENT_START

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir

COLUMNS: Final = ("person", "code", "late_days", "due", "overdue_after", "tests", "also", "unanswered")


def shaped(rows: "ir.Table", **known: "ir.Value") -> "ir.Table":
    """Rows in the common shape; what a finding does not have is null."""
    import ibis

    nothing = {
        "late_days": ibis.literal(0, type="int64"),
        "due": ibis.null("date"),
        "overdue_after": ibis.null("date"),
        "tests": ibis.null("array<string>"),
        "also": ibis.null("array<string>"),
        "unanswered": ibis.null("array<string>"),
    }
    values = {"person": rows.person, **nothing, **known}
    return rows.select(**{name: values[name] for name in COLUMNS})


def of_rules(outcomes: "ir.Table") -> "ir.Table":
    """Rules that fired."""
    fired = outcomes.filter(outcomes.outcome == YES)
    return shaped(fired, code=fired.code)


def texts(rows: "ir.Table", keys: tuple[str, ...], **columns: str) -> "ir.Table":
    """For each group the sorted distinct texts of a column: `tests="test"`."""
    return rows.group_by(keys).aggregate(
        **{name: rows[column].collect(distinct=True).sort() for name, column in columns.items()}
    )


def of_late_tests(clocks: "ir.Table", sayings: "ir.Table", on: "date") -> "ir.Table":
    """Tests overdue and due, asked for and only suggested: one finding each for a person
    (`monitoring_findings.clock_findings`)."""
    import ibis

    rows = clocks.filter(clocks.status.isin(LATE))
    about = late(rows.status, ibis.ifelse(rows.strength == "consider", "suggested", "asked for"))
    rows = _with_code(rows.mutate(about=about), sayings)
    since = ibis.cases((rows.status == "overdue", rows.overdue_after), else_=rows.due)
    rows = rows.mutate(late_days=literal_day(on).delta(since, unit="day"))
    return _led(rows, ("person", "about"), ("overdue_after", "code", "due", "test"))


def of_open_clocks(clocks: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """Tests of which nobody can say when they are due: one finding for a person."""
    import ibis

    rows = _with_code(clocks.filter(clocks.status == "cannot say").mutate(about=ibis.literal("open")), sayings)
    led = _led(rows, ("person", "about"), _AS_GATHERED).drop("unanswered")
    joined = led.inner_join(texts(rows, ("person",), unanswered="rule"), "person")
    return shaped(joined, code=joined.code, tests=joined.tests, unanswered=joined.unanswered)


def of_tests_too_often(clocks: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """Tests more often than asked, of people of whom none is due or overdue."""
    import ibis

    waiting = clocks.filter(clocks.status.isin(LATE)).select("person").distinct()
    rows = clocks.filter(clocks.often).anti_join(waiting, "person").mutate(about=ibis.literal("often"))
    rows = _with_code(rows, sayings)
    return _led(rows, ("person", "about"), _AS_GATHERED)


_AS_GATHERED: Final = ("combined", "drug", "borrowed", "place", "test")
"""The order in which the evaluator of one patient gathers clocks: drug by drug, borrowed ones after a protocol's own,
combinations last, protocol by protocol."""


def _with_code(rows: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    import ibis

    coded = rows.inner_join(sayings.select("rule", "about", "code", "place"), ["rule", "about"])
    return coded.mutate(combined=ibis.ifelse(coded.place >= COMBINED, coded.place, 0))


def _led(rows: "ir.Table", keys: tuple[str, ...], order: tuple[str, ...]) -> "ir.Table":
    """Of each group the first row, with every test of the group, and the other rules in `also`."""
    import ibis

    given = {"late_days": ibis.literal(0, type="int64"), "due": ibis.null("date"), "overdue_after": ibis.null("date")}
    rows = rows.mutate(**{name: value for name, value in given.items() if name not in rows.columns})
    rows = rows.mutate(
        nth=ibis.row_number().over(group_by=[rows[key] for key in keys], order_by=[rows[one] for one in order])
    )
    first = rows.filter(rows.nth == 0).select(*keys, "code", "rule", "late_days", "due", "overdue_after")
    tests = texts(rows, keys, tests="test")
    leads = first.select(*keys, lead__="rule")
    others = rows.inner_join(leads, list(keys))
    others = texts(others.filter(others.rule != others.lead__), keys, also="rule")
    joined = first.inner_join(tests, list(keys)).left_join(others, list(keys), rname="{name}__other")
    return shaped(
        joined,
        code=joined.code,
        late_days=joined.late_days.cast("int64"),
        due=joined.due,
        overdue_after=joined.overdue_after,
        tests=joined.tests,
        also=joined.also,
    )


def of_tests_never_done(
    baseline: "ir.Table", courses: "ir.Table", sayings: "ir.Table", on: "date", suggested: tuple[str, ...]
) -> "ir.Table":
    """Tests asked for before starting and never found: one finding for a drug (`monitoring_findings.baseline`).
    `suggested`: rules that only suggest their test."""
    import ibis

    starts = courses.select("person", "drug", "start")
    rows = baseline.filter(baseline.outcome == YES).inner_join(starts, ["person", "drug"])
    asked_for = ibis.ifelse(rows.rule.isin((*suggested, "")), 0, 1)
    firm = asked_for.max().over(group_by=[rows.person, rows.drug]) == 1
    young = ibis.coalesce(rows.start > literal_day(RECENT_START.before(on)), ibis.literal(False))
    about = never(rows.drug, ibis.ifelse(young, "young", "settled"), ibis.ifelse(firm, "asked for", "suggested"))
    rows = _with_code(rows.mutate(about=about, test=rows.rule), sayings)
    return _led(rows, ("person", "drug"), ("place",))


def of_tables(table_answers: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """What decision tables say: a row that is certain, a gap, or several readings (`table_findings`)."""
    import ibis

    rows = table_answers.filter((table_answers.kind == "row") & (table_answers.outcome == YES))
    rows = rows.mutate(rule=rows.table.concat("#", rows.row), about=rows.drug)
    gaps = table_answers.filter(table_answers.kind == "gap")
    gaps = gaps.mutate(rule=gaps.table, about=gaps.drug.concat(", gap"))
    certain = ibis.union(rows.select("person", "rule", "about"), gaps.select("person", "rule", "about"))
    certain = _with_code(certain, sayings)
    return ibis.union(shaped(certain, code=certain.code), _of_several_readings(table_answers, sayings))


def _of_several_readings(table_answers: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    import ibis

    rows = table_answers.filter(table_answers.kind == "several")
    rows = rows.mutate(rule=rows.table.concat("#", rows.row), about=rows.drug)
    ranked = rows.left_join(sayings.select("rule", "about", "tier_rank"), ["rule", "about"])
    groups = ranked.group_by("person", "drug", "table").aggregate(
        worst=ranked.tier_rank.min(), unanswered=ranked.rule.collect(distinct=True).sort()
    )
    tiers = [(groups.worst == RANK[tier], tier) for tier in ("STOP", "ACT", "KNOW")]
    about = several(groups.drug, ibis.cases(*tiers, else_=""))
    coded = _with_code(groups.mutate(rule=groups.table, about=about), sayings)
    return shaped(coded, code=coded.code, unanswered=coded.unanswered)


def of_missing_protocols(choices: "ir.Table", coded: Coded, silent: "tuple[str, ...]") -> "ir.Table":
    """Drugs for which there is no protocol, or one (of `silent`) that gives no schedule that anybody has read."""
    import ibis

    sayings = coded.given.table()
    own = choices.filter(~choices.together)
    none = own.filter(own.protocol.isnull())
    none = none.mutate(rule=ibis.literal("engine/no-protocol/").concat(none.drug), about=none.drug)
    found = none.select("person", "rule", "about")
    if silent:
        without = own.filter(own.protocol.isin(silent) & (own.taken == YES))
        without = without.mutate(rule=without.protocol, about=without.drug)
        found = ibis.union(found, without.select("person", "rule", "about"))
    found = _with_code(found, sayings)
    return shaped(found, code=found.code)


def of_unreadable_medicine(state: "ir.Table", choices: "ir.Table", coded: Coded) -> "ir.Table":
    """A medicine that nobody could read, in the record of somebody with no monitored drug in use."""
    import ibis

    looked_after = choices.filter(choices.protocol.notnull() & (~choices.together | (choices.taken == YES)))
    rows = state.filter(state["any_drug__unread"]).anti_join(looked_after.select("person").distinct(), "person")
    code = coded.codes[Speaks("engine/unreadable-medicine")]
    return shaped(rows, code=ibis.literal(code, type="int64"))


def unanswered(outcomes: "ir.Table") -> "ir.Table":
    """(person, code) of the rules that could not be answered."""
    return outcomes.filter(outcomes.outcome == UNKNOWN).select("person", "code")
