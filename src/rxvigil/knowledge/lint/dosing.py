"""Dosing files: doses in order and within their maximum, names that exist, one default for each question."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.dosing import (
    Adjustment,
    AdjustmentsFile,
    ChangesFile,
    DosingProtocol,
    Effect,
    Presentation,
    ProductsFile,
    StatedDose,
    parse_dose,
)
from rxvigil.knowledge.lint.conditions import check_condition
from rxvigil.knowledge.lookup import Vocabulary

Where = tuple[tuple[str | int, ...], str]
"""A path in the file, and what is wrong there."""


def check_dosing(model: object, words: Vocabulary) -> Iterator[Where]:
    """Everything wrong with one dosing, adjustments, products or changes file."""
    match model:
        case DosingProtocol():
            yield from _protocol(model, words)
        case AdjustmentsFile():
            yield from ((("adjustments",), what) for what in _twice(one.id for one in model.adjustments))
            for index, one in enumerate(model.adjustments):
                yield from ((("adjustments", index), what) for what in _adjustment(one, words))
        case ProductsFile():
            yield from ((("presentations",), what) for what in _twice(one.id for one in model.presentations))
            for index, product in enumerate(model.presentations):
                yield from ((("presentations", index), what) for what in _presentation(product, words))
        case ChangesFile():
            yield from _changes(model, words)


def check_one_default(book: RuleBook) -> Iterator[tuple[str, str]]:
    """(protocol, problem) where two protocols are equally the default for a drug, disease and place."""
    usual = [one for _, one in sorted(book.dosing.items()) if one.default_for and not one.together]
    for one, other in combinations(usual, 2):
        if one.drug != other.drug or _width(one) != _width(other):
            continue
        places = {(a.jurisdiction, a.specialty) for a in one.default_for}
        shared = places & {(a.jurisdiction, a.specialty) for a in other.default_for}
        diseases = set(one.indications) & set(other.indications)
        if shared and (diseases or not one.indications):
            place, disease = sorted(shared, key=str)[0][0], min(diseases, default="any disease")
            yield other.id, f"{one.id} and {other.id} are both the default for {one.drug}, {disease}, {place}"


def _width(one: DosingProtocol) -> tuple[int, int]:
    """The one written for fewer diseases, then for fewer places, is taken: two as wide as each other contend."""
    return len(one.indications), len(one.jurisdictions)


def _protocol(one: DosingProtocol, words: Vocabulary) -> Iterator[Where]:
    yield from ((("drug",), what) for what in _drugs([one.drug, *one.together], words))
    yield from ((("indications",), what) for what in _indications(one.indications, words))
    if one.only_if:
        yield from ((("only_if",), what) for what in check_condition(one.only_if, words))
    for entry in one.default_for:
        if entry.specialty and entry.specialty not in words.specialties:
            yield ("default_for",), f"the specialty '{entry.specialty}' is not in the vocabulary"
    if one.effective.from_ and one.effective.to and one.effective.to < one.effective.from_:
        yield ("effective",), "it ends before it begins"
    if one.start and one.do_not_start:
        yield ("do_not_start",), "'start' and 'do_not_start' say two things"
    if one.default_for and not one.start and not one.do_not_start:
        yield ("default_for",), "nobody can start by default with what has no 'start'"
    for name in ("start", "target", "maintenance"):
        yield from ((((name,)), what) for what in _within(getattr(one, name), one.maximum))


def _within(stated: StatedDose | None, maximum: tuple[StatedDose, ...]) -> Iterator[str]:
    """No dose lies above every maximum that is said in the same unit."""
    if stated is None:
        return
    dose = parse_dose(stated.dose)
    tops = [top.high for top in (parse_dose(one.dose) for one in maximum) if top.unit == dose.unit]
    if tops and dose.high > max(tops):
        yield f"{stated.dose} lies above the maximum"


def _adjustment(one: Adjustment, words: Vocabulary) -> Iterator[str]:
    yield from check_condition(one.when, words)
    yield from _drugs(one.drugs, words)
    yield from _indications(one.indications, words)
    yield from _effect(one.effect)
    if one.effect.avoid and one.action.verb in ("reduce", "continue"):
        yield f"the effect is 'avoid' and the action says '{one.action.verb}'"


def _effect(effect: Effect) -> Iterator[str]:
    if effect.fraction is None:
        return
    low, high = effect.fraction
    if not 0 < low <= high:
        yield "the fraction runs backwards or is nothing"
    if high > 1:
        yield "a fraction above 1 would raise the dose"


def _presentation(one: Presentation, words: Vocabulary) -> Iterator[str]:
    yield from _drugs([one.drug], words)
    if one.form == "suspension" and (one.mg_per_ml is None or one.mg_per_ml <= 0):
        yield "a suspension needs mg_per_ml"
    if one.form != "suspension" and not one.strengths_mg:
        yield "it has no strength"
    if any(strength <= 0 for strength in one.strengths_mg) or sorted(set(one.strengths_mg)) != list(one.strengths_mg):
        yield "the strengths are not in order, or one stands twice"
    ends = [step.up_to_mg for step in one.measuring]
    limits = [end for end in ends if end is not None]
    if ends and (ends[-1] is not None or None in ends[:-1] or limits != sorted(limits)):
        yield "the measuring steps must rise, and the last one has no 'up_to_mg'"


def _changes(file: ChangesFile, words: Vocabulary) -> Iterator[Where]:
    yield from ((("conversions",), what) for what in _twice(one.id for one in file.conversions))
    yield from ((("tapers",), what) for what in _twice(one.id for one in file.tapers))
    for index, one in enumerate(file.conversions):
        yield from ((("conversions", index), what) for what in _drugs([one.from_drug, one.to_drug], words))
        if not 0 < one.divide_by[0] <= one.divide_by[1]:
            yield ("conversions", index), "'divide_by' runs backwards or is nothing"
    for index, taper in enumerate(file.tapers):
        yield from ((("tapers", index), what) for what in _drugs([taper.drug], words))
        yield from ((("tapers", index), what) for what in _indications(taper.indications, words))
        if taper.every and not taper.by:
            yield ("tapers", index), "an interval without a step"


def _drugs(keys: Iterable[str], words: Vocabulary) -> Iterator[str]:
    yield from (f"'{key}' is not a drug of the vocabulary" for key in keys if words.kind_of(key) != "drug")


def _indications(keys: Iterable[str], words: Vocabulary) -> Iterator[str]:
    yield from (f"'{key}' is not a condition of the vocabulary" for key in keys if words.kind_of(key) != "condition")


def _twice(ids: Iterable[str]) -> Iterator[str]:
    yield from (f"the id '{one}' stands twice" for one, count in Counter(ids).items() if count > 1)
