"""OMOP CDM 5.4 (CSV, Parquet or a database) -> records."""

from rxvigil.intake.omop.opening import looks_like_omop
from rxvigil.intake.omop.read import OmopSource, omop, read_omop

__all__ = ["OmopSource", "looks_like_omop", "omop", "read_omop"]
