"""How a start dose is raised: by the body's own steps, from its own days on; nothing where it gives none."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from rxvigil.dosing.amounts import Scale, in_mg
from rxvigil.dosing.case import Case
from rxvigil.dosing.limits import usable
from rxvigil.dosing.plan import TitrationShown
from rxvigil.dosing.products import Aim, Shelf, options
from rxvigil.facts import DurationRange, parse_range
from rxvigil.knowledge.dosing import DoseStep, DosingProtocol, parse_dose
from rxvigil.knowledge.lookup import tidy

MOST_RISES: Final = 20
"""No protocol needs so many; a step that is far too small must not fill pages."""
CHECK: Final = "only after blood count and liver tests have been seen, and if the effect is not enough"


@dataclass(frozen=True)
class Rises:
    """The calendar of rises, or in words why there is none."""

    steps: tuple[TitrationShown, ...] = ()
    says: str = ""


def titrate(
    protocol: DosingProtocol, from_mg: float, most: float | None, lowered: bool, scale: Scale, there: Shelf, case: Case
) -> Rises:
    """Rises from the start dose to the body's target or maximum."""
    if lowered:
        return Rises(
            says="Something lowers the dose: it is raised by counts and effect with the specialist, not by a calendar."
        )
    goal = _goal(protocol, most, scale)
    step = protocol.increase
    by = in_mg(parse_dose(step.by), scale) if step and step.source.mark != "memory" else None
    if step is None or by is None:
        return Rises(says=_no_steps(protocol))
    if goal is None or goal <= from_mg:
        return Rises(says="The start dose is what the body goes up to.")
    return Rises(tuple(_rises(step, by.low, from_mg, goal, there, case)), step.says or "")


def _goal(protocol: DosingProtocol, most: float | None, scale: Scale) -> float | None:
    target = usable(protocol.target)
    amount = in_mg(parse_dose(target.dose), scale) if target else None
    if amount is None:
        return most
    return amount.high if most is None else min(amount.high, most)


def _no_steps(protocol: DosingProtocol) -> str:
    target = usable(protocol.target)
    if target is None:
        return "The body gives no steps for raising the dose."
    more = f" ({target.says})" if target.says else ""
    return f"The body goes up to {target.dose}{more} and gives no steps for it."


def _rises(step: DoseStep, by: float, from_mg: float, goal: float, there: Shelf, case: Case) -> list[TitrationShown]:
    found: list[TitrationShown] = []
    mg, day, latest = from_mg, case.state.on, case.state.on
    wait = parse_range(step.first_after or step.every or "") if step.first_after or step.every else None
    while mg < goal and wait is not None and len(found) < MOST_RISES:
        mg = min(tidy(mg + by), goal)
        day, latest = _next(wait, day, latest)
        given = options(Aim(mg, goal), there, case.request.form, None)
        found.append(
            TitrationShown(
                number=len(found) + 1,
                earliest=day,
                latest=latest if latest != day else None,
                target_mg=mg,
                option=given[0] if given else None,
                says=CHECK,
            )
        )
        wait = parse_range(step.every) if step.every else None
    return found


def _next(wait: DurationRange, earliest: date, latest: date) -> tuple[date, date]:
    return wait.low.after(earliest), wait.high.after(latest)
