"""Taking elements out of decoded FHIR JSON without trusting it.

An element that is not there reads as nothing; one that is there in the wrong shape raises `Misshapen`, so that a
resource is never half understood in silence. Only elements that are asked for are looked at.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from rxvigil.facts import When, on_day, parse_when
from rxvigil.intake.outcomes import Coding
from rxvigil.intake.words import clean

Node = dict[str, Any]
NOTHING: Node = {}
_FIRST_YEAR, _LAST_YEAR = 1850, 2199
UCUM = "http://unitsofmeasure.org"


class Misshapen(Exception):
    """An element has a shape FHIR R4 does not give it; never leaves this package."""

    def __init__(self, element: str, why: str) -> None:
        super().__init__(f"{element} {why}")
        self.element = element


class Concept(NamedTuple):
    """A CodeableConcept: its codes and its text."""

    codings: tuple[Coding, ...] = ()
    text: str = ""

    @property
    def shown(self) -> str:
        """What a person would call it."""
        return self.text or next((one.display or one.code for one in self.codings if one.display or one.code), "")

    def has(self, *codes: str) -> bool:
        """Whether one of these codes is given, whatever its system."""
        return any(coding.code in codes for coding in self.codings)


NO_CONCEPT = Concept()


class Quantity(NamedTuple):
    """A Quantity: number, comparator as given, UCUM code and unit text as given."""

    value: float | None
    comparator: str
    code: str
    unit: str


class Period(NamedTuple):
    """A Period; either end may be missing."""

    start: When | None
    end: When | None


def text_of(node: Node, key: str) -> str:
    """A string, or '' where there is none."""
    found = node.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Misshapen(key, "is not text")
    return found


def number_of(node: Node, key: str) -> float | None:
    """A number, or none."""
    found = node.get(key)
    if found is None or (isinstance(found, (int, float)) and not isinstance(found, bool)):
        return found
    raise Misshapen(key, "is not a number")


def flag_of(node: Node, key: str) -> bool | None:
    """A truth value, or none."""
    found = node.get(key)
    if found is None or isinstance(found, bool):
        return found
    raise Misshapen(key, "is not true or false")


def child_of(node: Node, key: str) -> Node:
    """An object, or an empty one where there is none."""
    found = node.get(key)
    if found is None:
        return NOTHING
    if not isinstance(found, dict):
        raise Misshapen(key, "is not an object")
    return found


def children_of(node: Node, key: str) -> list[Node]:
    """A list of objects, or an empty one where there is none."""
    found = node.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Misshapen(key, "is not a list of objects")
    return found


def texts_of(node: Node, key: str) -> list[str]:
    """A list of strings, or an empty one where there is none."""
    found = node.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Misshapen(key, "is not a list of texts")
    return found


def concept_of(node: Node, key: str) -> Concept:
    """A CodeableConcept, or an empty one where there is none."""
    found = node.get(key)
    if found is None:
        return NO_CONCEPT
    if not isinstance(found, dict):
        raise Misshapen(key, "is not a coded concept")
    return concept_in(found)


def concepts_of(node: Node, key: str) -> list[Concept]:
    """A list of CodeableConcepts."""
    return [concept_in(one) for one in children_of(node, key)]


def concept_in(node: Node) -> Concept:
    """The CodeableConcept that this object is."""
    codings = node.get("coding")
    if codings is None:
        return Concept((), text_of(node, "text"))
    if not isinstance(codings, list):
        raise Misshapen("coding", "is not a list")
    return Concept(tuple(coding_in(one) for one in codings), text_of(node, "text"))


def coding_in(node: Any) -> Coding:
    """The Coding that this object is; without a system a code means nothing and is left out."""
    if not isinstance(node, dict):
        raise Misshapen("coding", "is not an object")
    system, code, display = node.get("system"), node.get("code"), node.get("display")
    for part in (system, code, display):
        if part is not None and not isinstance(part, str):
            raise Misshapen("coding", "has a part that is not text")
    return Coding(system or "", (code or "") if system else "", display or "")


def quantity_of(node: Node, key: str) -> Quantity | None:
    """A Quantity (also Age, Duration, SimpleQuantity), or none."""
    found = child_of(node, key)
    if not found:
        return None
    code, unit = text_of(found, "code"), text_of(found, "unit")
    if text_of(found, "system") not in ("", UCUM):
        code, unit = "", unit or code
    return Quantity(number_of(found, "value"), text_of(found, "comparator"), code, unit)


def when_of(node: Node, key: str) -> When | None:
    """A date, dateTime or instant, or none. A date that does not exist is misshapen, not missing."""
    found = node.get(key)
    if found is None:
        return None
    if not isinstance(found, str):
        raise Misshapen(key, "is not a date")
    when = parsed_when(found)
    if when is None:
        raise Misshapen(key, f"'{clean(found, 40)}' is not a date")
    return when


def period_of(node: Node, key: str) -> Period:
    """A Period, or one with neither end."""
    found = child_of(node, key)
    return Period(when_of(found, "start"), when_of(found, "end"))


def span_of(node: Node, stem: str) -> Period:
    """`stem`DateTime or `stem`Period, as a period; a single moment is its own start and has no end."""
    at = when_of(node, f"{stem}DateTime") or when_of(node, f"{stem}Instant")
    return Period(at, None) if at else period_of(node, f"{stem}Period")


def moment_of(node: Node, stem: str) -> When | None:
    """`stem`DateTime, `stem`Instant, or the day or days of `stem`Period."""
    start, end = span_of(node, stem)
    if start is None or end is None:
        return start or end
    return start if start == end else When(start.first, max(start.first, end.last), "day")


def reference_of(node: Node, key: str) -> str:
    """The address in a Reference, or ''."""
    return text_of(child_of(node, key), "reference")


@lru_cache(maxsize=8192)
def parsed_when(text: str) -> When | None:
    """The date in a text, or none. A time without an offset is no instant: only its day counts."""
    try:
        when = parse_when(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= when.first.year <= _LAST_YEAR:
        return None
    if when.instant is not None and when.instant.tzinfo is None:
        return on_day(when.first)
    return when


def moment_in_time(text: str) -> datetime | None:
    """The instant in a text such as meta.lastUpdated, for comparing versions; none where it is no instant."""
    when = parsed_when(text)
    return when.instant if when else None
