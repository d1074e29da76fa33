"""As small a rule book and clinic as show every kind of row that a screen has: for tests that screen many times."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rxvigil.knowledge.loader import shipped_knowledge

DANGER = """
kind: rules
id: local/dangers
title: One danger
review_by: 2030-12-31
rules:
  - id: neutrophils-low
    kind: danger
    applies: {drugs: [azathioprine]}
    when: neutrophils.latest < LIMIT 10*9/L
    tier: stop
    cause: neutrophils low
    says: "Neutrophils were {neutrophils.latest}."
    action: {verb: stop, says: "Stop the drug.", urgency: now, strength: must}
    source: &here {ref: singh-thiopurines-2022, where: "table 6", mark: verified, checked: 2026-11-22}
"""
PROTOCOL = """
kind: protocol
id: local/azathioprine
title: Azathioprine
body: Nobody
applies: {drugs: [azathioprine], jurisdictions: [UK]}
default_for: [{jurisdiction: UK}]
effective: {from: 2020-01-01}
review_by: 2030-12-31
schedule:
  - id: blood-tests
    panel: {all: [neutrophils]}
    phases: [{every: 12 weeks}]
    source: {ref: singh-thiopurines-2022, where: "table 6", mark: verified, checked: 2026-11-22}
"""


def rule_book(folder: Path, limit: float) -> Path:
    """The shipped vocabulary, one danger and one schedule."""
    for name in ("vocabulary", "sources", "pharmacogenes"):
        shutil.copytree(shipped_knowledge() / name, folder / name)
    shutil.copy(shipped_knowledge() / "dosing" / "adjustments-tpmt-activity.yaml", folder)
    (folder / "dangers.yaml").write_text(DANGER.replace("LIMIT", str(limit)))
    (folder / "protocol.yaml").write_text(PROTOCOL)
    return folder


def resources(patients: range) -> Iterator[dict[str, Any]]:
    """Each on azathioprine, with three counts: some of them low, some long ago, some of which only the year is known,
    so that the evaluator of one patient must answer."""
    for one in patients:
        whose = {"subject": {"reference": f"Patient/p{one}"}}
        yield {"resourceType": "Patient", "id": f"p{one}", "birthDate": "1980-05-01"}
        yield {
            "resourceType": "MedicationRequest", "id": f"m{one}", "status": "active", "intent": "order", **whose,
            "authoredOn": "2025-01-10", "medicationCodeableConcept": {"text": "Azathioprine 50 mg tablets"},
            "dosageInstruction": [{"text": "100 mg once daily"}],
        }  # fmt: skip
        last = f"2026-02-{1 + one % 20:02d}" if one % 6 < 4 else "2026"
        for number, day in enumerate(("2025-03-02", "2025-09-02", last)[: 2 + one % 4]):
            yield {
                "resourceType": "Observation", "id": f"o{one}-{number}", "status": "final", **whose,
                "code": {"coding": [{"system": "http://loinc.org", "code": "751-8"}], "text": "Neutrophils"},
                "effectiveDateTime": day,
                "valueQuantity": {"value": (0.8, 1.4, 3.3, 5.0)[(one + number) % 4], "unit": "10*9/L"},
            }  # fmt: skip


def source(folder: Path, patients: range) -> Path:
    (folder / "all.ndjson").write_text("".join(json.dumps(one) + "\n" for one in resources(patients)))
    return folder
