"""The facts of a whole population in columns: what stands in each table, and the way from records to rows and back."""

from rxvigil.population.records import records_of
from rxvigil.population.rows import Columns, interval, person_number, tables_of
from rxvigil.population.schema import COLUMNS, DOUBTS, LISTS, PATIENTS, TABLES, FactTable, arrow_schema

__all__ = [
    "COLUMNS",
    "DOUBTS",
    "LISTS",
    "PATIENTS",
    "TABLES",
    "Columns",
    "FactTable",
    "arrow_schema",
    "interval",
    "person_number",
    "records_of",
    "tables_of",
]
