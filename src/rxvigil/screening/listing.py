"""From a screen to a worklist: filters, order, one entry a patient."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rxvigil.engine.assessment import Tier
from rxvigil.facts import show_day
from rxvigil.population import person_number
from rxvigil.population.store import Store
from rxvigil.reports.worklist import Entry, Item, Publication, Worklist
from rxvigil.screening.account import Account
from rxvigil.screening.columns import FILES, Row
from rxvigil.screening.places import is_current
from rxvigil.screening.reading import SCREEN_AGAIN, check_columns, reading

TO_DO: Final[tuple[Tier, ...]] = ("STOP", "ACT")
_OVERDUE: Final = "cause LIKE '%overdue'"
_RANK: Final = "CASE tier WHEN 'STOP' THEN 0 WHEN 'ACT' THEN 1 WHEN 'KNOW' THEN 2 ELSE 3 END"


@dataclass(frozen=True)
class Filters:
    """What is asked for; what is empty leaves nobody out."""

    tiers: tuple[Tier, ...] = TO_DO
    drug: str | None = None
    cause: str | None = None
    """Part of a cause or of a rule's id."""
    practice: str | None = None
    overdue_days: int | None = None
    since: tuple[Path, Account] | None = None
    """An earlier screen: only what it did not say already."""
    most: int | None = None
    """Entries."""


def worklist(store: Store, folder: Path, account: Account, filters: Filters, notes: tuple[str, ...] = ()) -> Worklist:
    """The worklist of a screen of the store; `notes`: what else is to be said of the screen."""
    with reading(folder, SCREEN_AGAIN), _opened(folder, filters) as con:
        condition, values = _condition(filters)
        patients = _patients(con, condition, values)
        shown = patients[: filters.most]
        entries = tuple(_entries(con, shown, condition, values, account, store.simulated()))
    return Worklist(
        on=account.on,
        jurisdiction=account.jurisdiction,
        simulated=store.manifest.says,
        filters=tuple(in_words(filters, account)),
        entries=entries,
        shortened=len(patients) - len(shown),
        patients=account.patients,
        taking=account.taking,
        unsaid=account.unsaid,
        quiet=account.quiet,
        notes=(*notes, *_notes(account, current=is_current(account, store))),
        publications=dict(_publications(entries, account)),
        book=account.book,
        overlay=account.overlay,
        version=account.version,
    )


def in_words(filters: Filters, account: Account) -> Iterator[str]:
    """The filters for a reader."""
    if filters.tiers != TO_DO:
        yield f"tier {' or '.join(filters.tiers)}"
    if filters.drug:
        yield f"patients who take {account.names.get(filters.drug, filters.drug)}, or may"
    if filters.cause:
        yield f"cause or rule with '{filters.cause}'"
    if filters.practice:
        yield f"practice {filters.practice}"
    if filters.overdue_days is not None:
        yield f"tests overdue by at least {filters.overdue_days} days"
    if filters.since:
        yield f"new since the screen of {show_day(filters.since[1].on)}"


def _notes(account: Account, *, current: bool) -> Iterator[str]:
    if not current:
        yield "The store has changed since this screen: screen it again before relying on the list."
    if account.opened.disagreed:
        count = len(account.opened.disagreed)
        yield f"The two evaluators differ on {count:,} patients; what the evaluator of one patient says is shown."
    if account.opened.left:
        yield f"{account.opened.left:,} patients' rows were not opened: their own values are not filled in."


def _opened(folder: Path, filters: Filters) -> Any:
    import duckdb

    con = duckdb.connect()
    for name in ("findings", "courses"):
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM {_file(folder, name)}")
    if filters.since:
        con.execute(f"CREATE VIEW earlier AS SELECT * FROM {_file(filters.since[0], 'findings')}")
    return con


def _file(folder: Path, name: str) -> str:
    check_columns(folder / f"{name}.parquet", FILES[name], SCREEN_AGAIN)
    place = str(folder / f"{name}.parquet").replace("'", "''")
    return f"read_parquet('{place}', hive_partitioning = false)"


def _condition(filters: Filters) -> tuple[str, list[Any]]:
    parts, values = [f"tier IN ({', '.join('?' * len(filters.tiers))})"], list[Any](filters.tiers)
    if filters.drug:
        parts.append("person IN (SELECT person FROM courses WHERE drug = ? AND active > 0)")
        values.append(filters.drug)
    if filters.cause:
        parts.append(
            "(contains(lower(cause), lower(?)) OR contains(rule, ?) OR contains(array_to_string(also, ' '), ?))"
        )
        values += [filters.cause] * 3
    if filters.practice:
        parts.append("practice = ?")
        values.append(filters.practice)
    if filters.overdue_days is not None:
        parts.append(f"{_OVERDUE} AND late_days >= ?")
        values.append(filters.overdue_days)
    if filters.since:
        parts.append(f"NOT EXISTS ({_SAID_BEFORE})")
    return " AND ".join(parts), values


_SAID_BEFORE: Final = (
    f"SELECT 1 FROM (SELECT patient AS whose, cause AS what, {_RANK} AS was FROM earlier) "
    f"WHERE whose = patient AND what = cause AND was <= {_RANK}"
)
"""A cause that comes back graver is new."""


def _patients(con: Any, condition: str, values: list[Any]) -> list[str]:
    """Who is on the list, in order."""
    ranked = f"SELECT *, min(severity) OVER (PARTITION BY patient) AS gravest FROM findings WHERE {condition}"
    query = (
        f"SELECT patient FROM ({ranked}) GROUP BY patient "
        "ORDER BY min(severity), max(late_days) FILTER (severity = gravest) DESC, "
        "min(firmness) FILTER (severity = gravest), patient"
    )
    found = con.execute(query, values).fetchall()
    return [patient for (patient,) in found]


def _entries(
    con: Any, patients: list[str], condition: str, values: list[Any], account: Account, made_up: frozenset[int]
) -> Iterator[Entry]:
    order = "ORDER BY severity, late_days DESC, firmness, rule"
    matching = _by_patient(_rows(con, f"SELECT * FROM findings WHERE {condition} {order}", values))
    others = _by_patient(
        _rows(con, f"SELECT patient, rule, cause, tier, would_be FROM findings WHERE tier <> 'KNOW' {order}", [])
    )
    courses = _by_patient(_rows(con, "SELECT * FROM courses WHERE active > 0 ORDER BY drug", []))
    for patient in patients:
        mine = matching[patient]
        shown = {(one["rule"], one["cause"]) for one in mine}
        rest = [one for one in others[patient] if (one["rule"], one["cause"]) not in shown]
        yield Entry(
            patient=patient,
            simulated=person_number(patient) in made_up,
            practice=mine[0]["practice"] or "",
            takes=tuple(_course(one, account) for one in courses[patient]),
            items=tuple(_item(one, account) for one in mine),
            others=tuple(one["cause"] for one in rest if one["tier"] in TO_DO),
            open=tuple(_open(one["cause"]) for one in rest if one["would_be"] in TO_DO),
        )


def _open(cause: str) -> str:
    return cause.removeprefix("not known: ")


def _rows(con: Any, query: str, values: list[Any]) -> list[Row]:
    found: list[Row] = con.sql(query, params=values).to_arrow_table().to_pylist()
    return found


def _by_patient(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["patient"]].append(row)
    return found


def _course(row: Row, account: Account) -> str:
    """The drug with its dose a day and since when, as far as it is known."""
    name = account.names.get(row["drug"], row["drug"])
    low, high = row["dose_low"], row["dose_high"]
    dose = "dose not known" if low is None else f"{low:g} mg/day" if low == high else f"{low:g} to {high:g} mg/day"
    since = f"since {show_day(row['start'])}" if row["start"] else "start not known"
    return f"{name} {dose}, {since}" + ("" if row["active"] > 1 else " (not known whether still taken)")


def _item(row: Row, account: Account) -> Item:
    return Item(
        tier=row["tier"],
        cause=row["cause"],
        says=row["says"],
        action=row["action"],
        verb=row["verb"],
        urgency=row["urgency"],
        strength=row["strength"],
        since=row["since"],
        late_days=row["late_days"] or 0,
        drug=account.names.get(row["drug"], row["drug"] or ""),
        tests=tuple(account.names.get(key, key) for key in row["tests"] or ()),
        because=tuple(row["because"] or ()),
        missing=tuple(row["missing"] or ()),
        would_be=row["would_be"] or "",
        rule=row["rule"],
        also=tuple(row["also"] or ()),
        ref=row["ref"] or "",
        where=row["where"] or "",
        mark=row["mark"] or "",
        confirmed=row["by"] != "plan",
    )


def _publications(entries: Iterable[Entry], account: Account) -> Iterator[tuple[str, Publication]]:
    """Numbered in the order in which they are first needed."""
    refs = dict.fromkeys(item.ref for entry in entries for item in entry.items if item.ref in account.publications)
    for number, ref in enumerate(refs, 1):
        known = account.publications[ref]
        yield ref, Publication(number, known.body, known.title, known.url)
