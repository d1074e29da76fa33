"""Simulated patients as files: FHIR R4 bulk NDJSON, OMOP CDM 5.4 tables, or plain CSV with its mapping."""

from rxvigil.simulation.writers.clinic import Form, write_clinic
from rxvigil.simulation.writers.folder import NewFolder

__all__ = ["Form", "NewFolder", "write_clinic"]
