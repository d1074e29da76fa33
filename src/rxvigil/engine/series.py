"""Results of one patient in time order, with values that follow from others and what could not be read."""

from collections import defaultdict
from datetime import date

from rxvigil.facts import Record, Result
from rxvigil.knowledge.lookup import Vocabulary, tidy
from rxvigil.knowledge.vocabulary import Analyte


def results_by_analyte(record: Record, on: date, vocabulary: Vocabulary) -> dict[str, list[Result]]:
    """Results up to the date, oldest first; a result that may lie after the date is never used."""
    found: dict[str, list[Result]] = defaultdict(list)
    for result in record.results:
        if result.when.last <= on or (result.when.first <= on and result.when.precision in ("year", "month")):
            found[result.analyte].append(result)
    calculate(found, vocabulary)
    for series in found.values():
        series.sort(key=lambda result: (result.when.sort_key, result.id))
    return dict(found)


def calculate(found: dict[str, list[Result]], vocabulary: Vocabulary) -> list[Result]:
    """Add to the results by analyte what follows from two of one sample, such as neutrophils from a percentage; the
    answer is what was added. It does not depend on the date: the parts and the whole are of one day."""
    made: list[Result] = []
    for analyte in vocabulary.analytes.values():
        if analyte.made_from:
            calculated = _calculated(analyte, found)
            found.setdefault(analyte.key, []).extend(calculated)
            made.extend(calculated)
    return made


def _calculated(analyte: Analyte, found: dict[str, list[Result]]) -> list[Result]:
    """Values of an analyte made from two others of the same sample, where it was not reported itself."""
    first, second = analyte.parts
    if not found.get(first) or not found.get(second):
        return []
    reported = {_sample(result) for result in found.get(analyte.key, ())}
    partners: dict[tuple[object, ...], list[Result]] = defaultdict(list)
    for result in found[second]:
        partners[_sample(result)].append(result)
    return [
        made
        for result in found[first]
        if _sample(result) not in reported
        for partner in partners.get(_sample(result), ())
        if (made := _combine(analyte, result, partner)) is not None
    ]


def _sample(result: Result) -> tuple[object, ...]:
    """Results of one report, or else of one moment, come from one sample."""
    return (result.when.first, result.panel) if result.panel else (result.when.first, result.when.instant)


def _combine(analyte: Analyte, first: Result, second: Result) -> Result | None:
    if first.value is None or second.value is None or first.comparator or second.comparator:
        return None
    if analyte.made_from == "ratio" and second.value == 0:
        return None
    percent = analyte.made_from == "percent-of-white-cells"
    made = first.value * second.value / 100 if percent else first.value / second.value
    return Result(
        id=f"{first.id}×{second.id}",
        analyte=analyte.key,
        when=first.when,
        origin=first.origin,
        value=tidy(made),
        written=f"from {first.written} and {second.written}",
        preliminary=first.preliminary or second.preliminary,
        panel=first.panel,
        made_from=(first.id, second.id),
    )
