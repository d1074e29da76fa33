"""The answers for the patients of one bucket: who answers, and how they are kept until the screen is whole."""

import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from rxvigil.population.durable import settle
from rxvigil.population.store import Store
from rxvigil.screening.account import Opened
from rxvigil.screening.columns import FILES, table_of
from rxvigil.screening.databases import no_facts
from rxvigil.screening.keeping import read, write
from rxvigil.screening.one_by_one import Answers
from rxvigil.screening.reading import SCREEN_AGAIN, columns_of, reading
from rxvigil.screening.told import Told

if TYPE_CHECKING:
    import pyarrow as pa

    from rxvigil.screening.databases import Database, PlanSql

ASKED_FOR: Final = "asked for: everybody one by one"
PARTS: Final = "parts"
OPENED: Final = "opened"
"""Folders of what is answered, and of what was opened besides."""
_COUNTS: Final = "counts.json"


@dataclass(frozen=True)
class Part:
    """The answers for one bucket, as tables with the columns of a screen."""

    tables: "dict[str, pa.Table]"
    patients: int
    opened: Opened = field(default_factory=Opened)

    def with_answers(self, answers: Answers, practices: dict[str, str]) -> "Part":
        """With the answers of the evaluator of one patient beside the plan's; a record does not name the practice."""
        import pyarrow as pa

        for row in (*answers.findings, *answers.courses):
            row["practice"] = practices.get(row["patient"])
        made = {"findings": answers.findings, "clocks": answers.clocks, "courses": answers.courses}
        joined = {
            name: pa.concat_tables([self.tables[name], table_of(rows, FILES[name])]) for name, rows in made.items()
        }
        return replace(self, tables=self.tables | joined)


def by_plan(database: "Database", plan: "PlanSql", monitored: frozenset[str], store: Store, bucket: int) -> Part:
    """The plan's answers for a bucket, with those it leaves to the evaluator of one patient."""
    files = store.tables(bucket)
    if no_facts(files, store.path):
        return _nobody()
    patients = _patients(files["patients"])
    given = plan.given
    told = Told(database.run(plan, files), given["sayings"], given["names"], patients)
    return Part(told.tables(monitored), len(patients))


def everybody_of(store: Store, bucket: int) -> Part:
    """A bucket of which everybody is left to the evaluator of one patient."""
    files = store.tables(bucket)
    if no_facts(files, store.path):
        return _nobody()
    rows = _patients(files["patients"]).select(["person", "patient"]).to_pylist()
    singly = [row | {"reason": ASKED_FOR} for row in sorted(rows, key=lambda row: str(row["patient"]))]
    return Part({**_nobody().tables, "singly": table_of(singly, FILES["singly"])}, len(rows))


def practices_of(store: Store, bucket: int) -> dict[str, str]:
    """Patient -> practice, of those in a bucket of whom it is known."""
    files = store.tables(bucket)["patients"]
    rows = _patients(files).to_pylist() if files else []
    return {row["patient"]: row["practice"] for row in rows if row["practice"]}


def drugs_on_file(store: Store) -> frozenset[str]:
    """Every drug that anybody's record mentions, or may: rules about any other need not be asked."""
    found: set[str] = set()
    for bucket in store.buckets:
        files = store.tables(bucket)
        for table, column in (("prescriptions", "drug"), ("doubts", "key")):
            for path in files[table]:
                found.update(columns_of(path, [column])[column].unique().to_pylist())
    return frozenset(found)


def _nobody() -> Part:
    return Part({name: table_of([], columns) for name, columns in FILES.items()}, 0)


def _patients(files: list[Path]) -> "pa.Table":
    import pyarrow as pa

    return pa.concat_tables([columns_of(path, ["person", "patient", "practice"]) for path in files])


def part_names(working: Path, bucket: int) -> Path:
    """The folder of a bucket's answers."""
    return working / PARTS / f"bucket={bucket:03d}"


def opened_names(working: Path, bucket: int) -> Path:
    """The folder of a bucket's answers after its rows were opened."""
    return working / OPENED / f"bucket={bucket:03d}"


def keep_part(part: Part, folder: Path) -> None:
    """Keep it, whole or not at all."""
    temporary = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, table in part.tables.items():
        write(name, table, temporary / f"{name}.parquet")
    (temporary / _COUNTS).write_bytes(msgspec.json.encode((part.patients, part.opened), order="deterministic"))
    for path in (*temporary.iterdir(), temporary):
        settle(path)
    os.replace(temporary, folder)
    settle(folder.parent)


def read_part(folder: Path) -> Part:
    """What was kept. Raises `UnreadableInput`."""
    patients, opened = _counts_in(folder)
    return Part({name: read(name, folder / f"{name}.parquet") for name in FILES}, patients, opened)


def patients_in(folder: Path) -> int:
    """How many patients a part is of. Raises `UnreadableInput`."""
    return _counts_in(folder)[0]


def _counts_in(folder: Path) -> tuple[int, Opened]:
    with reading(folder, SCREEN_AGAIN):
        return msgspec.json.decode((folder / _COUNTS).read_bytes(), type=tuple[int, Opened])
