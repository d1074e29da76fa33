"""rxvigil: cited safety rules for people on azathioprine and other blood-monitored drugs.

import rxvigil
from datetime import date

book = rxvigil.load_rule_book()
record = rxvigil.read_patient("record.json", book.vocabulary)
assessment = rxvigil.Evaluator(book).assess(record, on=date(2026, 3, 2))
for finding in assessment.findings:
    print(finding.tier, finding.says)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rxvigil.engine import Assessment, Evaluator, Wanted
    from rxvigil.errors import RxvigilError
    from rxvigil.facts import Record
    from rxvigil.intake import read_patient, read_patients
    from rxvigil.knowledge import RuleBook, load_rule_book
    from rxvigil.reports import to_fhir, to_html, to_json, to_text

_HOMES = {
    "Assessment": "engine", "Evaluator": "engine", "Wanted": "engine", "RxvigilError": "errors", "Record": "facts",
    "read_patient": "intake", "read_patients": "intake", "RuleBook": "knowledge", "load_rule_book": "knowledge",
    "to_fhir": "reports", "to_html": "reports", "to_json": "reports", "to_text": "reports",
}  # fmt: skip

__all__ = [
    "Assessment",
    "Evaluator",
    "Record",
    "RuleBook",
    "RxvigilError",
    "Wanted",
    "load_rule_book",
    "read_patient",
    "read_patients",
    "to_fhir",
    "to_html",
    "to_json",
    "to_text",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `import rxvigil` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'rxvigil' has no attribute '{name}'")
    return getattr(import_module(f"rxvigil.{_HOMES[name]}"), name)
