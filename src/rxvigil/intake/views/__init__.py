"""SQL-on-FHIR view definitions of our flat tables, and the mapping that reads what a runner makes of them."""

from rxvigil.intake.views.writing import MAPPING, view_names, write_views

__all__ = ["MAPPING", "view_names", "write_views"]
