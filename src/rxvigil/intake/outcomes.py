"""The three answers an intake gets when it asks what something means: found, not ours, a doubt."""

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from rxvigil.facts import Comparator, NotUnderstood, Origin, When
from rxvigil.intake.words import clean
from rxvigil.knowledge.vocabulary import Analyte, ConceptEntry, Drug, Product

Entry = TypeVar("Entry", Analyte, Drug, ConceptEntry)


class Coding(NamedTuple):
    """A code as the record gives it; `system` is its address or our short name for it ('loinc')."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Found(Generic[Entry]):
    """The entry of ours that is meant; for a drug, the product where the code names one."""

    entry: Entry
    product: Product | None = None


@dataclass(frozen=True, slots=True)
class NotOurs:
    """Read, and nothing the rules speak of: goes to `Gathering.outside`."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Not to be decided by a program: goes to the not-understood list."""

    why: str
    affects: tuple[str, ...]

    def listed(self, what: str, origin: Origin, when: When | None = None) -> NotUnderstood:
        """The not-understood entry for this doubt; `what` names the thing as the record does."""
        return NotUnderstood(origin=origin, what=clean(what), why=clean(self.why, 400), affects=self.affects, when=when)


@dataclass(frozen=True, slots=True)
class Measured:
    """A value in the analyte's canonical unit, or a category."""

    value: float | None
    comparator: Comparator
    category: str | None
    written: str
