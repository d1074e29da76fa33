"""Whether a drug, or any drug of a class, is taken, planned, was ever taken, began or was stopped lately: what any one
course, or any one entry that could not be read, answers is gathered as bits (`signs`). `engine.ask_drugs` of a whole
population."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import literal_day
from rxvigil.cohort.part import Context
from rxvigil.cohort.signs import Signs
from rxvigil.cohort.truth import always, holds, yes_or_open
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

ANY_DRUG: Final = "any-drug"
"""The key of what could not be read and may be any medicine. Asked about, it stands for every drug that nobody's record
mentions: of all of them the same is known."""
_UNREAD: Final = "unread"
_COUNTS: Final = {
    "active": ("running", "unsure", _UNREAD),
    "planned": ("planned", _UNREAD),
    "ever": ("taken", _UNREAD),
    "started": ("running, start not known",),
    "stopped": ("perhaps not stopped, or nobody knows when",),
}
"""Measure -> the kinds of courses that show it or leave it open, besides those that began or stopped within a time."""


@dataclass(frozen=True)
class Taken:
    """The answers of these atoms about drugs and classes. `besides`: drugs of which it is asked whether they are
    taken."""

    context: Context
    atoms: Collection[Atom]
    besides: Collection[str] = ()

    def relation(self, courses: "ir.Table") -> "ir.Table | None":
        """The columns that the answers are read from, one row for each person who has a course or an unread entry."""
        kinds = self._kinds(courses)
        flags = {f"is_{number}": flag for number, (_, flag) in enumerate(kinds.values())}
        rows = courses.select("person", key="drug", **flags)
        for flag, (name, (level, _)) in zip(flags, kinds.items(), strict=True):
            self._signs.facts(name, level, rows, flag)
        self._signs.facts(_UNREAD, UNKNOWN, unread_medicines(self.context))
        return self._signs.relation()

    def _kinds(self, courses: "ir.Table") -> "dict[str, tuple[int, ir.BooleanValue]]":
        """The kinds of courses that count for some question: what they tell of it, and which they are."""
        running, unsure = courses.active == YES, courses.active == UNKNOWN
        taken = courses.has_past | courses.has_current
        found = {
            "running": (YES, running),
            "unsure": (UNKNOWN, unsure),
            "taken": (YES, taken),
            "planned": (YES, courses.planned),
            "running, start not known": (UNKNOWN, running & courses.start.isnull()),
            "perhaps not stopped, or nobody knows when": (UNKNOWN, taken & (unsure | courses.stopped.isnull())),
        }
        for atom in self.atoms:
            if atom.measure in ("started", "stopped"):
                opens = literal_day(self._opens(atom))
                lately = running & (courses.start >= opens)
                if atom.measure == "stopped":
                    lately = taken & (courses.stopped >= opens)
                found[self._lately(atom)] = (YES, lately)
        return found

    def _opens(self, atom: Atom) -> date:
        return length_of(atom, "within").before(self.context.on)

    def _lately(self, atom: Atom) -> str:
        return f"{atom.measure} since {self._opens(atom).isoformat()}"

    @cached_property
    def _signs(self) -> Signs:
        found = Signs("medicines")
        for atom in self.atoms:
            subject = mentioned(self.context, atom.subject)
            self._count(found, subject, "active")
            if atom.measure in ("started", "stopped"):
                self._count(found, subject, atom.measure, self._lately(atom))
                self._count(found, subject, "ever")
            elif atom.measure in _COUNTS:
                self._count(found, subject, atom.measure)
        for drug in self.besides:
            self._count(found, drug, "active")
        return found

    def _count(self, signs: Signs, subject: str, measure: str, lately: str = "") -> None:
        drugs = drugs_of(self.context, subject)
        for kind in (*_COUNTS[measure], *([lately] if lately else [])):
            keys = {*self.context.words.members(subject), ANY_DRUG} if kind == _UNREAD else drugs
            signs.count(_question(subject, measure, lately), kind, keys)

    # ------------------------------------------------------------------------------------------------------- answers

    def active(self, subject: str, row: "ir.Table") -> "Truth":
        """Whether it is taken."""
        shown, left_open = self._found(subject, "active", row)
        return yes_or_open(shown, left_open | _unlisted(row))

    def planned(self, subject: str, row: "ir.Table") -> "Truth":
        """Whether it is planned: a plan is an entry of its own, and a record without any medicine holds none either."""
        shown, left_open = self._found(subject, "planned", row)
        return yes_or_open(shown, left_open & ~_unlisted(row))

    def ever(self, subject: str, row: "ir.Table") -> "Truth":
        """Whether it is or was taken."""
        shown, left_open = self._found(subject, "ever", row)
        return yes_or_open(shown, left_open | _unlisted(row))

    def started(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Whether a running course began within the time."""
        found = self._found(atom.subject, "started", row, self._lately(atom))
        return self.if_taken(atom.subject, row, yes_or_open(*found))

    def stopped(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Whether none runs, and one was stopped within the time."""
        import ibis

        running, _ = self._found(atom.subject, "active", row)
        taken, left_open = self._found(atom.subject, "ever", row)
        ended = yes_or_open(*self._found(atom.subject, "stopped", row, self._lately(atom)))
        absent = ibis.cases((left_open | _unlisted(row), always(UNKNOWN)), else_=always(NO))
        return ibis.cases((running, always(NO)), (taken, ended), else_=absent)

    def if_taken(self, subject: str, row: "ir.Table", answer: "Truth") -> "Truth":
        """The answer of those who take it; of others whether they do."""
        import ibis

        if mentioned(self.context, subject) == ANY_DRUG:
            return self.active(subject, row)
        running, left_open = self._found(subject, "active", row)
        return ibis.cases((running, answer), (left_open | _unlisted(row), always(UNKNOWN)), else_=always(NO))

    def running(self, subject: str, row: "ir.Table") -> "ir.BooleanValue":
        """Whether it is certainly taken."""
        return self._found(subject, "active", row)[0]

    def _found(
        self, subject: str, measure: str, row: "ir.Table", lately: str = ""
    ) -> "tuple[ir.BooleanValue, ir.BooleanValue]":
        question = _question(mentioned(self.context, subject), measure, lately)
        return self._signs.shown(question, row), self._signs.left_open(question, row)


def _question(subject: str, measure: str, lately: str) -> str:
    return f"{subject} {lately or measure}"


def _unlisted(row: "ir.Table") -> "ir.BooleanValue":
    """The record holds no list of medicines."""
    return ~holds(row["prescriptions_listed"])


def unread_medicines(context: Context) -> "ir.Table":
    """(person, key) of entries that could not be read and may be a medicine (`State.unread_drug`)."""
    doubts = context.facts.doubts
    return doubts.filter(~doubts.of.startswith("AllergyIntolerance")).select("person", "key")


def drugs_of(context: Context, subject: str) -> frozenset[str]:
    """The drugs of a drug or class."""
    words = context.words
    return frozenset(key for key in words.members(subject) if key in words.drugs)


def mentioned(context: Context, subject: str) -> str:
    """A drug or class that somebody's record mentions; else the key that stands for all others."""
    if context.mentioned is None or not context.mentioned.isdisjoint(context.words.members(subject)):
        return subject
    return ANY_DRUG


def length_of(atom: Atom, name: str) -> Duration:
    """A length that a measure cannot do without."""
    found = atom.length(name)
    if found is None:
        raise ValueError(f"'{atom.subject}.{atom.measure}' needs {name}")
    return found
