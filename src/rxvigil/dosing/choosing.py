"""Which body's dose is followed for this drug, indication and place, and which stand beside it. Never a mixture."""

from dataclasses import dataclass
from typing import Final

from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import Refusal
from rxvigil.engine.assessment import Missing
from rxvigil.engine.choose import ASSUMED, specialties
from rxvigil.engine.wording import inside, listed
from rxvigil.knowledge.dosing import DosingProtocol

EVERYWHERE: Final = "INT"


@dataclass(frozen=True)
class Chosen:
    """The dosing protocol to follow, or why there is none."""

    indication: str | None
    protocol: DosingProtocol | None = None
    because: str = ""
    beside: tuple[DosingProtocol, ...] = ()
    refused: tuple[Refusal, ...] = ()
    missing: tuple[Missing, ...] = ()


def choose(case: Case) -> Chosen:
    """The protocol asked for, else the default of the place for the indication, else the assumed place's."""
    request = case.request
    mine = [one for _, one in sorted(case.book.dosing.items()) if one.drug == case.drug and _in_force(one, case)]
    indication, missing = _indication(case, mine)
    fitting = [one for one in mine if closeness(one, indication, case) is not None]
    usual = tuple(one for one in fitting if not one.together)
    found: DosingProtocol | Refusal | None
    if request.body:
        found, because = _asked(request.body, case), "asked for"
    elif request.deliberate_low_dose_with_allopurinol:
        found, because = _regimen(fitting, indication, case), "the low dose together with allopurinol was asked for"
    else:
        found, because = _default(usual, indication, case)
    found = found or _nothing_fits(indication, missing, case)
    beside = tuple(one for one in usual if one != found)
    if isinstance(found, Refusal):
        return Chosen(indication, beside=beside, refused=(found,), missing=missing)
    return Chosen(indication, found, because, beside, (), missing)


def _in_force(one: DosingProtocol, case: Case) -> bool:
    begin, end, on = one.effective.from_, one.effective.to, case.state.on
    return (begin is None or begin <= on) and (end is None or on <= end)


def closeness(one: DosingProtocol, indication: str | None, case: Case) -> int | None:
    """0: the indication itself is named, 1: its class, 2: the dose is for any indication; none: for another one."""
    if not one.indications:
        return 2
    if indication is None:
        return None
    if indication in one.indications:
        return 0
    return 1 if any(indication in case.words.members(named) for named in one.indications) else None


def particular(one: DosingProtocol, indication: str | None, case: Case) -> tuple[int, int, int]:
    """The lower, the more particularly a protocol is written for this: the disease itself before its class, fewer
    diseases before more, fewer places before more."""
    near = closeness(one, indication, case)
    return (2 if near is None else near, len(one.indications), len(one.jurisdictions))


def _indication(case: Case, mine: list[DosingProtocol]) -> tuple[str | None, tuple[Missing, ...]]:
    """As asked; else the one diagnosis of the record for which some body gives a dose."""
    if case.request.indication:
        return case.request.indication, ()
    named = {key for one in mine for key in one.indications}
    active = {one.concept for one in case.record.conditions if one.status == "active"}
    treated = {one for one in active if any(one in case.words.members(key) for key in named)}
    treated -= {one for one in treated if treated & (case.words.members(one) - {one})}  # Crohn's says more than IBD
    if len(treated) == 1:
        return treated.pop(), ()
    names = listed(case.words.show(one) for one in sorted(treated))
    why = f"the record holds several: {names}" if treated else "none is stated"
    return None, (Missing("what it is given for", why, "state the indication"),)


def _asked(body: str, case: Case) -> DosingProtocol | Refusal:
    found = case.book.dosing[body]
    if found.drug != case.drug:
        reason = f"the body asked for gives no dose of {inside(case.name)}"
        return Refusal(reason=reason, do="choose a body that gives a dose of this drug")
    if not found.together:
        return found
    if not case.request.deliberate_low_dose_with_allopurinol:
        reason = "the body asked for is a low dose together with another drug, and that was not asked for"
        return Refusal(reason=reason, do="ask for the deliberate low dose, or choose another body")
    return _together(found, case)


def _default(
    usual: tuple[DosingProtocol, ...], indication: str | None, case: Case
) -> tuple[DosingProtocol | Refusal | None, str]:
    """The default of the place, the most particular first; else any protocol of it; else those of the assumed place."""
    for place in dict.fromkeys((case.jurisdiction, ASSUMED)):
        for holds in (_is_default, _holds_in):
            there = [one for one in usual if holds(one, place, case) and (one.start or one.do_not_start)]
            if there:
                found = min(there, key=lambda one: (particular(one, indication, case), one.id))
                return found, _because(found, place, indication, case)
    return None, ""


def _is_default(one: DosingProtocol, place: str, case: Case) -> bool:
    implied = (None, *specialties(case.state))
    return any(entry.jurisdiction == place and entry.specialty in implied for entry in one.default_for)


def _holds_in(one: DosingProtocol, place: str, case: Case) -> bool:
    return place in one.jurisdictions or EVERYWHERE in one.jurisdictions


def _because(one: DosingProtocol, place: str, indication: str | None, case: Case) -> str:
    where = case.place if place == case.jurisdiction else f"{place}, because no dose for {case.jurisdiction} was read"
    named = _for(indication, case)
    match closeness(one, indication, case):
        case 0:
            return f"{where}, its dose{named}"
        case 1:
            return f"{where}, its dose for the group that {named.removeprefix(' for ')} belongs to"
        case _:
            return f"{where}, its dose for any indication"


def _for(indication: str | None, case: Case) -> str:
    return f" for {inside(case.words.show(indication))}" if indication else ""


def _nothing_fits(indication: str | None, missing: tuple[Missing, ...], case: Case) -> Refusal:
    name = inside(case.name)
    if indication is None and any(one.drug == case.drug for one in case.book.dosing.values()):
        reason = f"what {name} is given for is not known ({missing[0].why}), and doses differ"
        return Refusal(reason=reason, do="state the indication")
    reason = f"the rule book holds no dose of {name}{_for(indication, case)}"
    return Refusal(reason=reason, do="use the text of the product, or name another body")


def _regimen(fitting: list[DosingProtocol], indication: str | None, case: Case) -> DosingProtocol | Refusal:
    """The deliberate low dose with a xanthine-oxidase inhibitor, where it is one of the place."""
    there = [one for one in fitting if one.together and case.jurisdiction in one.jurisdictions]
    if not there:
        reason = f"no low dose together with allopurinol is held for {case.jurisdiction}{_for(indication, case)}"
        return Refusal(reason=reason, do="do not combine the two; ask the specialist which is to go", tier="STOP")
    return _together(min(there, key=lambda one: (particular(one, indication, case), one.id)), case)


def _together(found: DosingProtocol, case: Case) -> DosingProtocol | Refusal:
    """A regimen made for a second drug, where that is taken or planned and the place has the regimen."""
    if case.jurisdiction not in found.jurisdictions:
        reason = f"the low dose together with another drug is none of {case.jurisdiction}"
        return Refusal(reason=reason, do="do not combine the two; ask the specialist which is to go", tier="STOP")
    absent = [one for one in found.together if not _in_record(one, case)]
    if absent:
        names = listed(case.words.show(one) for one in absent)
        reason = f"the low dose is meant together with {names}, and the record does not hold it"
        return Refusal(reason=reason, do=f"record {names} as taken or planned, or ask for the usual dose")
    return found


def _in_record(subject: str, case: Case) -> bool:
    return any(one.current or one.planned for _, one in case.state.exposures(subject))
