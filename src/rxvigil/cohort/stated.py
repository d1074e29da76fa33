"""The value stated with the newest event of a kind: a response to treatment, a contraceptive."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context, column

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir


def value_column(kind: str) -> str:
    """The value stated last; null: none was."""
    return column("event", kind, "value")


def several_column(kind: str) -> str:
    """Whether the newest day has several values: which of them is the newest is then a matter of their ids."""
    return column("event", kind, "several")


def until_column(kind: str) -> str:
    """The last day that the newest event can mean; of several on the newest day the latest."""
    return column("event", kind, "until")


def unsure_column(kind: str) -> str:
    """Whether events of the newest day differ in the last day that they can mean."""
    return column("event", kind, "unsure")


@dataclass(frozen=True)
class StatedValues:
    """The newest value of some kinds of event, each a column."""

    context: Context
    kinds: tuple[str, ...]
    undated: "date"
    """The day for which an event without a date counts."""

    def relation(self) -> "ir.Table | None":
        """One row for each person with a value of any of these kinds (`engine.ask_others.event_value`)."""
        if not self.kinds:
            return None
        newest = self._newest()
        found: dict[str, ir.Value] = {}
        for kind in self.kinds:
            mine = newest.kind == kind
            low, high = newest.value.min(where=mine), newest.value.max(where=mine)
            begin, until = newest.until.min(where=mine), newest.until.max(where=mine)
            found |= {value_column(kind): high, several_column(kind): low != high}
            found |= {until_column(kind): until, unsure_column(kind): begin != until}
        return newest.group_by("person").aggregate(**found)

    def _newest(self) -> "ir.Table":
        """Events of the newest day on which a value was stated, for each person and kind."""
        import ibis

        events, on = self.context.facts.events, literal_day(self.context.on)
        known = events.start_first.isnull() | (events.start_first <= on)
        rows = events.filter(events.kind.isin(self.kinds) & (ibis.coalesce(events.value, "") != "") & known)
        undated = literal_day(self.undated)
        day, until = ibis.coalesce(rows.start_first, undated), ibis.coalesce(rows.start_last, undated)
        rows = rows.select("person", "kind", "value", day=day, until=until)
        rows = rows.mutate(newest=rows.day.max().over(group_by=[rows.person, rows.kind]))
        return rows.filter(rows.day == rows.newest)
