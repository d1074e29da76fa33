"""What single facts show, gathered for many questions at once: that a thing is so, that it is left open, or nothing.

Diagnoses, vaccines, symptoms, events, allergies and entries that nobody could read all answer in this way. A question
is one bit of a whole number, so that a hundred of them are gathered by a few aggregates.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.bits import any_bit
from rxvigil.engine.kleene import UNKNOWN, YES

if TYPE_CHECKING:
    import ibis.expr.types as ir

_BITS: Final = 60
"""Questions to a column; with 64 the sign of the number would be one of them."""
_PREFIX: Final = {YES: "shown__", UNKNOWN: "open__"}


@dataclass
class Signs:
    """Facts that may show something, and the questions that they answer. All are named before any is asked."""

    _facts: "dict[str, tuple[int, ir.Table]]" = field(default_factory=dict)
    _questions: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def facts(self, name: str, level: int, rows: "ir.Table") -> str:
        """Facts of one kind, under a name: columns person and key (of the vocabulary). `level`: they show that a thing
        is so (2), or leave it open (1)."""
        self._facts.setdefault(name, (level, rows))
        return name

    def count(self, question: str, facts: str, keys: Iterable[str]) -> None:
        """Let facts about any of these keys count for a question."""
        self._questions.setdefault(question, set()).update((facts, key) for key in keys)

    def relation(self) -> "ir.Table | None":
        """For each person the questions that some fact answers; none where nothing is asked."""
        if not self._questions:
            return None
        rows = reduce(lambda one, other: one.union(other), [self._rows(name) for name in sorted(self._facts)])
        return rows.group_by("person").aggregate(**{name: any_bit(rows[name]) for name in self._columns})

    def shown(self, question: str, row: "ir.Table") -> "ir.BooleanValue":
        """Whether some fact shows that it is so."""
        return self._bit(question, row, YES)

    def left_open(self, question: str, row: "ir.Table") -> "ir.BooleanValue":
        """Whether some fact leaves it open."""
        return self._bit(question, row, UNKNOWN)

    def _bit(self, question: str, row: "ir.Table", level: int) -> "ir.BooleanValue":
        import ibis

        word, bit = divmod(self._places[question], _BITS)
        return (ibis.coalesce(row[f"{_PREFIX[level]}{word}"], 0) & (1 << bit)) != 0

    @cached_property
    def _places(self) -> dict[str, int]:
        return {question: place for place, question in enumerate(sorted(self._questions))}

    @property
    def _columns(self) -> dict[str, tuple[int, int]]:
        """Name of each column -> the level it is about, and which of the columns of this level it is."""
        words = range(-(-len(self._questions) // _BITS))
        return {f"{prefix}{word}": (level, word) for level, prefix in _PREFIX.items() for word in words}

    def _rows(self, name: str) -> "ir.Table":
        """Facts of one kind with the questions that each answers."""
        import ibis

        keys = {key for signs in self._questions.values() for facts, key in signs if facts == name}
        mine, rows = self._facts[name]
        rows = rows.filter(rows.key.isin(sorted(keys)))
        nothing = ibis.literal(0, type="int64")
        found = {
            column: self._mask(name, rows.key, word) if level == mine else nothing
            for column, (level, word) in self._columns.items()
        }
        return rows.select("person", **found)

    def _mask(self, name: str, key: "ir.StringValue", word: int) -> "ir.IntegerValue":
        """The bits of the questions that a fact about a key answers, in one column."""
        import ibis

        masks: dict[str, int] = {}
        for question, signs in self._questions.items():
            place = self._places[question]
            for facts, about in signs:
                if facts == name and place // _BITS == word:
                    masks[about] = masks.get(about, 0) | 1 << place % _BITS
        branches = [(key == about, ibis.literal(mask, type="int64")) for about, mask in sorted(masks.items())]
        none = ibis.literal(0, type="int64")
        return ibis.cases(*branches, else_=none) if branches else none
