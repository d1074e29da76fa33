"""From one thiopurine to the other: a range where sources differ, and no straight swap after a reaction."""

from math import isfinite
from typing import Final

from msgspec.structs import replace

from rxvigil.dosing.amounts import Amount, Scale
from rxvigil.dosing.case import Case
from rxvigil.dosing.person import person_of
from rxvigil.dosing.plan import CONVERSION_SCHEMA, ConversionPlan, Refusal, StepShown
from rxvigil.dosing.standing import refusal_of, together
from rxvigil.dosing.supposing import carried_over, forbids
from rxvigil.dosing.taken import ended
from rxvigil.dosing.wording import in_range
from rxvigil.engine.assessment import ActionShown, Finding
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.findings import sources_shown, stated
from rxvigil.engine.kleene import UNKNOWN, YES
from rxvigil.engine.wording import dose_range, inside, number, opening
from rxvigil.knowledge.dosing import ChangesFile, Conversion
from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.lookup import tidy

REACTION: Final = (
    "thiopurine-hypersensitivity.ever or azathioprine.allergy or mercaptopurine.allergy or pancreatitis.ever"
)
"""What must be excluded before one thiopurine takes the place of another."""
MOST_MG: Final = 2000
"""House limit: a larger daily dose of a thiopurine is a mistyped number or another unit."""


def convert(case: Case, mg: float, from_drug: str) -> ConversionPlan:
    """The dose of `case.drug` that stands for `mg` a day of another drug."""
    to_drug, words = case.drug, case.words
    plan = ConversionPlan(
        schema=CONVERSION_SCHEMA, from_drug=from_drug, to_drug=to_drug, on=case.state.on, digest=case.book.digest,
        summary="", from_mg=mg,
    )  # fmt: skip
    if not isfinite(mg) or not 0 < mg <= MOST_MG:
        unlikely = Refusal(
            reason="the amount cannot be a daily dose in mg", do="give milligrams a day, for example 100"
        )
        return _closed(replace(plan, from_mg=0.0, refused=(unlikely,)), case)
    found = _conversion(from_drug, to_drug, case)
    if found is None:
        names = f"{inside(words.show(from_drug))} to {inside(words.show(to_drug))}"
        refusal = Refusal(reason=f"no source that was read converts {names}", do="work out a start dose instead")
        return _closed(replace(plan, refused=(refusal,)), case)
    findings, refused = _reactions(case, from_drug)
    plan = replace(plan, findings=findings, refused=refused)
    return _closed(plan, case) if refused else _with_sum(plan, *found, case)


def _conversion(from_drug: str, to_drug: str, case: Case) -> tuple[Conversion, ChangesFile] | None:
    for _, file in sorted(case.book.dose_changes.items()):
        for one in file.conversions:
            if (one.from_drug, one.to_drug) == (from_drug, to_drug) and one.source.mark != "memory":
                return one, file
    return None


def _reactions(case: Case, from_drug: str) -> tuple[tuple[Finding, ...], tuple[Refusal, ...]]:
    """What the record says of reactions, and what the rule book says of the new drug in place of the old."""
    without = ended(case.record, case.state.on, frozenset({from_drug}))
    found = carried_over(case.evaluator, without, case.state.on, case.drug, None)
    found = tuple(one for one in found if one.kind in ("contraindication", "interaction", "precaution", "genotype"))
    answer = compile_condition(parse(REACTION), case.words)(case.state, case.drug)
    refused = [refusal_of(one) for one in found if forbids(one) and one.kind != "interaction"]
    if answer.truth == YES:
        reason = "a reaction to a thiopurine, or pancreatitis, is recorded: the other thiopurine is no way round it"
        refused.append(
            Refusal(reason=reason, do="choose another drug, or ask the specialist who knows it", tier="STOP")
        )
    if answer.truth == UNKNOWN:
        found = (*found, _unknown([gap.what for gap in answer.missing]))
    return together(found), tuple(refused)


def _unknown(what: list[str]) -> Finding:
    return Finding(
        rule="dosing/reaction-not-excluded",
        kind="cannot-say",
        tier="CANNOT SAY",
        cause="earlier reaction to a thiopurine",
        says=f"Not known: {', '.join(dict.fromkeys(map(inside, what)))}. After hypersensitivity or pancreatitis the "
        "other thiopurine must not take its place.",
        action=ActionShown("ask", "Ask why the drug is to be changed, and about earlier reactions.", "now", "must"),
        would_be="STOP",
    )


def _with_sum(plan: ConversionPlan, one: Conversion, file: ChangesFile, case: Case) -> ConversionPlan:
    low, high = one.divide_by
    amount = Amount(tidy(plan.from_mg / high), tidy(plan.from_mg / low))
    formula = f"{number(plan.from_mg)} mg/d / {number(low, 4)} to {number(high, 4)} = {amount}"
    sources = sources_shown((one.source,), case.book, case.state.on, file.review_by)
    beside = tuple(f"{other.body}: {other.says}" for other in stated(one.disagrees, case.book))
    step = StepShown(label="Conversion", formula=formula, low=amount.low, high=amount.high, source=sources[0])
    weight = person_of(case.state).weight_kg
    plan = replace(
        plan, range=in_range(amount, Scale(weight)), steps=(step,), check_by_hand=formula, says=(one.says, *beside),
        sources=sources,
    )  # fmt: skip
    return _closed(plan, case)


def _closed(plan: ConversionPlan, case: Case) -> ConversionPlan:
    """The plan with its answer in words."""
    old, new = (inside(case.words.show(drug)) for drug in (plan.from_drug, plan.to_drug))
    if plan.refused:
        first = plan.refused[0]
        reason, do = first.reason.rstrip("."), opening(first.do).rstrip(".")
        return replace(plan, summary=f"{first.tier}: {old} is not converted to {new}. {opening(reason)}. {do}.")
    if plan.range is None:
        return plan
    amount = dose_range(plan.range.low, plan.range.high, "mg/d")
    summary = (
        f"{opening(old)} {number(plan.from_mg)} mg/d corresponds to about {amount} of {new}. Begin with the lower one; "
        "never take both."
    )
    return replace(plan, summary=summary)
