"""What lowers the dose, and how several reductions stand together: never multiplied.

The base is what the body gives. A reduction to the lower end makes the base its own lower end, and where
the body gives one dose alone it is a reduction without a number; a fraction or a
subtraction is taken of that. Where several hold, the result is the lowest single one, as an upper bound: no source that
was read says how they combine. Caps come last.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rxvigil.dosing.amounts import Amount, Scale, in_mg
from rxvigil.dosing.plan import StepShown
from rxvigil.engine.assessment import Finding, Missing, SourceShown
from rxvigil.engine.wording import number, opening
from rxvigil.knowledge.dosing import DoseRange
from rxvigil.knowledge.lookup import tidy

Kind = Literal["lower_end", "fraction", "subtract", "cap", "avoid", "no_number"]


@dataclass(frozen=True)
class Reduction:
    """One thing about the person that lowers the dose, by one source."""

    id: str
    kind: Kind
    group: str
    """What it is about: two sources about one thing are one reduction, the lower of the two."""
    cause: str
    finding: Finding
    certain: bool
    """Shown to hold; else it cannot be said."""
    fraction: tuple[float, float] = (1.0, 1.0)
    dose: DoseRange | None = None
    """Of a subtraction or a cap."""
    from_: tuple[DoseRange, ...] = ()
    """A fraction that the source asks for only from this dose on, said in one or more units."""
    unnumbered: bool = False
    """The source asks for less than this and does not say how much less."""
    source: SourceShown | None = None
    missing: tuple[Missing, ...] = field(default=())


@dataclass(frozen=True)
class Lowered:
    """The dose after reductions."""

    amount: Amount
    steps: tuple[StepShown, ...]
    upper_bound_only: bool
    strict: bool
    """A source lowered the dose by a number, or asked for less: rounding may not undo it."""
    cap: float | None
    """The lowest cap, in mg a day."""


def lower(base: Amount, end: float | None, reductions: Iterable[Reduction], scale: Scale) -> Lowered:
    """The base with these reductions, each taken as holding. `end`: the lower end of the body's own range in mg a day,
    which an intended dose does not raise; none where the body gives one dose: then less is asked for without number."""
    applied = [one for one in reductions if one.kind != "avoid"]
    steps: list[StepShown] = []
    ends = [one for one in applied if one.kind == "lower_end"]
    if ends and end is not None:
        base = Amount(base.low, base.low).at_most(end)
        steps += [_step(one, f"lower end of the range: {base}", base) for one in ends]
    elif ends:
        steps += [_step(one, f"less than {base}: the body gives one dose and no lower end", base) for one in ends]
    single: dict[str, list[Amount]] = {}
    for one in applied:
        if one.kind in ("fraction", "subtract"):
            amount, formula = _fraction(one, base, scale) if one.kind == "fraction" else _subtract(one, base, scale)
            single.setdefault(one.group, []).append(amount)
            steps.append(_step(one, formula, amount))
    unnumbered = {one.group for one in applied if one.kind == "no_number"} - set(single)
    vague = bool(unnumbered) or any(one.unnumbered for one in applied) or (bool(ends) and end is None)
    result = _lowest([min(amounts, key=lambda one: (one.high, one.low)) for amounts in single.values()], base)
    result, cap, capped = _capped(result, applied, scale)
    together = len(single) + len(unnumbered) + (1 if ends else 0)
    upper = vague or (together > 1 and bool(single))
    return Lowered(result, (*steps, *capped), upper, bool(single) or vague, cap)


def _lowest(single: list[Amount], base: Amount) -> Amount:
    if not single:
        return base
    return Amount(min(one.low for one in single), min(one.high for one in single))


def _capped(amount: Amount, applied: list[Reduction], scale: Scale) -> tuple[Amount, float | None, list[StepShown]]:
    steps: list[StepShown] = []
    caps = [(one, in_mg(one.dose, scale)) for one in applied if one.kind == "cap" and one.dose]
    found = [(one, limit.high) for one, limit in caps if limit is not None]
    for one, most in found:
        if most < amount.high:
            amount = amount.at_most(most)
            steps.append(_step(one, f"not above {one.dose}: {amount}", amount))
    return amount, min((most for _, most in found), default=None), steps


def _step(one: Reduction, formula: str, amount: Amount) -> StepShown:
    return StepShown(label=opening(one.cause), formula=formula, low=amount.low, high=amount.high, source=one.source)


def _fraction(one: Reduction, base: Amount, scale: Scale) -> tuple[Amount, str]:
    low, high = one.fraction
    factor = number(low, 4) if low == high else f"{number(low, 4)} to {number(high, 4)}"
    limit = _asked_from(one, scale)
    if limit is None or base.low >= limit[1]:
        result = base.times(low, high)
        return result, f"{base} x {factor} = {result}"
    lowest, highest = (_below(mg, part, high, limit[1]) for mg, part in zip(base, one.fraction, strict=True))
    result = Amount(min(lowest, highest), highest)
    return result, f"{base} with {factor} from {limit[0]} on, and below it at most {number(high, 4)} of that = {result}"


def _asked_from(one: Reduction, scale: Scale) -> tuple[DoseRange, float] | None:
    """The dose from which the fraction is asked for, in the first unit that can be worked out."""
    for dose in one.from_:
        limit = in_mg(dose, scale)
        if limit is not None:
            return dose, limit.low
    return None


def _below(mg: float, part: float, highest: float, limit: float) -> float:
    """The fraction of one end. Below the dose from which it is asked for: that end, but never more than somebody gets
    who is reduced from that dose."""
    return tidy(mg * part) if mg >= limit else min(mg, tidy(limit * highest))


def _subtract(one: Reduction, base: Amount, scale: Scale) -> tuple[Amount, str]:
    less = in_mg(one.dose, scale) if one.dose else None
    if less is None:
        return base, f"less {one.dose}, which needs a weight"
    result = Amount(max(0.0, tidy(base.low - less.high)), max(0.0, tidy(base.high - less.low)))
    return result, f"{base} - {less} = {result}"
