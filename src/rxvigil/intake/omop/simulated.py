"""By what an OMOP database shows that nobody in it exists: what CDM_SOURCE says of where it comes from."""

from typing import Final

from rxvigil.facts.simulated import WORD
from rxvigil.intake.omop.rows import Database

_SYNTHEA: Final = ("https://synthetichealth.github.io/synthea", "https://github.com/ohdsi/etl-synthea")
"""Addresses that OHDSI's ETL-Synthea writes as documentation of the source and as that of the ETL, in lower case."""


def all_simulated(database: Database) -> bool:
    """Whether every source that the database names is `rxvigil simulate` or Synthea. Of a table with no row, no."""
    sources = list(database.beside("cdm_source"))
    return bool(sources) and all(map(_is_simulated, sources))


def _is_simulated(row: tuple[str, ...]) -> bool:
    abbreviation, *addresses = row
    return abbreviation == WORD or any(one.lower().rstrip("/") in _SYNTHEA for one in addresses)
