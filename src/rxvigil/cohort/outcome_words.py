"""What rules answer, packed: two bits for each rule, many rules in one whole number.

A person has hundreds of answers, nearly all of them silence. Packed they are a few numbers, and many people have the
same ones: what a number means is read once for each that there is, and not once for each person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.given import Given
from rxvigil.cohort.truth import always
from rxvigil.engine.kleene import UNKNOWN, YES

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.truth import Truth

RULES: Final = 24
"""The answers of so many rules stand in one number; above them stands which rules they are."""
_ANSWERS: Final = 4**RULES - 1
_WHICH: Final = 2**63 - 1 - _ANSWERS


@dataclass(frozen=True)
class Place:
    """Where the answer of a rule stands: in the numbers whose upper bits are `which`, these bits."""

    which: int
    unknown: int
    fires: int
    code: int


@dataclass
class Places:
    """The places of all rules that are asked, as they are given away."""

    _places: list[Place] = field(default_factory=list)
    _numbers: int = 0

    def pack(self, answers: "Sequence[tuple[int, Truth]]") -> "Iterator[ir.IntegerValue]":
        """The answers of rules, each with its code, in as few numbers as they need."""
        import ibis

        for at in range(0, len(answers), RULES):
            self._numbers += 1
            which = self._numbers * (_ANSWERS + 1)
            together = answers[at : at + RULES]
            self._places += [Place(which, 4**n * UNKNOWN, 4**n * YES, code) for n, (code, _) in enumerate(together)]
            parts = [truth.cast("int64") * 4**n for n, (_, truth) in enumerate(together)]
            yield reduce(lambda one, other: one + other, parts, ibis.literal(which, type="int64"))

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    @property
    def given(self) -> Given:
        """The places as a table."""
        columns = ("which", "unknown", "fires", "code")
        rows = tuple((one.which, one.unknown, one.fires, one.code) for one in self._places)
        return Given("rule_places", tuple((name, "whole") for name in columns), rows)


def some(packed: "ir.IntegerValue") -> "ir.BooleanValue":
    """Whether any rule is not silent."""
    return (packed & _ANSWERS) != 0


def which(packed: "ir.IntegerValue") -> "ir.IntegerValue":
    """Which rules the number is about."""
    return packed & _WHICH


def only_open(packed: "ir.IntegerValue") -> "ir.IntegerValue":
    """The number without the rules that fire."""
    return packed & (_WHICH + sum(4**n * UNKNOWN for n in range(RULES)))


def read(rows: "ir.Table", places: "ir.Table") -> "ir.Table":
    """The rows, once for each rule that fires or cannot be answered in their column `packed`, with code and outcome."""
    import ibis

    found = rows.mutate(which=which(rows.packed)).inner_join(places, "which")
    fires, left_open = (found.packed & found.fires) != 0, (found.packed & found.unknown) != 0
    outcome = ibis.cases((fires, always(YES)), else_=always(UNKNOWN))
    return found.filter(fires | left_open).mutate(outcome=outcome).drop("which", "unknown", "fires")
