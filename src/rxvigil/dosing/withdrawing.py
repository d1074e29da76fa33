"""Out of treatment: step by step where a source gives steps, at once where it harms, and never by invented steps."""

from datetime import date
from typing import Final

from msgspec.structs import replace

from rxvigil.dosing.amounts import in_mg
from rxvigil.dosing.case import Case
from rxvigil.dosing.choosing import Chosen, choose
from rxvigil.dosing.person import Weighed, person_of, weigh
from rxvigil.dosing.plan import TAPER_SCHEMA, Refusal, TaperPlan, TaperStepShown
from rxvigil.dosing.products import Aim, Shelf, options, shelf
from rxvigil.dosing.taken import Taken, taken
from rxvigil.engine.assessment import SourceShown
from rxvigil.engine.findings import sources_shown
from rxvigil.engine.wording import inside
from rxvigil.facts import parse_range
from rxvigil.knowledge.dosing import ChangesFile, TaperStatement, parse_dose
from rxvigil.knowledge.lookup import tidy

MOST_STEPS: Final = 60
"""A step that is far too small must not fill pages."""
HARM: Final = frozenset({"stop", "withhold", "emergency"})

Said = tuple[TaperStatement, ChangesFile]


def taper(case: Case, *, toxicity: bool) -> TaperPlan:
    """The plan for a withdrawal."""
    chosen, now = choose(case), taken(case)
    assessment = case.evaluator.assess(case.record, case.state.on)
    statements = _statements(chosen, case)
    plan = TaperPlan(
        schema=TAPER_SCHEMA, drug=case.drug, name=case.name, on=case.state.on, digest=case.book.digest,
        jurisdiction=case.place, request=case.request, summary="", findings=assessment.findings,
        missing=chosen.missing, says=_says(statements, chosen, case), sources=_sources(statements, case),
    )  # fmt: skip
    harm = [one for one in assessment.findings if one.tier == "STOP" and one.action.verb in HARM]
    if toxicity or harm:
        why = harm[0].says if harm else "harm was stated"
        summary = f"Stop {inside(case.name)} now, at once and not step by step: {why}"
        return replace(plan, at_once=True, summary=summary)
    if isinstance(now, Refusal):
        return _refuse(plan, now, case)
    person = person_of(case.state)
    plan = replace(plan, from_mg=now.mg, inputs=(*now.inputs, *person.inputs))
    return _by_steps(plan, statements, now, weigh(person, case.request.weight_basis or "actual", False), case)


def _statements(chosen: Chosen, case: Case) -> list[Said]:
    """What is said of withdrawing this drug here, the most particular first."""
    found = [
        (one, file) for _, file in sorted(case.book.dose_changes.items()) for one in file.tapers
        if one.drug == case.drug and one.source.mark != "memory" and _concerns(one, chosen.indication, case)
    ]  # fmt: skip
    return sorted(found, key=lambda said: (not said[0].indications, not said[0].jurisdictions, said[0].id))


def _concerns(one: TaperStatement, indication: str | None, case: Case) -> bool:
    placed = not one.jurisdictions or case.jurisdiction in one.jurisdictions or "INT" in one.jurisdictions
    treated = not one.indications or any(indication in case.words.members(named) for named in one.indications)
    return placed and treated


def _says(statements: list[Said], chosen: Chosen, case: Case) -> tuple[str, ...]:
    said = [f"{_body(one, case)}: {one.says}" for one, _ in statements]
    protocol = chosen.protocol
    if protocol is not None and protocol.withdrawal is not None:
        said.append(f"{protocol.body}: {protocol.withdrawal.says}")
    return tuple(dict.fromkeys(said))


def _body(one: TaperStatement, case: Case) -> str:
    publication = case.book.publications.get(one.source.ref)
    return publication.title if publication else one.source.ref


def _sources(statements: list[Said], case: Case) -> tuple[SourceShown, ...]:
    shown = [sources_shown((one.source,), case.book, case.state.on, file.review_by)[0] for one, file in statements]
    return tuple(dict.fromkeys(shown))


def _refuse(plan: TaperPlan, refusal: Refusal, case: Case) -> TaperPlan:
    summary = f"CANNOT SAY: no steps of withdrawing {inside(case.name)} are given. {refusal.reason}. {refusal.do}."
    return replace(plan, refused=(*plan.refused, refusal), summary=summary)


def _by_steps(plan: TaperPlan, statements: list[Said], now: Taken, weighed: Weighed, case: Case) -> TaperPlan:
    """The steps of the most particular statement; where that one gives none, nobody's."""
    if not statements:
        do = "withdraw gradually under a specialist; never at once without harm"
        return _refuse(plan, Refusal(reason="nobody who was read speaks of withdrawing it", do=do), case)
    one = statements[0][0]
    if one.by is None or one.every is None:
        reason = f"No body that was read gives steps with their interval for this. {_body(one, case)}: {one.says}"
        do = "Withdraw gradually, under supervision, and not at once without harm; the specialist sets the steps"
        return _refuse(plan, Refusal(reason=reason.rstrip("."), do=do, sources=plan.sources[:1]), case)
    by = in_mg(parse_dose(one.by), weighed.scale)
    if by is None:
        return _refuse(plan, weighed.refused[0], case)
    steps = _calendar(now.mg, by.low, one.every, shelf(case), case)
    summary = (
        f"Lower {inside(case.name)} from {now.mg:g} mg/d by {one.by} every {one.every}, under supervision, as "
        f"{_body(one, case)} says, and only while the disease stays quiet."
    )
    return replace(plan, steps=tuple(steps), followed=_body(one, case), summary=summary)


def _calendar(mg: float, by: float, every: str, there: Shelf, case: Case) -> list[TaperStepShown]:
    found: list[TaperStepShown] = []
    day: date = case.state.on
    while mg > 0 and len(found) < MOST_STEPS:
        mg = max(0.0, tidy(mg - by))
        given = options(Aim(mg, tidy(mg + by / 2)), there, case.request.form, None) if mg else ()
        found.append(TaperStepShown(earliest=day, target_mg=mg, option=given[0] if given else None))
        day = parse_range(every).low.after(day)
    return found
