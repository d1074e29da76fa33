"""Conditions, allergies and vaccinations: one per row."""

from typing import Final

from rxvigil.facts import Allergy, Condition, Event, Immunisation, Symptom, When
from rxvigil.facts.records import EventStatus
from rxvigil.intake.reading import Doubt, Found, NotOurs, clean
from rxvigil.intake.tables.mapping import AllergiesTable, ConditionsTable, ImmunisationsTable, ProblemStatus
from rxvigil.intake.tables.parts import NONE_KNOWN
from rxvigil.intake.tables.reader import Reader, Subject, known, listed, origin
from rxvigil.intake.tables.textfile import Row
from rxvigil.intake.tables.tray import Tray
from rxvigil.knowledge.lookup import ConceptKind
from rxvigil.knowledge.vocabulary import ConceptEntry

_STATES: Final[tuple[ConceptKind, ...]] = ("event", "symptom")


class ConditionsReader(Reader[ConditionsTable]):
    """Problem lists."""

    LIST = "conditions"
    COULD_BE = ("any-condition",)

    def read(self, row: Row, tray: Tray) -> None:
        """One condition, or why not. A date that cannot be read is listed and the condition kept."""
        subject = self.subject(self.table.condition, row)
        conditions = self.vocabulary.concepts["condition"]
        meant = subject.meant(conditions, lambda: self.finder.concept("condition", subject.codings, subject.name))
        status = self.cells.word(self.table.status, row)
        where = origin(row, subject.column)
        if isinstance(meant, NotOurs) and subject.means is None and (state := self._state(subject)) is not None:
            tray.gathering.there_is("conditions")
            self._read_state(state, status, subject, row, tray)
        elif isinstance(meant, NotOurs):
            tray.gathering.outside("condition", meant)
        elif isinstance(meant, Doubt):
            tray.gathering.add(meant.listed(subject.shown, where))
        elif isinstance(status, Doubt):
            tray.gathering.add(listed(status, meant.entry.name, where, (meant.entry.key,)))
        elif status == "withdrawn":
            tray.gathering.unread("withdrawn condition")
        else:
            dates = [self.cells.date(part, row) for part in (self.table.onset, self.table.ended)]
            for doubt in dates:
                if isinstance(doubt, Doubt):
                    tray.gathering.add(listed(doubt, meant.entry.name, where, (meant.entry.key,)))
            onset, ended = map(known, dates)
            key = meant.entry.key
            tray.gathering.add(
                Condition(id=row.place, concept=key, origin=where, status=status, onset=onset, ended=ended)
            )

    def _state(self, subject: Subject) -> tuple[str, ConceptEntry] | None:
        """An event or symptom of ours that stands among the diagnoses: pregnancy, a sore throat."""
        for kind in _STATES:
            found = self.finder.concept(kind, subject.codings, subject.name)
            if isinstance(found, Found):
                return kind, found.entry
        return None

    def _read_state(
        self, state: tuple[str, ConceptEntry], status: ProblemStatus | Doubt, subject: Subject, row: Row, tray: Tray
    ) -> None:
        kind, named = state
        where = origin(row, subject.column)
        onset, ended = (self.cells.date(part, row) for part in (self.table.onset, self.table.ended))
        doubts = [one for one in (status, onset, ended) if isinstance(one, Doubt)]
        if status == "uncertain":
            doubts.append(Doubt("it is not said whether this is so", ()))
        if kind == "symptom" and onset is None:
            doubts.append(Doubt("it has no date", ()))
        if doubts:
            tray.gathering.add(listed(doubts[0], named.name, where, (named.key,), known(onset)))
        elif status == "withdrawn" or (kind == "symptom" and status == "refuted"):
            tray.gathering.unread(f"{'withdrawn' if status == 'withdrawn' else 'refuted'} {kind}")
        elif kind == "event":
            happened: EventStatus = "not" if status == "refuted" else "happened"
            start, end = known(onset), known(ended)
            tray.gathering.add(Event(id=row.place, kind=named.key, origin=where, start=start, end=end, status=happened))
        elif isinstance(onset, When):
            tray.gathering.add(Symptom(id=row.place, concept=named.key, when=onset, origin=where, ended=known(ended)))


class AllergiesReader(Reader[AllergiesTable]):
    """Allergies, intolerances, and statements of having none."""

    LIST = "allergies"
    COULD_BE = ("any-allergy",)

    def read(self, row: Row, tray: Tray) -> None:
        """One allergy, or why not."""
        subject = self.subject(self.table.substance, row)
        substance = self._substance(subject)
        status = self.cells.word(self.table.status, row)
        where = origin(row, subject.column)
        if isinstance(substance, NotOurs):
            tray.gathering.outside("allergy", substance)
        elif isinstance(substance, Doubt):
            affects = tuple("any-allergy" if key == "any-drug" else key for key in substance.affects)
            tray.gathering.add(listed(substance, subject.shown, where, affects))
        elif isinstance(status, Doubt):
            tray.gathering.add(listed(status, self.vocabulary.show(substance), where, (substance,)))
        elif status == "withdrawn":
            tray.gathering.unread("withdrawn allergy")
        else:
            tray.gathering.add(
                Allergy(
                    id=row.place,
                    concept=substance,
                    origin=where,
                    status=status,
                    reaction=clean(self.cells.text(self.table.reaction, row)),
                    serious=self._serious(row),
                )
            )

    def _substance(self, subject: Subject) -> str | NotOurs | Doubt:
        """The key of a drug, of a class of drugs, or of there being none."""
        if subject.means == NONE_KNOWN or subject.means in self.vocabulary.classes:
            return subject.means
        meant = subject.meant(
            self.vocabulary.drugs, lambda: self.finder.drug(subject.codings, subject.name, allergy=True)
        )
        if isinstance(meant, Found):
            return meant.entry.key
        group = self.vocabulary.class_by_name(subject.name)
        return group.key if group is not None else meant

    def _serious(self, row: Row) -> bool | None:
        severity = self.cells.word(self.table.severity, row) if self.table.severity else None
        return {"serious": True, "not-serious": False}.get(severity) if isinstance(severity, str) else None


class ImmunisationsReader(Reader[ImmunisationsTable]):
    """Vaccinations."""

    LIST = "immunisations"
    COULD_BE = ("any-vaccine",)

    def read(self, row: Row, tray: Tray) -> None:
        """One vaccination, or why not."""
        subject = self.subject(self.table.vaccine, row)
        vaccines = self.vocabulary.concepts["vaccine"]
        meant = subject.meant(vaccines, lambda: self.finder.concept("vaccine", subject.codings, subject.name))
        status = self.cells.word(self.table.status, row)
        when = self.cells.date(self.table.date, row) or Doubt("it has no date", ())
        where = origin(row, subject.column)
        if isinstance(meant, NotOurs):
            tray.gathering.outside("vaccine", meant)
        elif isinstance(meant, Doubt):
            tray.gathering.add(meant.listed(subject.shown, where, known(when)))
        elif status == "withdrawn":
            tray.gathering.unread("withdrawn vaccination")
        elif isinstance(status, Doubt):
            tray.gathering.add(listed(status, meant.entry.name, where, (meant.entry.key,), known(when)))
        elif isinstance(when, Doubt):
            tray.gathering.add(listed(when, meant.entry.name, where, (meant.entry.key,)))
        else:
            key = meant.entry.key
            tray.gathering.add(Immunisation(id=row.place, vaccine=key, when=when, origin=where, status=status))
