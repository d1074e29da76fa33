"""Small tables that a plan brings with it: what the rule book says of each rule, for the last steps to join."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from rxvigil.cohort.facts import TYPES
from rxvigil.population.schema import Shape

if TYPE_CHECKING:
    import ibis.expr.types as ir


Columns: TypeAlias = tuple[tuple[str, Shape], ...]
Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Given:
    """A table with its rows, to be made before the first step is run."""

    name: str
    columns: Columns
    rows: tuple[Row, ...]

    def table(self) -> "ir.Table":
        """The table as a relation bound to no backend."""
        import ibis

        return ibis.table({name: TYPES[shape] for name, shape in self.columns}, name=self.name)

    def column(self, name: str) -> Row:
        """The values of one column, row by row."""
        place = [column for column, _ in self.columns].index(name)
        return tuple(row[place] for row in self.rows)


@dataclass(frozen=True, order=True)
class Speaks:
    """Who speaks in a finding: a rule, and in what respect it does."""

    rule: str
    about: str = ""
    """The drug, and for a schedule whether its test is due, overdue, suggested ...; empty: anybody."""


@dataclass(frozen=True)
class Coded:
    """What rules say, by number: numbers travel through the queries and are in the order of the rules' ids, so that
    no backend's way of sorting text decides anything. Words are joined at the end."""

    given: Given
    """One row for each code, in their order: row 0 has code 0."""
    codes: dict[Speaks, int]


Said: TypeAlias = tuple[Speaks, Row]


def numbered(name: str, columns: Columns, said: Iterable[Said]) -> Coded:
    """Number what is said; the same rule in the same respect is one."""
    texts = dict(said)
    codes = {speaks: code for code, speaks in enumerate(sorted(texts))}
    rows = tuple((code, speaks.rule, speaks.about, *texts[speaks]) for speaks, code in codes.items())
    own: Columns = (("code", "whole"), ("rule", "text"), ("about", "text"))
    return Coded(Given(name, (*own, *columns), rows), codes)


def names_of(name: str, texts: Iterable[str]) -> Given:
    """Table (number, name): texts by number, in their order."""
    return Given(name, (("number", "whole"), ("name", "text")), tuple(enumerate(sorted(set(texts)))))
