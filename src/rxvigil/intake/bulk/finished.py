"""Sources whose reader makes finished records: an OMOP database, and tables with a mapping."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from rxvigil.facts import Record
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.manifest import Totals

_FACTS: Final = (
    "results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events",
)  # fmt: skip
_NOT_READ: Final = re.compile(r", column |^file ")
_COPY: Final = "(a further copy)"


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
    tally = _Tally()
    records = ((tally.counted(record), None) for record in read_tables(path, mapping, vocabulary))
    beside = f"mapping {sha256(mapping.read_bytes()).hexdigest()}"
    return Finished(records, files, beside, lambda: tally.totals)


class _Tally:
    """How the entries of tables ended. An entry is a filled cell that the mapping reads, or who a patient is; columns,
    sheets and files that it does not read are said in the records, and are no entries."""

    def __init__(self) -> None:
        self.totals = Totals()

    def counted(self, record: Record) -> Record:
        """The record, once it is counted."""
        ignored = {kind: count for kind, count in record.unread.items() if not _NOT_READ.search(kind)}
        copies = sum(count for kind, count in ignored.items() if kind.endswith(_COPY))
        self.totals += Totals(
            kept=1 + sum(len(getattr(record, kind)) for kind in _FACTS),
            quarantined=len(record.not_understood),
            ignored={kind: count for kind, count in ignored.items() if not kind.endswith(_COPY)},
            superseded=copies,
            outside=sum(one.count for one in record.outside),
        )
        return record
