"""Filling the sentence of a rule with this patient's facts: {neutrophils.latest}, {this.dose}, {warfarin.active}."""

import re
from datetime import date

from rxvigil.engine.ask_drugs import dose_since, per_kg
from rxvigil.engine.genotypes import groups_in_words, known_of
from rxvigil.engine.kleene import YES
from rxvigil.engine.state import State
from rxvigil.engine.wording import amount, dated, dose_range, inside, number, opening
from rxvigil.facts import Result, show_day
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.sentences import HOLE


def fill(template: str, state: State, this: str | None) -> str:
    """The sentence with every hole filled; what is not known is said to be so."""
    if "{" not in template:
        return template
    return HOLE.sub(lambda found: _placed(found, template, state, this), template)


def _placed(found: re.Match[str], template: str, state: State, this: str | None) -> str:
    text = _fill(found.group(1), found.group(2) or "", state, this)
    before = template[: found.start()].rstrip()
    return opening(text) if not before or before.endswith((".", "?")) else inside(text)


def _fill(subject: str, what: str, state: State, this: str | None) -> str:
    key = this if subject == "this" and this else subject
    words = state.words
    match words.kind_of(key), what:
        case _, "":
            return words.show(key)
        case "analyte", "latest":
            found = state.latest(key, this).results
            return dated(_most_worrying(found, words), words) if found else "(no result)"
        case "analyte", "series":
            return _series(key, state)
        case "analyte", "change":
            return _change(key, state)
        case "drug", _:
            return _drug(key, what, state)
        case "gene", "phenotype":
            return _phenotype(key, state)
        case "event", _:
            return _event(key, state)
    return words.show(key)


def _most_worrying(found: tuple[Result, ...], words: Vocabulary) -> Result:
    """Of several results that may be the newest the one that counts, as in the rules."""
    worse = words.analytes[found[-1].analyte].worse
    numbers = [one for one in found if one.value is not None]
    if not numbers or worse not in ("low", "high"):
        return found[-1]
    return (min if worse == "low" else max)(numbers, key=lambda one: one.value or 0.0)


def _phenotype(gene: str, state: State) -> str:
    known = known_of(state, gene)
    name = state.words.show(gene)
    return f"{name} {groups_in_words(known.groups)} metaboliser" if known.groups else f"{name} unknown"


def _event(kind: str, state: State) -> str:
    known = [
        one for one in state.record.events
        if one.kind == kind and (one.start is None or one.status == "planned" or one.start.first <= state.on)
    ]  # fmt: skip
    name = state.words.show(kind)
    if not known:
        return name
    newest = max(known, key=lambda one: (one.start.first if one.start else date.min, one.id))
    return (newest.value or name).replace("-", " ")


def _series(analyte: str, state: State) -> str:
    found = _occasions(analyte, state)[-4:]
    if not found:
        return "(no results)"
    words: Vocabulary = state.words
    decimals = words.analytes[analyte].decimals
    values = " → ".join(number(one.value or 0.0, decimals) for one in found)
    return f"{values} {words.unit_shown(analyte)} ({found[0].when} to {found[-1].when})"


def _occasions(analyte: str, state: State) -> list[Result]:
    """The numbers of an analyte, oldest first; the same number of the same moment once."""
    numbers = [one for one in state.series.get(analyte, ()) if one.value is not None]
    return list({(one.when, one.value, one.comparator): one for one in numbers}.values())


def _change(analyte: str, state: State) -> str:
    found = _occasions(analyte, state)[-2:]
    return " → ".join(amount(one, state.words) for one in found) + (f" on {found[-1].when}" if found else "")


def _drug(key: str, what: str, state: State) -> str:
    running = [(drug, one) for drug, one in state.exposures(key) if one.active == YES] or state.exposures(key)
    if not running:
        return state.words.show(key)
    drug, one = running[0]
    name = state.words.show(drug)
    match what:
        case "active" | "start":
            names = " and ".join(inside(state.words.show(each)) for each, _ in running)
            return f"{names}, since {show_day(one.start)}" if one.start and len(running) == 1 else names
        case "dose":
            return _dose(drug, state)
        case "stopped":
            return f"{name}, stopped {show_day(one.stopped)}" if one.stopped else name
        case "time-on":
            return f"since {show_day(one.start)}" if one.start else "since an unknown date"
    return name


def _dose(drug: str, state: State) -> str:
    one = state.exposure(drug)
    if one.dose is None:
        return "an unknown dose"
    weekly = drug in state.words.drugs and state.words.drugs[drug].per == "week"
    times, unit = (7, "mg/week") if weekly else (1, "mg/day")
    text = dose_range(one.dose.low * times, one.dose.high * times, unit)
    weighed = per_kg(one.dose, state)
    if weighed and not weekly:
        text += f" ({dose_range(*weighed, 'mg/kg/day')})"
    since = dose_since(one)
    return text + (f" since {show_day(since)}" if since and len(one.steps) > 1 else "")
