"""When a test was last done: of an analyte, a gene, a panel, or one of several that will do."""

from datetime import date

from rxvigil.engine.state import State
from rxvigil.knowledge.rules import Panel

Requirement = tuple[str, ...]
"""Keys of which one suffices; a single test is a group of one."""


def requirements(panel: Panel) -> tuple[Requirement, ...]:
    """What must be done for a panel to count as done."""
    return (*((key,) for key in panel.all), *panel.any)


def label(requirement: Requirement, state: State) -> str:
    """The requirement in words: 'ALT or AST'."""
    return " or ".join(_named(key, state) for key in requirement)


def _named(key: str, state: State) -> str:
    name = state.words.show(key)
    return f"{name} genotype" if state.words.kind_of(key) == "gene" else name


def last_done(state: State, requirement: Requirement) -> date | None:
    """The newest day on which one of the keys was done."""
    days = [day for key in requirement if (day := _last(state, key)) is not None]
    return max(days, default=None)


def all_done(state: State, requirement: Requirement) -> list[date]:
    """Every day on which one of the keys was done, oldest first."""
    days: set[date] = set()
    for key in requirement:
        days.update(_days(state, key))
    return sorted(days)


def _last(state: State, key: str) -> date | None:
    days = _days(state, key)
    return max(days, default=None)


def _days(state: State, key: str) -> set[date]:
    panel = state.words.panels.get(key)
    if panel is None:
        return _single(state, key)
    groups: list[Requirement] = [*((one,) for one in panel.all), *panel.any]
    found = [set().union(*(_days(state, one) for one in group)) for group in groups]
    return set.intersection(*found) if found else set()


def _single(state: State, key: str) -> set[date]:
    if state.words.kind_of(key) == "analyte":
        return {one.when.first for one in state.series.get(key, ())}
    if state.words.kind_of(key) == "gene":
        known = [one for one in state.record.genotypes if one.gene == key]
        return {
            one.when.first if one.when else date.min for one in known if one.when is None or one.when.first <= state.on
        }
    if state.words.kind_of(key) == "vaccine":
        members = state.words.members(key)
        given = [one for one in state.record.immunisations if one.vaccine in members and one.status == "given"]
        return {one.when.first for one in given if one.when.first <= state.on}
    events = [one for one in state.record.events if one.kind == key and one.status == "happened" and one.start]
    return {one.start.first for one in events if one.start and one.start.first <= state.on}
