"""By what a Patient resource shows that nobody is meant by it.

Other resources may bear the label too. The Patient's own decides: one result that is marked as a test does not make a
person a made-up one.
"""

from typing import Any, Final

from rxvigil.facts.simulated import LABEL
from rxvigil.intake.fhir.elements import Node

_SYNTHEA: Final = "https://github.com/synthetichealth/synthea"
"""System of the identifier that Synthea's FHIR exporter gives to every patient."""


def is_simulated(patient: Node) -> bool:
    """Whether the resource is labelled as test data, or comes from Synthea."""
    meta = patient.get("meta")
    labels = _objects(meta.get("security") if isinstance(meta, dict) else None)
    return any((one.get("system"), one.get("code")) == LABEL for one in labels) or any(
        one.get("system") == _SYNTHEA for one in _objects(patient.get("identifier"))
    )


def _objects(value: Any) -> list[Node]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
