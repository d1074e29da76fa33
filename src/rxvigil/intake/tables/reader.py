"""What every kind of table does with a row: name its subject, then make a fact of it or say why not."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rxvigil.facts import NotUnderstood, Origin, When
from rxvigil.intake.reading import Coding, Doubt, Finder, ListKind, NotOurs
from rxvigil.intake.tables.cells import Cells
from rxvigil.intake.tables.mapping import TableBase
from rxvigil.intake.tables.parts import OUTSIDE, Named
from rxvigil.intake.tables.textfile import Header, Row
from rxvigil.intake.tables.tray import Tray

Described = TypeVar("Described", bound=TableBase)


@dataclass(frozen=True)
class Subject:
    """What a row is about, as written, and what the mapping says it means."""

    codings: list[Coding]
    name: str
    means: str | None

    @property
    def shown(self) -> str:
        """Name or code, for the list of what was not understood."""
        return self.name or (self.codings[0].code if self.codings else "")

    def not_ours(self) -> NotOurs:
        """For what the mapping says is none of ours."""
        coding = self.codings[0] if self.codings else Coding("", "")
        return NotOurs(coding.system, coding.code, self.name)


class Reader(ABC, Generic[Described]):
    """Reads the rows of one table."""

    LIST: ClassVar[ListKind | None] = None
    """The list of the record that the table holds entries of."""
    COULD_BE: ClassVar[tuple[str, ...]] = ()
    """What a row that cannot be read at all might have changed."""

    def __init__(self, table: Described, cells: Cells, finder: Finder) -> None:
        self.table = table
        self.cells = cells
        self.finder = finder
        self.used = frozenset(name for _, name in table.columns())

    @abstractmethod
    def read(self, row: Row, tray: Tray) -> None:
        """Make what can be made of a row whose columns are where the header says."""

    def check(self, header: Header) -> None:  # noqa: B027
        """Whatever else the header has to fulfil. Raises `UnreadableInput`."""

    def affects(self) -> tuple[str, ...]:
        """What a row with shifted columns might have changed."""
        return self.COULD_BE

    def subject(self, named: Named, row: Row) -> Subject:
        """What a row is about."""
        codings, name = self.cells.coding(named, row)
        return Subject(codings, name, self.cells.meaning(named, row))
