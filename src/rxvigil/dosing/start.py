"""The plan for a first dose: the sum, the tablets, the calendar, and what stands against it."""

from typing import Any

from msgspec.structs import replace

from rxvigil.dosing.adjusting import Ready
from rxvigil.dosing.bodies import beside, followed
from rxvigil.dosing.case import Case
from rxvigil.dosing.choosing import choose
from rxvigil.dosing.inputs import around, kidney_step
from rxvigil.dosing.limits import cited, lowest, maxima
from rxvigil.dosing.person import person_of, weigh
from rxvigil.dosing.plan import DOSE_SCHEMA, Basis, DosePlan, OptionShown, StepShown, WayShown
from rxvigil.dosing.products import Aim, Shelf, options, rounded, shelf
from rxvigil.dosing.standing import (
    Against,
    against,
    combination,
    no_number,
    not_made,
    only_the_most,
    refusals_of,
    together,
)
from rxvigil.dosing.titrating import titrate
from rxvigil.dosing.wording import by_hand, in_range, refused_in_words, some_of, summary_of, to_settle, ways_of
from rxvigil.dosing.working_out import Sum, compared, work_out
from rxvigil.engine.assessment import Finding
from rxvigil.engine.wording import inside
from rxvigil.facts import parse_range
from rxvigil.knowledge.dosing import DosingProtocol


def start(case: Case, ready: tuple[Ready, ...]) -> DosePlan:
    """The plan for a first dose."""
    chosen = choose(case)
    person = person_of(case.state)
    plan = DosePlan(
        schema=DOSE_SCHEMA,
        drug=case.drug,
        name=case.name,
        on=case.state.on,
        digest=case.book.digest,
        jurisdiction=case.place,
        request=case.request,
        summary="",
        indication=chosen.indication or "",
        inputs=(*person.inputs, *around(case)),
        steps=kidney_step(case),
        refused=chosen.refused,
        missing=(*chosen.missing, *person.missing),
    )
    protocol = chosen.protocol
    if protocol is None:
        return _closed(plan, against(case, None, None).found_only(), case)
    weighed = weigh(person, basis_of(case, protocol), needs_surface(protocol, case))
    highest = maxima(protocol, weighed.scale, case)
    plan = replace(
        plan,
        followed=followed(chosen, protocol, weighed.scale, case),
        beside=beside(chosen, weighed.scale, case),
        maximum=highest,
        maximum_mg=lowest(highest),
    )
    total = work_out(chosen, protocol, weighed, plan.maximum_mg, case, ready)
    if not isinstance(total, Sum):
        return _closed(replace(plan, refused=(*plan.refused, *total)), against(case, None, None).found_only(), case)
    return _with_sum(plan, total, case)


def basis_of(case: Case, protocol: DosingProtocol) -> Basis:
    """The weight asked for; else the body's; actual where the body does not say."""
    return case.request.weight_basis or ("ideal" if protocol.weight.basis == "ideal" else "actual")


def needs_surface(protocol: DosingProtocol, case: Case) -> bool:
    """Whether a dose of the body, or the one intended, is per square metre."""
    stated = (protocol.start, protocol.target, protocol.maintenance, *protocol.maximum)
    wanted = case.request.intended
    return (wanted is not None and wanted.unit == "mg/m2/d") or any(
        one is not None and one.dose.endswith("mg/m2/d") for one in stated
    )


def _with_sum(plan: DosePlan, total: Sum, case: Case) -> DosePlan:
    """The plan with its numbers, unless something forbids them."""
    there = shelf(case)
    low, high = total.lowered.amount
    aim = Aim(low, _most(total, plan.maximum_mg), low if low < high and not total.lowered.strict else 0.0)
    given = options(aim, there, case.request.form, total.protocol.rounding)
    mg = given[0].mg_per_day if given else aim.mg
    stands = against(case, total.base.amount.high, mg)
    refused = (*plan.refused, *refusals_of(total.certain), *stands.refused)
    plan = replace(
        plan,
        inputs=(*plan.inputs, *total.inputs),
        steps=(*plan.steps, *_steps(total), *_rounding(total, aim, case)),
        check_by_hand=by_hand((*total.base.steps, *total.lowered.steps)),
        genes_elsewhere=total.other_bodies,
        ways=_ways(total, refused=bool(refused)),
        findings=(*total.findings, *_ceiling(total, case), *_open_sums(total)),
        refused=refused,
    )
    stands = stands.without_genes() if total.genes_open else stands
    if refused:
        return _closed(plan, stands, case)
    return _closed(_with_dose(plan, total, given, there, aim, stands, case), stands, case)


def _most(total: Sum, maximum: float | None) -> float:
    """What rounding may not pass: the reduced dose; the top of a range; the body's maximum."""
    amount = total.base.amount
    top = amount.high
    if total.lowered.strict:
        top = total.lowered.amount.high
    elif amount.low == amount.high and maximum is not None:
        top = maximum
    return min(one for one in (top, maximum, total.lowered.cap) if one is not None)


def _steps(total: Sum) -> tuple[StepShown, ...]:
    return (*total.weighed.steps, *total.base.steps, *total.lowered.steps, *compared(total))


def _rounding(total: Sum, aim: Aim, case: Case) -> list[StepShown]:
    """The body's own way to round, as a step."""
    rule = total.protocol.rounding
    if rule is None:
        return []
    mg = min(rounded(aim.mg, rule), aim.most)
    formula = f"{aim.mg:g} mg/d, {rule.direction} to whole {rule.to_mg:g} mg = {mg:g} mg/d"
    source = cited(rule.source, case, total.protocol)
    return [StepShown(label="Rounded as the body says", formula=formula, low=mg, high=mg, source=source)]


def _ways(total: Sum, *, refused: bool) -> tuple[WayShown, ...]:
    """Both ways for what is not known; and where the dose is refused, what the reductions would have left."""
    amount, scale = total.base.amount, total.weighed.scale
    found = ways_of(amount, total.end, total.certain, total.possible, scale)
    if found or not refused or not total.as_known.steps:
        return found
    reason = "only if a specialist decides for it all the same: an upper bound"
    return (WayShown(if_=reason, range=in_range(total.as_known.amount, scale)),)


def _ceiling(total: Sum, case: Case) -> list[Finding]:
    """That the body names only the most it starts with, where the prescriber names no dose either."""
    stated = total.protocol.start
    if stated is None or not stated.up_to or case.request.intended is not None:
        return []
    return [only_the_most(total.protocol.body, stated.dose)]


def _open_sums(total: Sum) -> list[Finding]:
    """That what is shown is an upper bound, and why."""
    if not total.as_known.upper_bound_only:
        return []
    counted = [one for one in total.certain if one.kind not in ("cap", "avoid")]
    vague = tuple(dict.fromkeys(one.cause for one in counted if one.kind == "no_number" or one.unnumbered))
    causes = tuple(dict.fromkeys(one.cause for one in counted))
    found = [no_number(vague)] if vague else []
    return [*found, combination(causes)] if len({one.group for one in counted}) > 1 else found


def _with_dose(
    plan: DosePlan, total: Sum, given: tuple[OptionShown, ...], there: Shelf, aim: Aim, stands: Against, case: Case
) -> DosePlan:
    """The plan with range, tablets, calendar and the day to judge by."""
    scale = total.weighed.scale
    shown = in_range(total.lowered.amount, scale)
    lowered = total.lowered.strict or any(one.kind != "cap" for one in total.certain)
    rises = titrate(total.protocol, aim.mg, plan.maximum_mg, lowered, scale, there, case)
    judged = total.protocol.no_response
    full = in_range(total.as_known.amount, scale)
    ceiling = total.as_known.upper_bound_only or bool(_ceiling(total, case))
    open_ = tuple(one for one in plan.findings if one.would_be in ("STOP", "ACT")) + stands.could_stop
    first = tuple(dict.fromkeys(inside(one.cause) for one in (*stands.findings, *plan.findings) if one.tier == "ACT"))
    changes: dict[str, Any] = {
        "range": shown,
        "deal_with_first": first,
        "provisional": bool(open_),
        "upper_bound_only": ceiling,
        "suggested": given[0] if given else None,
        "options": given[1:],
        "titration": rises.steps,
        "titration_says": rises.says,
        "judge_response_from": parse_range(judged.after).low.after(plan.on) if judged else None,
        "judge_response_says": judged.says if judged else "",
        "summary": summary_of(
            case,
            given[0] if given else None,
            shown,
            full,
            scale,
            total.weighed.says,
            to_settle(open_),
            first=some_of(first),
            ceiling=ceiling,
        ),
        "findings": plan.findings if given else (*plan.findings, not_made(aim.mg, case)),
    }
    return replace(plan, **changes)


def _closed(plan: DosePlan, stands: Against, case: Case) -> DosePlan:
    """The plan with every finding in order, each refusal once, and the answer in words."""
    refused = tuple({one.reason: one for one in (*plan.refused, *stands.refused)}.values())
    return replace(
        plan,
        findings=together((*plan.findings, *stands.findings)),
        refused=refused,
        summary=refused_in_words(case, refused) if refused else plan.summary,
    )
