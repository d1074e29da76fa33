"""What the rows of one person have said so far: the facts, and who the person is."""

from dataclasses import dataclass, field
from typing import TypeVar

from rxvigil.facts import NotUnderstood, Origin, Patient, Record, Sex, When
from rxvigil.intake.reading import Gathering

Said = TypeVar("Said")


@dataclass
class Tray:
    """The gathering of one person's rows, with every description of the person among them."""

    patient: str
    simulated: bool = False
    gathering: Gathering = field(default_factory=Gathering)
    _born: dict[When, Origin] = field(default_factory=dict)
    _died: dict[When, Origin] = field(default_factory=dict)
    _sex: dict[Sex, Origin] = field(default_factory=dict)

    def describe(self, origin: Origin, *, born: When | None, died: When | None, sex: Sex | None) -> None:
        """What one row says of the person."""
        if born is not None:
            self._born[born] = origin
        if died is not None:
            self._died[died] = origin
        if sex is not None and sex != "unknown":
            self._sex[sex] = origin

    def record(self) -> Record:
        """The person's record."""
        born = self._agreed("date of birth", self._born)
        died = self._agreed("date of death", self._died)
        sex = self._agreed("sex", self._sex)
        return self.gathering.record(Patient(self.patient, born, sex or "unknown", died, self.simulated))

    def _agreed(self, what: str, said: dict[Said, Origin]) -> Said | None:
        """What the rows agree on; where they differ, none of them is believed."""
        if len(said) > 1:
            for origin in said.values():
                self.gathering.add(NotUnderstood(origin=origin, what=what, why="rows about this person contradict it"))
            return None
        return next(iter(said), None)
