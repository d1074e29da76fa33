"""Which buckets of a store are screened together.

An importer cuts buckets so that each can be read as records; a database answers many of them at once, and each time it
is asked takes as long as the rule book is large. So buckets are taken together, up to a number of patients and of
results that fits into memory.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rxvigil.errors import UnreadableInput
from rxvigil.population.schema import COLUMNS
from rxvigil.population.store import Store
from rxvigil.screening.databases import NEEDED, Files
from rxvigil.screening.reading import IMPORT_AGAIN, check_columns, columns_of, reading

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE: Final = 100_000
"""Patients that are screened together, where nothing else is asked for."""
_RESULTS: Final = 50
"""Results for each of so many patients that are taken together: who has more counts as several."""
_SAYS_WHAT: Final = (("prescriptions", "drug"), ("results", "analyte"), ("doubts", "key"))
"""Where a table says of which drug or analyte a row is, or may be."""


@dataclass(frozen=True)
class Share:
    """Buckets whose patients are screened together."""

    number: int
    buckets: tuple[int, ...]


def shares_of(store: Store, at_once: int = AT_ONCE) -> tuple[Share, ...]:
    """Every bucket in one share, in order; a share holds up to `at_once` patients, but one bucket at least. Raises
    `UnreadableInput`."""
    groups: list[list[int]] = []
    room = 0
    for bucket in store.buckets:
        needed = _size(store, bucket)
        if not groups or needed > room:
            groups.append([])
            room = at_once
        groups[-1].append(bucket)
        room -= needed
    return tuple(Share(number, tuple(group)) for number, group in enumerate(groups))


def _size(store: Store, bucket: int) -> int:
    """Of a bucket, in patients."""
    files = store.tables(bucket)
    patients, results = (sum(map(_rows, files[name])) for name in ("patients", "results"))
    return max(patients, results // _RESULTS)


def _rows(path: Path) -> int:
    from pyarrow import parquet

    with reading(path):
        return int(parquet.read_metadata(path).num_rows)


def files_of(store: Store, share: Share) -> Files:
    """The files of a share, by table; none where none of its buckets has any facts yet. Raises `UnreadableInput` for a
    bucket in which tables are missing, and for a file without the columns of its table."""
    found: dict[str, list[Path]] = defaultdict(list)
    for bucket in share.buckets:
        files = store.tables(bucket)
        if _complete(files, store.path):
            for name in NEEDED:
                found[name].extend(files[name])
    return found


def _complete(files: Files, place: Path) -> bool:
    there = [bool(files[name]) for name in NEEDED]
    if any(there) and not all(there):
        raise UnreadableInput("the store is damaged: a table is missing", str(place), IMPORT_AGAIN)
    for name in NEEDED:
        for path in files[name]:
            check_columns(path, COLUMNS[name])
    return all(there)


def patients_of(files: Files) -> "pa.Table":
    """person, patient, practice of everybody in these files."""
    import pyarrow as pa

    return pa.concat_tables([columns_of(path, ["person", "patient", "practice"]) for path in files["patients"]])


def keys_on_file(store: Store) -> frozenset[str]:
    """Every drug and analyte that anybody's record mentions, or may: nothing need be asked of any other."""
    return frozenset(
        key
        for bucket in store.buckets
        for table, column in _SAYS_WHAT
        for path in store.tables(bucket)[table]
        for key in _different(path, column)
    )


def _different(path: Path, column: str) -> Iterator[str]:
    from pyarrow import parquet

    with reading(path):
        texts = parquet.read_table(path, columns=[column], read_dictionary=[column], partitioning=None)[column]
    for chunk in texts.chunks:
        yield from chunk.dictionary.to_pylist()
