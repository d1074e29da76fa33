"""Which blood test is due when, for a whole population: `engine.monitoring` as relations."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.choice import Choosable, choosable, monitored_in
from rxvigil.cohort.done import Done, last_done, latest, numbered
from rxvigil.cohort.often import too_often
from rxvigil.cohort.part import Context
from rxvigil.cohort.stretches import Stretches, added, lay_out
from rxvigil.cohort.timetable import (
    OFF,
    ON,
    PERHAPS,
    WHOLE,
    Timetable,
    faithful,
    may_be_denser,
    table_of_schedules,
    table_of_tests,
    timetables,
)
from rxvigil.cohort.truth import always
from rxvigil.engine.choose import Wanted
from rxvigil.engine.done import Requirement, requirements
from rxvigil.engine.kleene import NO, UNKNOWN, YES
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
OPEN, NOT_CONCERNED, IN_DOUBT, NO_START, LAID_OUT = range(5)
"""How a clock is read: the drug is perhaps not taken; the schedule is not for this patient; perhaps it is not; the
start of the course is not known; from the schedule as laid out in time."""


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
) -> "ir.Table":
    """Step `clocks`: (person, drug, protocol, rule, test, status, due, overdue_after, last, strength, often, borrowed),
    one row for each requirement of each schedule in use. `protocol` and `rule` are the lender's where it is borrowed;
    `due` and `overdue_after` are kept where it cannot be said whether they hold (`engine.monitoring.Clock`)."""
    chosen = choosable(book, wanted, monitored_in(state, book), context.on)
    tables = timetables(chosen, book)
    if not tables:
        return steps.add("clocks", _nothing(state))
    asked = tuple(dict.fromkeys(key for one in tables for key in requirements(one.schedule.panel)))
    keys = [key for requirement in asked for key in requirement]
    done = last_done(context, keys, choices.select("person").distinct(), newest, steps, "clock_done")
    making = _Clocks(context, tables, asked, done, steps)
    return making.clocks(state, choices, courses, dose_steps, ask)


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


def _nothing(state: "ir.Table") -> "ir.Table":
    import ibis

    empty = {name: ibis.null(shape) for name, shape in COLUMNS.items() if name != "person"}
    return state.filter(ibis.literal(False)).select("person", **empty)


@dataclass(frozen=True)
class _Clocks:
    """The clocks of a plan in the making."""

    context: Context
    tables: tuple[Timetable, ...]
    asked: tuple[Requirement, ...]
    done: Done
    steps: "Steps"

    def clocks(
        self, state: "ir.Table", choices: "ir.Table", courses: "ir.Table", dose_steps: "ir.Table", ask: "Asks"
    ) -> "ir.Table":
        schedules = self.steps.add("schedules", table_of_schedules(self.tables))
        in_use = self._in_use(state, choices, courses, dose_steps, schedules, ask)
        tests = self.steps.add("clock_tests", table_of_tests(self.tables, numbered(self.asked)))
        rows = self.steps.add("clock_rows", self._rows(in_use, tests))
        laid = lay_out(self.context, self.tables, in_use.filter(in_use.reading == LAID_OUT), dose_steps, self.steps)
        due = self.steps.add("clock_due", self._due(rows, laid))
        standing = self.steps.add("clock_standing", self._standing(rows, due, schedules))
        often = too_often(self.context, self.tables, self.asked, standing, laid.rhythms, self.steps)
        return self.steps.add("clocks", self._told(standing, often, tests, schedules))

    # ------------------------------------------------------------------------------------------------- who is on what

    def _in_use(
        self,
        state: "ir.Table",
        choices: "ir.Table",
        courses: "ir.Table",
        dose_steps: "ir.Table",
        schedules: "ir.Table",
        ask: "Asks",
    ) -> "ir.Table":
        """Step `clock_courses`: one row for each schedule that a person is on, with what decides how it is read."""
        import ibis

        keyed = choices.rename(chosen="protocol")
        rows = keyed.inner_join(
            schedules.select("number", "drug", "chosen", "together"), ["drug", "chosen", "together"]
        )
        rows = self._with_start(rows.select("person", "drug", "number", "chosen", "together", "taken"), courses)
        rows = self._with_conditions(rows, state, ask)
        unknown = dose_steps.filter(dose_steps.dose_high.isnull()).select("person", "drug").distinct()
        unknown = unknown.mutate(dose_unknown=ibis.literal(True))
        rows = rows.left_join(unknown, ["person", "drug"], rname="{name}__unknown")
        reading = ibis.cases(
            (rows.taken != YES, OPEN),
            (rows.concerns == NO, NOT_CONCERNED),
            (rows.concerns == UNKNOWN, IN_DOUBT),
            (rows.start.isnull(), NO_START),
            else_=LAID_OUT,
        )
        rows = rows.select(
            "person", "drug", "number", "start", "stance",
            reading=reading.cast("int8"), dose_unknown=ibis.coalesce(rows.dose_unknown, ibis.literal(False)),
        )  # fmt: skip
        rows = rows.left_join(self.done.table, "person", rname="{name}__done").drop("person__done")
        rows = rows.mutate(earliest=self._earliest(rows))
        return self.steps.add("clock_courses", rows)

    def _with_start(self, rows: "ir.Table", courses: "ir.Table") -> "ir.Table":
        """The day from which clocks count: for a combination the day the last of its drugs was added."""
        import ibis

        starts = courses.select("person", "drug", own="start")
        rows = rows.left_join(starts, ["person", "drug"], rname="{name}__course")
        together = {one.chosen.protocol.id: one.chosen for one in self.tables if one.chosen.together}
        if not together:
            return rows.select("person", "drug", "number", "taken", start="own")
        later = reduce(ibis.union, (self._of_partners(one, courses) for one in together.values()))
        rows = rows.left_join(later, ["person", "chosen", "together"], rname="{name}__later")
        start = ibis.cases((rows.partners.notnull(), rows.later), else_=rows.own)
        return rows.select("person", "drug", "number", "taken", start=start)

    def _of_partners(self, one: Choosable, courses: "ir.Table") -> "ir.Table":
        import ibis

        drugs = {drug for subject in one.protocol.applies.together for drug in self.context.words.members(subject)}
        mine = courses.filter(courses.drug.isin(sorted(drugs)) & (courses.active == YES))
        found = mine.group_by("person").aggregate(
            partners=mine.count(), known=mine.start.count(), last=mine.start.max()
        )
        later = ibis.cases((found.partners == found.known, found["last"]), else_=ibis.null("date"))
        return found.select(
            "person",
            "partners",
            chosen=ibis.literal(one.protocol.id),
            together=ibis.literal(True),
            later=later,
        )

    def _with_conditions(self, rows: "ir.Table", state: "ir.Table", ask: "Asks") -> "ir.Table":
        """`concerns`: whether the schedule is for this patient; `stance`: which of its modifiers hold."""
        import ibis

        concerns = [(one, ask(one.schedule.only_if, one.chosen.drug)) for one in self.tables if one.schedule.only_if]
        modified = [(one, self._stance(one, ask)) for one in self.tables if one.modifiers]
        if not concerns and not modified:
            return rows.mutate(concerns=always(YES), stance=ibis.literal(0, type=WHOLE))
        answers = {f"concerns_{one.number}": truth for one, truth in concerns}
        answers |= {f"stance_{one.number}": stance for one, stance in modified}
        rows = rows.left_join(state.select("person", **answers), "person", rname="{name}__state")
        return rows.mutate(
            concerns=_by_number(rows, "concerns", [one for one, _ in concerns], always(YES)),
            stance=_by_number(rows, "stance", [one for one, _ in modified], ibis.literal(0, type=WHOLE)),
        )

    def _stance(self, one: Timetable, ask: "Asks") -> "ir.IntegerValue":
        import ibis

        places: list[ir.IntegerValue] = []
        for place, modifier in enumerate(one.modifiers):
            truth = ask(modifier.when, one.chosen.drug)
            perhaps = PERHAPS if may_be_denser(modifier, self.context.words) else OFF
            places.append(ibis.cases((truth == YES, ON * 3**place), (truth == UNKNOWN, perhaps * 3**place), else_=OFF))
        total: ir.IntegerValue = reduce(lambda left, right: left + right, places).cast(WHOLE)
        return total

    def _earliest(self, rows: "ir.Table") -> "ir.DateValue":
        """The first day after which any test of the schedule may be wanted."""
        import ibis

        groups: dict[tuple[Requirement, ...], list[int]] = {}
        for one in self.tables:
            groups.setdefault(requirements(one.schedule.panel), []).append(one.number)
        cases = [(rows.number.isin(mine), self._first_of(asked, rows)) for asked, mine in groups.items()]
        return ibis.cases(*cases, else_=rows.start)

    def _first_of(self, asked: tuple[Requirement, ...], rows: "ir.Table") -> "ir.DateValue":
        def since(requirement: Requirement) -> "ir.DateValue":
            return latest([self.done.last(requirement, rows), rows.start])

        return reduce(_earlier, (since(one) for one in asked))

    # ---------------------------------------------------------------------------------------------------- what is due

    def _rows(self, in_use: "ir.Table", tests: "ir.Table") -> "ir.Table":
        """One row for each requirement, with the day it was last done and the day from which it is wanted."""
        import ibis

        keys = numbered(self.asked)
        rows = in_use.inner_join(tests.select("number", "requirement"), "number")
        last = [(rows.requirement == number, self.done.last(one, rows)) for one, number in keys.items()]
        rows = rows.mutate(last=ibis.cases(*last, else_=ibis.null("date")))
        since = latest([rows["last"], rows.start])
        return rows.select("person", "number", "requirement", "reading", "dose_unknown", "last", since=since)

    def _due(self, rows: "ir.Table", laid: Stretches) -> "ir.Table":
        """(person, number, requirement, due, late, strict): the earliest day on which any stretch asks for the test,
        and from when it is overdue; `strict`: due, if the modifiers hold of which that is not known."""
        import ibis

        wanted = rows.filter(rows.reading == LAID_OUT).select("person", "number", "requirement", "since")
        if laid.ends is not None:
            wanted = wanted.left_join(laid.ends, ["person", "number"], rname="{name}__ends")
            wanted = wanted.filter(~ibis.coalesce(wanted.over, ibis.literal(False)))
            wanted = wanted.mutate(counts=latest([wanted.since, wanted.ended]))
        else:
            wanted = wanted.mutate(counts=wanted.since)
        wanted = wanted.select("person", "number", "requirement", "since", "counts")
        found = self._every(wanted, laid.rhythms)
        if laid.fixed is not None:
            found = ibis.union(found, _fixed(wanted, laid.fixed))
        return found.group_by("person", "number", "requirement").aggregate(
            due=found.due.min(), late=found.late.min(), strict=found.strict.min()
        )

    def _every(self, wanted: "ir.Table", rhythms: "ir.Table") -> "ir.Table":
        import ibis

        rows = wanted.inner_join(rhythms, ["person", "number"])
        rows = rows.filter(rows.until > rows.counts)
        base = ibis.cases((rows.begin > rows.since, rows.begin), else_=rows.since)
        perhaps = any(may_be_denser(modifier, self.context.words) for one in self.tables for modifier in one.modifiers)
        strict = added(base, rows.strict_months, rows.strict_days) if perhaps else ibis.null("date")
        return rows.select(
            "person",
            "number",
            "requirement",
            due=added(base, rows.due_months, rows.due_days),
            late=added(base, rows.late_months, rows.late_days),
            strict=strict,
        )

    # ------------------------------------------------------------------------------------------------- where it stands

    def _standing(self, rows: "ir.Table", due: "ir.Table", schedules: "ir.Table") -> "ir.Table":
        """Step `clock_standing`: every clock with its status, before its rule is named."""
        import ibis

        rows = rows.left_join(due, ["person", "number", "requirement"], rname="{name}__due")
        lengths = [name for name in schedules.columns if name.endswith(("_months", "_days"))]
        rows = rows.inner_join(schedules.select("number", *lengths), "number")
        laid, undated = self._as_laid_out(rows), self._without_start(rows)
        reading = rows.reading
        status = ibis.cases(
            (reading == LAID_OUT, laid),
            (reading == NO_START, undated.status),
            (reading == NOT_CONCERNED, "not required"),
            else_="cannot say",
        )
        return rows.select(
            "person",
            "number",
            "requirement",
            "last",
            status=status,
            due=ibis.cases(
                (reading == LAID_OUT, rows.due), (reading == NO_START, undated.due), else_=ibis.null("date")
            ),
            late=ibis.cases(
                (reading == LAID_OUT, rows.late), (reading == NO_START, undated.late), else_=ibis.null("date")
            ),
        )

    def _as_laid_out(self, rows: "ir.Table") -> "ir.StringValue":
        """Where a clock stands by its schedule. It cannot be said where a modifier that perhaps holds would make the
        test due, nor where only a dose that nobody recorded keeps the test wanted."""
        import ibis

        on = literal_day(self.context.on)
        longest = added(rows.since, rows.steady_months, rows.steady_days)
        status = ibis.cases(
            (rows.due.isnull(), "not required"), (rows.late < on, "overdue"), (rows.due <= on, "due"), else_="in date"
        )
        late = status.isin(("due", "overdue"))
        doubtful = ~late & ibis.coalesce(rows.strict <= on, ibis.literal(False))
        unsure = late & rows.dose_unknown & ~ibis.coalesce(longest <= on, ibis.literal(False))
        return ibis.cases((doubtful | unsure, "cannot say"), else_=status)

    def _without_start(self, rows: "ir.Table") -> "_Undated":
        """Start not known: certain only when the sparsest phase is overdue, or the densest still in date."""
        import ibis

        on, last = literal_day(self.context.on), rows["last"]
        overdue = ibis.coalesce(added(last, rows.late_months, rows.late_days) < on, ibis.literal(False))
        early = added(last, rows.densest_months, rows.densest_days)
        in_date = ibis.coalesce(early > on, ibis.literal(False))
        nothing = ibis.null("date")
        return _Undated(
            ibis.cases((overdue, "overdue"), (in_date, "in date"), else_="cannot say"),
            ibis.cases((overdue, added(last, rows.steady_months, rows.steady_days)), (in_date, early), else_=nothing),
            ibis.cases(
                (overdue, added(last, rows.late_months, rows.late_days)),
                (in_date, added(last, rows.late_at_densest_months, rows.late_at_densest_days)),
                else_=nothing,
            ),
        )

    def _told(self, standing: "ir.Table", often: "ir.Table", tests: "ir.Table", schedules: "ir.Table") -> "ir.Table":
        import ibis

        named = ("number", "drug", "protocol", "rule", "strength", "borrowed")
        rows = standing.inner_join(schedules.select(*named), "number").inner_join(tests, ["number", "requirement"])
        rows = rows.left_join(often, ["person", "number", "requirement"], rname="{name}__often")
        rows = rows.mutate(often=ibis.coalesce(rows.often, ibis.literal(False)), overdue_after=rows.late)
        return rows.select(*COLUMNS)


@dataclass(frozen=True)
class _Undated:
    """Where the clocks of courses without a start stand."""

    status: "ir.StringValue"
    due: "ir.DateValue"
    late: "ir.DateValue"


def _fixed(wanted: "ir.Table", fixed: "ir.Table") -> "ir.Table":
    """The first fixed day that no test has answered."""
    import ibis

    rows = wanted.inner_join(fixed, ["person", "number"])
    unanswered = (rows.since < rows.answered) & (rows.after.isnull() | (rows.since >= rows.after))
    rows = rows.filter((rows.until > rows.counts) & unanswered)
    return rows.select("person", "number", "requirement", "due", "late", strict=ibis.null("date"))


def _earlier(one: "ir.DateValue", other: "ir.DateValue") -> "ir.DateValue":
    """The earlier of two days; null where either is."""
    import ibis

    return ibis.cases((one <= other, one), else_=other)


def _by_number(rows: "ir.Table", name: str, tables: Sequence[Timetable], otherwise: "ir.Value") -> "ir.Value":
    import ibis

    cases = [(rows.number == one.number, rows[f"{name}_{one.number}"]) for one in tables]
    return ibis.cases(*cases, else_=otherwise) if cases else otherwise
