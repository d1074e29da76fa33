"""Relations worked out one after another, each under a name by which the later ones speak of it.

A plan is a list of such steps. Nothing here runs: a backend makes a table of each step in turn, or the steps are
written out as SQL for a warehouse.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Step:
    """A relation and the name of the table that it becomes."""

    name: str
    relation: "ir.Table"

    @cached_property
    def needs(self) -> frozenset[str]:
        """The tables that it is made of."""
        from ibis.expr import operations as ops

        return frozenset(table.name for table in self.relation.op().find(ops.UnboundTable))


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

    def leading_to(self, outputs: Iterable[str]) -> "Steps":
        """Only the steps that these need. Raises `KeyError` where there is no such step."""
        wanted = set(outputs)
        if unknown := wanted - {step.name for step in self._steps}:
            raise KeyError(min(unknown))
        left: list[Step] = []
        for step in reversed(self._steps):
            if step.name in wanted:
                left.insert(0, step)
                wanted |= step.needs
        return Steps(left)

    def done_with(self, outputs: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Step -> the steps of which the table is not needed after it, except these."""
        last: dict[str, str] = {}
        for step in self._steps:
            last |= dict.fromkeys((step.name, *step.needs), step.name)
        kept, own = frozenset(outputs), [step.name for step in self._steps]
        return {name: tuple(one for one in own if last[one] == name and one not in kept) for name in own}

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)


def stacked(relations: "Sequence[ir.Table]") -> "ir.Table":
    """All rows of relations with the same columns; there must be one at least."""
    import ibis

    return ibis.union(*relations) if len(relations) > 1 else relations[0]
