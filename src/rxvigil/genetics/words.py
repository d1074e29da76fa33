"""The words laboratories use for a phenotype or an activity, each with what it means. No other word is read."""

import re
from typing import Final

from rxvigil.knowledge.pharmacogenes import MetaboliserGroup

METABOLISERS: Final[dict[str, MetaboliserGroup]] = {
    "normal": "normal",
    "extensive": "normal",
    "intermediate": "intermediate",
    "possible intermediate": "possible-intermediate",
    "likely intermediate": "possible-intermediate",
    "poor": "poor",
    "deficient": "poor",
    "indeterminate": "indeterminate",
    "uncertain": "indeterminate",
}
ABBREVIATIONS: Final[dict[str, MetaboliserGroup]] = {
    "nm": "normal",
    "em": "normal",
    "im": "intermediate",
    "pim": "possible-intermediate",
    "pm": "poor",
}
ACTIVITIES: Final[dict[str, frozenset[MetaboliserGroup]]] = {
    "normal": frozenset({"normal"}),
    "high": frozenset({"normal"}),
    "intermediate": frozenset({"intermediate"}),
    "reduced": frozenset({"intermediate", "poor"}),
    "low": frozenset({"intermediate", "poor"}),
    "deficient": frozenset({"poor"}),
    "absent": frozenset({"poor"}),
    "no": frozenset({"poor"}),
}
_AS_WRITTEN: Final = (
    ("metabolizer", "metaboliser"),
    ("∗", "*"),
    ("＊", "*"),
    ("wild-type", "wild type"),
    ("wildtype", "wild type"),
    ("heterozygote", "heterozygous"),
    ("homozygote", "homozygous"),
    ("–", "-"),
)


def plain(text: str) -> str:
    """The text in lower case, with one space between words and one spelling of words that mean the same."""
    text = text.lower()
    for old, new in _AS_WRITTEN:
        text = text.replace(old, new)
    return re.sub(r"\s+", " ", text).strip(" .")
