"""When tests were last done, for a whole population: `engine.done` as relations.

What is newest of each analyte is known already. A panel whose parts were all done on their newest day was done on that
day; only where those days differ are its days worked out from the results.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.choice import Choosable, lenders
from rxvigil.cohort.newest import where
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.steps import stacked
from rxvigil.cohort.truth import holds
from rxvigil.engine.done import Requirement, requirements
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps

UNDATED: Final = date.min
"""The day of a genotype that does not say when it was found (`engine.done`)."""


@dataclass(frozen=True)
class Done:
    """The days on which requirements were last done."""

    table: "ir.Table"
    """One row for each person asked about, a column for each key; null: never."""

    def last(self, requirement: Requirement, row: "ir.Table") -> "ir.DateValue":
        """The newest day on which one of the keys was done, from columns of `table` joined to `row`."""
        return latest([row[_day(key)] for key in requirement])


def tests_done(
    context: Context,
    chosen: Iterable[Choosable],
    book: RuleBook,
    state: "ir.Table",
    choices: "ir.Table",
    newest: "ir.Table",
    steps: "Steps",
) -> Done:
    """Step `tests_done`: when each test that a chosen protocol speaks of was last done. It is worked out once, for
    whoever asks first."""
    import ibis

    known = next((step for step in steps if step.name == "tests_done"), None)
    if known:
        return Done(ibis.table(known.relation.schema(), name=known.name))
    words, asked = context.words, tuple(sorted(_keys(chosen, book)))
    parts = tuple(sorted({part for key in asked for part in parts_of(key, words)}))
    simple = steps.add("tests_done_parts", _parts(context, parts, state.semi_join(choices, "person"), newest))
    panels = [key for key in asked if _needs_all(key, words)]
    if panels:
        looked_up = steps.add("tests_done_panels", _panel_days(context, panels, simple))
        simple = simple.left_join(looked_up, "person", rname="{name}__other").drop("person__other")
    days = {_day(key): newest_day(key, simple, words) for key in asked}
    return Done(steps.add("tests_done", simple.select("person", **days)))


def _keys(chosen: Iterable[Choosable], book: RuleBook) -> set[str]:
    """Every key of which a schedule or a test before starting speaks."""
    chosen = tuple(chosen)
    panels = [one.panel for each in chosen for lender in lenders(each, book) for one in lender.schedule]
    panels += [test.panel for each in chosen for test in each.protocol.baseline]
    return {key for panel in panels for requirement in requirements(panel) for key in requirement}


def _day(key: str) -> str:
    return column("done", key)


def latest(days: "list[ir.DateValue]") -> "ir.DateValue":
    """The latest of several days; null only where all are."""
    return reduce(_later, days)


def _later(one: "ir.DateValue", other: "ir.DateValue") -> "ir.DateValue":
    import ibis

    return ibis.cases((one.isnull(), other), (other.isnull(), one), (one >= other, one), else_=other)


# ------------------------------------------------------------------------------------------------------------- panels


def parts_of(key: str, words: Vocabulary) -> Iterator[str]:
    """The single tests of a panel, at any depth; a single test is its own part."""
    if key not in words.panels:
        yield key
        return
    for group in _groups(key, words):
        for part in group:
            yield from parts_of(part, words)


def parts_of_first_group(key: str, words: Vocabulary) -> Iterator[str]:
    """Single tests of which one at least is done on every day on which the key is."""
    if key not in words.panels:
        yield key
        return
    for part in _groups(key, words)[0]:
        yield from parts_of_first_group(part, words)


def _groups(panel: str, words: Vocabulary) -> tuple[Requirement, ...]:
    entry = words.panels[panel]
    return (*((one,) for one in entry.all), *entry.any)


def _needs_all(key: str, words: Vocabulary) -> bool:
    """Whether it is a panel, or has panels among its parts, of which several groups must be of one day."""
    if key not in words.panels:
        return False
    groups = _groups(key, words)
    return len(groups) != 1 or any(_needs_all(part, words) for group in groups for part in group)


def newest_day(key: str, row: "ir.Table", words: Vocabulary) -> "ir.DateValue":
    """The day a key was last done, from the newest days of its parts where these agree, else as looked up."""
    import ibis

    if key not in words.panels:
        return row[column("part", key)]
    if not _needs_all(key, words):
        return latest([newest_day(part, row, words) for part in _groups(key, words)[0]])
    agree, day = _agreed(key, row, words)
    return ibis.ifelse(agree, day, row[column("panel", key)])


def _agreed(key: str, row: "ir.Table", words: Vocabulary) -> "tuple[ir.BooleanValue, ir.DateValue]":
    """Whether the newest days of single tests settle when a key was last done, and that day."""
    import ibis

    if key not in words.panels:
        return ibis.literal(True), row[column("part", key)]
    groups = [[_agreed(part, row, words) for part in group] for group in _groups(key, words)]
    days = [latest([day for _, day in group]) for group in groups]
    sure = [flag for group in groups for flag, _ in group]
    return _all([*sure, *(holds(days[0] == day) for day in days[1:])]), days[0]


def _all(flags: "list[ir.BooleanValue]") -> "ir.BooleanValue":
    return reduce(lambda one, other: one & other, flags)


def _flat(group: Requirement, words: Vocabulary) -> tuple[str, ...]:
    return tuple(part for key in group for part in parts_of(key, words))


def on_that_day(key: str, row: "ir.Table", words: Vocabulary) -> "ir.BooleanValue":
    """Whether a key was done on the day of the row, of which columns say which single tests were."""
    if key not in words.panels:
        return row[column("has", key)]
    groups = [
        reduce(lambda one, other: one | other, (on_that_day(part, row, words) for part in group))
        for group in _groups(key, words)
    ]
    return _all(groups)


def _panel_days(context: Context, panels: list[str], simple: "ir.Table") -> "ir.Table":
    """The last day of each panel, for those whose newest days do not agree."""
    words = context.words
    open_ = [~_agreed(panel, simple, words)[0] & _all_known(panel, simple, words) for panel in panels]
    people = simple.filter(reduce(lambda one, other: one | other, open_)).select("person")
    parts = tuple(sorted({part for panel in panels for part in parts_of(panel, words)}))
    days = by_day(test_days(context, parts).semi_join(people, "person"), parts)
    latest_ = {column("panel", panel): days.day.max(where=on_that_day(panel, days, words)) for panel in panels}
    return days.group_by("person").aggregate(**latest_)


def _all_known(panel: str, row: "ir.Table", words: Vocabulary) -> "ir.BooleanValue":
    days = [latest([row[column("part", part)] for part in _flat(group, words)]) for group in _groups(panel, words)]
    return _all([day.notnull() for day in days])


# --------------------------------------------------------------------------------------------------------- single tests


def _parts(context: Context, parts: tuple[str, ...], people: "ir.Table", newest: "ir.Table") -> "ir.Table":
    """One row for each person: the newest day of every single test."""
    analytes = tuple(part for part in parts if context.words.kind_of(part) == "analyte")
    others = tuple(part for part in parts if part not in analytes)
    rows = people.select("person")
    if analytes:
        rows = _with(rows, newest.select("person", key=newest.analyte, day=newest.day), analytes)
    return _with(rows, _of_other_kinds(context, others), others) if others else rows


def _with(rows: "ir.Table", days: "ir.Table", keys: tuple[str, ...]) -> "ir.Table":
    mine = days.filter(days.key.isin(keys))
    wide = mine.group_by("person").aggregate(
        **{column("part", key): where(mine.key == key, mine.day).max() for key in keys}
    )
    return rows.left_join(wide, "person", rname="{name}__other").drop("person__other")


def test_days(context: Context, keys: tuple[str, ...]) -> "ir.Table":
    """(person, key, day): every day on which a single test was done, as far as it counts on the date."""

    analytes = tuple(key for key in keys if context.words.kind_of(key) == "analyte")
    others = tuple(key for key in keys if key not in analytes)
    found = [_of_results(context, analytes)] if analytes else []
    found += [_of_other_kinds(context, others)] if others else []
    return stacked(found)


def _of_results(context: Context, analytes: tuple[str, ...]) -> "ir.Table":
    """A result that may lie after the date is never used (`engine.series.results_by_analyte`)."""
    rows, on = context.facts.results, literal_day(context.on)
    vague = rows.when_precision.isin(("year", "month")) & (rows.when_first <= on)
    counted = rows.filter(rows.analyte.isin(analytes) & ((rows.when_last <= on) | vague))
    return counted.select("person", key=counted.analyte, day=counted.when_first)


def _of_other_kinds(context: Context, keys: tuple[str, ...]) -> "ir.Table":

    found = [_of_other_kind(context, key) for key in keys]
    return stacked(found)


def _of_other_kind(context: Context, key: str) -> "ir.Table":
    """The days of a gene's test, of a vaccination, or of an event."""
    import ibis

    facts, words, on = context.facts, context.words, literal_day(context.on)
    match words.kind_of(key):
        case "gene":
            rows = facts.genotypes.filter(facts.genotypes.gene == key)
            day = ibis.coalesce(rows.when_first, literal_day(UNDATED))
        case "vaccine":
            given = facts.immunisations
            rows = given.filter(given.vaccine.isin(sorted(words.members(key))) & (given.status == "given"))
            day = rows.when_first
        case _:
            rows = facts.events.filter((facts.events.kind == key) & (facts.events.status == "happened"))
            day = rows.start_first
    days = rows.select("person", key=ibis.literal(key), day=day)
    return days.filter(days.day <= on)


def by_day(days: "ir.Table", keys: tuple[str, ...]) -> "ir.Table":
    """(person, day, has__key ...): which of these single tests were done on each day."""
    return days.group_by("person", "day").aggregate(**{column("has", key): (days.key == key).any() for key in keys})


def numbered(requirements: Iterable[Requirement]) -> Mapping[Requirement, int]:
    """A number for each requirement."""
    return {requirement: number for number, requirement in enumerate(dict.fromkeys(requirements))}
