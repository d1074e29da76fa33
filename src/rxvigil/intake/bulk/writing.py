"""The way of finished records into a store, for every reader that makes records of a source (OMOP, CSV, XLSX).

```python
import_records(
    Path("clinic.store"),             # made where it is not there
    records,                          # Iterator[tuple[Record, practice or None]], read once, in any order
    files,                            # every file that the records come from: hashed, and listed in the manifest
    book.vocabulary,
    totals=lambda: tally.totals(),    # asked after the last record: how every row that was read ended
)
```

What it promises is that of the whole import: the same sources change nothing; what was cut off goes on; nothing is half
written. A producer only reads and yields; it may be run again from its beginning.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rxvigil.facts import Record
from rxvigil.intake.bulk.work import Progress
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.manifest import Manifest, Mode, Totals


def import_records(
    store: Path,
    records: Iterable[tuple[Record, str | None]],
    files: Sequence[Path],
    vocabulary: Vocabulary,
    *,
    mode: Mode | None = None,
    beside: str = "",
    buckets: int | None = None,
    totals: Callable[[], Totals] | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Put every record into the store at this path; its manifest afterwards.

    `records`: pairs of a record and the practice (or department) that looks after the patient. A patient who comes
    twice in one import is put together from both (facts that are the same collapse).
    `mode` must be given where the store already holds other imports: "adds" puts facts beside what is known of a
    patient, "replaces" puts this import's record in the place of everything known of that patient. Patients who are
    not in this import stay as they are.
    `beside`: what else decides how the files are read (digest of a mapping file, address of a database with the
    moment of the snapshot); the same files with the same `beside` are not read again.
    `buckets`: of a new store; by the size of the files where it is not given.
    `totals`: how every row that was read ended; asked after the last record, and checked by whoever counts the rows.
    Where it is not given, each record's own facts, not-understood entries and outside codes are counted as rows.

    Raises `UnreadableInput` where a file changes while it is read, `UnwritableOutput` where the disk is full, and
    `UnsupportedInput` for a store of FHIR resources (finished records do not mix with resources).
    """
    from rxvigil.intake.bulk.recording import write_records

    return write_records(store, records, files, vocabulary, mode, beside, buckets, totals, progress)
