"""What was found, one row for each thing a rule, a schedule or a table says of a person, before causes are merged.

Every relation here has the same columns: person, code (of `sayings`), late_days, due, overdue_after, and sets of
numbers of `names`: tests (those it speaks of), also (further rules that say the same) and unanswered (rules left open).
"""

from typing import TYPE_CHECKING, Final

from rxvigil.cohort.given import Coded, Speaks
from rxvigil.cohort.sayings import several
from rxvigil.cohort.sets import gathered
from rxvigil.engine.findings import RANK
from rxvigil.engine.kleene import YES

if TYPE_CHECKING:
    import ibis.expr.types as ir

COLUMNS: Final = ("person", "code", "late_days", "due", "overdue_after", "tests", "also", "unanswered")


def shaped(rows: "ir.Table", **known: "ir.Value") -> "ir.Table":
    """Rows in the common shape, and any further columns; what a finding does not have is null."""
    import ibis

    nothing = {
        "late_days": ibis.literal(0, type="int64"),
        "due": ibis.null("date"),
        "overdue_after": ibis.null("date"),
        "tests": ibis.null("array<int64>"),
        "also": ibis.null("array<int64>"),
        "unanswered": ibis.null("array<int64>"),
    }
    values = {"person": rows.person, **nothing, **known}
    return rows.select(**{name: values[name] for name in dict.fromkeys((*COLUMNS, *known))})


def of_rules(answers: "ir.Table", answers_read: "ir.Table") -> "ir.Table":
    """Rules that fired."""
    fired = answers.inner_join(answers_read.filter(answers_read.outcome == YES), "packed")
    return shaped(fired, code=fired.code)


def with_code(rows: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """Rows in which a rule speaks in some respect (`rule`, `about`), with its code."""
    return rows.inner_join(sayings.select("rule", "about", "code", "place", rule_name="name"), ["rule", "about"])


def of_tables(table_answers: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """What decision tables say: a row that is certain, a gap, or several readings (`table_findings`)."""
    import ibis

    rows = table_answers.filter((table_answers.kind == "row") & (table_answers.outcome == YES))
    rows = rows.mutate(rule=rows.table.concat("#", rows.row), about=rows.drug)
    gaps = table_answers.filter(table_answers.kind == "gap")
    gaps = gaps.mutate(rule=gaps.table, about=gaps.drug.concat(", gap"))
    certain = ibis.union(rows.select("person", "rule", "about"), gaps.select("person", "rule", "about"))
    certain = with_code(certain, sayings)
    return ibis.union(shaped(certain, code=certain.code), _of_several_readings(table_answers, sayings))


def _of_several_readings(table_answers: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    import ibis

    rows = table_answers.filter(table_answers.kind == "several")
    rows = rows.mutate(rule=rows.table.concat("#", rows.row), about=rows.drug)
    ranked = rows.left_join(sayings.select("rule", "about", "tier_rank", "name"), ["rule", "about"])
    groups = ranked.group_by("person", "drug", "table").aggregate(
        worst=ranked.tier_rank.min(), unanswered=gathered(ranked.name)
    )
    tiers = [(groups.worst == RANK[tier], tier) for tier in ("STOP", "ACT", "KNOW")]
    about = several(groups.drug, ibis.cases(*tiers, else_=""))
    coded = with_code(groups.mutate(rule=groups.table, about=about), sayings)
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
    found = with_code(found, sayings)
    return shaped(found, code=found.code)


def of_unreadable_medicine(state: "ir.Table", choices: "ir.Table", coded: Coded) -> "ir.Table":
    """A medicine that nobody could read, in the record of somebody with no monitored drug in use."""
    import ibis

    looked_after = choices.filter(choices.protocol.notnull() & (~choices.together | (choices.taken == YES)))
    rows = state.filter(state["any_drug__unread"]).anti_join(looked_after.select("person").distinct(), "person")
    code = coded.codes[Speaks("engine/unreadable-medicine")]
    return shaped(rows, code=ibis.literal(code, type="int64"))
