"""What goes wrong between the sample and the record, each with what was true."""

from collections.abc import Callable
from typing import Final

import msgspec

from rxvigil.knowledge.simulation import MistakeKind
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.facts import Reported, Slip
from rxvigil.simulation.laboratory import Desk
from rxvigil.simulation.plan import Ready

_NOT_A_NUMBER: Final = "haemolysed"
_UNKNOWN: Final = "In-house test"
_DAYS_AHEAD: Final = (30, 300)
_WRONG_BY: Final = 10
"""A withdrawn result had its decimal point in the wrong place."""


class Slips:
    """Goes over the results of one patient and makes the scenario's mistakes with them."""

    def __init__(self, ready: Ready, desk: Desk) -> None:
        self.ready, self.desk = ready, desk
        self.draws = Draws(ready.seed, desk.who.index, "mistakes")
        self.slips: list[Slip] = []
        self._more: list[Reported] = []
        self._kinds = [one.kind for one in ready.scenario.mistakes]
        self._shares = [one.share for one in ready.scenario.mistakes]
        self._made: dict[MistakeKind, Callable[[Reported], Reported | None]] = {
            "missing-unit": lambda one: msgspec.structs.replace(one, unit=""),
            "other-unit": self._other_unit,
            "unknown-code": _unknown_code,
            "not-a-number": lambda one: msgspec.structs.replace(one, value=_NOT_A_NUMBER, is_number=False),
            "future-date": self._future,
            "delivered-twice": self._twice,
            "corrected": lambda one: msgspec.structs.replace(one, status="amended"),
            "withdrawn": self._withdrawn,
        }

    def spoilt(self, results: list[Reported]) -> list[Reported]:
        """The results as they arrive in the record."""
        found = [self._perhaps(one) if one.number in self.desk.true else one for one in results]
        return found + self._more

    def _perhaps(self, one: Reported) -> Reported:
        left = self.draws.uniform()
        for kind, share in zip(self._kinds, self._shares, strict=True):
            left -= share
            if left < 0:
                return self._make(kind, one)
        return one

    def _make(self, kind: MistakeKind, one: Reported) -> Reported:
        made = self._made[kind](one)
        if made is None:
            return one
        extra = kind in ("delivered-twice", "withdrawn")
        self.slips.append(
            Slip(
                kind=kind, result=self._more[-1].number if extra else one.number, analyte=one.analyte,
                true_value=self.desk.true[one.number], true_unit=self._canonical(one.analyte), true_day=one.day,
                of=one.number if extra else None,
            )
        )  # fmt: skip
        return made

    def _canonical(self, analyte: str) -> str:
        dimension = self.ready.words.analytes[analyte].dimension
        return self.ready.words.dimensions[dimension].canonical if dimension else ""

    def _other_unit(self, one: Reported) -> Reported | None:
        """The number stays, and the unit of another laboratory stands beside it."""
        factors = self.ready.factors
        mine = factors[one.analyte, one.unit]
        others = sorted({unit for (name, unit), factor in factors.items() if name == one.analyte and factor != mine})
        if not others:
            return None
        return msgspec.structs.replace(one, unit=self.draws.pick(others, [1.0] * len(others)))

    def _future(self, one: Reported) -> Reported:
        return msgspec.structs.replace(one, day=self.ready.on + self.draws.day(*_DAYS_AHEAD))

    def _twice(self, one: Reported) -> Reported:
        self._more.append(msgspec.structs.replace(one, number=self._next()))
        return one

    def _withdrawn(self, one: Reported) -> Reported:
        wrong = f"{float(one.value) * _WRONG_BY:g}"
        self._more.append(msgspec.structs.replace(one, number=self._next(), value=wrong, status="entered-in-error"))
        return one

    def _next(self) -> int:
        return len(self.desk.results) + len(self._more)


def _unknown_code(one: Reported) -> Reported:
    return msgspec.structs.replace(one, system="local", code=f"Z{one.code}", name=_UNKNOWN)
