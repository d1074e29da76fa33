"""Findings of a whole population: one for each cause, the most severe first, and what could not be answered.

They are found by number: which rule speaks, in whose words, which tests and further rules it names. Texts are joined
last, as many people are told the same.
"""

from typing import TYPE_CHECKING, Final

from rxvigil.cohort.found import COLUMNS as FOUND
from rxvigil.cohort.sets import gathered, members

if TYPE_CHECKING:
    import ibis.expr.types as ir

TOLD: Final = (*FOUND, "words")
"""Columns of findings by number. `code`: the rule that speaks and its source; `words`: what is said, which is another
row of `sayings` where a finding stands for rules that could not be answered."""
OF_THE_RULE: Final = ("rule", "ref", "where", "mark")
SETS: Final = ("tests", "also", "unanswered")
COLUMNS: Final = (
    "person", "patient", "drug", "rule", "kind", "tier", "cause", "says", "verb", "action", "urgency", "strength",
    "also", "would_be", "unanswered", "late_days", "due", "overdue_after", "tests", "severity", "firmness", "ref",
    "where", "mark",
)  # fmt: skip
"""Columns of the findings table: those of `engine.Finding` that hold for everybody of whom the rule fires. The facts a
row rests on, and the sentence with the patient's own values, are worked out by the evaluator of one patient when the
row is opened: person, rule and date name them."""
IN_WORDS: Final = tuple(name for name in COLUMNS if name not in (*OF_THE_RULE, *FOUND, "patient"))


def merged(found: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """One finding for each person and cause: the most severe leads, the others are named in `also`
    (`engine.findings.merge`). Most causes have one voice only, and nothing to merge."""
    import ibis

    columns = ("code", "cause_number", "alone", "severity", "firmness", "name", "tier")
    rows = found.inner_join(sayings.select(*columns), "code")
    alone, shared = rows.filter(rows.alone), rows.filter(~rows.alone)
    return ibis.union(alone.select(*FOUND), _merged(shared).select(*FOUND))


def _merged(rows: "ir.Table") -> "ir.Table":
    import ibis

    group = [rows.person, rows.cause_number]
    order = [rows.severity, -rows.late_days, rows.firmness, rows.code]
    nth, size = ibis.row_number().over(group_by=group, order_by=order), rows.person.count().over(group_by=group)
    rows = rows.mutate(nth=nth, size=size)
    leads = rows.filter(rows.nth == 0)
    rest = rows.inner_join(leads.select("person", "cause_number", lead="name"), ["person", "cause_number"])
    rest = rest.filter(rest.name != rest.lead)
    others = rest.group_by("person", "cause_number").aggregate(others=gathered(rest.name))
    joined = leads.left_join(others, ["person", "cause_number"], rname="{name}__other")
    joined = joined.left_join(_open_together(rows), ["person", "cause_number"], rname="{name}__open")
    nothing = ibis.null(joined.unanswered.type())
    return joined.mutate(
        also=ibis.ifelse(joined["size"] == 1, joined.also, joined.others),
        unanswered=ibis.ifelse(joined.tier == "CANNOT SAY", joined.together, nothing),
    )


def _open_together(rows: "ir.Table") -> "ir.Table":
    """The rules that findings of one cause leave open, all together: of one table beside each of two drugs."""
    some = rows.filter(rows.unanswered.notnull())
    each = some.select("person", "cause_number", rule=some.unanswered.unnest())
    return each.group_by("person", "cause_number").aggregate(together=gathered(each.rule))


def told(merged_: "ir.Table", left_open: "ir.Table") -> "ir.Table":
    """Findings by number."""
    import ibis

    return ibis.union(merged_.mutate(words=merged_.code).select(*TOLD), left_open.select(*TOLD))


def findings(told_: "ir.Table", sayings: "ir.Table", names: "ir.Table", patients: "ir.Table") -> "ir.Table":
    """The findings table."""
    rows = told_.inner_join(patients.select("person", "patient"), "person")
    rows = rows.inner_join(sayings.select("code", *OF_THE_RULE), "code")
    rows = rows.inner_join(sayings.select(*IN_WORDS, words="code"), "words")
    for column in SETS:
        texts = _in_words(members(told_, column), column, names)
        rows = rows.left_join(texts, column, rname="{name}__set")
    return rows.mutate(**{name: rows[f"{name}__names"] for name in SETS}).select(*COLUMNS)


def _in_words(sets: "ir.Table", column: str, names: "ir.Table") -> "ir.Table":
    named = sets.inner_join(names, sets.member == names.number)
    return named.group_by(column).aggregate(**{f"{column}__names": named.name.collect(distinct=True).sort()})
