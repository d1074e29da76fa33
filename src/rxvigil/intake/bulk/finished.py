"""Sources whose reader makes finished records: an OMOP database, and tables with a mapping."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from rxvigil.facts import Record
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.manifest import Totals


class Finished(NamedTuple):
    """What `import_records` is given of a source."""

    records: Iterable[tuple[Record, str | None]]
    files: tuple[Path, ...]
    beside: str
    totals: Callable[[], Totals] | None


@contextmanager
def finished_records(source: str, mapping: Path | None, vocabulary: Vocabulary) -> Iterator[Finished]:
    """The records of the source, for as long as they are read: tables where there is a mapping, else OMOP. Raises
    `RxvigilError`."""
    if mapping is not None:
        yield _tables(Path(source), mapping, vocabulary)
        return
    from rxvigil.intake.omop import omop

    with omop(source, vocabulary) as found:
        yield Finished(found.records(), found.files, found.beside, found.totals)


def _tables(path: Path, mapping: Path, vocabulary: Vocabulary) -> Finished:
    from rxvigil.intake.tables import read_tables, table_files

    files = table_files(path, mapping, vocabulary)
    records = ((record, None) for record in read_tables(path, mapping, vocabulary))
    return Finished(records, files, f"mapping {sha256(mapping.read_bytes()).hexdigest()}", None)
