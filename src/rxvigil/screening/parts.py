"""The answers for the patients of one share: who answers, and how they are kept until the screen is whole."""

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
from rxvigil.screening.keeping import read, write
from rxvigil.screening.one_by_one import Answers
from rxvigil.screening.reading import SCREEN_AGAIN, reading
from rxvigil.screening.shares import Share, files_of, patients_of
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
    """The answers for one share, as tables with the columns of a screen."""

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


def by_plan(database: "Database", plan: "PlanSql", monitored: frozenset[str], store: Store, share: Share) -> Part:
    """The plan's answers for a share, with those it leaves to the evaluator of one patient."""
    files = files_of(store, share)
    if not files:
        return _nobody()
    patients = patients_of(files)
    given = plan.given
    told = Told(database.run(plan, files), given["sayings"], given["names"], patients)
    return Part(told.tables(monitored), len(patients))


def everybody_of(store: Store, share: Share) -> Part:
    """A share of which everybody is left to the evaluator of one patient."""
    files = files_of(store, share)
    if not files:
        return _nobody()
    rows = patients_of(files).select(["person", "patient"]).to_pylist()
    singly = [row | {"reason": ASKED_FOR} for row in sorted(rows, key=lambda row: str(row["patient"]))]
    return Part({**_nobody().tables, "singly": table_of(singly, FILES["singly"])}, len(rows))


def practices_of(store: Store, share: Share) -> dict[str, str]:
    """Patient -> practice, of those in a share of whom it is known."""
    files = [path for bucket in share.buckets for path in store.tables(bucket)["patients"]]
    rows = patients_of({"patients": files}).to_pylist() if files else []
    return {row["patient"]: row["practice"] for row in rows if row["practice"]}


def _nobody() -> Part:
    return Part({name: table_of([], columns) for name, columns in FILES.items()}, 0)


def part_of(working: Path, share: Share) -> Path:
    """The folder of a share's answers."""
    return working / PARTS / f"share={share.number:03d}"


def opened_of(working: Path, share: Share) -> Path:
    """The folder of a share's answers after its rows were opened."""
    return working / OPENED / f"share={share.number:03d}"


def finished_of(working: Path, share: Share) -> Path:
    """The folder of what counts for a share: with its rows opened, where any were."""
    opened = opened_of(working, share)
    return opened if opened.exists() else part_of(working, share)


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
    patients, opened = counts_in(folder)
    return Part({name: read(name, folder / f"{name}.parquet") for name in FILES}, patients, opened)


def counts_in(folder: Path) -> tuple[int, Opened]:
    """How many patients a part is of, and what was opened of it. Raises `UnreadableInput`."""
    with reading(folder, SCREEN_AGAIN):
        return msgspec.json.decode((folder / _COUNTS).read_bytes(), type=tuple[int, Opened])
