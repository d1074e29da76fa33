"""A change of the dose in use: up only when nothing speaks against it, down by the body's step, off when it harms."""

from typing import Final

from msgspec.structs import replace

from rxvigil.dosing.adjusting import Ready
from rxvigil.dosing.amounts import Amount, in_mg, product_line
from rxvigil.dosing.bodies import followed
from rxvigil.dosing.case import Case
from rxvigil.dosing.choosing import Chosen, choose
from rxvigil.dosing.limits import cited, lowest, maxima
from rxvigil.dosing.person import Weighed, person_of, weigh
from rxvigil.dosing.plan import CHANGE_SCHEMA, Because, ChangePlan, Refusal, StepShown
from rxvigil.dosing.products import Aim, options, shelf
from rxvigil.dosing.rising import against_a_rise, ceiling, too_early
from rxvigil.dosing.start import basis_of, needs_surface
from rxvigil.dosing.supposing import forbids
from rxvigil.dosing.taken import Taken, changed, taken
from rxvigil.dosing.wording import by_hand
from rxvigil.engine.assessment import ActionShown, Finding
from rxvigil.engine.wording import inside, opening
from rxvigil.facts import parse_range, show_day
from rxvigil.knowledge.dosing import DoseStep, DosingProtocol, parse_dose
from rxvigil.knowledge.lookup import tidy

OFF: Final = frozenset({"emergency", "stop", "withhold"})
"""Verbs that leave no dose to work out."""
CHANGED: Final = ActionShown(
    "monitor", "Blood count and liver tests as after a new start of the schedule.", "soon", "should"
)


def change(case: Case, because: Because, ready: tuple[Ready, ...]) -> ChangePlan:
    """The plan for a change of dose."""
    now, chosen = taken(case), choose(case)
    assessment = case.evaluator.assess(case.record, case.state.on)
    plan = ChangePlan(
        schema=CHANGE_SCHEMA, drug=case.drug, name=case.name, on=case.state.on, digest=case.book.digest,
        jurisdiction=case.place, request=case.request, because=because, summary="", findings=assessment.findings,
        missing=chosen.missing,
    )  # fmt: skip
    if isinstance(now, Refusal):
        return _refuse(plan, [now], case)
    plan = replace(plan, from_mg=now.mg, inputs=now.inputs)
    off = next((one for one in assessment.findings if one.tier in ("STOP", "ACT") and one.action.verb in OFF), None)
    if off is not None:
        return _off(plan, off)
    against = against_a_rise(chosen, now, assessment, case, ready) if because == "not-responding" else []
    if chosen.protocol is None:
        return _refuse(plan, [*against, *chosen.refused], case)
    return _by_body(plan, chosen, chosen.protocol, now, against, case)


def _off(plan: ChangePlan, finding: Finding) -> ChangePlan:
    """The rule book already says that the drug is to be withheld or stopped."""
    said = finding.says.rstrip(".")
    reason = f"{said}: no dose is given while that stands"
    refused = Refusal(reason=reason, do=finding.action.says, tier="STOP", sources=finding.sources)
    return replace(
        plan, action=finding.action, summary=f"{finding.tier}: {said}. {finding.action.says}", refused=(refused,)
    )


_GRAVEST: Final = ("STOP", "ACT", "CANNOT SAY")


def _refuse(plan: ChangePlan, refused: list[Refusal], case: Case) -> ChangePlan:
    every = tuple({one.reason: one for one in (*plan.refused, *refused)}.values())
    first = min(every, key=lambda one: _GRAVEST.index(one.tier))
    more = f" And {len(every) - 1} more." if len(every) > 1 else ""
    reason, do = opening(first.reason).rstrip("."), opening(first.do).rstrip(".")
    summary = f"{first.tier}: no change of the dose of {inside(case.name)} is supported. {reason}. {do}.{more}"
    return replace(plan, refused=every, summary=summary, to=None)


def _by_body(
    plan: ChangePlan, chosen: Chosen, protocol: DosingProtocol, now: Taken, against: list[Refusal], case: Case
) -> ChangePlan:
    """The change by the step of the body that is followed."""
    person = person_of(case.state)
    weighed = weigh(person, basis_of(case, protocol), needs_surface(protocol, case))
    highest = maxima(protocol, weighed.scale, case)
    plan = replace(
        plan, followed=followed(chosen, protocol, weighed.scale, case), maximum=highest, maximum_mg=lowest(highest),
        inputs=(*plan.inputs, *person.inputs),
    )  # fmt: skip
    step = protocol.increase if plan.because == "not-responding" else protocol.decrease
    if step is None or step.source.mark == "memory":
        return _refuse(plan, [*against, _no_step(plan, protocol)], case)
    by = in_mg(parse_dose(step.by), weighed.scale)
    if by is None:
        return _refuse(plan, [*against, *weighed.refused], case)
    plan = replace(plan, steps=(_step(step, by, weighed, protocol, case),))
    if plan.because != "not-responding":
        return _down(plan, step, by, now, case)
    early = too_early(step, now, case)
    if early:
        against, plan = [*against, early[1]], replace(plan, earliest=early[0])
    return _up(plan, ceiling(protocol, plan.maximum_mg, weighed.scale), by, now, against, case)


def _no_step(plan: ChangePlan, protocol: DosingProtocol) -> Refusal:
    way = "raising" if plan.because == "not-responding" else "lowering"
    do = "withhold it until the specialist has set a dose" if plan.because == "toxicity" else "ask the specialist"
    return Refusal(reason=f"{protocol.body} gives no steps for {way} the dose", do=do)


def _step(step: DoseStep, by: Amount, weighed: Weighed, protocol: DosingProtocol, case: Case) -> StepShown:
    formula = product_line(parse_dose(step.by), weighed.scale, by)
    source = cited(step.source, case, protocol)
    return StepShown(label="Step of the body", formula=formula, low=by.low, high=by.high, source=source)


def _up(plan: ChangePlan, top: float | None, by: Amount, now: Taken, against: list[Refusal], case: Case) -> ChangePlan:
    if top is None:
        reason = "the body names no maximum that was read"
        against = [*against, Refusal(reason=reason, do="ask the specialist")]
    elif now.mg >= top:
        reason = f"the present dose, {now.mg:g} mg/d, is as high as the body goes ({top:g} mg/d)"
        against = [*against, Refusal(reason=reason, do="judge the effect, the level of metabolites and adherence")]
    if against or top is None:
        return _refuse(plan, against, case)
    mg = min(tidy(now.mg + by.low), top)
    plan = replace(plan, steps=(*plan.steps, _new(now, "+", by.low, mg, top)))
    return _given(plan, Aim(mg, top), now, case)


def _down(plan: ChangePlan, step: DoseStep, by: Amount, now: Taken, case: Case) -> ChangePlan:
    """Lower by the step: the larger end of it where it harms. Not below nothing: that is withdrawal."""
    less = by.high if plan.because == "toxicity" else by.low
    mg = tidy(now.mg - less)
    if mg <= 0:
        reason = f"a step of {less:g} mg/d would leave nothing of {now.mg:g} mg/d"
        return _refuse(plan, [Refusal(reason=reason, do="ask for a withdrawal")], case)
    plan = replace(plan, steps=(*plan.steps, _new(now, "-", less, mg, mg)))
    if plan.because == "remission" and step.every and now.dose_since:
        earliest = parse_range(step.every).low.after(now.dose_since)
        plan = replace(plan, earliest=max(earliest, plan.on))
    return _given(plan, Aim(mg, tidy(min(now.mg, mg + less / 2))), now, case)


def _new(now: Taken, sign: str, by: float, mg: float, top: float) -> StepShown:
    capped = f", at most {top:g}" if sign == "+" and mg < tidy(now.mg + by) else ""
    return StepShown(
        label="New dose", formula=f"{now.mg:g} mg/d {sign} {by:g} mg/d{capped} = {mg:g} mg/d", low=mg, high=mg
    )


def _given(plan: ChangePlan, aim: Aim, now: Taken, case: Case) -> ChangePlan:
    """The new dose with what exists, if the rule book has nothing against it."""
    plan = replace(plan, check_by_hand=by_hand(plan.steps))
    given = options(aim, shelf(case), case.request.form, None)
    if not given:
        return _refuse(
            plan, [Refusal(reason=f"no product was read that gives {aim.mg:g} mg/d", do="ask the pharmacy")], case
        )
    to = given[0]
    if (to.mg_per_day > now.mg) != (plan.because == "not-responding") or to.mg_per_day == now.mg:
        reason = f"with what exists the dose would not change the right way ({now.mg:g} to {to.mg_per_day:g} mg/d)"
        return _refuse(plan, [Refusal(reason=reason, do="ask the pharmacy for a liquid or another strength")], case)
    after = changed(case.record, case.state.on, case.drug, to.mg_per_day, case.name)
    found = case.evaluator.assess(after, case.state.on).findings
    known = {one.rule for one in plan.findings}
    new = [Refusal(reason=one.says, do=one.action.says, tier="STOP", sources=one.sources)
           for one in found if forbids(one) and one.rule not in known]  # fmt: skip
    if new:
        return _refuse(plan, new, case)
    when = f", not before {show_day(plan.earliest)}" if plan.earliest and plan.earliest > plan.on else ""
    summary = f"Change {inside(case.name)} from {now.mg:g} mg/d to {to.says}{when}. {CHANGED.says}"
    return replace(plan, to=to, action=CHANGED, summary=summary, earliest=plan.earliest or plan.on)
