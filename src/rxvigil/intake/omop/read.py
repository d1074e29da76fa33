"""From an OMOP database to records, person after person, larger than memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from rxvigil.facts import NotUnderstood, Origin, Record
from rxvigil.intake.fhir.parts import ANYTHING, Outcome
from rxvigil.intake.omop.concepts import concepts_of
from rxvigil.intake.omop.conditions import Conditions, Procedures
from rxvigil.intake.omop.drugs import Drugs
from rxvigil.intake.omop.layout import COUNTED, DEATH, PERSON, READ, CdmTable
from rxvigil.intake.omop.measurements import Measurements
from rxvigil.intake.omop.observations import Observations
from rxvigil.intake.omop.opening import opened
from rxvigil.intake.omop.people import People
from rxvigil.intake.omop.rows import Cells, Database, Rejected
from rxvigil.intake.omop.simulated import all_simulated
from rxvigil.intake.omop.tray import Ends, PersonTray, Where
from rxvigil.intake.reading import ListKind, finder_for
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.manifest import Totals

Found = tuple[Record, str | None]
"""A record, and the practice that looks after the patient."""
RowReader = Callable[[Cells, Where], Iterator[Outcome]]

NOBODY: Final = "no usable person_id"
"""Name of the record that holds the rows of nobody."""
_LISTS: Final[dict[str, ListKind]] = {
    "measurement": "results", "drug_exposure": "prescriptions", "condition_occurrence": "conditions",
}  # fmt: skip


def read_omop(source: str | Path, vocabulary: Vocabulary) -> Iterator[Found]:
    """Every person of an OMOP CDM 5.4 database with the practice, in the order of `person_id`: the record's id.

    `source` is a folder or zip of CSV files, a folder of Parquet files, or the address of a database
    (`duckdb://cdm.duckdb`, `postgres://user@host/db?schema=cdm`, `sqlite://cdm.sqlite`). Raises `UnreadableInput`.
    """
    with omop(source, vocabulary) as source_read:
        yield from source_read.records()


@contextmanager
def omop(source: str | Path, vocabulary: Vocabulary) -> Iterator["OmopSource"]:
    """The source, open for as long as it is read: its records, its files and how its rows ended."""
    with opened(source) as files:
        database = Database(files)
        try:
            yield OmopSource(database, vocabulary, files.sources, files.beside)
        finally:
            database.close()


class OmopSource:
    """An OMOP database that is being read."""

    def __init__(self, database: Database, vocabulary: Vocabulary, files: tuple[Path, ...], beside: str) -> None:
        self.files = files
        """For hashing."""
        self.beside = beside
        """Address of the database, without a password."""
        self._database = database
        self._vocabulary = vocabulary
        self._ends = Ends()

    def totals(self) -> Totals:
        """How every row that was read so far ended."""
        return self._ends.totals

    def records(self) -> Iterator[Found]:
        """Every person with the practice. May be asked again, and begins again."""
        self._ends = Ends()
        database = self._database
        tables = [table for table in READ if table.name in database]
        counted = [name for name in COUNTED if name in database]
        rejected = [row for table in tables for row in database.prepare(table)]
        rejected += [row for name in counted for row in database.prepare_counts(name)]
        concepts = concepts_of(database)
        finder = finder_for(self._vocabulary)
        self._people = People(concepts, database)
        self._simulated = all_simulated(database)
        self._readers: dict[str, RowReader] = {
            "measurement": Measurements(concepts, finder).read,
            "observation": Observations(concepts, finder).read,
            "drug_exposure": Drugs(concepts, finder).read,
            "condition_occurrence": Conditions(concepts, finder).read,
            "procedure_occurrence": Procedures(concepts, finder).read,
        }
        streams = [_Stream(database, table) for table in tables]
        counts = [_Counts(database, name) for name in counted]
        if (nobody := self._nobody(streams, counts, rejected)) is not None:
            yield nobody, None
        while (person := _next_of(streams, counts)) is not None:
            yield self._person(person, streams, counts)

    def _nobody(self, streams: list["_Stream"], counts: list["_Counts"], rejected: list[Rejected]) -> Record | None:
        """The rows that are nobody's: any of them could be anybody's."""
        tray = PersonTray(NOBODY, self._ends)
        found = False
        for stream in streams:
            for cells in stream.take(None):
                where = tray.where(stream.source, stream.table.name, stream.key(cells))
                tray.take(where, [where.listed("person_id", "it is no whole number: the row could be anybody's")])
                found = True
        for count in counts:
            if number := count.take(None):
                tray.pass_over(count.table, number)
                found = True
        for number, row in enumerate(rejected):
            origin = Origin(source=row.source, place="row", line=row.line)
            tray.take(
                Where(row.source, "row", str(number)),
                [NotUnderstood(origin=origin, what="a row", why=f"{row.why}; it could be anybody's")],
            )
            found = True
        return self._marked(tray.record()) if found else None

    def _person(self, person: int, streams: list["_Stream"], counts: list["_Counts"]) -> Found:
        tray = PersonTray(str(person), self._ends)
        practice: str | None = None
        known = False
        for stream in streams:
            for cells in stream.take(person):
                where = tray.where(stream.source, stream.table.name, stream.key(cells) or str(person))
                if stream.table is PERSON:
                    practice, known = self._people.read(cells, where, tray) or practice, True
                elif stream.table is DEATH:
                    self._people.read_death(cells, where, tray)
                else:
                    tray.take(where, self._readers[stream.table.name](cells, where))
                    if stream.table.name in _LISTS:
                        tray.people.gathering.there_is(_LISTS[stream.table.name])
        for count in counts:
            if number := count.take(person):
                tray.pass_over(count.table, number)
        if not known:
            where = Where(self._database.source("person"), "person", str(person))
            tray.people.gathering.add(where.listed("person", "no row of PERSON has this person_id", ANYTHING))
        return self._marked(tray.record()), practice

    def _marked(self, record: Record) -> Record:
        """Whether such a patient exists, the database says of all together."""
        patient = msgspec.structs.replace(record.patient, simulated=self._simulated)
        return msgspec.structs.replace(record, patient=patient)


class _Stream:
    """The rows of one table, person after person."""

    def __init__(self, database: Database, table: CdmTable) -> None:
        self.table = table
        self.source = database.source(table.name)
        self._rows = database.sorted(table.name)
        self._ahead = next(self._rows, None)

    @property
    def person(self) -> int | None:
        """Whose rows come next; none at the end."""
        return self._ahead[0] if self._ahead is not None else None

    def key(self, cells: Cells) -> str:
        """The number of a row; '' where the table has none."""
        return cells[0] if self.table.key else ""

    def take(self, person: int | None) -> Iterator[Cells]:
        """The rows of this person, where it is their turn."""
        while self._ahead is not None and self._ahead[0] == person:
            cells = self._ahead[1:]
            self._ahead = next(self._rows, None)
            yield cells


class _Counts:
    """How many rows each person has of a table that is only counted."""

    def __init__(self, database: Database, table: str) -> None:
        self.table = table
        self._rows = database.sorted(table)
        self._ahead = next(self._rows, None)

    @property
    def person(self) -> int | None:
        """Whose count comes next; none at the end."""
        return self._ahead[0] if self._ahead is not None else None

    def take(self, person: int | None) -> int:
        """The count of this person, where it is their turn."""
        if self._ahead is None or self._ahead[0] != person:
            return 0
        count: int = self._ahead[1]
        self._ahead = next(self._rows, None)
        return count


def _next_of(streams: list[_Stream], counts: list[_Counts]) -> int | None:
    """The person whose turn it is."""
    ahead = [*(one.person for one in streams), *(one.person for one in counts)]
    return min((person for person in ahead if person is not None), default=None)
