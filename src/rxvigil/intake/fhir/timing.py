"""How often per day a FHIR Timing means."""

from typing import NamedTuple

from rxvigil.intake.fhir.elements import Node, child_of, concept_of, number_of, text_of, texts_of
from rxvigil.intake.instructions import amount_in_words

_DAYS = {"s": 1 / 86_400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0}
"""Days in a period unit; a month or a year is not a number of days."""

_BY_CODE = {
    "BID": 2.0, "TID": 3.0, "QID": 4.0, "AM": 1.0, "PM": 1.0, "QD": 1.0, "QOD": 0.5, "Q1H": 24.0, "Q2H": 12.0,
    "Q3H": 8.0, "Q4H": 6.0, "Q6H": 4.0, "Q8H": 3.0, "BED": 1.0, "WK": 1 / 7,
}  # fmt: skip
"""HL7 GTSAbbreviation codes -> times a day."""


class PerDay(NamedTuple):
    """Times a day, as a range."""

    low: float
    high: float


def times_per_day(timing: Node) -> PerDay | None:
    """How often a day; none where the Timing does not settle it."""
    repeat = child_of(timing, "repeat")
    counted = _repeat_per_day(repeat) if repeat else None
    if counted is None and _says_how_often(repeat):
        return None
    code = concept_of(timing, "code")
    coded = next((_BY_CODE[one.code] for one in code.codings if one.code in _BY_CODE), None)
    if coded is None:
        coded = _in_words(code.shown)
    if counted is None:
        return PerDay(coded, coded) if coded is not None else None
    agree = coded is None or counted.low * 0.999 <= coded <= counted.high * 1.001
    return counted if agree else None


def _says_how_often(repeat: Node) -> bool:
    return any(name in repeat for name in ("frequency", "period", "timeOfDay", "when", "dayOfWeek", "frequencyMax"))


def _in_words(text: str) -> float | None:
    """ "twice daily" as a number, by the grammar of dosage instructions."""
    amount = amount_in_words(f"1 tablet {text}") if text else None
    return amount.high if amount is not None and amount.low == amount.high else None


def _repeat_per_day(repeat: Node) -> PerDay | None:
    days = texts_of(repeat, "dayOfWeek")
    named = texts_of(repeat, "timeOfDay") or texts_of(repeat, "when")
    frequency, most = number_of(repeat, "frequency"), number_of(repeat, "frequencyMax")
    period, longest = number_of(repeat, "period"), number_of(repeat, "periodMax")
    if number_of(repeat, "duration") is not None:
        return None
    if frequency is None and period is None:
        if not named and not days:
            return None
        times = float(len(named) or 1)
        return _on_days(PerDay(times, times), days)
    unit = text_of(repeat, "periodUnit")
    if period is None or period <= 0 or unit not in _DAYS:
        return None
    times = frequency if frequency is not None else float(len(named) or 1)
    if times <= 0 or (named and frequency is not None and len(named) != frequency):
        return None
    low = times / ((longest or period) * _DAYS[unit])
    high = (most or times) / (period * _DAYS[unit])
    if days and unit == "wk":
        return PerDay(low, high) if period == 1 and times == len(set(days)) else None
    return _on_days(PerDay(low, high), days)


def _on_days(daily: PerDay, days: list[str]) -> PerDay:
    share = len(set(days)) / 7 if days else 1.0
    return PerDay(daily.low * share, daily.high * share)
