"""CSV and TSV tables with a mapping file -> records, and a first draft of the mapping for tables nobody mapped yet."""

from rxvigil.intake.tables.read import read_tables
from rxvigil.intake.tables.suggest import suggest_mapping

__all__ = ["read_tables", "suggest_mapping"]
