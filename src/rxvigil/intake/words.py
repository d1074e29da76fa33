"""Reading what people and laboratories write: numbers with comparators, ranges, names that are nearly ours."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, cast

from rxvigil.facts import Comparator

LONGEST_TEXT = 200
"""Characters of a foreign text that are kept."""

_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_VALUE = re.compile(rf"^\s*(<=|>=|=<|=>|<|>|≤|≥)?\s*({_NUMBER})\s*(.*)$", re.DOTALL)
_RANGE = re.compile(rf"^\s*\(?\s*({_NUMBER})\s*(?:-|–|—|to)\s*({_NUMBER})\s*(.*)$", re.DOTALL)
_FLAG = re.compile(r"^[\s*!()\[\]]*(?:[HL]{1,2}|N|A)?[\s*!()\[\]]*$")
_COMPARATORS: dict[str, Comparator] = {"≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}


class WrittenValue(NamedTuple):
    """A number as written in one text: "<5 mg/L" is ("<", "5", "mg/L"); flags such as H or * are left out."""

    comparator: Comparator
    number: str
    unit: str


class WrittenRange(NamedTuple):
    """A reference range as written: "2.0-7.5", "<40", "> 60 mL/min"."""

    low: str | None
    high: str | None
    unit: str


def clean(text: str, limit: int = LONGEST_TEXT) -> str:
    """A foreign text safe to show: one line, no control or direction characters, not endless."""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text[: 4 * limit])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def written_value(text: str) -> WrittenValue | None:
    """The number that a text begins with. "1,4" is none, for the comma has two meanings; nor is "0-2"."""
    shape = _VALUE.match(text)
    if shape is None or shape.group(3).startswith(("-", "–", ",")):
        return None
    comparator, number, rest = shape.groups()
    unit = "" if _FLAG.match(rest) else rest.strip()
    return WrittenValue(_comparator(comparator or ""), number, unit)


def written_range(text: str) -> WrittenRange | None:
    """The limits in a text such as "2.0-7.5", "0 to 40 U/L", "<40", "≥ 60"."""
    both = _RANGE.match(text)
    if both is not None:
        return WrittenRange(both.group(1), both.group(2), both.group(3).strip(" )"))
    one = written_value(text)
    if one is None or not one.comparator:
        return None
    if one.comparator.startswith("<"):
        return WrittenRange(None, one.number, one.unit)
    return WrittenRange(one.number, None, one.unit)


def _comparator(sign: str) -> Comparator:
    return _COMPARATORS.get(sign) or cast(Comparator, sign)


class NearNames:
    """Finds the name of ours that a text very nearly is: the same words but for one, in which the pen slipped once (in
    6 letters or more) or twice (in 10 or more, with the first and last letter right). Short words and numbers must be
    the same: RBC is not nearly WBC."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """`names`: pairs of a name in its compared form and the key it belongs to."""
        self._by_shape: defaultdict[int, list[tuple[list[str], str]]] = defaultdict(list)
        for name, key in names:
            words = name.split()
            self._by_shape[len(words)].append((words, key))

    def key_near(self, text: str) -> str | None:
        """The key whose name the text nearly is, or none; equal names are not near but the same."""
        said = text.split()
        if not 6 <= len(text) <= 80:
            return None
        for words, key in self._by_shape.get(len(said), ()):
            different = [pair for pair in zip(said, words, strict=True) if pair[0] != pair[1]]
            if len(different) == 1 and _slipped(*different[0]):
                return key
        return None


def _slipped(said: str, wanted: str) -> bool:
    """Whether one word is the other, written wrong."""
    if len(said) < 6 or len(wanted) < 5 or abs(len(said) - len(wanted)) > 2:
        return False
    first, last = said[0] == wanted[0], said[-1] == wanted[-1]
    if first and last and len(said) >= 10:
        return _within(said, wanted, 2)
    return (first or last) and _within(said, wanted, 1)


def _within(one: str, other: str, slips: int) -> bool:
    """Whether `one` becomes `other` by at most `slips` single letters added, lost, changed or swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > slips:
            return False
    return row[-1] <= slips
