"""Findings of a whole population: one for each cause, the most severe first, and what could not be answered."""

from typing import TYPE_CHECKING, Final

from rxvigil.cohort.found import shaped, texts
from rxvigil.cohort.sayings import COULD_BE, URGENCY_STEPS, WORTH_KNOWING
from rxvigil.engine.findings import URGENCY, VERBS

if TYPE_CHECKING:
    import ibis.expr.types as ir

COLUMNS: Final = (
    "person", "patient", "drug", "rule", "kind", "tier", "cause", "says", "verb", "action", "urgency", "strength",
    "also", "would_be", "unanswered", "late_days", "due", "overdue_after", "tests", "severity", "firmness", "ref",
    "where", "mark",
)  # fmt: skip
"""Columns of the findings table: those of `engine.Finding` that hold for everybody of whom the rule fires. The facts a
row rests on, and the sentence with the patient's own values, are worked out by the evaluator of one patient when the
row is opened: person, rule and date name them."""


def merged(found: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """One finding for each person and cause: the most severe leads, the others are named in `also`
    (`engine.findings.merge`)."""
    import ibis

    rows = found.inner_join(sayings, "code")
    group = [rows.person, rows.cause_key]
    order = [rows.severity, -rows.late_days, rows.firmness, rows.code]
    rows = rows.mutate(
        nth=ibis.row_number().over(group_by=group, order_by=order), size=rows.person.count().over(group_by=group)
    )
    leads = rows.filter(rows.nth == 0)
    rest = rows.inner_join(leads.select("person", "cause_key", lead__="rule"), ["person", "cause_key"])
    others = texts(rest.filter(rest.rule != rest.lead__), ("person", "cause_key"), others__="rule")
    joined = leads.left_join(others, ["person", "cause_key"], rname="{name}__other")
    return joined.mutate(also=ibis.ifelse(joined["size"] == 1, joined.also, joined.others__))


def left_open(unanswered: "ir.Table", merged_: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """Rules that could not be answered, except those whose cause was found at their tier or a graver one
    (`engine.findings.cannot_say`); one row for each person and tier it could have been."""
    rows = unanswered.inner_join(sayings, "code")
    known = merged_.select("person", "cause_key", known__="tier_rank")
    rows = rows.left_join(known, ["person", "cause_key"], rname="{name}__known")
    rows = rows.filter(rows.known__.isnull() | (rows.known__ > rows.tier_rank))
    return rows.group_by("person", "would_be").aggregate(
        code=rows.code.min(),
        unanswered=rows.rule.collect(distinct=True).sort(),
        soonest=(rows.severity % URGENCY_STEPS).min(),
    )


def findings(found: "ir.Table", unanswered: "ir.Table", sayings: "ir.Table", patients: "ir.Table") -> "ir.Table":
    """The findings table."""
    import ibis

    merged_ = merged(found, sayings)
    open_ = left_open(unanswered, merged_, sayings)
    told = ibis.union(_told(merged_), _cannot_say(open_, sayings))
    named = told.inner_join(patients.select("person", "patient"), "person")
    return named.select(*COLUMNS)


def _told(rows: "ir.Table") -> "ir.Table":
    return rows.select(*(name for name in COLUMNS if name != "patient"))


def _cannot_say(open_: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    import ibis

    standing_for = open_.select("person", "code", could_be__="would_be", soonest__="soonest")
    rows = shaped(open_, code=open_.code, unanswered=open_.unanswered)
    rows = rows.inner_join(standing_for, ["person", "code"]).inner_join(sayings, "code")
    standing = ibis.cases(*((rows.could_be__ == tier, rank) for tier, rank in COULD_BE.items()), else_=WORTH_KNOWING)
    rows = rows.mutate(
        drug=ibis.null("string"),
        kind=ibis.literal("cannot-say"),
        tier=ibis.literal("CANNOT SAY"),
        would_be=rows.could_be__,
        urgency=ibis.cases(*((rows.soonest__ == nth, name) for nth, name in enumerate(URGENCY)), else_=URGENCY[-1]),
        cause=ibis.literal("not known: what these rules need"),
        says=ibis.literal("Rules that could not be answered; open the patient to see what is missing."),
        verb=ibis.literal("ask"),
        action=ibis.literal("Open the patient: what would settle each is named there."),
        strength=ibis.literal("should"),
        severity=(standing * URGENCY_STEPS + rows.soonest__).cast("int64"),
        firmness=ibis.literal(VERBS.index("ask"), type="int64"),
    )
    return _told(rows)
