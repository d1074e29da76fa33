"""From the lines of a bucket to its tables: the records of its patients, written as Parquet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.facts import Record, Result
from rxvigil.intake.bulk.people import Gathered, OfOne
from rxvigil.intake.bulk.practices import practice_of
from rxvigil.intake.bulk.work import without_collecting
from rxvigil.intake.fhir.ended import Ended
from rxvigil.intake.fhir.record import Material, Reading, reading_of
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


_ALL_DIFFERENT: Final = {
    "id": "DELTA_BYTE_ARRAY",
    "origin_place": "DELTA_BYTE_ARRAY",
    "origin_line": "DELTA_BINARY_PACKED",
    "seq": "DELTA_BINARY_PACKED",
}
"""Columns of which hardly two values are the same, and each resembles the one before."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a bucket came to."""

    patients: int
    totals: Totals
    simulated: int = 0
    """Patients who do not exist."""


class Built(NamedTuple):
    """A record on its way into a store."""

    record: Record
    practice: str | None
    ended: Totals
    """How the rows or resources it comes from ended."""
    beside: Sequence[Result] = ()
    """Results that stand in columns already, as far as others may follow from them."""


def build_bucket(gathered: Gathered, bucket: int, finder: Finder, staged: Path, *, only: bool = False) -> Account:
    """Write the tables of a bucket below `staged`, and then its account. `only`: the one patient of this bucket is the
    only one of the store, and what belongs to nobody by name is theirs."""
    with without_collecting():
        plain = gathered.plain(bucket)
        people = gathered.people(bucket, plain)
        records = (_read_whole(one, finder, gathered.nobody()) if only else _read(one, finder) for one in people)
        return write_bucket(records, finder.vocabulary, bucket, staged, plain.table if plain else None)


def _read(one: OfOne, finder: Finder) -> Built:
    """Beside the plain results, without those that what is not plain bears upon."""
    material = one.rest()
    reading, totals = read_material(material, finder)
    results, plain = reading.record.results, one.plain
    if plain is None:
        return Built(reading.record, practice_of(material.own), totals)
    if plain.leave_near(results):
        return _read(one, finder)
    plain.put_into(reading.panels)
    return Built(reading.record, practice_of(material.own), totals, plain.parts(results))


def _read_whole(one: OfOne, finder: Finder, rest: Material) -> Built:
    """With what belongs to nobody by name."""
    material = one.whole()
    reading, totals = read_material(_with_the_rest(material, rest), finder)
    return Built(reading.record, practice_of(material.own), totals)


def write_bucket(
    records: Iterable[Built],
    vocabulary: Vocabulary,
    bucket: int,
    staged: Path,
    plain: "Callable[[], pa.Table] | None" = None,
) -> Account:
    """The tables of these records, which come ordered by the number of the patient, and the account of the bucket.
    `plain`: the results that stand in columns, asked for after the last record."""
    columns = Columns(vocabulary)
    totals, patients, simulated = Totals(), 0, 0
    before: tuple[int, str] | None = None
    for record, practice, ended, beside in records:
        before = _told_apart(before, record.patient.id)
        columns.add(record, practice, beside)
        totals += ended
        patients += 1
        simulated += record.patient.simulated
    if plain is not None:
        columns.stand(plain())
    write_tables(columns.tables(), bucket, staged)
    account = Account(patients=patients, totals=totals, simulated=simulated)
    write_account(account, bucket, staged)
    return account


def read_material(material: Material, finder: Finder) -> tuple[Reading, Totals]:
    """What there is of one patient, and how everything that was held of them ended."""
    ended = Ended()
    reading = reading_of(material, finder, ended)
    lost = sum(one.what in {"a line", "a file"} for one in material.complaints)
    return reading, Totals(
        kept=ended.kept + min(1, len(material.own)),
        quarantined=ended.quarantined + lost,
        ignored=dict(sorted((ended.ignored + material.shared).items())),
        superseded=ended.superseded + max(0, len(material.own) - 1),
        outside=ended.outside,
    )


def _with_the_rest(material: Material, rest: Material) -> Material:
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
        apart = {column: how for column, how in _ALL_DIFFERENT.items() if column in table.column_names}
        with replacing(target) as temporary:
            parquet.write_table(
                table,
                temporary,
                compression="zstd",
                row_group_size=ROWS_OF_A_GROUP,
                use_dictionary=[column for column in table.column_names if column not in apart],
                column_encoding=apart,
            )


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
