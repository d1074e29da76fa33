"""The holes a rule's sentence may have: {neutrophils.latest}, {this.dose}, {tpmt.phenotype}, {warfarin}."""

import re
from typing import Final

HOLE: Final = re.compile(r"\{([a-z0-9-]+)(?:\.([a-z0-9-]+))?\}")

FILLS: Final[dict[str, frozenset[str]]] = {
    "analyte": frozenset({"latest", "series", "change"}),
    "drug": frozenset({"active", "dose", "start", "stopped", "time-on"}),
    "gene": frozenset({"phenotype"}),
    "event": frozenset({"value", "present"}),
}
"""What may be asked for in a sentence, by kind of subject; {subject} alone is its name."""


def holes(template: str) -> list[tuple[str, str]]:
    """The (subject, what) pairs a sentence asks for; `what` is empty for the bare name."""
    return [(found.group(1), found.group(2) or "") for found in HOLE.finditer(template)]
