"""Ranges, ways and summaries of a plan in words."""

from collections.abc import Iterable
from typing import Final

from rxvigil.dosing.amounts import Amount, Scale
from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import OptionShown, RangeShown, Refusal, StepShown, WayShown
from rxvigil.dosing.reductions import Lowered, Reduction, lower
from rxvigil.engine.assessment import Finding, Missing
from rxvigil.engine.wording import dose_range, inside, number, opening
from rxvigil.knowledge.lookup import tidy


def in_range(amount: Amount, scale: Scale) -> RangeShown:
    """An amount with the same per kg, where a weight is known."""
    if scale.kg is None:
        return RangeShown(low=amount.low, high=amount.high)
    low, high = tidy(amount.low / scale.kg), tidy(amount.high / scale.kg)
    return RangeShown(low=amount.low, high=amount.high, per_kg_low=low, per_kg_high=high)


def range_in_words(one: RangeShown) -> str:
    """ "42 to 112 mg/d (0.6 to 1.6 mg/kg/d)"."""
    said = dose_range(one.low, one.high, "mg/d")
    if one.per_kg_low is None or one.per_kg_high is None:
        return said
    return f"{said} ({dose_range(one.per_kg_low, one.per_kg_high, 'mg/kg/d')})"


def per_kg(mg: float, scale: Scale) -> str:
    """ "2.14 mg/kg/d", where a weight is known."""
    return "" if scale.kg is None else f"{number(mg / scale.kg)} mg/kg/d"


def by_hand(steps: Iterable[StepShown]) -> str:
    """The sum in one line: "70 kg x 2 mg/kg/d = 140 mg/d; x 0.3 to 0.8 = 42 to 112 mg/d"."""
    parts: list[str] = []
    last = ""
    for step in steps:
        part = step.formula.removeprefix(f"{last} ") if last else step.formula
        parts += [part] if part not in parts else []
        last = dose_range(step.low or 0.0, step.high or 0.0, "mg/d")
    return "; ".join(parts)


def ways_of(
    base: Amount, end: float | None, certain: tuple[Reduction, ...], possible: tuple[Reduction, ...], scale: Scale
) -> tuple[WayShown, ...]:
    """The dose both ways for everything that is not known and would lower it; the lowest is used."""
    if not possible:
        return ()
    without = lower(base, end, certain, scale)
    found = [WayShown(if_="none of what is not known lowers it", range=in_range(without.amount, scale))]
    for group in dict.fromkeys(one.group for one in possible):
        mine = [one for one in possible if one.group == group]
        found.append(_way(mine, lower(base, end, (*certain, *mine), scale), scale))
    found = [one for place, one in enumerate(found) if place == 0 or one.says or one.range != found[0].range]
    least = min(one.range.high for one in found if one.range)
    return tuple(_used(one, least) for one in found)


def _way(mine: list[Reduction], lowered: Lowered, scale: Scale) -> WayShown:
    named = [one for one in mine if one.cause.endswith("intermediate")] or mine  # the genes, before their activity
    cause = " or ".join(dict.fromkeys(inside(one.cause) for one in named))
    vague = any(one.kind == "no_number" or one.unnumbered for one in mine)
    says = "less than this: the source gives no number" if vague else ""
    return WayShown(if_=cause, range=in_range(lowered.amount, scale), says=says)


def _used(one: WayShown, least: float) -> WayShown:
    used = one.range is not None and one.range.high <= least
    return WayShown(if_=one.if_, range=one.range, says=one.says, used=used)


def summary_of(
    case: Case,
    option: OptionShown | None,
    amount: RangeShown,
    full: RangeShown,
    scale: Scale,
    basis: str,
    open_: str,
    *,
    first: str,
    ceiling: bool,
) -> str:
    """The answer in a sentence or two. `open_`: how to settle what could forbid or lower the dose; `full`: the dose if
    nothing of that holds; `first`: what was found and needs somebody before the dose; `ceiling`: what is shown is the
    most, and no dose."""
    name = inside(case.name)
    if option is None:
        return (
            f"{opening(name)}: {range_in_words(amount)}, but nothing that exists in {case.place} gives so little, "
            "or what exists there was not read."
        )
    weight = per_kg(option.mg_per_day, scale)
    by = f", {weight} by {basis}" if weight else ""
    bound = "at most " if ceiling else ""
    least = f"{bound}{name} {option.says}{by}"
    deal = f"Deal first with: {first}. " if first else ""
    if not open_:
        ranged = f"Range: {range_in_words(amount)}."
        return f"{deal}No dose before that. Then: {least}. {ranged}" if first else f"Start {least}. {ranged}"
    least = f"{least}; range {range_in_words(amount)}"
    if full == amount:
        return f"{deal}Settle first: {open_}. No dose before that. If nothing of it forbids the dose: {least}."
    return (
        f"{deal}Settle first: {open_}. No dose before that. If nothing of it holds: {bound}{range_in_words(full)}; "
        f"at the lowest: {least}."
    )


MOST_NAMED: Final = 4
"""What is to be settled first, as far as the answer itself names it; the rest stands below."""


def to_settle(findings: Iterable[Finding]) -> str:
    """What to do about what is not known, in a few words."""
    return some_of(dict.fromkeys(_step_to_settle(gap) for one in findings for gap in one.missing))


def _step_to_settle(gap: Missing) -> str:
    """What to do, with the test where the words alone do not name it."""
    step = inside(gap.settles)
    return f"{step} ({gap.what})" if step in ("find or take a result", "repeat the test") else step


def some_of(said: Iterable[str]) -> str:
    """The first of them, and how many there are besides."""
    steps = list(said)
    more = f"; and {len(steps) - MOST_NAMED} more" if len(steps) > MOST_NAMED else ""
    return "; ".join(steps[:MOST_NAMED]) + more


def refused_in_words(case: Case, refused: tuple[Refusal, ...]) -> str:
    """The answer where no dose is given."""
    more = f" And {len(refused) - 1} more." if len(refused) > 1 else ""
    word = "STOP" if any(one.tier == "STOP" for one in refused) else "CANNOT SAY"
    first = next(one for one in refused if one.tier == word)
    reason = opening(first.reason)
    return (
        f"{word}: no dose of {inside(case.name)} is given. {reason.rstrip('.')}. {opening(first.do).rstrip('.')}.{more}"
    )
