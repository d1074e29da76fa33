"""Which harms azathioprine would do to this patient, and when, counted in days of treatment."""

from dataclasses import dataclass
from typing import Final

from rxvigil.knowledge.simulation import Harm, HarmKind
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.facts import Harmed
from rxvigil.simulation.people import YEAR, Person
from rxvigil.simulation.plan import Ready

_ORGANS: Final = {"myelotoxicity": "marrow", "hepatotoxicity": "liver"}


@dataclass(frozen=True)
class Fate:
    """A harm that comes on after so many days of treatment, if treatment lasts that long."""

    after: int
    harm: Harm
    severity: str
    factor: float
    pattern: str

    def happened(self, day: int) -> Harmed:
        """The harm on the day it comes on."""
        return Harmed(kind=self.kind, onset=day, severity=self.severity, factor=self.factor, pattern=self.pattern)

    @property
    def kind(self) -> HarmKind:
        """What kind of harm it is."""
        return self.harm.kind


def fates(ready: Ready, who: Person, draws: Draws) -> list[Fate]:
    """Every harm that waits for this patient, soonest first. All are drawn, so that one does not move another."""
    found = []
    for harm in ready.scenario.harms:
        after = _onset(ready, who, harm, draws)
        fate = renewed(ready, harm, after or 0, draws)
        if after is not None:
            found.append(fate)
    return sorted(found, key=lambda one: one.after)


def renewed(ready: Ready, harm: Harm, after: int, draws: Draws) -> Fate:
    """The same kind of harm once more, as bad as chance will have it."""
    severity, factor = "", 1.0
    if harm.severities:
        chosen = draws.pick(harm.severities, [one.share for one in harm.severities])
        severity, factor = chosen.key, draws.between(*chosen.factor)
    patterns = [one for one in ready.scenario.patterns if one.organ == _ORGANS.get(harm.kind)]
    pattern = draws.pick(patterns, [one.share for one in patterns]).key if patterns else ""
    return Fate(after, harm, severity, factor, pattern)


def again(ready: Ready, harm: Harm, draws: Draws) -> Fate:
    """The harm after azathioprine was tried again: it comes on as it would in somebody new."""
    rate = (harm.per_year or 0.0) / YEAR
    after = draws.days(harm.onset) if harm.onset is not None else draws.until(rate)
    return renewed(ready, harm, max(1, int(after)), draws)


def _onset(ready: Ready, who: Person, harm: Harm, draws: Draws) -> int | None:
    if harm.onset is None:
        return max(1, int(draws.until((harm.per_year or 0.0) / YEAR)))
    happens = draws.chance(ready.share_of(harm, who.indication.condition))
    after = max(1, draws.days(harm.onset))
    return after if happens else None
