"""Opening rows: where the plan says that something needs doing, the evaluator of one patient is asked too.

It fills in the sentence with the patient's own values, the facts and what is missing, and it is the check of the plan
on this very population: where the two differ, that is counted and shown, and what it says stands.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rxvigil.population.store import Store
from rxvigil.screening.account import Opened
from rxvigil.screening.columns import FINDINGS, Row, table_of
from rxvigil.screening.one_by_one import Answers, told
from rxvigil.screening.parts import Part, counts_in, keep_part, opened_of, part_of, read_part
from rxvigil.screening.reading import SCREEN_AGAIN, columns_of
from rxvigil.screening.shares import Share

if TYPE_CHECKING:
    import pyarrow as pa

WITH_SOMETHING_TO_DO: Final = ("STOP", "ACT")
_ONLY_THE_PLAN_KNOWS: Final = ("drug", "tests", "due", "overdue_after")
"""What the evaluator of one patient does not put into columns: taken from the plan's row of the same finding."""


def open_rows(
    store: Store, shares: tuple[Share, ...], limit: int, ask: Callable[[tuple[str, ...]], Answers], working: Path
) -> Opened:
    """Open the rows of up to `limit` patients, those who need somebody first before the others."""
    chosen, left = _chosen(shares, working, limit)
    total = Opened(left=left)
    for share in shares:
        target, patients = opened_of(working, share), _by_bucket(chosen[share.number], store)
        if patients and not target.exists():
            keep_part(_opened(read_part(part_of(working, share)), patients, ask), target)
        if patients:
            total = _sum(total, counts_in(target)[1])
    return total


def _by_bucket(patients: list[str], store: Store) -> list[str]:
    """Those of one bucket beside each other: they are read together."""
    return sorted(patients, key=lambda patient: (store.bucket_of(patient), patient))


def _chosen(shares: tuple[Share, ...], working: Path, limit: int) -> tuple[dict[int, list[str]], int]:
    """Who is opened, by the number of the share, and how many are not. No more than these and the patients of one share
    are held at a time."""
    first: list[_Rank] = []
    everybody = 0
    for share in shares:
        ranks = _ranks(part_of(working, share), share.number)
        everybody += len(ranks)
        first = nsmallest(limit, [*first, *ranks])
    found: dict[int, list[str]] = defaultdict(list)
    for _, _, patient, number in first:
        found[number].append(patient)
    return found, max(0, everybody - limit)


_Rank = tuple[int, int, str, int]
"""Severity, days late (the most first), patient, share."""


def _ranks(part: Path, number: int) -> list[_Rank]:
    """The gravest that each patient of a share has to do."""
    best: dict[str, _Rank] = {}
    columns = ["patient", "tier", "severity", "late_days", "by"]
    for row in _to_do(columns_of(part / "findings.parquet", columns, SCREEN_AGAIN)).to_pylist():
        rank = (row["severity"], -(row["late_days"] or 0), row["patient"], number)
        best[row["patient"]] = min(best.get(row["patient"], rank), rank)
    return list(best.values())


def _to_do(findings: "pa.Table") -> "pa.Table":
    from pyarrow import compute as pc

    urgent = pc.is_in(findings["tier"], value_set=_strings(WITH_SOMETHING_TO_DO))
    return findings.filter(pc.and_(urgent, pc.equal(findings["by"], "plan")))


def _strings(values: Iterable[str]) -> "pa.Array":
    import pyarrow as pa

    return pa.array(list(values), pa.string())


def _opened(part: Part, patients: list[str], ask: Callable[[tuple[str, ...]], Answers]) -> Part:
    """The part with these patients' rows replaced by what the evaluator of one patient says."""
    import pyarrow as pa
    from pyarrow import compute as pc

    mine = pc.is_in(part.tables["findings"]["patient"], value_set=_strings(patients))
    planned = _by_patient(part.tables["findings"].filter(mine).to_pylist())
    answered = _by_patient(ask(tuple(patients)).findings)
    disagreed = tuple(one for one in sorted(patients) if told(planned[one]) != told(answered[one]))
    rows = [
        _completed(row, planned[one], agrees=one not in disagreed) for one in sorted(patients) for row in answered[one]
    ]
    rest = part.tables["findings"].filter(pc.invert(mine))
    tables = part.tables | {"findings": pa.concat_tables([rest, table_of(rows, FINDINGS)])}
    counts = Opened(patients=len(patients), agreed=len(patients) - len(disagreed), disagreed=disagreed)
    return replace(part, tables=tables, opened=counts)


def _by_patient(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["patient"]].append(row)
    return found


def _completed(row: Row, planned: list[Row], *, agrees: bool) -> Row:
    same = next((one for one in planned if (one["rule"], one["cause"]) == (row["rule"], row["cause"])), {})
    known = {name: same[name] for name in _ONLY_THE_PLAN_KNOWS if same.get(name) is not None}
    practice = planned[0]["practice"] if planned else None
    return {**row, **known, "practice": practice, "by": "both" if agrees else "engine"}


def _sum(one: Opened, other: Opened) -> Opened:
    return Opened(
        patients=one.patients + other.patients,
        agreed=one.agreed + other.agreed,
        disagreed=(*one.disagreed, *other.disagreed),
        left=one.left + other.left,
    )
