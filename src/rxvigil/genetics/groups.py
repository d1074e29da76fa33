"""Metaboliser groups: from two functions to a group, and which of several groups is the safest to dose by."""

from collections.abc import Iterable
from typing import Final, get_args

from rxvigil.knowledge.pharmacogenes import Function, Gene, MetaboliserGroup

FUNCTIONS: Final[tuple[Function, ...]] = get_args(Function)
GROUPS: Final[frozenset[MetaboliserGroup]] = frozenset(get_args(MetaboliserGroup))
SAFEST_FIRST: Final[tuple[MetaboliserGroup, ...]] = (
    "poor",
    "intermediate",
    "possible-intermediate",
    "indeterminate",
    "normal",
)
"""The order in which a dose is chosen while several groups are possible: the least dose first."""


def safest(groups: Iterable[MetaboliserGroup]) -> MetaboliserGroup:
    """The group to dose by until it is known which of them it is. Nothing known is indeterminate."""
    return min(groups, key=SAFEST_FIRST.index, default="indeterminate")


def pair_key(first: Function, second: Function) -> str:
    """How a release's table writes two functions: in the order of `Function`, whichever strand they are on."""
    return "+".join(sorted((first, second), key=FUNCTIONS.index))


def group_of(gene: Gene, first: Function, second: Function) -> MetaboliserGroup:
    """The group of two functions by the release's table. A pair the table does not hold is indeterminate."""
    return gene.phenotypes.get(pair_key(first, second), "indeterminate")
