"""Whole populations in: from exports of any size to a store of facts (`rxvigil import`)."""

from rxvigil.intake.bulk.writing import Progress, import_records

__all__ = ["Progress", "import_records"]
