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
    from rxvigil.dosing import Doser, DoseRequest
    from rxvigil.engine import Assessment, Evaluator, Wanted
    from rxvigil.errors import RxvigilError
    from rxvigil.facts import Record
    from rxvigil.intake import read_patient, read_patients
    from rxvigil.intake.vcf import genotypes_from_vcf
    from rxvigil.knowledge import RuleBook, load_rule_book
    from rxvigil.reports import to_fhir, to_html, to_json, to_text
    from rxvigil.starting import Starter, StartRequest

_HOMES = {
    "Doser": "dosing", "DoseRequest": "dosing", "Assessment": "engine", "Evaluator": "engine", "Wanted": "engine",
    "RxvigilError": "errors", "Record": "facts", "read_patient": "intake", "read_patients": "intake",
    "genotypes_from_vcf": "intake.vcf", "RuleBook": "knowledge", "load_rule_book": "knowledge",
    "to_fhir": "reports", "to_html": "reports", "to_json": "reports", "to_text": "reports",
    "Starter": "starting", "StartRequest": "starting",
}  # fmt: skip

__all__ = [
    "Assessment",
    "DoseRequest",
    "Doser",
    "Evaluator",
    "Record",
    "RuleBook",
    "RxvigilError",
    "StartRequest",
    "Starter",
    "Wanted",
    "genotypes_from_vcf",
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
