"""CONDITION_OCCURRENCE and PROCEDURE_OCCURRENCE: diagnoses, events, symptoms; vaccines where they are procedures."""

from collections.abc import Iterator
from typing import Final, Literal

from rxvigil.facts import Condition, Immunisation, When
from rxvigil.intake.fhir.parts import Elsewhere, Outcome
from rxvigil.intake.omop.cells import NO_DAY, day_in, known
from rxvigil.intake.omop.concepts import Concepts
from rxvigil.intake.omop.drugs import UNTOLD
from rxvigil.intake.omop.rows import Cells
from rxvigil.intake.omop.states import read_state, state_meant
from rxvigil.intake.omop.tray import Where
from rxvigil.intake.reading import Doubt, Finder, Found, NotOurs

Status = Literal["active", "past", "uncertain"]

_PROBLEM_LIST: Final = "problem list"
"""In the name of `condition_type_concept_id`: what a problem list holds without an end is active."""


class Conditions:
    """Reads rows of CONDITION_OCCURRENCE."""

    def __init__(self, concepts: Concepts, finder: Finder) -> None:
        self._concepts = concepts
        self._finder = finder

    def read(self, row: Cells, where: Where) -> Iterator[Outcome]:
        """The diagnosis, event or symptom, or why there is none."""
        (_, concept, start, end, type_, source, own) = row
        meaning = self._concepts.meaning(concept, own, source)
        onset, ended = day_in(start) or NO_DAY, day_in(end)
        found = self._finder.concept("condition", meaning.codings, meaning.text)
        if isinstance(found, Found):
            key, name = found.entry.key, found.entry.name
            for date in (onset, ended):
                if isinstance(date, Doubt):
                    yield where.listed(name, date.why, (key,))
            yield Condition(
                id=where.place,
                concept=key,
                origin=where.origin(),
                status=self._status(ended, type_),
                onset=known(onset),
                ended=known(ended),
            )
        elif (state := state_meant(meaning, self._finder)) is not None:
            yield from read_state(state, (), onset, where, known(ended))
        elif isinstance(found, Doubt):
            yield where.listed(meaning.shown or "a diagnosis", found.why, found.affects, known(onset))
        elif not meaning.told:
            yield where.listed(meaning.shown or "a diagnosis", UNTOLD, ("any-condition",), known(onset))
        else:
            yield Elsewhere("condition", found)

    def _status(self, ended: When | Doubt | None, type_: str) -> Status:
        """The model has no status. A diagnosis of an encounter without an end may long be over, or may not."""
        if isinstance(ended, When):
            return "past"
        listed = _PROBLEM_LIST in self._concepts.name(type_).lower() and ended is None
        return "active" if listed else "uncertain"


class Procedures:
    """Reads rows of PROCEDURE_OCCURRENCE."""

    def __init__(self, concepts: Concepts, finder: Finder) -> None:
        self._concepts = concepts
        self._finder = finder

    def read(self, row: Cells, where: Where) -> Iterator[Outcome]:
        """What was done, where it is an event or a vaccine of ours."""
        (_, concept, day, end, source, own) = row
        meaning = self._concepts.meaning(concept, own, source)
        when, ended = day_in(day) or NO_DAY, known(day_in(end))
        event = self._finder.concept("event", meaning.codings, meaning.text)
        if isinstance(event, Found):
            yield from read_state(("event", event.entry), (), when, where, ended)
            return
        vaccine = self._finder.concept("vaccine", meaning.codings, meaning.text)
        if isinstance(vaccine, Found) and isinstance(when, When):
            yield Immunisation(id=where.place, vaccine=vaccine.entry.key, when=when, origin=where.origin())
        elif isinstance(vaccine, Found) and isinstance(when, Doubt):
            yield where.listed(vaccine.entry.name, when.why, (vaccine.entry.key,))
        elif isinstance(event, NotOurs):
            yield Elsewhere("procedure", event)
        else:
            yield where.listed(meaning.shown or "a procedure", event.why if isinstance(event, Doubt) else "")
