"""What a body allows at most, and what stands between the base of a dose and that."""

from typing import NamedTuple

from rxvigil.dosing.amounts import Amount, Scale, in_mg, product_line
from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import MaximumShown, StepShown
from rxvigil.engine.assessment import SourceShown
from rxvigil.engine.findings import sources_shown
from rxvigil.knowledge.dosing import DoseRange, DosingProtocol, StatedDose, parse_dose
from rxvigil.knowledge.provenance import Source


class Base(NamedTuple):
    """What the body gives this person before anything lowers it."""

    dose: DoseRange
    amount: Amount
    steps: tuple[StepShown, ...]


def cited(source: Source, case: Case, protocol: DosingProtocol) -> SourceShown:
    """One source as a reader sees it."""
    return sources_shown((source,), case.book, case.state.on, protocol.review_by)[0]


def usable(stated: StatedDose | None) -> StatedDose | None:
    """A stated dose that somebody has read at a source."""
    return None if stated is None or stated.source.mark == "memory" else stated


def maxima(protocol: DosingProtocol, scale: Scale, case: Case) -> tuple[MaximumShown, ...]:
    """Every maximum the body states."""
    return tuple(_maximum(one, protocol, scale, case) for one in protocol.maximum if usable(one))


def _maximum(one: StatedDose, protocol: DosingProtocol, scale: Scale, case: Case) -> MaximumShown:
    dose = parse_dose(one.dose)
    most = in_mg(dose, scale)
    sums = product_line(dose, scale, most) if most else one.dose
    says = f"{sums}, {one.says}" if one.says else sums
    return MaximumShown(says=says, mg=most.high if most else None, source=cited(one.source, case, protocol))


def lowest(found: tuple[MaximumShown, ...]) -> float | None:
    """The lowest of the maxima that could be worked out."""
    return min((one.mg for one in found if one.mg is not None), default=None)


def base(stated: StatedDose, scale: Scale, protocol: DosingProtocol, case: Case, label: str) -> Base | None:
    """The dose the body states, for this person; none where the weight or surface it needs is not known."""
    dose = parse_dose(stated.dose)
    amount = in_mg(dose, scale)
    if amount is None:
        return None
    source = cited(stated.source, case, protocol)
    steps = [_step(label, product_line(dose, scale, amount), amount, source)]
    ceiling = in_mg(parse_dose(stated.or_as), scale) if stated.or_as else None
    if ceiling is not None and amount.high > ceiling.high:
        amount = amount.at_most(ceiling.high)
        steps.append(
            _step("The same in other words", f"{stated.or_as}: not above {ceiling.high:g} mg/d", amount, source)
        )
    return Base(dose, amount, tuple(steps))


def _step(label: str, formula: str, amount: Amount, source: SourceShown) -> StepShown:
    return StepShown(label=label, formula=formula, low=amount.low, high=amount.high, source=source)
