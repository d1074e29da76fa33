"""Which blood test is due when, for a whole population: `engine.monitoring` as relations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from rxvigil.cohort.calendar import added, literal_day
from rxvigil.cohort.choice import choosable, monitored_in
from rxvigil.cohort.done import latest, tests_done
from rxvigil.cohort.in_use import IN_DOUBT, LAID_OUT, NO_START, NOT_CONCERNED, OPEN, InUse, last_in
from rxvigil.cohort.often import tested_again, too_often
from rxvigil.cohort.part import Context
from rxvigil.cohort.stretches import Stretches, lay_out
from rxvigil.cohort.timetable import (
    WHOLE,
    Timetable,
    faithful,
    may_be_denser,
    slots,
    table_of_schedules,
    table_of_tests,
    timetables,
)
from rxvigil.cohort.truth import holds
from rxvigil.engine.choose import Wanted
from rxvigil.knowledge.book import RuleBook

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.choice import Asks
    from rxvigil.cohort.steps import Steps

COLUMNS: Final = {
    "person": "int64", "drug": "string", "protocol": "string", "rule": "string", "test": "string", "status": "string",
    "due": "date", "overdue_after": "date", "last": "date", "strength": "string", "often": "boolean",
    "borrowed": "boolean",
}  # fmt: skip


_STANDING: Final = ("person", "number", "slot", "status", "due", "overdue_after", "last", "often")
_ASKED: Final = ("number", "slot", "drug", "protocol", "rule", "test", "strength", "borrowed")


class Standing(NamedTuple):
    """Where the clocks stand, by number: `clocks` has one row for each requirement of each schedule in use of each
    person, `asked` says which that is."""

    clocks: "ir.Table"
    asked: "ir.Table"


def clocks(
    context: Context,
    book: RuleBook,
    wanted: Wanted,
    state: "ir.Table",
    choices: "ir.Table",
    courses: "ir.Table",
    dose_steps: "ir.Table",
    newest: "ir.Table",
    ask: "Asks",
    steps: "Steps",
) -> Standing | None:
    """Step `clocks`: (person, drug, protocol, rule, test, status, due, overdue_after, last, strength, often, borrowed),
    one row for each requirement of each schedule in use. `protocol` and `rule` are the lender's where it is borrowed;
    `due` and `overdue_after` are kept where it cannot be said whether they hold (`engine.monitoring.Clock`). The answer
    is the same by number, in the steps `clock_standing` and `clocks_asked`; none without a schedule."""
    chosen = choosable(book, wanted, monitored_in(state, book), context.on)
    tables = timetables(chosen, book)
    if not tables:
        steps.add("clocks_asked", _nothing(state, _ASKED))
        steps.add("clock_standing", _nothing(state, _STANDING))
        steps.add("clocks", _nothing(state, tuple(COLUMNS)))
        return None
    done = tests_done(context, chosen, book, state, choices, newest, steps)
    schedules = steps.add("schedules", table_of_schedules(tables))
    in_use = InUse(context, tables, done, schedules, ask).relation(state, choices, courses, dose_steps, steps)
    people = in_use.filter(in_use.reading == LAID_OUT)
    again = steps.add("tested_again", tested_again(context, tables, people))
    laid = lay_out(context, tables, people, dose_steps, again, steps)
    asked = _Clocks(context, tables)
    due = steps.add("clock_due", asked.due(laid))
    tests = steps.add("clock_tests", table_of_tests(tables))
    often = steps.add("tests_too_often", too_often(context, tables, tests, laid.rhythms, again, steps))
    names = steps.add("clocks_asked", tests.inner_join(schedules, "number").select(*_ASKED))
    standing = steps.add("clock_standing", asked.standing(in_use, due, often, schedules, tests))
    steps.add("clocks", standing.inner_join(names, ["number", "slot"]).select(*COLUMNS))
    return Standing(standing, names)


def clocks_singly(book: RuleBook, wanted: Wanted, choices: "ir.Table") -> "ir.Table | None":
    """(person, reason) of those whose schedule has fixed days in an order that columns do not hold; none where no
    schedule has."""
    import ibis

    unfaithful = {
        key
        for key, protocol in book.protocols.items()
        if any(one.source.mark != "memory" and not faithful(one) for one in protocol.schedule)
    }
    borrowing = {
        key for key, one in book.protocols.items() if one.schedule_from and one.schedule_from.protocol in unfaithful
    }
    if not unfaithful:
        return None
    rows = choices.filter(choices.protocol.isin(sorted(unfaithful | borrowing))).select("person").distinct()
    return rows.mutate(reason=ibis.literal("a schedule with fixed days that are not in the order of time"))


def _nothing(state: "ir.Table", columns: tuple[str, ...]) -> "ir.Table":
    import ibis

    shapes = COLUMNS | {"number": WHOLE, "slot": WHOLE}
    return state.filter(ibis.literal(False)).select(**{name: ibis.null(shapes[name]) for name in columns})


@dataclass(frozen=True)
class _Clocks:
    """When the tests of schedules laid out are due, and where each clock stands."""

    context: Context
    tables: Sequence[Timetable]

    @property
    def _perhaps(self) -> bool:
        """Whether any schedule has a modifier of which not knowing leaves it in doubt."""
        return any(may_be_denser(modifier, self.context.words) for one in self.tables for modifier in one.modifiers)

    def due(self, laid: Stretches) -> "ir.Table":
        """(person, number, due_0, late_0, strict_0, due_1 ...): the earliest day on which any stretch asks for the test
        of each slot, and from when it is overdue; `strict`: due, if the modifiers hold of which that is not known."""
        import ibis

        found = self._every(_still_wanted(laid.rhythms, laid.ends))
        if laid.fixed is not None:
            found = ibis.union(found, self._fixed(_still_wanted(laid.fixed, laid.ends)))
        return found.group_by("person", "number").aggregate(
            **{name: found[name].min() for name in found.columns if name not in ("person", "number")}
        )

    def _every(self, rows: "ir.Table") -> "ir.Table":
        found: dict[str, ir.Value] = {}
        for slot in range(slots(self.tables)):
            base = latest([rows[last_in(slot)], rows.floor])
            asked = rows.until > latest([rows[last_in(slot)], rows.counts])
            found[f"due_{slot}"] = _where(asked, added(base, rows.due_months, rows.due_days))
            found[f"late_{slot}"] = _where(asked, added(base, rows.late_months, rows.late_days))
            if self._perhaps:
                found[f"strict_{slot}"] = _where(asked, added(base, rows.strict_months, rows.strict_days))
        return rows.select("person", "number", **found)

    def _fixed(self, rows: "ir.Table") -> "ir.Table":
        """The first fixed day that no test has answered."""
        found: dict[str, ir.Value] = {}
        for slot in range(slots(self.tables)):
            since = latest([rows[last_in(slot)], rows.start])
            asked = rows.until > latest([rows[last_in(slot)], rows.counts])
            asked &= (since < rows.answered) & (rows.after.isnull() | (since >= rows.after))
            found |= {f"due_{slot}": _where(asked, rows.due), f"late_{slot}": _where(asked, rows.late)}
            if self._perhaps:
                found[f"strict_{slot}"] = _where(asked, rows.due)
        return rows.select("person", "number", **found)

    # ------------------------------------------------------------------------------------------------- where it stands

    def standing(
        self, in_use: "ir.Table", due: "ir.Table", often: "ir.Table", schedules: "ir.Table", tests: "ir.Table"
    ) -> "ir.Table":
        """(person, number, slot, status, due, overdue_after, last, often) of every clock."""
        import ibis

        lengths = [name for name in schedules.columns if name.endswith(("_months", "_days"))]
        asked = tests.select("number", "slot").inner_join(schedules.select("number", *lengths), "number")

        def read_as(*readings: int) -> "ir.Table":
            return in_use.filter(in_use.reading.isin(readings)).inner_join(asked, "number")

        laid = self._as_laid_out(read_as(LAID_OUT), due, often)
        undated = self._without_start(read_as(NO_START))
        others = self._not_laid_out(read_as(OPEN, NOT_CONCERNED, IN_DOUBT))
        return ibis.union(*(one.select(*_STANDING) for one in (laid, undated, others)))

    def _in_slot(self, name: str, rows: "ir.Table") -> "ir.DateValue":
        import ibis

        known = [slot for slot in range(slots(self.tables)) if f"{name}_{slot}" in rows.columns]
        cases = [(rows.slot == slot, rows[f"{name}_{slot}"]) for slot in known]
        return ibis.cases(*cases, else_=ibis.null("date")) if cases else ibis.null("date")

    def _as_laid_out(self, rows: "ir.Table", due: "ir.Table", often: "ir.Table") -> "ir.Table":
        """Where clocks stand by their schedule. It cannot be said where a modifier that perhaps holds would make the
        test due, nor where only a dose that nobody recorded keeps the test wanted."""
        import ibis

        on = literal_day(self.context.on)
        rows = rows.left_join(due, ["person", "number"], rname="{name}__due")
        rows = rows.left_join(often, ["person", "number", "slot"], rname="{name}__often")
        rows = rows.mutate(**{name: self._in_slot(name, rows) for name in ("last", "due", "late", "strict")})
        asked = added(latest([rows["last"], rows.start]), rows.steady_months, rows.steady_days)
        late = holds(rows.due <= on)
        status = ibis.cases(
            (
                late & rows.dose_unknown & ibis.cases((rows.dose_unknown, ~holds(asked <= on)), else_=False),
                "cannot say",
            ),
            (rows.late < on, "overdue"),
            (late, "due"),
            (holds(rows.strict <= on), "cannot say"),
            (rows.due.isnull(), "not required"),
            else_="in date",
        )
        rows = rows.mutate(status=status, overdue_after=rows.late)
        return rows.mutate(often=holds(rows.often) & (rows.status == "in date"))

    def _without_start(self, rows: "ir.Table") -> "ir.Table":
        """Start not known: certain only when the sparsest phase is overdue, or the densest still in date."""
        import ibis

        on, nothing = literal_day(self.context.on), ibis.null("date")
        rows = rows.mutate(last=self._in_slot("last", rows))
        last = rows["last"]
        late = added(last, rows.late_months, rows.late_days)
        early = added(last, rows.densest_months, rows.densest_days)
        late_then = added(last, rows.late_at_densest_months, rows.late_at_densest_days)
        overdue, in_date = holds(late < on), holds(early > on)
        due = added(last, rows.steady_months, rows.steady_days)
        return rows.mutate(
            status=ibis.cases((overdue, "overdue"), (in_date, "in date"), else_="cannot say"),
            due=ibis.cases((overdue, due), (in_date, early), else_=nothing),
            overdue_after=ibis.cases((overdue, late), (in_date, late_then), else_=nothing),
            often=ibis.literal(False),
        )

    def _not_laid_out(self, rows: "ir.Table") -> "ir.Table":
        """Not for this patient, or nobody knows whether it is, or whether the drug is taken."""
        import ibis

        return rows.mutate(
            status=ibis.cases((rows.reading == NOT_CONCERNED, "not required"), else_="cannot say"),
            last=self._in_slot("last", rows),
            due=ibis.null("date"),
            overdue_after=ibis.null("date"),
            often=ibis.literal(False),
        )


def _still_wanted(rows: "ir.Table", ends: "ir.Table | None") -> "ir.Table":
    """Without what a schedule asked for before it came to its end. A stretch counts where it ends after `counts` and
    after the last test; its days count from `floor`."""
    counts = rows.start
    if ends is not None:
        rows = rows.left_join(ends, ["person", "number"], rname="{name}__ends")
        rows = rows.filter(~holds(rows.over))
        counts = latest([rows.ended, rows.start])
    return rows.mutate(counts=counts, floor=latest([rows.begin, rows.start]))


def _where(asked: "ir.BooleanValue", day: "ir.DateValue") -> "ir.DateValue":
    import ibis

    return ibis.cases((asked, day), else_=ibis.null("date"))
