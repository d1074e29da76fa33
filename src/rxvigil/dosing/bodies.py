"""The body that is followed and the bodies beside it, each with its own words and its own sum. Never averaged."""

from rxvigil.dosing.amounts import Scale, in_mg
from rxvigil.dosing.case import Case
from rxvigil.dosing.choosing import Chosen
from rxvigil.dosing.limits import usable
from rxvigil.dosing.plan import BodyShown
from rxvigil.dosing.wording import in_range
from rxvigil.engine.assessment import SourceShown
from rxvigil.engine.findings import overlaid, sources_shown
from rxvigil.knowledge.dosing import DosingProtocol, StatedDose, parse_dose


def followed(chosen: Chosen, protocol: DosingProtocol, scale: Scale, case: Case) -> BodyShown:
    """The body whose dose is worked out."""
    return _shown(protocol, chosen.because, scale, case)


def beside(chosen: Chosen, scale: Scale, case: Case) -> tuple[BodyShown, ...]:
    """Every other body's dose for the same indication."""
    return tuple(_shown(one, "another body, for comparison", scale, case) for one in chosen.beside)


def _shown(one: DosingProtocol, because: str, scale: Scale, case: Case) -> BodyShown:
    start = usable(one.start)
    amount = in_mg(parse_dose(start.dose), scale) if start else None
    return BodyShown(
        id=one.id,
        title=one.title,
        body=one.body,
        because=because,
        start=one.do_not_start.says if one.do_not_start else _says(start),
        target=_says(usable(one.target)),
        maintenance=_says(usable(one.maintenance)),
        maximum="; ".join(_says(usable(each)) for each in one.maximum if usable(each)),
        start_mg=in_range(amount, scale) if amount else None,
        gaps=one.gaps,
        notes=(*(note.says for note in one.notes), *_unread(one), *overlaid(one.id, case.book)),
        sources=_sources(one, case),
    )


def _says(stated: StatedDose | None) -> str:
    if stated is None:
        return ""
    dose = f"up to {stated.dose}" if stated.up_to else stated.dose
    more = [part for part in (stated.or_as, stated.says) if part]
    return f"{dose} ({'; '.join(more)})" if more else dose


def _unread(one: DosingProtocol) -> list[str]:
    unread = [name for name in ("start", "target", "maintenance") if (each := getattr(one, name)) and not usable(each)]
    return [f"the dose '{name}' was read by nobody and is not used" for name in unread]


def _sources(one: DosingProtocol, case: Case) -> tuple[SourceShown, ...]:
    stated = [each.source for each in (one.start, one.target, one.maintenance, *one.maximum) if each]
    stated += [one.do_not_start.source] if one.do_not_start else []
    shown = sources_shown(stated or [one.weight.source], case.book, case.state.on, one.review_by)
    return tuple(dict.fromkeys(shown))
