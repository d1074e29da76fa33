"""Truths of questions about analytes, gathered by person: two bits of a whole number for each question.

Answers are worked out for each person and analyte that has any result, and gathered into one row a person; so the work
grows with the results on file, not with what the rule book could ask.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.bits import any_bit
from rxvigil.cohort.truth import always
from rxvigil.engine.kleene import NO, UNKNOWN, YES

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

_TO_A_WORD: Final = 30
"""Questions in one number; with 32 its sign would be one of the bits."""
_CODE: Final = {NO: 1, UNKNOWN: 2, YES: 3}
"""What stands for a truth; nought stands where a person has no row for the analyte."""


@dataclass(frozen=True)
class Packed:
    """The place of each question."""

    atoms: Collection[Atom]

    @cached_property
    def _places(self) -> dict[Atom, int]:
        ordered = sorted(dict.fromkeys(self.atoms), key=lambda atom: atom.subject)
        return {atom: place for place, atom in enumerate(ordered)}

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(_name(word) for word in range(-(-len(self._places) // _TO_A_WORD)))

    def columns(self, rows: "ir.Table", truth: "Callable[[Atom, ir.Table], Truth]") -> "dict[str, ir.IntegerValue]":
        """The columns for each person and analyte of `rows`, given the truth of each question about the analyte."""
        import ibis

        masks: dict[str, dict[str, ir.IntegerValue]] = {name: {} for name in self.names}
        for atom, place in self._places.items():
            word, nth = divmod(place, _TO_A_WORD)
            answer = truth(atom, rows)
            codes = {one: ibis.literal(code << 2 * nth, type="int64") for one, code in _CODE.items()}
            code = ibis.cases((answer == YES, codes[YES]), (answer == NO, codes[NO]), else_=codes[UNKNOWN])
            mine = masks[_name(word)]
            mine[atom.subject] = mine[atom.subject] + code if atom.subject in mine else code
        nothing = ibis.literal(0, type="int64")
        return {
            name: ibis.cases(*((rows.analyte == analyte, mask) for analyte, mask in mine.items()), else_=nothing)
            for name, mine in masks.items()
        }

    def gathered(self, rows: "ir.Table") -> "dict[str, ir.IntegerValue]":
        """The columns of a person's rows as one."""
        return {name: any_bit(rows[name]) for name in self.names}

    def truth(self, atom: Atom, row: "ir.Table", otherwise: "Truth | None" = None) -> "Truth":
        """The truth of a question, from the gathered columns; `otherwise`: where the person has no row for the analyte
        (unknown, where nothing is said), and of an analyte that is not on file."""
        import ibis

        if atom not in self._places:
            return always(UNKNOWN) if otherwise is None else otherwise
        word, nth = divmod(self._places[atom], _TO_A_WORD)
        code = ibis.coalesce(row[_name(word)], 0) & (3 << 2 * nth)
        branches = [(code == self._code(YES, nth), always(YES)), (code == self._code(NO, nth), always(NO))]
        if otherwise is not None:
            branches.append((code == 0, otherwise))
        return ibis.cases(*branches, else_=always(UNKNOWN))

    @staticmethod
    def _code(truth: int, nth: int) -> int:
        return _CODE[truth] << 2 * nth


def _name(word: int) -> str:
    return f"told_of_results_{word}"
