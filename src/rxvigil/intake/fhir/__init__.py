"""FHIR R4 in: Bundles, single resources, NDJSON and folders of them -> records, with all that was not understood."""

from rxvigil.intake.fhir.holdings import NOBODY
from rxvigil.intake.fhir.read import read_fhir_patient, read_fhir_patients, record_from_resources

__all__ = ["NOBODY", "read_fhir_patient", "read_fhir_patients", "record_from_resources"]
