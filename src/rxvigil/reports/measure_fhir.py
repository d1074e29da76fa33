"""Measures as FHIR R4: a Measure with its definition and a MeasureReport (summary) with its counts, for each.

A count that is hidden is left out, with the reason in its place (`masked`); nothing can be worked out from the rest.
"""

from typing import Any, Final

from rxvigil.facts import show_day
from rxvigil.facts.simulated import is_of_all
from rxvigil.reports import measures as say
from rxvigil.reports.fhir_shapes import Resource, bundle, device, identity_of, narrative, url_of
from rxvigil.reports.measures import Breakdown, Figure, Measure, Measures

_POPULATION: Final = "http://terminology.hl7.org/CodeSystem/measure-population"
_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_SCORING: Final = "http://terminology.hl7.org/CodeSystem/measure-scoring"
_URN: Final = "urn:rxvigil:measure:"


def measures_to_fhir(made: Measures) -> Resource:
    """A collection Bundle: the device, and for each measure its Measure and its MeasureReport."""

    def identity(*about: str) -> str:
        return identity_of(made.book, made.on.isoformat(), str(made.exact), *about)

    by = device(identity, made.book)
    resources: list[Resource] = [by]
    for one in made.measures:
        resources += [_definition(identity("Measure", one.id), one, made), _report(identity, one, made, by)]
    return bundle(identity, resources, simulated=is_of_all(made.simulated))


def _definition(identity: str, one: Measure, made: Measures) -> Resource:
    return {
        "resourceType": "Measure",
        "id": identity,
        "text": narrative(f"{_before(made)}{one.title}. {one.means} Counted: {one.numerator}. Of: {one.denominator}."),
        "url": f"{_URN}{one.id}",
        "title": one.title,
        "status": "active",
        "description": f"{one.means} Definition: {one.source}",
        "disclaimer": f"{_before(made)}{made.disclosure}",
        "scoring": {"coding": [{"system": _SCORING, "code": "proportion"}]},
        "group": [
            {
                "population": [
                    _defined("denominator", one.denominator),
                    _defined("numerator", one.numerator),
                ],
                "stratifier": [
                    {"code": {"text": found.by}, "criteria": _criteria(found.by)}
                    for found in one.breakdowns
                    if found.rows
                ],
            }
        ],
    }


def _before(made: Measures) -> str:
    return f"{made.simulated} " if made.simulated else ""


def _defined(code: str, says: str) -> dict[str, Any]:
    return {"code": _coded(code), "description": says, "criteria": _criteria(code)}


def _criteria(name: str) -> dict[str, Any]:
    return {"language": "text/plain", "expression": name}


def _coded(code: str) -> dict[str, Any]:
    return {"coding": [{"system": _POPULATION, "code": code}]}


def _report(identity: Any, one: Measure, made: Measures, by: Resource) -> Resource:
    day = made.on.isoformat()
    group: dict[str, Any] = {"code": {"text": one.title}}
    if one.whole:
        group |= _counts(one.whole)
    group["stratifier"] = [_stratifier(found) for found in one.breakdowns if found.rows]
    says = say.shown(one.whole) if one.whole else say.waited(one.waiting) if one.waiting else "see the breakdowns"
    return {
        "resourceType": "MeasureReport",
        "id": identity("MeasureReport", one.id),
        "text": narrative(f"{_before(made)}{one.title}, as of {show_day(made.on)}: {says}."),
        "status": "complete",
        "type": "summary",
        "measure": f"{_URN}{one.id}",
        "date": day,
        "reporter": {"reference": url_of(by)},
        "period": {"end": day},
        "group": [group],
    }


def _counts(figure: Figure) -> dict[str, Any]:
    found: dict[str, Any] = {
        "population": [
            _population("denominator", figure.denominator),
            _population("numerator", figure.numerator),
        ]
    }
    if figure.proportion is not None:
        found["measureScore"] = {
            "value": round(100 * figure.proportion, 2),
            "unit": "%",
            "code": "%",
            "system": "http://unitsofmeasure.org",
        }
    return found


def _population(code: str, number: int | None) -> dict[str, Any]:
    if number is None:
        masked = {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}
        return {"code": _coded(code), "_count": masked}
    return {"code": _coded(code), "count": number}


def _stratifier(found: Breakdown) -> dict[str, Any]:
    strata = [{"value": {"text": row.label}, **_counts(row)} for row in found.rows]
    return {"code": [{"text": found.by}], "stratum": strata}
