"""Relations worked out one after another, each under a name by which the later ones speak of it.

A plan is a list of such steps. Nothing here runs: a backend makes a table of each step in turn, or the steps are
written out as SQL for a warehouse.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Step:
    """A relation and the name of the table that it becomes."""

    name: str
    relation: "ir.Table"


@dataclass
class Steps:
    """The steps so far, in the order in which they must be run."""

    _steps: list[Step] = field(default_factory=list)

    def add(self, name: str, relation: "ir.Table") -> "ir.Table":
        """Add a step; the answer is the table it becomes, for the later ones to use."""
        import ibis

        if any(step.name == name for step in self._steps):
            raise ValueError(f"there is a step '{name}' already")
        self._steps.append(Step(name, relation))
        return ibis.table(relation.schema(), name=name)

    def table(self, name: str) -> "ir.Table":
        """The table that a step became. Raises `KeyError` where there is no such step yet."""
        import ibis

        return ibis.table({step.name: step for step in self._steps}[name].relation.schema(), name=name)

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)


def stacked(relations: "Sequence[ir.Table]") -> "ir.Table":
    """All rows of relations with the same columns; there must be one at least."""
    import ibis

    return ibis.union(*relations) if len(relations) > 1 else relations[0]
