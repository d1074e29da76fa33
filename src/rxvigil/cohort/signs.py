"""What single facts show, gathered for many questions at once: that a thing is so, that it is left open, or nothing.

Diagnoses, vaccines, symptoms, events, allergies, courses of medicines and entries that nobody could read all answer in
this way. A question is one bit of a whole number, so that a hundred of them are gathered by a few aggregates.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Final, NamedTuple

from rxvigil.cohort.bits import any_bit
from rxvigil.cohort.part import column
from rxvigil.cohort.truth import holds
from rxvigil.engine.kleene import UNKNOWN, YES

if TYPE_CHECKING:
    import ibis.expr.types as ir

_BITS: Final = 60
"""Questions to a column; with 64 the sign of the number would be one of them."""
_PREFIX: Final = {YES: "shown", UNKNOWN: "open"}


class _Word(NamedTuple):
    """One column: the level it is about, and which of the columns of this level it is."""

    level: int
    number: int


@dataclass(frozen=True)
class _Facts:
    """Facts of one kind: rows of a table, those with a flag where there is one."""

    level: int
    rows: "ir.Table"
    flag: str | None


@dataclass
class Signs:
    """Facts that may show something, and the questions that they answer. All are named before any is asked.
    `name`: what its columns begin with."""

    name: str = "signs"
    _facts: dict[str, _Facts] = field(default_factory=dict)
    _questions: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def facts(self, name: str, level: int, rows: "ir.Table", flag: str | None = None) -> str:
        """Facts of one kind, under a name: columns person and key (of the vocabulary). `level`: they show that a thing
        is so (2), or leave it open (1). `flag`: a column that tells which of the rows are meant; kinds of the same
        rows are gathered together."""
        self._facts.setdefault(name, _Facts(level, rows, flag))
        return name

    def count(self, question: str, facts: str, keys: Iterable[str]) -> None:
        """Let facts about any of these keys count for a question."""
        self._questions.setdefault(question, set()).update((facts, key) for key in keys)

    def relation(self) -> "ir.Table | None":
        """For each person the questions that some fact answers; none where nothing is asked."""
        if not self._questions:
            return None
        sources: dict[int, list[str]] = {}
        for name, facts in sorted(self._facts.items()):
            sources.setdefault(id(facts.rows), []).append(name)
        rows = reduce(lambda one, other: one.union(other), [self._rows(names) for names in sources.values()])
        return rows.group_by("person").aggregate(**{name: any_bit(rows[name]) for name in self._columns})

    def shown(self, question: str, row: "ir.Table") -> "ir.BooleanValue":
        """Whether some fact shows that it is so."""
        return self._bit(question, row, YES)

    def left_open(self, question: str, row: "ir.Table") -> "ir.BooleanValue":
        """Whether some fact leaves it open."""
        return self._bit(question, row, UNKNOWN)

    def _bit(self, question: str, row: "ir.Table", level: int) -> "ir.BooleanValue":
        word, bit = divmod(self._places[question], _BITS)
        return holds((row[self._name(_Word(level, word))] & (1 << bit)) != 0)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {question: place for place, question in enumerate(sorted(self._questions))}

    @property
    def _columns(self) -> dict[str, _Word]:
        words = range(-(-len(self._questions) // _BITS))
        return {self._name(word): word for level in _PREFIX for word in (_Word(level, number) for number in words)}

    def _name(self, word: _Word) -> str:
        return column(self.name, _PREFIX[word.level], str(word.number))

    def _rows(self, names: list[str]) -> "ir.Table":
        """Facts of some kinds, which are rows of one table, with the questions that each answers. What a key answers is
        looked up once for each key."""
        rows = self._facts[names[0]].rows
        keys = sorted({key for signs in self._questions.values() for facts, key in signs if facts in names})
        each = rows.filter(rows.key.isin(keys)).select("key").distinct()
        kinds = dict(enumerate(names))
        masks = {
            column(name, str(kind)): mask
            for kind, facts in kinds.items()
            for name, word in self._columns.items()
            if word.level == self._facts[facts].level
            if (mask := self._mask(facts, each.key, word.number)) is not None
        }
        joined = rows.inner_join(each.select("key", **masks), "key")
        return joined.select("person", **{name: self._answered(name, joined, kinds) for name in self._columns})

    def _answered(self, name: str, joined: "ir.Table", kinds: dict[int, str]) -> "ir.IntegerValue":
        """The questions of one column that a row answers."""
        import ibis

        none = ibis.literal(0, type="int64")
        found: list[ir.IntegerValue] = []
        for kind, facts in kinds.items():
            flag, mask = self._facts[facts].flag, column(name, str(kind))
            if mask in joined.columns:
                found.append(joined[mask] if flag is None else ibis.ifelse(joined[flag], joined[mask], none))
        return reduce(lambda one, other: one | other, found, none)

    def _mask(self, name: str, key: "ir.StringValue", word: int) -> "ir.IntegerValue | None":
        """The bits of the questions that a fact about a key answers, in one column; none where there are none."""
        import ibis

        masks: dict[str, int] = {}
        for question, signs in self._questions.items():
            place = self._places[question]
            for facts, about in signs:
                if facts == name and place // _BITS == word:
                    masks[about] = masks.get(about, 0) | 1 << place % _BITS
        branches = [(key == about, ibis.literal(mask, type="int64")) for about, mask in sorted(masks.items())]
        return ibis.cases(*branches, else_=ibis.literal(0, type="int64")) if branches else None
