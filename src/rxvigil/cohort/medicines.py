"""The measures of drugs and classes of drugs for a whole population: `engine.ask_drugs` as columns and truths."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from rxvigil.cohort import doses
from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.chains import in_order
from rxvigil.cohort.courses import GAP, TELLING, included, joined_on, judged, summed_up, with_start
from rxvigil.cohort.newest import side_by_side, where
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.reassuring import is_doubtful
from rxvigil.cohort.taken import ANY_DRUG, Taken, drugs_of, length_of, mentioned, unread_medicines
from rxvigil.cohort.truth import always, as_number, compare, decide, either, holds
from rxvigil.cohort.turning_days import last_passed, last_reached
from rxvigil.engine.ask_drugs import PER_DAY, PER_KG
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import Duration, parse_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

OF_ONE_COURSE: Final = {
    "time-on": ("start",),
    "stable-for": ("dose_since",),
    "dose": ("dose_low", "dose_high"),
    "dose-increased": ("start",),
}
"""Measures that are asked of each drug of a class by itself, with what they read of its course."""
_DIGITS: Final = 9
_FLAGS: Final = frozenset({"has_past", "has_current"})


@dataclass(frozen=True)
class CoursesPart:
    """Columns of courses, and the truth of atoms about drugs. `monitored`: drugs whose whole course is needed."""

    context: Context
    atoms: Collection[Atom]
    monitored: tuple[str, ...] = ()

    def relation(self, steps: "Steps") -> "ir.Table":
        """One row for each person; adds the steps `courses` and `dose_steps`."""
        courses, dose_steps = self._worked_out(steps)
        people = self.context.facts.patients.select("person")
        relations = [self._taken.relation(courses), self._by_person(courses), self._doubts_counted()]
        return side_by_side(people, [*relations, self._raised(dose_steps)])

    def _worked_out(self, steps: "Steps") -> "tuple[ir.Table, ir.Table]":
        """The courses and the steps of their doses."""
        rows = steps.add("prescribed", in_order(self.context, judged(self.context, self._drugs), GAP))
        sums = steps.add("course_sums", summed_up(rows))
        joined = steps.add("course_rows", joined_on(rows.semi_join(sums.filter(sums.astray), ["person", "drug"])))
        begun = steps.add("courses_begun", with_start(sums, joined))
        dosed = sums.filter(sums.drug.isin(sorted(self._whole)))
        chained = included(rows, dosed.filter(dosed.chained))
        course = steps.add("dosed_daily", self._dosed_daily(rows, dosed, joined))
        changing = steps.add("doses_then", self._doses_then(chained, course, begun))
        dose_steps = steps.add("dose_steps", doses.steps(changing))
        present = doses.doses(doses.at_present(self.context, course))
        return steps.add("courses", self._courses(begun, present, dose_steps)), dose_steps

    # ---------------------------------------------------------------------------------------- what is asked of what

    @cached_property
    def _drugs(self) -> frozenset[str]:
        """Every drug that is asked about, by itself or in a class, as far as somebody's record mentions it."""
        subjects = {atom.subject for atom in self.atoms} | set(self.monitored)
        return frozenset(drug for subject in subjects for drug in self._on_file(subject))

    def _on_file(self, subject: str) -> list[str]:
        found = drugs_of(self.context, subject)
        return sorted(found if self.context.mentioned is None else found & self.context.mentioned)

    @cached_property
    def _whole(self) -> dict[str, set[str]]:
        """Drugs whose doses and starts are asked of each by itself, with what is asked."""
        found = {drug: {"start", *_FLAGS} for drug in self.monitored}
        for atom in self.atoms:
            for drug in self._on_file(atom.subject) if atom.measure in OF_ONE_COURSE else ():
                found.setdefault(drug, set()).update(OF_ONE_COURSE[atom.measure])
        return found

    @cached_property
    def _taken(self) -> Taken:
        return Taken(self.context, self.atoms, tuple(self._whole))

    @cached_property
    def _withins(self) -> tuple[Duration, ...]:
        found = {atom.length("within") for atom in self.atoms if atom.measure == "dose-increased"}
        return tuple(sorted((one for one in found if one is not None), key=str))

    # ---------------------------------------------------------------------------------------------------- columns

    def _dosed_daily(self, rows: "ir.Table", dosed: "ir.Table", joined: "ir.Table") -> "ir.Table":
        """The prescriptions of courses of which the dose has to be read day by day."""
        daily = included(rows, dosed.filter(~(dosed.chained | dosed.astray)))
        stray = joined.filter(joined.included & joined.drug.isin(sorted(self._whole))).select(*TELLING)
        return daily.union(stray)

    def _doses_then(self, chained: "ir.Table", course: "ir.Table", begun: "ir.Table") -> "ir.Table":
        """The dose on each day on which it may have changed: of courses in which each prescription gives that of the
        day it begins, and of others."""
        rest = doses.doses(doses.changes(self.context, course, begun.filter(begun.start.notnull())))
        simple = chained.select("person", "drug", "dose_low", "dose_high", day="start")
        return doses.rounded(simple.select(*rest.columns)).union(rest)

    def _courses(self, begun: "ir.Table", present: "ir.Table", dose_steps: "ir.Table") -> "ir.Table":
        """With the present dose, and since when it has been that."""
        import ibis

        last = dose_steps.filter(dose_steps.next_since.isnull() & dose_steps.dose_high.notnull())
        rows = begun.left_join(present.drop("day"), ["person", "drug"], rname="{name}__now")
        last = last.select("person", "drug", "since", step_low="dose_low", step_high="dose_high")
        rows = rows.left_join(last, ["person", "drug"], rname="{name}__last")
        taken = rows.active != NO
        return rows.select(
            *(name for name in begun.columns if name != "chained"),
            dose_low=where(taken, ibis.ifelse(rows.chained, rows.step_low, rows.dose_low)),
            dose_high=where(taken, ibis.ifelse(rows.chained, rows.step_high, rows.dose_high)),
            dose_since=rows.since,
        )

    def _by_person(self, courses: "ir.Table") -> "ir.Table | None":
        """What is read of the courses of some drugs by themselves, and how many there are of what is counted."""
        columns = self._of_whole_courses(courses) | self._counts(courses)
        if not columns:
            return None
        found = courses.group_by("person").aggregate(**columns)
        flags = [column(drug, name) for drug, names in self._whole.items() for name in sorted(names & _FLAGS)]
        return found.mutate(**{flag: holds(found[flag] == 1) for flag in flags})

    def _of_whole_courses(self, courses: "ir.Table") -> "dict[str, ir.Value]":
        """Of each drug by itself what some question, or another part, reads of its course."""
        return {
            column(drug, name): where(
                courses.drug == drug, as_number(courses[name]) if name in _FLAGS else courses[name]
            ).max()
            for drug, names in sorted(self._whole.items())
            for name in sorted(names)
        }

    @cached_property
    def _counted(self) -> list[str]:
        return sorted({mentioned(self.context, one.subject) for one in self.atoms if one.measure == "count"})

    def _counts(self, courses: "ir.Table") -> "dict[str, ir.Value]":
        """How many courses, certain or not, and products there are of the drugs and classes that are counted."""
        found: dict[str, ir.Value] = {}
        for subject in self._counted:
            mine = courses.drug.isin(sorted(drugs_of(self.context, subject)))
            running = mine & (courses.active == YES)
            found[column(subject, "running")] = as_number(running).sum()
            found[column(subject, "unsure")] = as_number(mine & (courses.active == UNKNOWN)).sum()
            found[column(subject, "products")] = where(running, courses.products).sum()
        return found

    def _doubts_counted(self) -> "ir.Table | None":
        """How many entries that could not be read may be one of those that are counted."""
        if not self._counted:
            return None
        rows, words = unread_medicines(self.context), self.context.words
        keys = {subject: (*sorted(words.members(subject)), ANY_DRUG) for subject in self._counted}
        counts = {column(key, "doubtful"): as_number(rows.key.isin(mine)).sum() for key, mine in keys.items()}
        return rows.group_by("person").aggregate(**counts)

    def _raised(self, dose_steps: "ir.Table") -> "ir.Table | None":
        """For each time asked about, the first day in it on which the dose went up, and on which that is not clear."""
        if not self._withins:
            return None
        opens = min(within.before(self.context.on) for within in self._withins)
        rows = dose_steps.filter(~dose_steps.begins & (dose_steps.since >= literal_day(opens)))
        unclear = rows.high_before.isnull() | rows.dose_high.isnull()
        raised = holds(rows.dose_high > rows.high_before)
        days = {}
        for nth, within in enumerate(self._withins):
            inside = rows.since >= literal_day(within.before(self.context.on))
            for drug in sorted(self._whole):
                mine = inside & (rows.drug == drug)
                days[column(drug, f"raised_{nth}")] = where(mine & raised, rows.since).min()
                days[column(drug, f"unclear_{nth}")] = where(mine & unclear, rows.since).min()
        return rows.group_by("person").aggregate(**days)

    # ----------------------------------------------------------------------------------------------------- answers

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of an atom about a drug or class."""
        match atom.measure:
            case "active":
                return self._taken.active(atom.subject, row)
            case "planned":
                return self._taken.planned(atom.subject, row)
            case "ever":
                return self._taken.ever(atom.subject, row)
            case "started":
                return self._taken.started(atom, row)
            case "stopped":
                return self._taken.stopped(atom, row)
            case "count":
                return self._count(atom, row)
        return self._taken.if_taken(atom.subject, row, self._of_each(atom, row))

    def _count(self, atom: Atom, row: "ir.Table") -> "Truth":
        import ibis

        if atom.operator is None or atom.value is None:
            raise ValueError(f"'{atom.subject}.count' has to be compared with a number")
        subject = mentioned(self.context, atom.subject)
        whole = atom.subject in self.context.words.classes
        certain = ibis.coalesce(row[column(subject, "running" if whole else "products")], 0)
        more = ibis.coalesce(row[column(subject, "unsure")], 0)
        more += ibis.coalesce(row[column(subject, "doubtful")], 0)
        return compare(certain, certain + more, atom.operator, atom.value.value)

    def _of_each(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Of each drug of the class that is taken, by itself; any may make it hold."""
        import ibis

        answers = [always(NO)]
        for drug in self._on_file(atom.subject):
            running = self._taken.running(drug, row)
            answers.append(ibis.cases((running, self._of_one(replace(atom, subject=drug), row)), else_=always(NO)))
        return either(answers)

    def _of_one(self, atom: Atom, row: "ir.Table") -> "Truth":
        match atom.measure:
            case "time-on":
                return self._lasted(atom, row[column(atom.subject, "start")])
            case "stable-for":
                return self._lasted(atom, row[column(atom.subject, "dose_since")])
            case "dose-increased":
                return self._increased(atom, row)
            case "dose":
                return self._dose(atom, row)
        raise ValueError(f"'{atom.subject}.{atom.measure}' is no measure of drugs")

    def _lasted(self, atom: Atom, since: "ir.DateValue") -> "Truth":
        """How long it has been since a day, compared with a length of the calendar."""
        return lasted(atom, since, self.context)

    def _increased(self, atom: Atom, row: "ir.Table") -> "Truth":
        import ibis

        nth = self._withins.index(length_of(atom, "within"))
        raised, unclear = (row[column(atom.subject, f"{name}_{nth}")] for name in ("raised", "unclear"))
        first = raised.notnull() & (unclear.isnull() | holds(raised < unclear))
        return ibis.cases(
            (row[column(atom.subject, "start")].isnull(), always(UNKNOWN)),
            (first, always(YES)),
            (unclear.notnull(), always(UNKNOWN)),
            else_=always(NO),
        )

    def _dose(self, atom: Atom, row: "ir.Table") -> "Truth":
        import ibis

        if atom.operator is None or atom.value is None:
            raise ValueError(f"'{atom.subject}.dose' has to be compared with a dose")
        low, high = row[column(atom.subject, "dose_low")], row[column(atom.subject, "dose_high")]
        unit, limit = atom.value.unit, atom.value.value
        if unit in PER_DAY:
            ends = (low * PER_DAY[unit]).round(_DIGITS), (high * PER_DAY[unit]).round(_DIGITS)
            return compare(*ends, atom.operator, limit)
        heaviest, lightest = _weights(row)
        ends = (low / heaviest * PER_KG[unit]).round(_DIGITS), (high / lightest * PER_KG[unit]).round(_DIGITS)
        known = heaviest.notnull() & ~is_doubtful("weight", row)
        return ibis.cases((known, compare(*ends, atom.operator, limit)), else_=always(UNKNOWN))

    def singly(self, row: "ir.Table") -> "tuple[tuple[str, ir.BooleanValue], ...]":
        """Who cannot be told from these columns: of several weights at once, only the extremes are kept."""
        if not any(atom.value is not None and atom.value.unit in PER_KG for atom in self.atoms):
            return ()
        most, least = row[column("weight", "value_max")], row[column("weight", "value_min")]
        return (("a weight of nought beside another one", (least == 0) & (most != 0)),)


def _weights(row: "ir.Table") -> "tuple[ir.Value, ir.Value]":
    """The greatest and the least of the newest weights; a weight of nought is none."""
    import ibis

    most, least = row[column("weight", "value_max")], row[column("weight", "value_min")]
    none = ibis.null("float64")
    heaviest = ibis.cases((most != 0, most), else_=none)
    return heaviest, ibis.cases((least != 0, least), else_=heaviest)


def lasted(atom: Atom, since: "ir.DateValue", context: Context) -> "Truth":
    """Whether it has been so long, or not yet, since a day; unknown where the day is not known."""
    import ibis

    if atom.operator is None or atom.value is None:
        raise ValueError(f"'{atom.subject}.{atom.measure}' has to be compared with a length of time")
    length = parse_duration(str(atom.value))
    reached = since <= literal_day(last_reached(length, context.on))
    passed = since <= literal_day(last_passed(length, context.on))
    found = {">=": reached, ">": passed, "<": ~reached, "<=": ~passed, "=": reached & ~passed}[atom.operator]
    return ibis.cases((since.isnull(), always(UNKNOWN)), else_=decide(found, ~found))
