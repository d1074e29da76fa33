"""Facts and amounts in words: one place that decides how a result, a dose or a date is written for people."""

from collections.abc import Iterable

from rxvigil.engine.assessment import FactShown
from rxvigil.engine.kleene import Fact
from rxvigil.facts import (
    Allergy,
    Condition,
    Denial,
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Prescription,
    Result,
    Symptom,
)
from rxvigil.knowledge.expression import Amount
from rxvigil.knowledge.lookup import Vocabulary

MOST_DIPLOTYPES = 6
"""Possible diplotypes of a report that are named one by one."""


def number(value: float, decimals: int = 2) -> str:
    """A value without a false tail of noughts: 1.40 -> 1.4, 150.0 -> 150."""
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def inside(name: str) -> str:
    """A name as it stands inside a sentence: abbreviations and people's names keep their capital."""
    keeps = not name[1:2].islower() or "'s " in name or "’s " in name
    return name if keeps else name[:1].lower() + name[1:]


def listed(names: Iterable[str]) -> str:
    """'full blood count, liver tests and albumin'."""
    lowered = [inside(name) for name in dict.fromkeys(names)]
    if len(lowered) < 2:
        return "".join(lowered)
    return ", ".join(lowered[:-1]) + " and " + lowered[-1]


def opening(text: str) -> str:
    """A text as it stands at the beginning of a sentence; 'eGFR' stays so."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def amount(result: Result, words: Vocabulary) -> str:
    """A result's value with comparator and unit."""
    if result.value is None:
        return result.category or "no value"
    analyte = words.analytes[result.analyte]
    unit = words.unit_shown(result.analyte)
    gap = "" if unit in ("%", "") else " "
    return f"{result.comparator}{number(result.value, analyte.decimals)}{gap}{unit}"


def dated(result: Result, words: Vocabulary) -> str:
    """A result with its date, as it stands inside a sentence."""
    flag = ", preliminary" if result.preliminary else ""
    return f"{amount(result, words)} on {result.when}{flag}"


def limit_in_words(limit: Amount, analyte: str, words: Vocabulary) -> str:
    """A limit of a rule as people read it: 1.6 ×10⁹/L, 3 times the upper limit."""
    multiples = {"xULN": "times the upper limit", "xLLN": "times the lower limit"}
    if limit.unit in multiples:
        return f"{number(limit.value)} {multiples[limit.unit]}"
    factor = words.factor(analyte, limit.unit)
    canonical = factor == 1 and words.analytes[analyte].dimension is not None
    return f"{number(limit.value)} {words.unit_shown(analyte) if canonical else limit.unit}"


def dose_range(low: float, high: float, unit: str) -> str:
    """A dose, or the range it can be."""
    if number(low) == number(high):
        return f"{number(low)} {unit}"
    return f"{number(low)} to {number(high)} {unit}"


def show(fact: Fact, words: Vocabulary) -> FactShown:
    """Any fact as a line with its origin."""
    identity = getattr(fact, "id", str(fact.origin))
    return FactShown(identity, _says(fact, words), str(fact.origin))


def _says(fact: Fact, words: Vocabulary) -> str:
    match fact:
        case Result():
            made = (
                " (calculated from the percentage)"
                if fact.made_from and words.analytes[fact.analyte].made_from == "percent-of-white-cells"
                else ""
            )
            return f"{words.show(fact.analyte)} {dated(fact, words)}{made}"
        case Prescription():
            return _prescription(fact, words)
        case Condition():
            since = f" since {fact.onset}" if fact.onset else ""
            return f"{words.show(fact.concept)} ({fact.status}{since})"
        case Allergy():
            reaction = f": {fact.reaction}" if fact.reaction else ""
            return f"Allergy or intolerance: {words.show(fact.concept)}{reaction}"
        case Immunisation():
            name = words.show(fact.vaccine)
            return f"{name if 'vaccine' in name.lower() else f'{name} vaccine'} {fact.status} {fact.when}"
        case Genotype():
            few = " or ".join(fact.diplotypes) if len(fact.diplotypes) <= MOST_DIPLOTYPES else ""
            stated = fact.phenotype or few or fact.written
            return f"{words.show(fact.gene)}: {stated}"
        case Symptom():
            return f"{words.show(fact.concept)} reported {fact.when}"
        case Event():
            return _event(fact, words)
        case Denial():
            return f"Answered no: {words.show(fact.subject)} ({fact.measure}), {fact.when}"
        case NotUnderstood():
            return f"Not understood: {fact.what}: {fact.why}"


def _prescription(fact: Prescription, words: Vocabulary) -> str:
    per = words.drugs[fact.drug].per if fact.drug in words.drugs else "day"
    dose = ""
    if fact.dose:
        times = 7 if per == "week" else 1
        dose = " " + dose_range(fact.dose.low * times, fact.dose.high * times, f"mg/{per}")
    since = f" from {fact.start}" if fact.start else ""
    until = f" to {fact.end}" if fact.end else ""
    state = "" if fact.status == "active" else f" ({fact.status})"
    return f"{words.show(fact.drug)}{dose}{since}{until}{state}"


def _event(fact: Event, words: Vocabulary) -> str:
    value = f": {fact.value}" if fact.value else ""
    when = f" {fact.start}" if fact.start else ""
    status = "" if fact.status == "happened" else f" ({fact.status})"
    return f"{words.show(fact.kind)}{value}{when}{status}"
