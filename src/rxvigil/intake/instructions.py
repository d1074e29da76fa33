"""Dosage instructions in words, read only where every word of them is understood.

"50 mg twice daily" is 100 mg a day, "one or two tablets at night" a range. A word left over ("reducing", "as directed",
"2.5 mg/kg") means that the dose is not known: a wrong dose is worse than none.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_WORD_NUMBERS = {
    "half a": "0.5", "half": "0.5", "an": "1", "a": "1", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
}  # fmt: skip
_MILLIGRAMS = {
    "mg": 1.0, "mgs": 1.0, "milligram": 1.0, "milligrams": 1.0, "g": 1000.0, "gram": 1000.0, "grams": 1000.0,
    "mcg": 0.001, "microgram": 0.001, "micrograms": 0.001,
}  # fmt: skip
_PIECES = "tablets?|tabs?|capsules?|caps?"
_NUMBER = r"\d+(?:\.\d+)?"
_MASS = "|".join(sorted(_MILLIGRAMS, key=len, reverse=True))
_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?"

_FILLERS = re.compile(
    r"\b(?:please|take|to be taken|give|orally|oral|by mouth|po|with (?:or after )?(?:food|meals?|water)"
    r"|after (?:food|meals?)|whole)\b"
)
_NEEDED = re.compile(r"\b(?:as needed|when needed|if needed|as required|when required|if required|prn)\b")
_UP_TO = re.compile(r"^up to\s+")
_EQUIVALENT = re.compile(rf"(?<=[a-z])\s*\(\s*{_NUMBER}\s*(?:x\s*{_NUMBER}\s*mg\s*)?(?:{_PIECES})\s*\)")
_AMOUNT = re.compile(
    rf"(?P<low>{_NUMBER})(?:\s*(?:-|to|or)\s*(?P<high>{_NUMBER}))?\s*"
    rf"(?:(?:x|of)?\s*(?P<strength>{_NUMBER})\s*(?P<each>{_MASS})\s*(?:{_PIECES})|(?P<unit>{_MASS}|{_PIECES}|mls?))"
    r"(?![a-z])\s*"
)
_OFTEN: tuple[tuple[float, str], ...] = (
    (1 / 14, r"once (?:a|every|each) fortnight|every (?:other|2) weeks?|fortnightly"),
    (1 / 7, rf"(?:once )?(?:a|every|each|per) week(?: on (?:a )?{_DAY})?|(?:once )?weekly(?: on (?:a )?{_DAY})?"
            rf"|(?:once )?(?:on|every|each) (?:a )?{_DAY}|/ ?week|/ ?wk"),
    (2 / 7, r"(?:twice|2 times) (?:weekly|a week|per week|each week)"),
    (3 / 7, r"3 times (?:weekly|a week|per week|each week)"),
    (0.5, r"every other day|(?:on )?alternate days|every 2 days|every second day|every 48 hours|qod|q48h"),
    (4.0, r"4 times (?:daily|a day|per day|each day|every day)|qds|qid|every 6 hours|q6h"),
    (3.0, r"3 times (?:daily|a day|per day|each day|every day)|tds|tid|every 8 hours|q8h"),
    (2.0, r"(?:twice|2 times) (?:daily|a day|per day|each day|every day)|bd|bid|every 12 hours|q12h"
          r"|(?:in the )?morning and (?:at )?(?:night|evening)"),
    (1.0, r"(?:once |1 time )?(?:daily|a day|per day|each day|every day)"
          r"(?: in the (?:morning|evening)| at (?:night|bedtime))?"
          r"|(?:in the|every|each) (?:morning|evening)|(?:at|every|each) (?:night|bedtime)|every 24 hours|q24h"
          r"|od|qd|om|on|nocte|mane|hs|qhs|/ ?day|/ ?d|/ ?24 ?h"),
)  # fmt: skip
_FREQUENCIES = tuple((times, re.compile(rf"(?:{pattern})(?![a-z0-9])\s*")) for times, pattern in _OFTEN)
_JOIN = re.compile(r"(?:and|plus|,|;|&|\+)\s*")


class DailyAmount(NamedTuple):
    """An amount per day as a range, in milligrams ('mg'), tablets or capsules ('each') or millilitres ('mL')."""

    low: float
    high: float
    unit: str


@lru_cache(maxsize=4096)
def amount_in_words(text: str) -> DailyAmount | None:
    """The amount per day that an instruction states, or none where any of it is not understood."""
    words = _plain(text)
    needed = bool(_NEEDED.search(words))
    words = _tidy(_NEEDED.sub(" ", words))
    if _UP_TO.match(words):
        words, needed = _UP_TO.sub("", words), True
    total: DailyAmount | None = None
    while words:
        clause = _clause(words)
        if clause is None or (total is not None and total.unit != clause[0].unit):
            return None
        amount, words = clause
        total = amount if total is None else DailyAmount(total.low + amount.low, total.high + amount.high, total.unit)
        words, joined = _JOIN.subn("", words, count=1) if _JOIN.match(words) else (words, 0)
        if bool(words) != bool(joined):
            return None
    return total._replace(low=0.0) if total is not None and needed else total


def _clause(words: str) -> tuple[DailyAmount, str] | None:
    """One "amount, how often" at the beginning of the words, and the rest of them."""
    amount = _AMOUNT.match(words)
    if amount is None:
        return None
    rest = words[amount.end() :]
    for times, pattern in _FREQUENCIES:
        often = pattern.match(rest)
        if often is not None:
            return _per_day(amount, times), rest[often.end() :]
    return None


def _per_day(amount: re.Match[str], times: float) -> DailyAmount:
    low, high = float(amount["low"]), float(amount["high"] or amount["low"])
    unit = amount["unit"] or amount["each"]
    if amount["each"]:
        times *= float(amount["strength"])
    if unit in _MILLIGRAMS:
        times, name = times * _MILLIGRAMS[unit], "mg"
    else:
        name = "mL" if unit.startswith("ml") else "each"
    return DailyAmount(min(low, high) * times, max(low, high) * times, name)


def _plain(text: str) -> str:
    """Lower case, numbers as digits, fillers and full stops gone."""
    words = text[:300].lower().replace("–", "-").replace("×", "x").replace("½", ".5").replace("¼", ".25")
    words = re.sub(r"(?<!\d)\.(25|5)\b", r"0.\1", re.sub(r"(\d)\s+\.(25|5)\b", r"\1.\2", words))
    words = re.sub(r"\b1/2\b", "0.5", re.sub(r"\b(\d) 1/2\b", r"\1.5", words))
    words = re.sub(r"\bone and a half\b", "1.5", words)
    words = re.sub(r"\b([a-z])\.([a-z])\.(?:([a-z])\.?)?(?=\W|$)", r"\1\2\3", words)
    for word, number in _WORD_NUMBERS.items():
        words = re.sub(rf"\b{word}\b(?! (?:day|week|{_DAY}|month))", number, words)
    words = _EQUIVALENT.sub(" ", _FILLERS.sub(" ", words))
    return _tidy(words)


def _tidy(words: str) -> str:
    words = re.sub(r"\s*,\s*(?=,|$)", "", " ".join(words.split()))
    words = re.sub(rf"(?<=[a-z]),\s+(?!{_NUMBER})", " ", words)
    return words.strip(" .,;")
