"""What every part of the state offers: columns keyed by person, and the truth of atoms in terms of them."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.facts import Facts
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth


@dataclass(frozen=True)
class Context:
    """What all parts are built from."""

    facts: Facts
    on: date
    words: Vocabulary
    fast: bool = False
    """Use aggregates that only DuckDB has (`max_by(value, order, n)`) where the portable form needs windows."""
    mentioned: frozenset[str] | None = None
    """Drugs and analytes that anybody's record mentions, and keys of entries that could not be read; none where nobody
    looked."""

    def may_be_on_file(self, key: str) -> bool:
        """Whether anybody's record may say something of this drug or analyte."""
        return self.mentioned is None or key in self.mentioned


class Answers(Protocol):
    """What answers atoms from columns of the state."""

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of an atom, from the columns of the whole state (left-joined: null where a person has no row)."""
        ...


@runtime_checkable
class Part(Answers, Protocol):
    """Some columns of the state, and the atoms that they answer.

    A record that the columns cannot hold faithfully is never guessed at: `singly` names it, and its patient is left to
    the evaluator of one patient.
    """

    def relation(self, steps: "Steps") -> "ir.Table | None":
        """The columns, at most one row for each person (`person` first); none where nothing is asked."""
        ...

    def singly(self, row: "ir.Table") -> "tuple[tuple[str, ir.BooleanValue], ...]":
        """Reasons, each with whom it holds of, why a patient cannot be told from these columns."""
        ...


def column(*names: str) -> str:
    """A column's name from keys of the vocabulary: column('alt', 'low') is alt__low, xanthine-oxidase becomes
    xanthine_oxidase."""
    return "__".join(name.replace("-", "_") for name in names)
