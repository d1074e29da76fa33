"""What every kind of table does with a row: name its subject, then make a fact of it or say why not."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Generic, TypeVar

from rxvigil.errors import UnreadableInput
from rxvigil.facts import NotUnderstood, Origin, When
from rxvigil.intake.outcomes import Entry
from rxvigil.intake.reading import Coding, Doubt, Finder, Found, ListKind, NotOurs, clean
from rxvigil.intake.tables.cells import AN_ERROR, Cells, is_error
from rxvigil.intake.tables.mapping import TableBase
from rxvigil.intake.tables.mapping_file import MappingFile
from rxvigil.intake.tables.parts import OUTSIDE, Named
from rxvigil.intake.tables.textfile import Header, Row
from rxvigil.intake.tables.tray import Tray

AnyTable = TypeVar("AnyTable", bound=TableBase)


@dataclass(frozen=True)
class Context:
    """What all readers of one mapping share."""

    file: MappingFile
    cells: Cells
    finder: Finder


@dataclass(frozen=True)
class Subject:
    """What a row is about, as written, and what the mapping says that means."""

    codings: list[Coding]
    name: str
    means: str | None
    column: str
    """Where it stands, for people who want to find it again."""
    could_be: tuple[str, ...] = ()
    """What it might be, where it cannot be read at all."""

    @property
    def shown(self) -> str:
        """Name or code, for the list of what was not understood."""
        return self.name or (self.codings[0].code if self.codings else "an entry without a name")

    @property
    def product(self) -> str:
        """How the row calls it: in words, else by what its code is called, else by the code."""
        coding = self.codings[0] if self.codings else Coding("", "")
        return self.name or coding.display or coding.code

    def meant(
        self, ours: Mapping[str, Entry], ask: Callable[[], Found[Entry] | NotOurs | Doubt]
    ) -> Found[Entry] | NotOurs | Doubt:
        """The mapping's own word where it has one; otherwise what the finder says."""
        if self.means is None and any(map(is_error, (self.name, *(one.code for one in self.codings)))):
            return Doubt(AN_ERROR, self.could_be)
        if self.means is None:
            return ask()
        if self.means == OUTSIDE:
            coding = self.codings[0] if self.codings else Coding("", "")
            return NotOurs(coding.system, coding.code, self.name)
        return Found(ours[self.means])


class Reader(ABC, Generic[AnyTable]):
    """Reads the rows of one table."""

    LIST: ClassVar[ListKind | None] = None
    """The list of the record that the table holds entries of."""
    COULD_BE: ClassVar[tuple[str, ...]] = ()
    """What a row that cannot be read at all might have changed."""

    def __init__(self, table: AnyTable, number: int, context: Context) -> None:
        self.table = table
        self.cells = context.cells
        self.finder = context.finder
        self.vocabulary = context.finder.vocabulary
        self.patient = table.patient or context.file.mapping.patient
        self._columns = {name: context.file.document.place(path) for path, name in table.columns(("tables", number))}
        if not context.file.mapping.rows_are_people:
            self._columns.setdefault(self.patient, context.file.document.place(("patient",)))

    @abstractmethod
    def read(self, row: Row, tray: Tray) -> None:
        """Make what can be made of a row whose cells are where the header says."""

    def check(self, header: Header) -> None:
        """That every column the mapping names is there, once. Raises `UnreadableInput`. Nothing of the header is
        quoted that is not in the mapping: where the header row is missing, it would be a patient's data."""
        where = f"{header.source}:1"
        for name, place in self._columns.items():
            if name in header.twice:
                raise UnreadableInput(f"two columns are named '{name}' ({place})", where, "rename one of them")
            if name not in header.columns:
                near = get_close_matches(name, header.columns, n=1, cutoff=0.8)
                remedy = f"the file has '{near[0]}'; correct the mapping" if near else self._remedy(header)
                raise UnreadableInput(f"there is no column '{name}', which the mapping names ({place})", where, remedy)

    @property
    def used(self) -> frozenset[str]:
        """The columns that the table uses."""
        return frozenset(self._columns)

    def affects(self) -> tuple[str, ...]:
        """What a row with shifted cells might have changed."""
        return self.COULD_BE

    def subject(self, named: Named, row: Row) -> Subject:
        """What a row is about."""
        codings, name = self.cells.coding(named, row)
        meaning = self.cells.meaning(named, row)
        return Subject(codings, name, meaning, named.name or named.code or "row", self.COULD_BE)

    @staticmethod
    def _remedy(header: Header) -> str:
        if header.width == 1:
            return "the file has one column only: state its delimiter (comma, tab, semicolon, pipe) in the mapping"
        return f"the file has {header.width} columns: check that its first row is the header, and the names"


def origin(row: Row, column: str) -> Origin:
    """Where a cell stands."""
    return Origin(source=row.source, place=column, line=row.line)


def listed(doubt: Doubt, what: str, where: Origin, affects: tuple[str, ...], when: When | None = None) -> NotUnderstood:
    """The not-understood entry of a doubt about something that we know by its key."""
    return Doubt(doubt.why, affects).listed(clean(what), where, when)


def known(when: When | Doubt | None) -> When | None:
    """The date where it could be read."""
    return None if isinstance(when, Doubt) else when
