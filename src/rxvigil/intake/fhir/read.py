"""The ways into FHIR intake: a path, standard input, or resources already in memory."""

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rxvigil.errors import UnreadableInput
from rxvigil.facts import Record
from rxvigil.intake.fhir.documents import read_document
from rxvigil.intake.fhir.files import LONGEST_LINE, Kind, decode, kind_of, opened, read_whole, source_of
from rxvigil.intake.fhir.holdings import DocumentHoldings, Holdings, all_records, only_record
from rxvigil.intake.fhir.index import ENDINGS, IndexedHoldings
from rxvigil.intake.reading import finder_for
from rxvigil.knowledge.lookup import Vocabulary

_HEAD = 1 << 16


def read_fhir_patient(path: Path | None, vocabulary: Vocabulary, patient: str | None = None) -> Record:
    """The record of the one patient in a FHIR input (standard input where `path` is none), or of the one whose id is
    `patient`. Raises `UnreadableInput`, `UnsupportedInput`, `PatientCountError`."""
    with _holdings(path) as holdings:
        return only_record(holdings, finder_for(vocabulary), patient)


def read_fhir_patients(path: Path | None, vocabulary: Vocabulary) -> Iterator[Record]:
    """One record after another. What the input holds of nobody by name comes last, under the id `NOBODY`, and only
    where there is something in it that a person should look at."""
    with _holdings(path) as holdings:
        yield from all_records(holdings, finder_for(vocabulary))


def record_from_resources(
    resources: Iterable[dict[str, Any]], vocabulary: Vocabulary, source: str = "record"
) -> Record:
    """The record of the one patient whom these decoded resources (or Bundles of them) are about; `source` is how
    their facts name the input. Raises `UnsupportedInput`, `PatientCountError`."""
    holdings = DocumentHoldings([read_document(list(resources), source)], source)
    return only_record(holdings, finder_for(vocabulary), None)


@contextmanager
def _holdings(path: Path | None) -> Iterator[Holdings]:
    source = source_of(path)
    if path is not None and path.is_dir():
        with IndexedHoldings(source) as index:
            _add_folder(index, path)
            yield index
    elif path is not None and _kind(path) == "ndjson":
        with IndexedHoldings(source) as index:
            index.add_file(path)
            yield index
    else:
        data = _bytes_of(path, source)
        if kind_of(data, True, source) == "ndjson":
            with IndexedHoldings(source) as index:
                index.add_lines(io.BytesIO(data), source)
                yield index
        else:
            yield DocumentHoldings([read_document(decode(data, source), source)], source)


def is_table(path: Path) -> bool:
    """Whether the content is a table: neither FHIR nor anything else that is known and refused."""
    if path.is_dir():
        return not _fhir_files(path) and any(one.suffix.lower() in (".csv", ".tsv", ".txt") for one in path.iterdir())
    return _kind(path) == "table"


def _kind(path: Path) -> Kind:
    with opened(path) as stream:
        first = stream.readline(LONGEST_LINE)
        rest = stream.read(_HEAD)
        return kind_of(first + rest, len(rest) < _HEAD, path.name)


def _bytes_of(path: Path | None, source: str) -> bytes:
    if path is None:
        return read_whole(sys.stdin.buffer, source)
    with opened(path) as stream:
        return read_whole(stream, source)


def _add_folder(index: IndexedHoldings, folder: Path) -> None:
    files = _fhir_files(folder)
    if not files:
        what = f"the folder holds no FHIR file (names that end in {', '.join(ENDINGS)})"
        raise UnreadableInput(what, str(folder), "name the folder of a FHIR export")
    for path in files:
        try:
            index.add_file(path)
        except UnreadableInput as problem:
            index.cannot_read(path.name, problem.what)


def _fhir_files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.name.lower().endswith(ENDINGS))
