"""Genotype against enzyme activity: two tests of one thing that do not agree are a finding."""

from typing import Literal

import msgspec

from rxvigil.genetics.activity import ActivityReading
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """That genotype and activity do not agree, which of them to go by, and why."""

    genotype: frozenset[MetaboliserGroup]
    activity: frozenset[MetaboliserGroup]
    go_by: Literal["genotype", "activity", "safer"]
    dose_by: frozenset[MetaboliserGroup]
    says: str
    because: tuple[str, ...]


def compare(genotype: frozenset[MetaboliserGroup], activity: ActivityReading) -> Conflict | None:
    """None where the two agree or one of them says nothing."""
    return None
