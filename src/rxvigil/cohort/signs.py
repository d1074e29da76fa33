"""What single facts show, gathered to one column for each question: that it is so, that it is left open, or nothing.

Diagnoses, vaccines, symptoms, events, allergies and entries that nobody could read all answer in this way: a question
names the facts that count for it, and the strongest of them decides.
"""

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from rxvigil.engine.kleene import UNKNOWN, YES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import ibis.expr.types as ir


@dataclass
class Signs:
    """Facts that may show something, and the columns that are made of them."""

    _facts: "dict[str, ir.Table]" = field(default_factory=dict)
    _columns: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def facts(self, name: str, rows: "ir.Table") -> str:
        """Facts of one kind, under a name: columns person, key (of the vocabulary) and level, which is 2 where the
        fact shows that a thing is so and 1 where it leaves it open."""
        self._facts.setdefault(name, rows)
        return name

    def count(self, column: str, facts: str, keys: "Iterable[str]") -> None:
        """Let facts about any of these keys count for a column."""
        self._columns.setdefault(column, set()).update((facts, key) for key in keys)

    def relation(self) -> "ir.Table | None":
        """For each person the strongest of the facts that count for each column; null where there is none."""
        if not self._columns:
            return None
        numbers = {sign: nth for nth, sign in enumerate(sorted(set().union(*self._columns.values())))}
        rows = self._rows(numbers)
        levels = {
            column: rows.level.max(where=rows.sign.isin(sorted(numbers[sign] for sign in signs)))
            for column, signs in sorted(self._columns.items())
        }
        return rows.group_by("person").aggregate(**levels)

    def _rows(self, numbers: dict[tuple[str, str], int]) -> "ir.Table":
        """Every fact that counts for something, with the number of its sign: numbers compare faster than words."""
        import ibis

        found = []
        for name, rows in sorted(self._facts.items()):
            mine = {key: number for (facts, key), number in numbers.items() if facts == name}
            kept = rows.filter(rows.key.isin(sorted(mine)))
            sign = ibis.cases(*((kept.key == key, number) for key, number in sorted(mine.items())), else_=-1)
            found.append(kept.select("person", sign=sign.cast("int32"), level=kept.level.cast("int8")))
        return reduce(lambda one, other: one.union(other), found)


def shown(level: "ir.IntegerValue", surely: int = YES) -> "ir.BooleanValue":
    """Whether a column of levels has reached one; a null has not."""
    import ibis

    return ibis.coalesce(level >= surely, ibis.literal(False))


def left_open(level: "ir.IntegerValue") -> "ir.BooleanValue":
    """Whether something is at least left open."""
    return shown(level, UNKNOWN)
