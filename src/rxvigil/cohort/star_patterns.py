"""Patterns that read pairs of star alleles as one release of a body understands them, for databases that cannot ask
`genetics.phenotype_of`. They read the plain way of writing ('*1/*3A') and nothing else."""

from collections.abc import Iterable, Iterator
from typing import Final

from rxvigil.genetics.groups import group_of
from rxvigil.knowledge.pharmacogenes import Function, Gene, MetaboliserGroup

BETWEEN: Final = ";"
"""Stands between the pairs of one report; no pair that is understood holds it."""


def read_whole(gene: Gene) -> str:
    """A text that is nothing but pairs of alleles that the release defines."""
    every = _any_of(name for names in _by_function(gene).values() for name in names)
    return f"^{every}/{every}({BETWEEN}{every}/{every})*$"


def pairs_of_group(gene: Gene, group: MetaboliserGroup) -> str | None:
    """A text with a pair of this group among its pairs; none where no pair of the release is of the group."""
    pairs = "|".join(_pairs(gene, group))
    return f"(^|{BETWEEN})({pairs})({BETWEEN}|$)" if pairs else None


def _pairs(gene: Gene, group: MetaboliserGroup) -> Iterator[str]:
    names = _by_function(gene)
    for first, mine in names.items():
        second = [other for other in names if group_of(gene, first, other) == group]
        if second:
            yield f"{_any_of(mine)}/{_any_of(name for other in second for name in names[other])}"


def _by_function(gene: Gene) -> dict[Function, list[str]]:
    """The names of alleles, without star, by function; a retired name by the allele it is part of now."""
    functions = {allele.name: allele.function for allele in gene.alleles}
    functions |= {old: functions[new] for old, new in gene.retired.items() if new in functions}
    found: dict[Function, list[str]] = {}
    for name, function in sorted(functions.items()):
        found.setdefault(function, []).append(name.removeprefix("*"))
    return found


def _any_of(names: Iterable[str]) -> str:
    """One of these alleles, or a sub-allele of it ('*3A.002')."""
    return rf"[*]({'|'.join(sorted(names))})([.][0-9][0-9][0-9])?"
