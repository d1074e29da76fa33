"""The ranges a laboratory prints beside an activity: 'deficient <10; intermediate 10-25; normal 26-50; high >50'."""

import re
from typing import Final, Literal

import msgspec

ActivityGroup = Literal["deficient", "intermediate", "normal", "high"]

_LABELS: Final[dict[str, ActivityGroup]] = {
    "deficient": "deficient",
    "deficiency": "deficient",
    "absent": "deficient",
    "very low": "deficient",
    "undetectable": "deficient",
    "poor": "deficient",
    "poor metaboliser": "deficient",
    "intermediate": "intermediate",
    "intermediate metaboliser": "intermediate",
    "carrier": "intermediate",
    "heterozygous": "intermediate",
    "partial deficiency": "intermediate",
    "reduced": "intermediate",
    "normal": "normal",
    "normal metaboliser": "normal",
    "wild type": "normal",
    "high": "high",
    "raised": "high",
    "very high": "high",
}
_MOST_CHARACTERS: Final = 400
_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)"
_OPEN: Final = re.compile(rf"^(<=|>=|<|>) ?{_NUMBER} ?(.*)$")
_CLOSED: Final = re.compile(rf"^{_NUMBER} ?(?:-|to) ?{_NUMBER} ?(.*)$")
_PART: Final = re.compile(r"^([a-z ]+?)(?: activity| range)? ?[:=]? ?((?:[<>]=?|[0-9]).*)$")
_PART_TURNED: Final = re.compile(r"^((?:[<>]=?|[0-9])[^;]*?) ?[:=] ?([a-z ]+)$")


class Range(msgspec.Struct, frozen=True):
    """One printed range; an end is in it where the laboratory wrote it so."""

    group: ActivityGroup
    low: float
    low_in: bool
    high: float
    high_in: bool

    def holds(self, value: float) -> bool:
        """The value lies in the range."""
        above = value > self.low or (self.low_in and value == self.low)
        return above and (value < self.high or (self.high_in and value == self.high))


def read_ranges(text: str, unit: str) -> tuple[Range, ...] | str:
    """The printed ranges, or why they cannot be read. A range in another unit than the value's is not used."""
    if len(text) > _MOST_CHARACTERS:
        return "the ranges are longer than ranges are"
    found: list[Range] = []
    for part in (piece.strip(" .") for piece in re.split(r"[;,\n|]", _plain(text))):
        if part:
            one = _part(part, _squeezed(unit))
            if isinstance(one, str):
                return one
            found.append(one)
    if _without_deficient(found) and any(_is_low(part) for part in re.split(r"[;,\n|]", _plain(text))):
        return "'low' may mean intermediate or deficient, and no range says which"
    return tuple(found) or "no range is given"


def _plain(text: str) -> str:
    for old, new in (("≤", "<="), ("≥", ">="), ("–", "-"), ("—", "-"), ("metabolizer", "metaboliser")):
        text = text.replace(old, new)
    return re.sub(r"[ \t]+", " ", text.strip().lower().replace("wild-type", "wild type"))


def _squeezed(unit: str) -> str:
    return re.sub(r"\s", "", unit.lower())


def _is_low(part: str) -> bool:
    return re.match(r"^ ?low\b", part) is not None


def _without_deficient(ranges: list[Range]) -> bool:
    return not any(one.group == "deficient" for one in ranges)


def _part(part: str, unit: str) -> Range | str:
    shape, turned = _PART.match(part), _PART_TURNED.match(part)
    if shape:
        label, numbers = shape.group(1), shape.group(2)
    elif turned:
        label, numbers = turned.group(2), turned.group(1)
    else:
        return "a range cannot be read"
    group: ActivityGroup | None = "intermediate" if label.strip() == "low" else _LABELS.get(label.strip())
    return _range(group, numbers, unit) if group else "a range is named in words that are not known"


def _range(group: ActivityGroup, numbers: str, unit: str) -> Range | str:
    closed = _CLOSED.match(numbers)
    if closed and _squeezed(closed.group(3)) in ("", unit):
        low, high = float(closed.group(1)), float(closed.group(2))
        return Range(group, low, True, high, True) if low <= high else "a range runs backwards"
    open_ = _OPEN.match(numbers)
    if open_ is None or _squeezed(open_.group(3)) not in ("", unit):
        return "a range cannot be read, or is in another unit than the value"
    value, inclusive = float(open_.group(2)), "=" in open_.group(1)
    if open_.group(1)[0] == "<":
        return Range(group, 0.0, True, value, inclusive)
    return Range(group, value, inclusive, float("inf"), False)
