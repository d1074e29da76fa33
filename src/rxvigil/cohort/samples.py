"""What a sample can tell of a dose, for a whole population: `engine.ask_samples` as columns and truths.

The day of the newest result is compared with the steps of the dose: how long the dose had been the same on that day,
how long the course had run, and whether the dose has changed since.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import after, literal_day
from rxvigil.cohort.newest import side_by_side, where
from rxvigil.cohort.part import Answers, Context, column
from rxvigil.cohort.reassuring import oldest
from rxvigil.cohort.truth import always, decide, holds
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import parse_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

OF_A_SAMPLE = frozenset({"stable-at-sample", "time-on-at-sample", "dose-changed-since"})


@dataclass(frozen=True)
class SamplesPart:
    """Columns for each analyte and drug asked about. `newest` and `dose_steps`: the steps of those names; `medicines`:
    what answers whether a drug is taken."""

    context: Context
    atoms: Collection[Atom]
    newest: "ir.Table"
    dose_steps: "ir.Table"
    medicines: Answers

    @cached_property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({(atom.subject, atom.this) for atom in self.atoms if atom.this is not None}))

    def relation(self) -> "ir.Table | None":
        """One row for each person with a result of one of the analytes."""
        if not self._pairs:
            return None
        people = self.context.facts.patients.select("person")
        return side_by_side(people, [self._pair(analyte, drug) for analyte, drug in self._pairs])

    def _pair(self, analyte: str, drug: str) -> "ir.Table":
        """The day of the newest result, and the steps of the dose around it."""
        import ibis

        sampled = self.newest.filter(self.newest.analyte == analyte).select("person", "day", "day_last")
        steps = self.dose_steps.filter(self.dose_steps.drug == drug)
        rows = sampled.left_join(steps, "person", rname="{name}__step")
        unknown = rows.since.notnull() & rows.dose_high.isnull()
        at_sample = (rows.since <= rows.day) & (rows.next_since.isnull() | holds(rows.next_since > rows.day))
        last = rows.next_since.isnull()

        def name(what: str) -> str:
            return column(analyte, drug, what)

        return rows.group_by("person").aggregate(
            **{
                name("day"): rows.day.max(),
                name("day_last"): rows.day_last.max(),
                name("first"): rows.since.min(),
                name("last"): rows.since.max(),
                name("since"): where(at_sample, rows.since).max(),
                name("unknown_then"): ibis.ifelse(at_sample & unknown, 1, 0).max(),
                name("unknown_now"): ibis.ifelse(last & unknown, 1, 0).max(),
            }
        )

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of an atom about a sample."""
        import ibis

        if atom.this is None:
            return always(UNKNOWN)
        running = self.medicines.truth(Atom(atom.this, "active"), row)
        first = row[column(atom.subject, atom.this, "first")]
        return ibis.cases(
            (~self._is_near(atom.subject, atom.this, row), always(UNKNOWN)),
            (running != YES, running),
            (first.isnull(), always(UNKNOWN)),
            else_=self._told(atom, row),
        )

    def _is_near(self, analyte: str, drug: str, row: "ir.Table") -> "ir.BooleanValue":
        """Whether there is a newest result within reach (`State.latest`)."""
        day_last = row[column(analyte, drug, "day_last")]
        near = holds(day_last >= literal_day(oldest(self.context, analyte)))
        start = column(drug, "start")
        return near | holds(day_last >= row[start]) if start in row.columns else near

    def _told(self, atom: Atom, row: "ir.Table") -> "Truth":
        import ibis

        def at(what: str) -> "ir.Value":
            return row[column(atom.subject, atom.this or "", what)]

        day = at("day")
        match atom.measure:
            case "stable-at-sample":
                unclear = holds(at("unknown_then") == 1)
                return ibis.cases(
                    (holds(at("first") > day), always(NO)),
                    (unclear, always(UNKNOWN)),
                    else_=_compared(atom, day, at("since")),
                )
            case "time-on-at-sample":
                return ibis.cases((holds(at("first") > day), always(NO)), else_=_compared(atom, day, at("first")))
            case "dose-changed-since":
                unclear = holds(at("unknown_now") == 1)
                return ibis.cases((holds(at("last") > day), always(YES)), (unclear, always(UNKNOWN)), else_=always(NO))
        raise ValueError(f"'{atom.subject}.{atom.measure}' is no measure of a sample")


def _compared(atom: Atom, day: "ir.DateValue", since: "ir.DateValue") -> "Truth":
    if atom.operator is None or atom.value is None:
        raise ValueError(f"'{atom.subject}.{atom.measure}' has to be compared with a length of time")
    full = after(parse_duration(str(atom.value)), since)
    found = {">=": day >= full, ">": day > full, "<": day < full, "<=": day <= full, "=": day == full}[atom.operator]
    return decide(found, ~found)
