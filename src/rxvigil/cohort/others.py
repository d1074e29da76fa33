"""Diagnoses, vaccines, symptoms, events, allergies, genes and the patient, as columns of the state
(`engine.ask_others`, `engine.ask_drugs.allergy`, `engine.choose.specialties`)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.genes import Genes
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.signs import Signs
from rxvigil.cohort.stated import StatedValues, several_column, value_column
from rxvigil.cohort.truth import always, holds, yes_or_no, yes_or_open
from rxvigil.cohort.turning_days import last_aged, last_passed, last_reached
from rxvigil.engine.ask_others import BREASTFEEDING_LASTS, FERTILE_AGES, PREGNANCY_LASTS, SYMPTOM_FRESH
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import parse_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

_LASTS: Final = {"pregnancy": PREGNANCY_LASTS, "breastfeeding": BREASTFEEDING_LASTS}
"""Nobody can say no to these for want of an entry; without an end they end by themselves."""


@dataclass(frozen=True)
class OthersPart:
    """The columns of everything but results and courses of drugs. `specialties`: those that diagnoses may imply, each a
    column of its own."""

    context: Context
    atoms: Collection[Atom]
    specialties: tuple[str, ...] = ()

    def relation(self, steps: "Steps") -> "ir.Table":
        """One row for each person."""
        people = self.context.facts.patients.select("person")
        for one in (self._signs.relation(), self._values.relation(), self._genes.relation(steps)):
            if one is not None:
                people = people.left_join(one, "person").drop("person_right")
        flags = {column("specialty", key): self._signs.shown(_implied(key), people) for key in self.specialties}
        return people.mutate(**flags)

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of an atom."""
        match self.context.words.kind_of(atom.subject):
            case "condition":
                return self._unless_listed(atom, row, "conditions")
            case "vaccine" if atom.measure != "planned":
                return self._unless_listed(atom, row, "immunisations")
            case "drug" if atom.measure == "allergy":
                return self._unless_listed(atom, row, "allergies")
            case "gene":
                return self._genes.truth(atom, row)
            case "event" if atom.measure == "value":
                return _value(atom, row)
            case "event" if atom.measure == "present":
                return self._going_on(atom, row)
            case "patient" if atom.measure == "age":
                return _age(atom, row, self.context.on)
            case "patient":
                return _sex(atom, row)
        return yes_or_open(*self._found(atom, row))

    def _found(self, atom: Atom, row: "ir.Table") -> "tuple[ir.BooleanValue, ir.BooleanValue]":
        """Whether some fact shows it, and whether one leaves it open."""
        question = _name(atom, self.context.on)
        return self._signs.shown(question, row), self._signs.left_open(question, row)

    def _unless_listed(self, atom: Atom, row: "ir.Table", kind: str) -> "Truth":
        """Absence means no only if the record holds the list."""
        shown, left_open = self._found(atom, row)
        return yes_or_open(shown, left_open | ~holds(row[f"{kind}_listed"]))

    def _going_on(self, atom: Atom, row: "ir.Table") -> "Truth":
        """An event that is going on; what lasts by itself is open where nobody recorded either (`event_present`)."""
        import ibis

        shown, left_open = self._found(atom, row)
        over, lasting = self._signs.shown(_over(atom.subject), row), atom.subject in _LASTS
        absent = over | _impossible(row, self.context.on) if lasting else over
        rest = always(UNKNOWN) if lasting else yes_or_open(shown, left_open)
        return ibis.cases((shown, always(YES)), (absent, always(NO)), else_=rest)

    def singly(self, row: "ir.Table") -> "tuple[tuple[str, ir.BooleanValue], ...]":
        """Several values of an event on its newest day; reports of genes that have to be read one by one."""
        several = [(f"values of one day disagree: {kind}", holds(row[several_column(kind)])) for kind in self._kinds]
        return (*several, *self._genes.singly(row))

    @property
    def _kinds(self) -> tuple[str, ...]:
        """Kinds of event of which the value is asked."""
        words = self.context.words
        mine = {one.subject for one in self.atoms if words.kind_of(one.subject) == "event" and one.measure == "value"}
        return tuple(sorted(mine))

    @property
    def _values(self) -> StatedValues:
        return StatedValues(self.context, self._kinds, date.min)

    @property
    def _genes(self) -> Genes:
        return Genes(self.context)

    @cached_property
    def _signs(self) -> Signs:
        found = _Gathered(self.context, Signs())
        for atom in self.atoms:
            found.ask(atom)
        for key in self.specialties:
            found.specialty(key)
        return found.signs


def _name(atom: Atom, on: date) -> str:
    """The column that answers an atom; a window is named by the day it opens."""
    opens = _opens(atom, on)
    window = (opens.isoformat(),) if opens > date.min else ()
    return column("is", atom.subject, atom.measure, *window)


def _opens(atom: Atom, on: date) -> date:
    """The first day that counts."""
    within = atom.length("within") or (SYMPTOM_FRESH if atom.measure == "reported" else None)
    return within.before(on) if within else date.min


def _over(kind: str) -> str:
    return column("is", kind, "over")


def _implied(specialty: str) -> str:
    return column("specialty", specialty, "level")


@dataclass(frozen=True)
class _Gathered:
    """Which facts count for which column."""

    context: Context
    signs: Signs

    def ask(self, atom: Atom) -> None:
        words, name = self.context.words, _name(atom, self.context.on)
        members = words.members(atom.subject)
        match words.kind_of(atom.subject), atom.measure:
            case "condition", measure:
                self._count(name, self._conditions(measure == "ever"), members)
                self._count(name, self._conditions_uncertain(), members)
                self._count(name, self._unread(), {*members, "any-condition"})
            case "vaccine", "planned":
                self._count(name, self._vaccines_planned(), members)
                self._count(name, self._unread(), members)
            case "vaccine", _:
                self._count(name, self._vaccines_given(atom), members)
                self._count(name, self._unread(), {*members, "any-vaccine"})
            case "symptom", _:
                self._count(name, self._symptoms(atom), members)
                self._count(name, self._unread(), members)
            case "event", measure if measure != "value":
                self._count(name, self._events(atom), {atom.subject})
                self._count(name, self._unread(), {atom.subject})
                if measure == "present":
                    self._count(_over(atom.subject), self._events_over(), {atom.subject})
            case "drug", "allergy":
                keys = members | set(words.classes_of(atom.subject) if atom.subject in words.drugs else ())
                self._count(name, self._allergies(), keys)
                self._count(name, self._allergies_uncertain(), keys)
                self._count(name, self._unread_but_medicines(), {*keys, "any-allergy"})

    def specialty(self, key: str) -> None:
        concepts = self.context.words.concepts.get("condition", {})
        implying = {concept for concept, entry in concepts.items() if entry.specialty == key}
        self._count(_implied(key), self._conditions(past_counts=False), implying)

    def _count(self, name: str, facts: str, keys: Collection[str]) -> None:
        self.signs.count(name, facts, keys)

    def _on(self) -> "ir.DateValue":
        return literal_day(self.context.on)

    def _conditions(self, past_counts: bool) -> str:
        rows, on = self._begun_conditions(), self._on()
        if past_counts:
            return self._facts("conditions ever", rows.filter(rows.status.isin(("active", "past"))), "concept")
        active = (rows.status == "active") & (rows.ended_last.isnull() | (rows.ended_last >= on))
        return self._facts("conditions now", rows.filter(active), "concept")

    def _conditions_uncertain(self) -> str:
        rows = self._begun_conditions()
        return self._facts("conditions uncertain", rows.filter(rows.status == "uncertain"), "concept", UNKNOWN)

    def _begun_conditions(self) -> "ir.Table":
        rows = self.context.facts.conditions
        return rows.filter(rows.onset_first.isnull() | (rows.onset_first <= self._on()))

    def _vaccines_given(self, atom: Atom) -> str:
        rows, opens = self.context.facts.immunisations, _opens(atom, self.context.on)
        given = (rows.status == "given") & (rows.when_first <= self._on()) & (rows.when_last >= literal_day(opens))
        return self._facts(f"vaccines given since {opens}", rows.filter(given), "vaccine")

    def _vaccines_planned(self) -> str:
        rows = self.context.facts.immunisations
        return self._facts("vaccines planned", rows.filter(rows.status == "planned"), "vaccine")

    def _symptoms(self, atom: Atom) -> str:
        rows, on, opens = self.context.facts.symptoms, self._on(), _opens(atom, self.context.on)
        lately = (rows.when_first <= on) & (rows.when_last >= literal_day(opens))
        still = rows.ended_last.isnull() | (rows.ended_last >= on)
        return self._facts(f"symptoms since {opens}", rows.filter(lately & still), "concept")

    def _events(self, atom: Atom) -> str:
        rows, on = self.context.facts.events, self._on()
        begun = rows.start_first.isnull() | (rows.start_first <= on)
        happened = (rows.status == "happened") & begun
        match atom.measure:
            case "planned":
                ahead = rows.start_last.isnull() | (rows.start_last >= on)
                return self._facts("events planned", rows.filter((rows.status == "planned") & ahead), "kind")
            case "since":
                opens = _opens(atom, self.context.on)
                since = rows.start_last.notnull() & (rows.start_last >= literal_day(opens))
                return self._facts(f"events since {opens}", rows.filter(happened & since), "kind")
        return self._facts("events going on", rows.filter(happened & self._lasting(rows)), "kind")

    def _lasting(self, rows: "ir.Table") -> "ir.BooleanValue":
        """An event that has not ended: by its end, or where none is recorded by how long it lasts at most."""
        import ibis

        end, start = rows.end_last, rows.start_last
        lasts = [
            ((rows.kind == kind) & start.notnull(), start > literal_day(last_passed(length, self.context.on)))
            for kind, length in _LASTS.items()
        ]
        return ibis.cases((end.notnull(), end >= self._on()), *lasts, else_=True)

    def _events_over(self) -> str:
        rows, on = self.context.facts.events, self._on()
        begun = rows.start_first.isnull() | (rows.start_first <= on)
        over = (rows.status == "not") | (rows.end_last.notnull() & (rows.end_last < on))
        return self._facts("events over", rows.filter(begun & over), "kind")

    def _allergies(self) -> str:
        rows = self.context.facts.allergies
        return self._facts("allergies", rows.filter(rows.status.isin(("active", "past"))), "concept")

    def _allergies_uncertain(self) -> str:
        rows = self.context.facts.allergies
        return self._facts("allergies uncertain", rows.filter(rows.status == "uncertain"), "concept", UNKNOWN)

    def _unread(self) -> str:
        return self._facts("unread", self.context.facts.doubts, "key", UNKNOWN)

    def _unread_but_medicines(self) -> str:
        """Entries of a medicine list leave no allergy open."""
        rows = self.context.facts.doubts
        rows = rows.filter(rows.of.isnull() | ~rows.of.startswith("Medication"))
        return self._facts("unread allergies", rows, "key", UNKNOWN)

    def _facts(self, name: str, rows: "ir.Table", key: str, level: int = YES) -> str:
        return self.signs.facts(name, level, rows.select("person", key=rows[key]))


def _value(atom: Atom, row: "ir.Table") -> "Truth":
    import ibis

    value = row[value_column(atom.subject)]
    return ibis.cases(
        (value.isnull(), always(UNKNOWN)), (value.isin(sorted(atom.wanted)), always(YES)), else_=always(NO)
    )


def _impossible(row: "ir.Table", on: date) -> "ir.BooleanValue":
    """Ruled out by sex or age."""
    youngest, oldest = FERTILE_AGES
    young = row["born_first"] > literal_day(last_aged(youngest, on))
    old = row["born_last"] <= literal_day(last_aged(oldest + 1, on))
    return holds(row["sex"] == "male") | holds(young | old)


def _age(atom: Atom, row: "ir.Table", on: date) -> "Truth":
    """A birth year alone leaves a range of days: the answer must be the same for the first and the last."""
    import ibis

    first, last = _old_enough(atom, row["born_first"], on), _old_enough(atom, row["born_last"], on)
    known = row["born_first"].notnull() & (first == last)
    return ibis.cases((holds(known & first), always(YES)), (holds(known), always(NO)), else_=always(UNKNOWN))


def _old_enough(atom: Atom, born: "ir.DateValue", on: date) -> "ir.BooleanValue":
    limit = parse_duration(str(atom.value))
    reached, passed = literal_day(last_reached(limit, on)), literal_day(last_passed(limit, on))
    match atom.operator:
        case ">=":
            return born <= reached
        case ">":
            return born <= passed
        case "<":
            return born > reached
        case "<=":
            return born > passed
    return (born > passed) & (born <= reached)


def _sex(atom: Atom, row: "ir.Table") -> "Truth":
    import ibis

    stated = row["sex"]
    told = yes_or_no(stated.isin(sorted(atom.wanted)))
    return ibis.cases((stated == "unknown", always(UNKNOWN)), else_=told)
