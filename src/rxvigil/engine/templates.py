"""Filling the sentence of a rule with this patient's facts: {neutrophils.latest}, {this.dose}, {warfarin.active}."""

import re

from rxvigil.engine.ask_drugs import dose_since, per_kg
from rxvigil.engine.kleene import YES
from rxvigil.engine.state import State
from rxvigil.engine.wording import amount, dated, dose_range, inside, number, opening
from rxvigil.facts import show_day
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.sentences import HOLE


def fill(template: str, state: State, this: str | None) -> str:
    """The sentence with every hole filled; what is not known is said to be so."""
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
            return dated(found[-1], words) if found else "(no result)"
        case "analyte", "series":
            return _series(key, state)
        case "analyte", "change":
            return _change(key, state)
        case "drug", _:
            return _drug(key, what, state)
        case "gene", "phenotype":
            stated = [one.phenotype for one in state.record.genotypes if one.gene == key and one.phenotype]
            return (
                f"{words.show(key)} {stated[-1].replace('-', ' ')} metaboliser"
                if stated
                else f"{words.show(key)} unknown"
            )
        case "event", _:
            values = [one.value or words.show(key) for one in state.record.events if one.kind == key]
            return values[-1].replace("-", " ") if values else words.show(key)
    return words.show(key)


def _series(analyte: str, state: State) -> str:
    found = [one for one in state.series.get(analyte, ()) if one.value is not None][-4:]
    if not found:
        return "(no results)"
    words: Vocabulary = state.words
    decimals = words.analytes[analyte].decimals
    values = " → ".join(number(one.value or 0.0, decimals) for one in found)
    return f"{values} {words.unit_shown(analyte)} ({found[0].when} to {found[-1].when})"


def _change(analyte: str, state: State) -> str:
    found = [one for one in state.series.get(analyte, ()) if one.value is not None][-2:]
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
