"""Whole populations in: from exports of any size to a store of facts (`rxvigil import`)."""

from rxvigil.intake.bulk.importing import import_fhir
from rxvigil.intake.bulk.sources import Sources, sources_at
from rxvigil.intake.bulk.work import Progress
from rxvigil.intake.bulk.writing import import_records

__all__ = ["Progress", "Sources", "import_fhir", "import_records", "sources_at"]
