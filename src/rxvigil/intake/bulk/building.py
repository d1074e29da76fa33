"""From the lines of a bucket to its tables: the records of its patients, written as Parquet."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.facts import Record
from rxvigil.intake.bulk.people import Gathered
from rxvigil.intake.bulk.practices import practice_of
from rxvigil.intake.fhir.ended import Ended
from rxvigil.intake.fhir.record import Material, record_of
from rxvigil.intake.reading import Finder
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population import Columns, person_number
from rxvigil.population.durable import replacing, write_durably
from rxvigil.population.manifest import Totals
from rxvigil.population.store import encode, part_of

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_OF_A_GROUP: Final = 122_880
"""Rows that DuckDB reads as one piece of work."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a bucket came to."""

    patients: int
    totals: Totals


TablesOf = Iterator[tuple[Record, str | None, Totals]]
"""Records with the practice and with how the rows or resources they come from ended."""


def build_bucket(gathered: Gathered, bucket: int, finder: Finder, staged: Path, *, only: bool = False) -> Account:
    """Write the tables of a bucket below `staged`, and then its account. `only`: the one patient of this bucket is the
    only one of the store, and what belongs to nobody by name is theirs."""
    with without_collecting():
        return write_bucket(lambda: _records_in(gathered, bucket, finder, only), finder.vocabulary, bucket, staged)


def _records_in(gathered: Gathered, bucket: int, finder: Finder, only: bool) -> TablesOf:
    for _, material in gathered.people(bucket):
        record, ended = read_material(_with_the_rest(material, gathered) if only else material, finder)
        yield record, practice_of(material.own), ended


def write_bucket(records: Callable[[], TablesOf], vocabulary: Vocabulary, bucket: int, staged: Path) -> Account:
    """The tables of these records, which come ordered by the number of the patient, and the account of the bucket."""
    columns = Columns(vocabulary)
    totals, patients = Totals(), 0
    before: tuple[int, str] | None = None
    for record, practice, ended in records():
        before = _told_apart(before, record.patient.id)
        columns.add(record, practice)
        totals += ended
        patients += 1
    write_tables(columns.tables(), bucket, staged)
    account = Account(patients=patients, totals=totals)
    write_account(account, bucket, staged)
    return account


@contextmanager
def without_collecting() -> Iterator[None]:
    """Nothing here forms cycles, and looking for them would take longer than the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def read_material(material: Material, finder: Finder) -> tuple[Record, Totals]:
    """The record of one patient, and how everything that was held of them ended."""
    ended = Ended()
    record = record_of(material, finder, ended)
    lost = sum(one.what in {"a line", "a file"} for one in material.complaints)
    return record, Totals(
        kept=ended.kept + min(1, len(material.own)),
        quarantined=ended.quarantined + lost,
        ignored=dict(sorted((ended.ignored + material.shared).items())),
        superseded=ended.superseded + max(0, len(material.own) - 1),
        outside=ended.outside,
    )


def _with_the_rest(material: Material, gathered: Gathered) -> Material:
    rest = gathered.nobody()
    complaints = [*material.complaints, *rest.complaints]
    return replace(material, shared=rest.shared, unsaid=rest.unsaid, complaints=complaints)


def _told_apart(before: tuple[int, str] | None, patient: str) -> tuple[int, str]:
    """Two patients whom one number stands for would be one in every table."""
    number = person_number(patient)
    if before is not None and before[0] == number:
        what = "two patients' ids have the same number, so that their facts cannot be told apart"
        raise UnreadableInput(what, "the store", "report it; meanwhile change the id of one of them")
    return number, patient


def write_tables(tables: "dict[str, pa.Table]", bucket: int, staged: Path) -> None:
    """One Parquet file for each table."""
    from pyarrow import parquet

    for name, table in tables.items():
        target = staged / part_of(name, bucket)
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as temporary:
            parquet.write_table(table, temporary, compression="zstd", row_group_size=ROWS_OF_A_GROUP)


def write_account(account: Account, bucket: int, staged: Path) -> None:
    """The account of a bucket; its being there says that the bucket is finished."""
    write_durably(account_of(bucket, staged), encode(account))


def account_of(bucket: int, folder: Path) -> Path:
    """Where the account of a bucket stands, in the store as in its staging folder."""
    return folder / "accounts" / f"bucket={bucket:03d}.json"


def accounts(folder: Path, buckets: range) -> Iterator[tuple[int, Account]]:
    """The accounts that are there."""
    for bucket in buckets:
        path = account_of(bucket, folder)
        if path.exists():
            yield bucket, msgspec.json.decode(path.read_bytes(), type=Account)
