"""The words of a dose for every report: the lines of an answer, inputs with their age, and which sources come when."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rxvigil.dosing import ChangePlan, ConversionPlan, DosePlan, TaperPlan
from rxvigil.engine.assessment import Finding, SourceShown
from rxvigil.engine.wording import dose_range, number
from rxvigil.facts import parse_when, show_day
from rxvigil.reports.words import TIERS

if TYPE_CHECKING:
    from rxvigil.dosing.plan import BodyShown, InputShown, OptionShown, RangeShown, Refusal, StepShown


def in_words(one: "RangeShown") -> str:
    """ "42 to 112 mg/d (0.6 to 1.6 mg/kg/d)"."""
    said = dose_range(one.low, one.high, "mg/d")
    if one.per_kg_low is None or one.per_kg_high is None:
        return said
    return f"{said} ({dose_range(one.per_kg_low, one.per_kg_high, 'mg/kg/d')})"


def option_line(one: "OptionShown") -> str:
    """A way to give the dose, with how far it is from the target."""
    side = "above" if one.difference_mg > 0 else "below"
    off = f"{number(abs(one.difference_mg))} mg {side} {number(one.target_mg)} mg"
    average = f", {number(one.mg_per_day)} mg a day on average" if len(one.days) > 1 else ""
    split = f"; in two doses: {one.two_doses}" if one.two_doses else ""
    return f"{one.says}{average} ({off if one.difference_mg else 'exactly'}){split}"


def dose_lines(plan: DosePlan) -> Iterator[tuple[str, str]]:
    """(word in the margin, text) of a start dose."""
    if plan.suggested:
        yield _how_much(plan), option_line(plan.suggested)
    for option in plan.options:
        yield "Or", option_line(option)
    if plan.range:
        bound = "at most, as an upper bound: " if plan.upper_bound_only else ""
        yield "Range", f"{bound}{in_words(plan.range)}"
    if plan.check_by_hand:
        yield "Check by hand", plan.check_by_hand
    for most in plan.maximum:
        yield "Maximum", most.says


def _how_much(plan: DosePlan) -> str:
    """What the tablets are: a ceiling, the lowest of what is open, what comes after something else, or the dose."""
    if plan.upper_bound_only:
        return "At most"
    if plan.provisional:
        return "At the lowest"
    return "Then" if plan.deal_with_first else "Give"


def change_lines(plan: ChangePlan) -> Iterator[tuple[str, str]]:
    """(word in the margin, text) of a change of dose."""
    if plan.from_mg is not None:
        yield "Now", f"{plan.from_mg:g} mg/d"
    if plan.to:
        yield "Then", option_line(plan.to)
    if plan.earliest:
        yield "Not before", show_day(plan.earliest)
    if plan.check_by_hand:
        yield "Check by hand", plan.check_by_hand
    for most in plan.maximum:
        yield "Maximum", most.says


def input_line(one: "InputShown") -> str:
    """ "Weight 70 kg, 20 Feb 2026 (9 days old) [place]"."""
    when = f", {parse_when(one.when)}" if one.when else ""
    days = one.days_old
    age = "" if days is None else f" ({days} day{'' if days == 1 else 's'} old)"
    origin = f" [{one.origin}]" if one.origin else ""
    return f"{one.name}: {one.value}{when}{age}{origin}"


def body_lines(one: "BodyShown") -> Iterator[str]:
    """What a body says, dose by dose."""
    for name in ("start", "target", "maintenance", "maximum"):
        said = getattr(one, name)
        if said:
            yield f"{name.capitalize()}: {said}"


def body_short(one: "BodyShown") -> str:
    """What another body says, in one line."""
    amount = f", here {dose_range(one.start_mg.low, one.start_mg.high, 'mg/d')}" if one.start_mg else ""
    start = f"start {one.start}{amount}" if one.start else "no start dose was read"
    top = f"; at most {one.maximum}" if one.maximum else ""
    return f"{start}{top}"


def _findings(findings: tuple[Finding, ...]) -> Iterator[SourceShown]:
    for tier in TIERS:
        for finding in findings:
            if finding.tier == tier:
                yield from finding.sources


def _steps(steps: "tuple[StepShown, ...]") -> Iterator[SourceShown]:
    yield from (step.source for step in steps if step.source)


def _refusals(refused: "tuple[Refusal, ...]") -> Iterator[SourceShown]:
    for one in refused:
        yield from one.sources


def _body(one: "BodyShown | None") -> Iterator[SourceShown]:
    if one:
        yield from one.sources


def sources_of_start(plan: DosePlan) -> Iterator[SourceShown]:
    """Every source of a start dose in the order in which it is needed."""
    yield from _refusals(plan.refused)
    yield from _findings(plan.findings)
    yield from _steps(plan.steps)
    yield from _body(plan.followed)
    for one in plan.beside:
        yield from one.sources
    if plan.suggested:
        yield from plan.suggested.sources


def sources_of_change(plan: ChangePlan) -> Iterator[SourceShown]:
    """Every source of a change."""
    yield from _refusals(plan.refused)
    yield from _findings(plan.findings)
    yield from _steps(plan.steps)
    yield from _body(plan.followed)


def sources_of_taper(plan: TaperPlan) -> Iterator[SourceShown]:
    """Every source of a withdrawal."""
    yield from plan.sources
    yield from _refusals(plan.refused)
    yield from _findings(plan.findings)


def sources_of_conversion(plan: ConversionPlan) -> Iterator[SourceShown]:
    """Every source of a conversion."""
    yield from plan.sources
    yield from _refusals(plan.refused)
    yield from _findings(plan.findings)
    yield from _steps(plan.steps)
