"""From what a site can export to records: FHIR R4 (Bundle, resource, NDJSON, folder of them), or tables with a mapping.

What an input is shows in its content, not in its name.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rxvigil.errors import PatientCountError, UnreadableInput

if TYPE_CHECKING:
    from rxvigil.facts import Record
    from rxvigil.knowledge.lookup import Vocabulary
    from rxvigil.population.store import Store

__all__ = ["read_patient", "read_patients", "record_from_resources"]

_STORE = "store.json"
"""By its manifest a folder shows itself to be a store."""


def read_patient(
    path: Path | None, vocabulary: "Vocabulary", patient: str | None = None, mapping: Path | None = None
) -> "Record":
    """The record of the one patient in the input, or of the one whose id is `patient`.

    `path` is a file, a folder or the store of a population, none for standard input; a table needs `mapping`, the
    file that says what its columns mean. Raises `UnreadableInput`, `UnsupportedInput`, and `PatientCountError` where
    there is not exactly one.
    """
    if path is not None and mapping is None and (path / _STORE).is_file():
        return _in_store(path, vocabulary, patient)
    if _is_table(path, mapping):
        return _only(read_patients(path, vocabulary, mapping), patient, str(path))
    from rxvigil.intake.fhir import read_fhir_patient

    return read_fhir_patient(path, vocabulary, patient)


def read_patients(path: Path | None, vocabulary: "Vocabulary", mapping: Path | None = None) -> "Iterator[Record]":
    """One record after another, without holding the input in memory. Raises as `read_patient`."""
    if path is not None and mapping is None and (path / _STORE).is_file():
        return _store(path, vocabulary).records()
    if _is_table(path, mapping):
        from rxvigil.intake.tables import read_tables

        if path is None or mapping is None:
            raise _unmapped(path)
        return read_tables(path, mapping, vocabulary)
    from rxvigil.intake.fhir import read_fhir_patients

    return read_fhir_patients(path, vocabulary)


def record_from_resources(
    resources: "Iterable[dict[str, Any]]", vocabulary: "Vocabulary", source: str = "record"
) -> "Record":
    """The record of the one patient whom decoded FHIR R4 resources are about; `source` names them in messages."""
    from rxvigil.intake.fhir import record_from_resources as from_resources

    return from_resources(resources, vocabulary, source)


def _store(path: Path, vocabulary: "Vocabulary") -> "Store":
    from rxvigil.population.store import Store

    store = Store.open(path)
    store.require(vocabulary)
    return store


def _in_store(path: Path, vocabulary: "Vocabulary", patient: str | None) -> "Record":
    """One patient of a store, who must be named where there are several."""
    store = _store(path, vocabulary)
    if patient is not None:
        return store.record(patient)
    if store.manifest.patients == 1:
        return next(store.records())
    what = f"the store holds {store.manifest.patients:,} patients where one was asked for"
    raise PatientCountError(what, str(path), "choose one by its id (--patient)")


def _is_table(path: Path | None, mapping: Path | None) -> bool:
    if mapping is not None or path is None:
        return mapping is not None
    from rxvigil.intake.fhir.read import is_table

    return is_table(path)


def _unmapped(path: Path | None) -> UnreadableInput:
    if path is None:
        return UnreadableInput("a table cannot be read from standard input", "standard input", "name its file")
    return UnreadableInput(
        "this is a table, or no known format, and no mapping says what its columns mean",
        str(path),
        "write a mapping file (rxvigil can suggest one) and name it, or give FHIR R4 JSON",
    )


def _only(records: "Iterator[Record]", patient: str | None, source: str) -> "Record":
    """The one record, or the one of that id; counting goes on to the end, so that the message can say how many."""
    count, found = 0, None
    for record in records:
        if patient is None or record.patient.id == patient:
            count, found = count + 1, found or record
    if found is None or count != 1:
        what = "no patient of that id" if patient else f"{count} patients where one was asked for"
        raise PatientCountError(
            f"the input holds {what}", source, "choose one by its id (patient), or read all of them"
        )
    return found
