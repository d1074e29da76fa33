"""Which schedules each patient of a population is on, from when they count, and when their tests were last done."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from rxvigil.cohort.choice import Choosable
from rxvigil.cohort.done import Done, latest
from rxvigil.cohort.part import Context
from rxvigil.cohort.timetable import OFF, ON, PERHAPS, WHOLE, Timetable, by_slot, may_be_denser, slots
from rxvigil.cohort.truth import always
from rxvigil.engine.kleene import NO, UNKNOWN, YES

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.choice import Asks
    from rxvigil.cohort.steps import Steps

OPEN, NOT_CONCERNED, IN_DOUBT, NO_START, LAID_OUT = range(5)
"""How a clock is read: the drug is perhaps not taken; the schedule is not for this patient; perhaps it is not; the
start of the course is not known; from the schedule as laid out in time."""


def last_in(slot: int) -> str:
    """The column of the day on which the test in a slot was last done: a schedule's tests stand in slots 0, 1 ..."""
    return f"last_{slot}"


@dataclass(frozen=True)
class InUse:
    """Works out `schedules_in_use`."""

    context: Context
    tables: Sequence[Timetable]
    done: Done
    schedules: "ir.Table"
    ask: "Asks"

    def relation(
        self, state: "ir.Table", choices: "ir.Table", courses: "ir.Table", dose_steps: "ir.Table", steps: "Steps"
    ) -> "ir.Table":
        """Step `schedules_in_use`: (person, drug, number, start, stance, reading, dose_unknown, earliest, last_0 ...),
        one row for each schedule that a person is on. `earliest`: no test of it is asked for up to then."""
        whose = self.schedules.select("number", "drug", "together", protocol="chosen")
        rows = choices.inner_join(whose, ["drug", "protocol", "together"])
        rows = self._with_start(rows.select("person", "drug", "number", "protocol", "together", "taken"), courses)
        rows = self._with_conditions(rows, state)
        rows = self._with_reading(rows, dose_steps)
        rows = rows.left_join(self.done.table, "person", rname="{name}__done")
        lasts = {last_in(slot): self._last(slot, rows) for slot in range(slots(self.tables))}
        rows = rows.select("person", "drug", "number", "start", "stance", "reading", "dose_unknown", **lasts)
        return steps.add("schedules_in_use", rows.mutate(earliest=self._earliest(rows)))

    def _with_reading(self, rows: "ir.Table", dose_steps: "ir.Table") -> "ir.Table":
        import ibis

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
        unknown_dose = ibis.coalesce(rows.dose_unknown, ibis.literal(False))
        return rows.select(
            "person", "drug", "number", "start", "stance", reading=reading.cast("int8"), dose_unknown=unknown_dose
        )

    # -------------------------------------------------------------------------------------------------------- starts

    def _with_start(self, rows: "ir.Table", courses: "ir.Table") -> "ir.Table":
        """The day from which clocks count: for a combination the day the last of its drugs was added."""
        import ibis

        starts = courses.select("person", "drug", own="start")
        rows = rows.left_join(starts, ["person", "drug"], rname="{name}__course")
        together = {one.chosen.protocol.id: one.chosen for one in self.tables if one.chosen.together}
        if not together:
            return rows.select("person", "drug", "number", "taken", start="own")
        later = reduce(ibis.union, (self._of_partners(one, courses) for one in together.values()))
        rows = rows.left_join(later, ["person", "protocol", "together"], rname="{name}__later")
        start = ibis.cases((rows.partners.notnull(), rows.later), else_=rows.own)
        return rows.select("person", "drug", "number", "taken", start=start)

    def _of_partners(self, one: Choosable, courses: "ir.Table") -> "ir.Table":
        import ibis

        drugs = {drug for subject in one.protocol.applies.together for drug in self.context.words.members(subject)}
        mine = courses.filter(courses.drug.isin(sorted(drugs)) & (courses.active == YES))
        found = mine.group_by("person").aggregate(
            partners=mine.count(), known=mine.start.count(), newest=mine.start.max()
        )
        later = ibis.cases((found.partners == found.known, found.newest), else_=ibis.null("date"))
        named = {"protocol": ibis.literal(one.protocol.id), "together": ibis.literal(True)}
        return found.select("person", "partners", **named, later=later)

    # ---------------------------------------------------------------------------------------------------- conditions

    def _with_conditions(self, rows: "ir.Table", state: "ir.Table") -> "ir.Table":
        """`concerns`: whether the schedule is for this patient; `stance`: which of its modifiers hold."""
        import ibis

        restricted = [one for one in self.tables if one.schedule.only_if]
        modified = [one for one in self.tables if one.modifiers]
        answers: dict[str, ir.Value] = {f"concerns_{one.number}": self._concerns(one) for one in restricted}
        answers |= {f"stance_{one.number}": self._stance(one) for one in modified}
        if answers:
            rows = rows.left_join(state.select("person", **answers), "person", rname="{name}__state")
        return rows.mutate(
            concerns=_by_number(rows, "concerns", restricted, always(YES)),
            stance=_by_number(rows, "stance", modified, ibis.literal(0, type=WHOLE)),
        )

    def _concerns(self, one: Timetable) -> "ir.Value":
        return self.ask(one.schedule.only_if or "", one.chosen.drug)

    def _stance(self, one: Timetable) -> "ir.Value":
        import ibis

        places: list[ir.IntegerValue] = []
        for place, modifier in enumerate(one.modifiers):
            truth = self.ask(modifier.when, one.chosen.drug)
            perhaps = PERHAPS if may_be_denser(modifier, self.context.words) else OFF
            places.append(ibis.cases((truth == YES, ON * 3**place), (truth == UNKNOWN, perhaps * 3**place), else_=OFF))
        return reduce(lambda left, right: left + right, places).cast(WHOLE)

    # --------------------------------------------------------------------------------------------------------- tests

    def _last(self, slot: int, rows: "ir.Table") -> "ir.DateValue":
        import ibis

        cases = [
            (rows.number.isin(numbers), self.done.last(requirement, rows))
            for place, requirement, numbers in by_slot(self.tables)
            if place == slot
        ]
        return ibis.cases(*cases, else_=ibis.null("date"))

    def _earliest(self, rows: "ir.Table") -> "ir.DateValue":
        """The first of the days from which the tests of the schedule are asked for."""
        import ibis

        found: ir.DateValue = latest([rows[last_in(0)], rows.start])
        for slot in range(1, slots(self.tables)):
            since = latest([rows[last_in(slot)], rows.start])
            without = [one.number for one in self.tables if slot >= len(one.requirements)]
            unasked = [(rows.number.isin(without), found)] if without else []
            found = ibis.cases(*unasked, (since < found, since), else_=found)
        return found


def _by_number(rows: "ir.Table", name: str, tables: Sequence[Timetable], otherwise: "ir.Value") -> "ir.Value":
    import ibis

    cases = [(rows.number == one.number, rows[f"{name}_{one.number}"]) for one in tables]
    return ibis.cases(*cases, else_=otherwise) if cases else otherwise
