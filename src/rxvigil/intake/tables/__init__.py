"""Tables (CSV, TSV, workbooks) with a mapping file -> records; and a first draft of a mapping."""

from rxvigil.intake.tables.read import read_tables, table_files
from rxvigil.intake.tables.suggest import suggest_mapping

__all__ = ["read_tables", "suggest_mapping", "table_files"]
