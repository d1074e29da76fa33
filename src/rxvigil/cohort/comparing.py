"""Comparisons of single results with limits and categories, as bits of whole numbers; and of one value with another.

Every result is compared by itself with everything that any rule asks of its analyte: one bit where the comparison
certainly holds, one where it certainly does not. Of several newest results any may alarm; as a proof all must hold.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.truth import certainties, decide, holds
from rxvigil.engine.ask_results import Limit, limit_of
from rxvigil.knowledge.expression import Operator
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

OWN: Final = {"xULN": "upper", "xLLN": "lower"}
"""Unit of a multiple -> the column of the laboratory's own limit."""
DIGITS: Final = 9
"""Digits after the point to which a multiple of a laboratory's limit, or a change, is rounded before it is compared:
the engine keeps ten significant ones, and no laboratory writes so many."""
_BITS: Final = 60


class Comparison(NamedTuple):
    """What a result is compared with: a limit, or categories of which it should be one."""

    analyte: str
    operator: Operator | None
    limit: Limit | None
    wanted: frozenset[str] = frozenset()


def comparison_of(atom: Atom, words: Vocabulary) -> Comparison:
    """What an atom compares. Raises `ValueError` where it compares nothing."""
    if atom.wanted:
        return Comparison(atom.subject, None, None, atom.wanted)
    if atom.operator is None or atom.value is None:
        raise ValueError(f"'{atom.subject}.{atom.measure}' has to be compared with something")
    limit = limit_of(atom.value, atom.subject, words)
    return Comparison(atom.subject, atom.operator, Limit(limit.value, limit.of))


@dataclass(frozen=True)
class Comparisons:
    """Everything that results are compared with, each comparison a bit of two numbers: `yes` and `no`."""

    atoms: Collection[Atom]
    words: Vocabulary

    @cached_property
    def _places(self) -> dict[Comparison, int]:
        """The bit of each comparison; each analyte counts from nought."""
        found: dict[str, dict[Comparison, int]] = {}
        for atom in self.atoms:
            one = comparison_of(atom, self.words)
            mine = found.setdefault(atom.subject, {})
            mine.setdefault(one, len(mine))
        return {one: place for mine in found.values() for one, place in mine.items()}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        numbers = range(1 + max(self._places.values(), default=-1) // _BITS)
        return tuple(f"{answer}_{number}" for number in numbers for answer in ("yes", "no"))

    def columns(self, rows: "ir.Table") -> "dict[str, ir.IntegerValue]":
        """The columns for each result of `rows`."""
        return {name: self._column(rows, name) for name in self.names}

    def _column(self, rows: "ir.Table", name: str) -> "ir.IntegerValue":
        import ibis

        answer, number = name.split("_")
        bits: dict[str, ir.IntegerValue] = {}
        for one, place in self._places.items():
            if place // _BITS == int(number):
                certainly, certainly_not = _certainties(rows, one)
                flag = certainly if answer == "yes" else certainly_not
                bit = ibis.ifelse(flag, ibis.literal(1 << place % _BITS, type="int64"), ibis.literal(0, type="int64"))
                bits[one.analyte] = bits[one.analyte] + bit if one.analyte in bits else bit
        branches = [(rows.analyte == analyte, mask) for analyte, mask in sorted(bits.items())]
        nothing = ibis.literal(0, type="int64")
        return ibis.cases(*branches, else_=nothing) if branches else nothing

    def of_newest(self, atom: Atom, rows: "ir.Table") -> "Truth":
        """The answer of results gathered in one row: any may alarm, as a proof all must hold."""
        yes, no = ("all", "any") if atom.proof else ("any", "all")
        return self._told(atom, rows, f"{{}}_{yes}", f"{{}}_{no}")

    def of_one(self, atom: Atom, rows: "ir.Table", form: str) -> "Truth":
        """The answer of one result. `form`: what its columns are called, with `{}` for the name here."""
        return self._told(atom, rows, form, form)

    def _told(self, atom: Atom, rows: "ir.Table", yes: str, no: str) -> "Truth":
        number, bit = divmod(self._places[comparison_of(atom, self.words)], _BITS)
        certainly, certainly_not = rows[yes.format(f"yes_{number}")], rows[no.format(f"no_{number}")]
        return decide(holds((certainly & (1 << bit)) != 0), holds((certainly_not & (1 << bit)) != 0))


def _certainties(rows: "ir.Table", one: Comparison) -> "tuple[ir.BooleanValue, ir.BooleanValue]":
    """Whether a result certainly satisfies a comparison, and whether it certainly does not (`ask_results._one`)."""
    if one.limit is None or one.operator is None:
        wanted = rows.category.isin(sorted(one.wanted))
        return holds(wanted), rows.category.notnull() & ~holds(wanted)
    bound: ir.Value | float = one.limit.value
    if one.limit.of:
        bound = (rows[OWN[one.limit.of]] * one.limit.value).round(DIGITS)
    certainly, certainly_not = certainties(rows.low, rows.high, one.operator, bound)
    if one.limit.of or one.limit.value <= 0:  # 'undetectable' cannot be compared
        number = rows.value.notnull()
        return holds(certainly & number), holds(certainly_not & number)
    return holds(certainly), holds(certainly_not)


def moved(earlier_: "ir.Value", later: "ir.Value", atom: Atom, each: float) -> "ir.BooleanValue":
    """Whether a step falls or rises by more than `each` percent (`ask_results._moved`)."""
    import ibis

    share = (later / ibis.ifelse(earlier_ > 0, earlier_, ibis.null("float64")) * 100).round(8)
    return holds(share < 100 - each if atom.measure == "falls" else share > 100 + each)
