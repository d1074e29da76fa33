"""Genotype against enzyme activity: two tests of one thing that do not agree are a finding."""

from typing import Final, Literal

import msgspec

from rxvigil.genetics.activity import ActivityReading
from rxvigil.genetics.groups import safest
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup

Groups = frozenset[MetaboliserGroup]

_COULD_BE: Final[dict[MetaboliserGroup, Groups]] = {
    "normal": frozenset({"normal"}),
    "intermediate": frozenset({"intermediate"}),
    "poor": frozenset({"poor"}),
    "possible-intermediate": frozenset({"intermediate", "poor"}),
    "indeterminate": frozenset({"normal", "intermediate", "poor"}),
}
"""What a genotype leaves open: one allele without function and one not known makes intermediate, or poor."""


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """That genotype and activity do not agree, which of them to go by, and why."""

    genotype: Groups
    activity: Groups
    go_by: Literal["genotype", "safer"]
    """genotype: the activity is known to mislead. safer: neither overrides the other; the smaller dose until it is
    settled which is right."""
    dose_by: MetaboliserGroup
    says: str


def compare(genotype: Groups, activity: ActivityReading) -> Conflict | None:
    """None where the two can both be true, or where one of them says nothing."""
    measured = activity.metabolisers
    if not genotype or not measured or _open(genotype) & measured:
        return None
    if activity.may_hide_deficiency:
        return Conflict(
            genotype=genotype,
            activity=measured,
            go_by="genotype",
            dose_by=safest(genotype),
            says="Genotype and activity do not agree. The activity is known to mislead here; the genotype is not.",
        )
    return Conflict(
        genotype=genotype,
        activity=measured,
        go_by="safer",
        dose_by=safest(genotype | measured),
        says="Genotype and activity do not agree. Neither overrides the other: repeat the activity, check that both "
        "samples are this person's, and go by the lower until it is settled.",
    )


def narrowed(genotype: Groups, activity: ActivityReading) -> Groups:
    """The phenotypes that are left when a genotype that leaves several open is read together with the activity.

    An activity that may hide a deficiency, of which that is not known, or that contradicts, narrows nothing."""
    left = _open(genotype) & activity.metabolisers
    return left if left and activity.shown_not_to_hide else genotype


def _open(genotype: Groups) -> Groups:
    return frozenset[MetaboliserGroup]().union(*(_COULD_BE[group] for group in genotype))
