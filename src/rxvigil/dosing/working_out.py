"""The sum of a start dose: the body's dose times the weight, the prescriber's intention, and what lowers it."""

from dataclasses import dataclass
from typing import NamedTuple

from rxvigil.dosing.adjusting import Ready, adjust, not_answered
from rxvigil.dosing.amounts import Amount, Scale, in_mg, product_line
from rxvigil.dosing.case import Case
from rxvigil.dosing.choosing import Chosen
from rxvigil.dosing.genes import GeneAdvice, advise_on
from rxvigil.dosing.limits import Base, base, usable
from rxvigil.dosing.person import Weighed
from rxvigil.dosing.plan import InputShown, Refusal, StepShown
from rxvigil.dosing.reductions import Lowered, Reduction, lower
from rxvigil.dosing.suitability import unfit
from rxvigil.engine.assessment import ActionShown, Finding
from rxvigil.engine.wording import inside
from rxvigil.knowledge.dosing import DoseRange, DosingProtocol, parse_dose
from rxvigil.knowledge.lookup import tidy


@dataclass(frozen=True)
class Sum:
    """A start dose worked out, before tablets."""

    protocol: DosingProtocol
    weighed: Weighed
    base: Base
    end: float | None
    """The lower end of the body's own range, in mg a day."""
    certain: tuple[Reduction, ...]
    possible: tuple[Reduction, ...]
    """What cannot be excluded and would lower the dose."""
    lowered: Lowered
    """With everything certain and possible: the lower of both ways."""
    as_known: Lowered
    """With what is certain only."""
    findings: tuple[Finding, ...]
    inputs: tuple[InputShown, ...]
    genes_open: bool
    """That a gene is not known stands among the findings."""
    other_bodies: tuple[str, ...]
    """What other bodies say of the genes."""


def work_out(
    chosen: Chosen, protocol: DosingProtocol, weighed: Weighed, most: float | None, case: Case, ready: tuple[Ready, ...]
) -> Sum | tuple[Refusal, ...]:
    """The sum, or why there is none. `most` is the body's lowest maximum in mg a day."""
    refused, findings = unfit(protocol, case)
    first = refused or _body_dose(protocol, weighed, case)
    intention = _intended(first, weighed.scale, most, case) if isinstance(first, Base) else first
    if not isinstance(intention, Intention):
        return intention
    aimed = _capped(intention.base, most)
    genes = advise_on(case, _per_kg(aimed, weighed.scale))
    found = (*adjust(ready, case, protocol, chosen.indication), *genes.reductions)
    certain = tuple(one for one in found if one.certain)
    open_ = tuple(one for one in found if not one.certain and not _settled(one, genes))
    possible = tuple(one for one in open_ if one.kind != "avoid")
    unknown = not_answered(one.finding for one in open_ if one.group != "genes")
    return Sum(
        protocol=protocol,
        weighed=weighed,
        base=aimed,
        end=intention.end,
        certain=certain,
        possible=possible,
        lowered=lower(aimed.amount, intention.end, (*certain, *possible), weighed.scale),
        as_known=lower(aimed.amount, intention.end, certain, weighed.scale),
        findings=(*findings, *intention.findings, *(one.finding for one in certain), *unknown, *genes.findings),
        inputs=genes.inputs,
        genes_open=bool(genes.findings),
        other_bodies=genes.beside,
    )


def _body_dose(protocol: DosingProtocol, weighed: Weighed, case: Case) -> Base | tuple[Refusal, ...]:
    stated = usable(protocol.start)
    if stated is None:
        reason = f"{protocol.body} gives no start dose that was read"
        return (Refusal(reason=reason, do="name another body; those beside it are shown"),)
    found = base(stated, weighed.scale, protocol, case, "Start dose")
    if found is not None:
        return found
    reason = "the dose is per square metre, and height or weight is not known"
    return weighed.refused or (Refusal(reason=reason, do="measure height and weight"),)


def _capped(aimed: Base, most: float | None) -> Base:
    """The base, not above the body's own maximum."""
    if most is None or aimed.amount.high <= most:
        return aimed
    amount = aimed.amount.at_most(most)
    step = StepShown(
        label="Maximum of the body", formula=f"not above {most:g} mg/d: {amount}", low=amount.low, high=amount.high
    )
    return Base(aimed.dose, amount, (*aimed.steps, step))


class Intention(NamedTuple):
    """The base that the prescriber means, the lower end of the body's own range (none where it gives one dose), and
    what is to be said of it."""

    base: Base
    end: float | None
    findings: tuple[Finding, ...] = ()


def _intended(first: Base, scale: Scale, most: float | None, case: Case) -> Intention | tuple[Refusal, ...]:
    """The dose the prescriber has in mind, as far as the body goes along."""
    wanted, usual = case.request.intended, first.amount
    end = usual.low if usual.low < usual.high else None
    if wanted is None:
        return Intention(first, end)
    amount = in_mg(wanted, scale)
    if amount is None:
        reason = "the intended dose is per kilogram or square metre, and the size is not known"
        return (Refusal(reason=reason, do="weigh and measure, or give the intended dose in mg/d"),)
    if most is not None and amount.low > most:
        reason = f"the intended dose, {amount}, is above the body's maximum of {most:g} mg/d"
        return (Refusal(reason=reason, do="check dose and weight; below the maximum the dose is worked out"),)
    top = usual.high
    kept = amount.at_most(top)
    step = StepShown(label="Intended dose", formula=product_line(wanted, scale, amount), low=kept.low, high=kept.high)
    aimed = Base(wanted, kept, (*first.steps, step))
    if amount.high > top:
        return Intention(aimed, end, (_beyond(amount, top, case),))
    return Intention(aimed, end, (_below(amount, usual, case),) if amount.low < usual.low else ())


def _beyond(amount: Amount, top: float, case: Case) -> Finding:
    return Finding(
        rule="dosing/above-the-start-dose",
        kind="dose",
        tier="ACT",
        cause="intended dose above the body's start dose",
        says=f"The intended dose, {amount}, is above what the body followed starts {inside(case.name)} with: "
        f"{top:g} mg/d is used.",
        action=ActionShown(
            "discuss", "Check the dose; name another body if its higher dose is meant.", "now", "should"
        ),
    )


def _below(amount: Amount, usual: Amount, case: Case) -> Finding:
    return Finding(
        rule="dosing/below-the-start-dose",
        kind="dose",
        tier="KNOW",
        cause="intended dose below the body's start dose",
        says=f"The intended dose, {amount}, is below what the body followed starts {inside(case.name)} with: {usual}.",
        action=ActionShown("discuss", "Check that the lower dose is meant.", "routine", "consider"),
    )


def _per_kg(aimed: Base, scale: Scale) -> DoseRange:
    """The dose in the unit that genetic advice speaks of, where a weight is known."""
    if scale.kg is None or aimed.dose.unit == "mg/m2/d":
        return aimed.dose
    return DoseRange(tidy(aimed.amount.low / scale.kg), tidy(aimed.amount.high / scale.kg), "mg/kg/d")


def _settled(one: Reduction, genes: GeneAdvice) -> bool:
    """A TPMT activity that is not known, where TPMT is settled otherwise."""
    return one.group == "genes" and genes.tpmt_settled and one not in genes.reductions


def compared(total: Sum) -> tuple[StepShown, ...]:
    """The same dose by the other kind of weight, where the body does not say which it means."""
    other, stated = total.weighed.other, total.protocol.start
    if other is None or stated is None or total.protocol.weight.basis != "not-stated":
        return ()
    dose = parse_dose(stated.dose)
    scale = total.weighed.scale._replace(kg=other[1])
    amount = in_mg(dose, scale)
    if amount is None or dose.unit != "mg/kg/d":
        return ()
    label = f"For comparison, by {other[0]} weight (the body does not say which)"
    return (StepShown(label=label, formula=product_line(dose, scale, amount), low=amount.low, high=amount.high),)
